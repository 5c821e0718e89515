package gateway_test

import (
	"context"
	"io"
	"sync"

	"sluice/drivers"
)

// hook is told of every call that does I/O, before it is made. Its error takes the place of the call.
type hook func(op, bucket, key string) error

// spy wraps a driver so that h sees each call, whatever optional interface it goes through.
func spy(d drivers.Driver, h hook) drivers.Driver { return &spyDriver{d, h} }

type spyDriver struct {
	drivers.Driver
	hook hook
}

func (d *spyDriver) Bucket(name string) drivers.Bucket {
	return &spyBucket{d.Driver.Bucket(name), name, d.hook}
}

func (d *spyDriver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	if err := d.hook("StatBucket", name, ""); err != nil {
		return drivers.BucketInfo{}, err
	}
	return d.Driver.StatBucket(ctx, name)
}

func (d *spyDriver) CreateBucket(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	if err := d.hook("CreateBucket", name, ""); err != nil {
		return err
	}
	return d.Driver.CreateBucket(ctx, name, o)
}

func (d *spyDriver) DeleteBucket(ctx context.Context, name string) error {
	if err := d.hook("DeleteBucket", name, ""); err != nil {
		return err
	}
	return d.Driver.DeleteBucket(ctx, name)
}

func (d *spyDriver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	if err := d.hook("ListBuckets", "", ""); err != nil {
		return nil, err
	}
	return d.Driver.ListBuckets(ctx)
}

type spyBucket struct {
	b    drivers.Bucket
	name string
	hook hook
}

var (
	_ drivers.Multipart    = (*spyBucket)(nil)
	_ drivers.PartCopier   = (*spyBucket)(nil)
	_ drivers.Copier       = (*spyBucket)(nil)
	_ drivers.Tagger       = (*spyBucket)(nil)
	_ drivers.BatchDeleter = (*spyBucket)(nil)
)

// spied asks the hook and then calls f.
func spied[T any](b *spyBucket, op, key string, f func() (T, error)) (T, error) {
	if err := b.hook(op, b.name, key); err != nil {
		var none T
		return none, err
	}
	return f()
}

func (b *spyBucket) Head(ctx context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	return spied(b, "Head", key, func() (drivers.Info, error) { return b.b.Head(ctx, key, o) })
}

func (b *spyBucket) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	return spied(b, "Get", key, func() (*drivers.Object, error) { return b.b.Get(ctx, key, o) })
}

func (b *spyBucket) Put(ctx context.Context, key string, r io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	return spied(b, "Put", key, func() (drivers.Info, error) { return b.b.Put(ctx, key, r, o) })
}

func (b *spyBucket) Delete(ctx context.Context, key string, o drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return spied(b, "Delete", key, func() (drivers.DeleteResult, error) { return b.b.Delete(ctx, key, o) })
}

func (b *spyBucket) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	return spied(b, "List", "", func() (drivers.Page, error) { return b.b.List(ctx, o) })
}

func (b *spyBucket) Tags(ctx context.Context, key, version string) ([]drivers.Tag, error) {
	return spied(b, "Tags", key, func() ([]drivers.Tag, error) { return drivers.Tags(ctx, b.b, key, version) })
}

func (b *spyBucket) SetTags(ctx context.Context, key, version string, tags []drivers.Tag) error {
	_, err := spied(b, "SetTags", key, func() (any, error) { return nil, drivers.SetTags(ctx, b.b, key, version, tags) })
	return err
}

func (b *spyBucket) DeleteAll(ctx context.Context, items []drivers.DeleteItem) []drivers.DeleteOutcome {
	out := make([]drivers.DeleteOutcome, len(items))
	for i, item := range items {
		out[i].Result, out[i].Err = b.Delete(ctx, item.Key, item.Options)
	}
	return out
}

func (b *spyBucket) CopyFrom(ctx context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	s := src.(*spyBucket)
	if err := s.hook("Get", s.name, srcKey); err != nil {
		return drivers.Info{}, err
	}
	return spied(b, "Put", key, func() (drivers.Info, error) { return drivers.Copy(ctx, b.b, key, s.b, srcKey, o) })
}

func (b *spyBucket) CreateUpload(ctx context.Context, key string, o drivers.CreateUploadOptions) (drivers.Upload, error) {
	return spied(b, "CreateUpload", key, func() (drivers.Upload, error) { return drivers.Multiparts(b.b).CreateUpload(ctx, key, o) })
}

func (b *spyBucket) PutPart(ctx context.Context, key, id string, n int, r io.Reader, o drivers.PutPartOptions) (drivers.Part, error) {
	return spied(b, "PutPart", key, func() (drivers.Part, error) { return drivers.Multiparts(b.b).PutPart(ctx, key, id, n, r, o) })
}

func (b *spyBucket) CopyPartFrom(ctx context.Context, key, id string, n int, src drivers.Bucket, srcKey string, o drivers.CopyPartOptions) (drivers.Part, error) {
	s := src.(*spyBucket)
	if err := s.hook("Get", s.name, srcKey); err != nil {
		return drivers.Part{}, err
	}
	return spied(b, "PutPart", key, func() (drivers.Part, error) { return drivers.CopyPart(ctx, b.b, key, id, n, s.b, srcKey, o) })
}

func (b *spyBucket) CompleteUpload(ctx context.Context, key, id string, parts []drivers.CompletedPart, o drivers.CompleteOptions) (drivers.Info, error) {
	return spied(b, "CompleteUpload", key, func() (drivers.Info, error) {
		return drivers.Multiparts(b.b).CompleteUpload(ctx, key, id, parts, o)
	})
}

func (b *spyBucket) AbortUpload(ctx context.Context, key, id string) error {
	_, err := spied(b, "AbortUpload", key, func() (any, error) { return nil, drivers.Multiparts(b.b).AbortUpload(ctx, key, id) })
	return err
}

func (b *spyBucket) ListParts(ctx context.Context, key, id string, o drivers.ListPartsOptions) (drivers.PartsPage, error) {
	return spied(b, "ListParts", key, func() (drivers.PartsPage, error) { return drivers.Multiparts(b.b).ListParts(ctx, key, id, o) })
}

func (b *spyBucket) ListUploads(ctx context.Context, o drivers.ListUploadsOptions) (drivers.UploadsPage, error) {
	return spied(b, "ListUploads", "", func() (drivers.UploadsPage, error) { return drivers.Multiparts(b.b).ListUploads(ctx, o) })
}

// calls collects what reached a driver, by bucket.
type calls struct {
	mu   sync.Mutex
	seen map[string][]string
}

// hook records "op key" under the bucket.
func (c *calls) hook(op, bucket, key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string][]string{}
	}
	c.seen[bucket] = append(c.seen[bucket], op+" "+key)
	return nil
}

// take returns what reached a bucket since the last take.
func (c *calls) take(bucket string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.seen[bucket]
	delete(c.seen, bucket)
	return got
}

// takeAll returns the buckets that were reached since the last take.
func (c *calls) takeAll() map[string][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.seen
	c.seen = nil
	return got
}
