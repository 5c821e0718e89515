package drivers

import (
	"cmp"
	"context"
	"errors"
	"io"
)

// StagingPrefix is where Staging and the stores' drivers keep what no client sees, inside of each bucket: the parts of
// unfinished uploads, and what is on its way to its own name.
const StagingPrefix = hiddenPrefix + "uploads/"

// Folders of drivers under StagingPrefix. What lies under ScratchPrefix is of no use when its call has ended; what lies under
// OverflowPrefix belongs to an object, has its OverflowHeader, and is written before it; see Overflower.
const (
	ScratchPrefix  = StagingPrefix + "tmp/"
	OverflowPrefix = StagingPrefix + "parts/"
)

// Staging adds to a driver what its store lacks. Multipart uploads: parts are objects under StagingPrefix, joined when the
// upload completes, by the store itself where it is a [Joiner]. Keys that the store does not take, where it is a [Namer]: their
// objects lie under names that it takes. Both are hidden: no client can list, read or write them. A driver that knows multipart
// uploads itself is returned as it is.
func Staging(d Driver) Driver {
	if _, ok := d.Bucket(probe).(Multipart); ok {
		return d
	}
	return &stagingDriver{Driver: d, known: newUploadCache(), clean: newCleaner()}
}

type stagingDriver struct {
	Driver
	known *uploadCache
	clean *cleaner
}

var (
	_ Driver    = (*stagingDriver)(nil)
	_ Checker   = (*stagingDriver)(nil)
	_ Unwrapper = (*stagingDriver)(nil)
	_ Sweeper   = (*stagingDriver)(nil)
)

func (d *stagingDriver) Bucket(name string) Bucket { return d.bucket(name) }

func (d *stagingDriver) bucket(name string) *stagingBucket {
	child := d.Driver.Bucket(name)
	return &stagingBucket{child: child, names: namesOf(child), d: d, bucket: name}
}

func (d *stagingDriver) Unwrap() Driver { return d.Driver }

func (d *stagingDriver) Check(ctx context.Context) error { return Check(ctx, d.Driver) }

// Close waits for parts that are being cleaned away.
func (d *stagingDriver) Close() error {
	d.clean.close()
	return d.Driver.Close()
}

// DeleteBucket drops the parts of unfinished uploads, which would keep the bucket from being empty.
func (d *stagingDriver) DeleteBucket(ctx context.Context, name string) error {
	err := d.Driver.DeleteBucket(ctx, name)
	if !errors.Is(err, ErrNotEmpty) {
		return err
	}
	b := d.bucket(name)
	if visible, lerr := anyObject(ctx, b.List, ListOptions{Limit: 1}); lerr != nil || visible {
		return cmp.Or(lerr, err)
	}
	if perr := purge(ctx, b.child, StagingPrefix); perr != nil {
		return perr
	}
	return d.Driver.DeleteBucket(ctx, name)
}

// stagingBucket is a bucket with staged uploads (stagedupload.go) and names for all keys (stagednames.go).
type stagingBucket struct {
	child  Bucket
	names  names
	d      *stagingDriver
	bucket string
}

var (
	_ Bucket       = (*stagingBucket)(nil)
	_ Multipart    = (*stagingBucket)(nil)
	_ Copier       = (*stagingBucket)(nil)
	_ Tagger       = (*stagingBucket)(nil)
	_ BatchDeleter = (*stagingBucket)(nil)
	_ layer        = (*stagingBucket)(nil)
)

func (b *stagingBucket) inner() Bucket { return b.child }

func (b *stagingBucket) asSource(ctx context.Context, key string, f func(ctx context.Context, innerKey string) error) error {
	name, ok := b.names.of(key)
	if !ok {
		return &Error{Op: "Copy", Key: key, Err: ErrNotFound}
	}
	return f(ctx, name)
}

func (b *stagingBucket) Head(ctx context.Context, key string, o GetOptions) (Info, error) {
	name, ok := b.names.of(key)
	if !ok {
		return Info{}, &Error{Op: "Head", Key: key, Err: ErrNotFound}
	}
	info, err := b.child.Head(ctx, name, o)
	info.Key = key
	return info, err
}

func (b *stagingBucket) Get(ctx context.Context, key string, o GetOptions) (*Object, error) {
	name, ok := b.names.of(key)
	if !ok {
		return nil, &Error{Op: "Get", Key: key, Err: ErrNotFound}
	}
	obj, err := b.child.Get(ctx, name, o)
	if obj != nil {
		obj.Key = key
	}
	return obj, err
}

func (b *stagingBucket) Put(ctx context.Context, key string, body io.Reader, o PutOptions) (Info, error) {
	name, err := b.names.target("Put", key)
	if err != nil {
		return Info{}, err
	}
	info, err := b.child.Put(ctx, name, body, o)
	info.Key = key
	return info, err
}

func (b *stagingBucket) Delete(ctx context.Context, key string, o DeleteOptions) (DeleteResult, error) {
	name, ok := b.names.of(key)
	if !ok {
		return DeleteResult{}, o.Conditions.CheckWrite(nil)
	}
	return b.child.Delete(ctx, name, o)
}

func (b *stagingBucket) DeleteAll(ctx context.Context, items []DeleteItem) []DeleteOutcome {
	return deleteNamed(ctx, b.child, items, b.names.of)
}

func (b *stagingBucket) CopyFrom(ctx context.Context, key string, src Bucket, srcKey string, o CopyOptions) (Info, error) {
	name, err := b.names.target("Copy", key)
	if err != nil {
		return Info{}, err
	}
	info, err := storeCopy(ctx, b.child, name, src, srcKey, o)
	info.Key = key
	return info, err
}

func (b *stagingBucket) Tags(ctx context.Context, key, versionID string) ([]Tag, error) {
	name, ok := b.names.of(key)
	if !ok {
		return nil, &Error{Op: "Tags", Key: key, Err: ErrNotFound}
	}
	return Tags(ctx, b.child, name, versionID)
}

func (b *stagingBucket) SetTags(ctx context.Context, key, versionID string, tags []Tag) error {
	name, ok := b.names.of(key)
	if !ok {
		return &Error{Op: "SetTags", Key: key, Err: ErrNotFound}
	}
	return SetTags(ctx, b.child, name, versionID, tags)
}
