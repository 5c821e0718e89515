package drivers

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
)

// StagingPrefix is where Staging keeps the parts of unfinished uploads, inside of each bucket.
const StagingPrefix = ".sluice/uploads/"

// Staging adds multipart uploads to a driver whose store has none: parts are objects under StagingPrefix, joined when the
// upload completes. Those objects are hidden: no client can list, read or write them. A driver that knows multipart
// uploads itself is returned as it is.
func Staging(d Driver) Driver {
	if _, ok := d.Bucket("staging").(Multipart); ok {
		return d
	}
	return &stagingDriver{d}
}

type stagingDriver struct{ Driver }

var (
	_ Driver    = (*stagingDriver)(nil)
	_ Checker   = (*stagingDriver)(nil)
	_ Unwrapper = (*stagingDriver)(nil)
)

func (d *stagingDriver) Bucket(name string) Bucket { return &stagingBucket{d.Driver.Bucket(name)} }

func (d *stagingDriver) Unwrap() Driver { return d.Driver }

func (d *stagingDriver) Check(ctx context.Context) error { return Check(ctx, d.Driver) }

// DeleteBucket drops the parts of unfinished uploads, which would keep the bucket from being empty.
func (d *stagingDriver) DeleteBucket(ctx context.Context, name string) error {
	err := d.Driver.DeleteBucket(ctx, name)
	if !errors.Is(err, ErrNotEmpty) {
		return err
	}
	b := &stagingBucket{d.Driver.Bucket(name)}
	if visible, lerr := b.anyVisible(ctx, "", ""); lerr != nil || visible {
		return cmp.Or(lerr, err)
	}
	if derr := deletePrefix(ctx, b.child, StagingPrefix); derr != nil {
		return derr
	}
	return d.Driver.DeleteBucket(ctx, name)
}

// stagingBucket is a bucket with staged uploads (stagedupload.go) whose staging is hidden.
type stagingBucket struct{ child Bucket }

var (
	_ Bucket       = (*stagingBucket)(nil)
	_ Multipart    = (*stagingBucket)(nil)
	_ Copier       = (*stagingBucket)(nil)
	_ Tagger       = (*stagingBucket)(nil)
	_ BatchDeleter = (*stagingBucket)(nil)
	_ layer        = (*stagingBucket)(nil)
)

func (b *stagingBucket) inner() Bucket { return b.child }

func (b *stagingBucket) asSource(ctx context.Context, key string, f func(ctx context.Context) error) error {
	if hidden(key) {
		return &Error{Op: "Copy", Key: key, Err: ErrNotFound}
	}
	return f(ctx)
}

func hidden(key string) bool { return strings.HasPrefix(key, StagingPrefix) }

func (b *stagingBucket) Head(ctx context.Context, key string, o GetOptions) (Info, error) {
	if hidden(key) {
		return Info{}, &Error{Op: "Head", Key: key, Err: ErrNotFound}
	}
	return b.child.Head(ctx, key, o)
}

func (b *stagingBucket) Get(ctx context.Context, key string, o GetOptions) (*Object, error) {
	if hidden(key) {
		return nil, &Error{Op: "Get", Key: key, Err: ErrNotFound}
	}
	return b.child.Get(ctx, key, o)
}

func (b *stagingBucket) Put(ctx context.Context, key string, body io.Reader, o PutOptions) (Info, error) {
	if hidden(key) {
		return Info{}, &Error{Op: "Put", Key: key, Err: ErrInvalid}
	}
	return b.child.Put(ctx, key, body, o)
}

func (b *stagingBucket) Delete(ctx context.Context, key string, o DeleteOptions) (DeleteResult, error) {
	if hidden(key) {
		return DeleteResult{}, nil
	}
	return b.child.Delete(ctx, key, o)
}

func (b *stagingBucket) DeleteAll(ctx context.Context, items []DeleteItem) []DeleteOutcome {
	visible := make([]DeleteItem, 0, len(items))
	at := make([]int, 0, len(items))
	for i, item := range items {
		if !hidden(item.Key) {
			visible, at = append(visible, item), append(at, i)
		}
	}
	out := make([]DeleteOutcome, len(items))
	for i, o := range DeleteAll(ctx, b.child, visible) {
		out[at[i]] = o
	}
	return out
}

func (b *stagingBucket) CopyFrom(ctx context.Context, key string, src Bucket, srcKey string, o CopyOptions) (Info, error) {
	if hidden(key) {
		return Info{}, &Error{Op: "Copy", Key: key, Err: ErrInvalid}
	}
	return storeCopy(ctx, b.child, key, src, srcKey, o)
}

func (b *stagingBucket) Tags(ctx context.Context, key, versionID string) ([]Tag, error) {
	if hidden(key) {
		return nil, &Error{Op: "Tags", Key: key, Err: ErrNotFound}
	}
	return Tags(ctx, b.child, key, versionID)
}

func (b *stagingBucket) SetTags(ctx context.Context, key, versionID string, tags []Tag) error {
	if hidden(key) {
		return &Error{Op: "SetTags", Key: key, Err: ErrNotFound}
	}
	return SetTags(ctx, b.child, key, versionID, tags)
}
