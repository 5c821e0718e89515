package drivers

import (
	"context"
	"io"
	"strings"
)

// Prefix returns a bucket that is a part of b: its keys are those of b that begin with prefix, without it. An object of b whose
// key is the prefix itself has no key here, and is not seen. Keys that are too long with the prefix are refused with
// ErrKeyTooLong. The abilities are b's; multipart uploads that b has not fail with ErrUnsupported, so b is a bucket that
// [Staging] was put around already, where it needs that.
func Prefix(b Bucket, prefix string) Bucket { return &prefixBucket{child: b, prefix: prefix} }

type prefixBucket struct {
	child  Bucket
	prefix string
}

var (
	_ Bucket       = (*prefixBucket)(nil)
	_ Multipart    = (*prefixBucket)(nil)
	_ Copier       = (*prefixBucket)(nil)
	_ PartCopier   = (*prefixBucket)(nil)
	_ Tagger       = (*prefixBucket)(nil)
	_ BatchDeleter = (*prefixBucket)(nil)
	_ Joiner       = (*prefixBucket)(nil)
	_ layer        = (*prefixBucket)(nil)
)

func (b *prefixBucket) inner() Bucket { return b.child }

func (b *prefixBucket) asSource(ctx context.Context, key string, f func(ctx context.Context, innerKey string) error) error {
	full, ok := b.full(key)
	if !ok {
		return &Error{Op: "Copy", Key: key, Err: ErrNotFound}
	}
	return f(ctx, full)
}

// full returns a key as the child has it; false where there is none: it would be the prefix itself, or too long.
func (b *prefixBucket) full(key string) (string, bool) {
	return b.prefix + key, key != "" && b.fits(key)
}

func (b *prefixBucket) fits(key string) bool { return len(b.prefix)+len(key) <= MaxKeyLength }

// target is full for a key that is to be written.
func (b *prefixBucket) target(op, key string) (string, error) {
	full, ok := b.full(key)
	switch {
	case ok:
		return full, nil
	case key == "":
		return "", &Error{Op: op, Err: ErrInvalid}
	}
	return "", &Error{Op: op, Key: key, Err: ErrKeyTooLong}
}

func (b *prefixBucket) short(key string) string { return strings.TrimPrefix(key, b.prefix) }

// told returns an error that tells the key as the caller knows it. A body's error, which is of another call, stays.
func (b *prefixBucket) told(err error, key string) error {
	e, ok := err.(*Error) //nolint:errorlint // an error inside of another is not this call's
	if !ok || e.Key != b.prefix+key {
		return err
	}
	mine := *e
	mine.Key = key
	return &mine
}

func (b *prefixBucket) Head(ctx context.Context, key string, o GetOptions) (Info, error) {
	full, ok := b.full(key)
	if !ok {
		return Info{}, &Error{Op: "Head", Key: key, Err: ErrNotFound}
	}
	info, err := b.child.Head(ctx, full, o)
	info.Key = key
	return info, b.told(err, key)
}

func (b *prefixBucket) Get(ctx context.Context, key string, o GetOptions) (*Object, error) {
	full, ok := b.full(key)
	if !ok {
		return nil, &Error{Op: "Get", Key: key, Err: ErrNotFound}
	}
	obj, err := b.child.Get(ctx, full, o)
	if obj != nil {
		obj.Key = key
	}
	return obj, b.told(err, key)
}

func (b *prefixBucket) Put(ctx context.Context, key string, body io.Reader, o PutOptions) (Info, error) {
	full, err := b.target("Put", key)
	if err != nil {
		return Info{}, err
	}
	info, err := b.child.Put(ctx, full, body, o)
	info.Key = key
	return info, b.told(err, key)
}

func (b *prefixBucket) Delete(ctx context.Context, key string, o DeleteOptions) (DeleteResult, error) {
	full, ok := b.full(key)
	if !ok {
		return DeleteResult{}, o.Conditions.CheckWrite(nil)
	}
	result, err := b.child.Delete(ctx, full, o)
	return result, b.told(err, key)
}

func (b *prefixBucket) DeleteAll(ctx context.Context, items []DeleteItem) []DeleteOutcome {
	out := deleteNamed(ctx, b.child, items, b.full)
	for i := range out {
		out[i].Err = b.told(out[i].Err, items[i].Key)
	}
	return out
}

// List asks for what comes after the prefix itself.
func (b *prefixBucket) List(ctx context.Context, o ListOptions) (Page, error) {
	if !b.fits(o.Prefix) {
		return Page{}, nil
	}
	o.Prefix = b.prefix + o.Prefix
	o.Cursor.After = b.prefix + o.Cursor.After
	page, err := b.child.List(ctx, o)
	if err != nil {
		return Page{}, err
	}
	for i := range page.Objects {
		page.Objects[i].Key = b.short(page.Objects[i].Key)
	}
	for i := range page.Prefixes {
		page.Prefixes[i] = b.short(page.Prefixes[i])
	}
	page.Next.After = b.short(page.Next.After)
	return page, nil
}

func (b *prefixBucket) Tags(ctx context.Context, key, versionID string) ([]Tag, error) {
	full, ok := b.full(key)
	if !ok {
		return nil, &Error{Op: "Tags", Key: key, Err: ErrNotFound}
	}
	tags, err := Tags(ctx, b.child, full, versionID)
	return tags, b.told(err, key)
}

func (b *prefixBucket) SetTags(ctx context.Context, key, versionID string, tags []Tag) error {
	full, ok := b.full(key)
	if !ok {
		return &Error{Op: "SetTags", Key: key, Err: ErrNotFound}
	}
	return b.told(SetTags(ctx, b.child, full, versionID, tags), key)
}

func (b *prefixBucket) CopyFrom(ctx context.Context, key string, src Bucket, srcKey string, o CopyOptions) (Info, error) {
	full, err := b.target("Copy", key)
	if err != nil {
		return Info{}, err
	}
	info, err := storeCopy(ctx, b.child, full, src, srcKey, o)
	info.Key = key
	return info, b.told(err, key)
}

func (b *prefixBucket) Join(ctx context.Context, key string, sources []Source, o PutOptions) (Info, error) {
	full, err := b.target("Join", key)
	if err != nil {
		return Info{}, err
	}
	stored := make([]Source, len(sources))
	for i, s := range sources {
		s.Key = b.prefix + s.Key
		stored[i] = s
	}
	info, err := join(ctx, b.child, full, stored, o)
	info.Key = key
	return info, b.told(err, key)
}
