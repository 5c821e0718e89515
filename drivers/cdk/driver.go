package cdk

import (
	"context"

	"sluice/drivers"
)

// driver serves a set of buckets.
type driver struct {
	node    string
	tempDir string
	buckets buckets
}

// buckets is where a driver's buckets come from.
type buckets interface {
	// find returns an open bucket, or drivers.ErrNoBucket. It asks no store across a network.
	find(name string) (*store, error)
	// takes tells whether a bucket, which may not exist, keeps a key under itself.
	takes(name, key string) bool
	list() ([]drivers.BucketInfo, error)
	create(name string) error
	remove(ctx context.Context, name string) error
	limits() []drivers.Limit
	close() error
}

var (
	_ drivers.Driver  = (*driver)(nil)
	_ drivers.Checker = (*driver)(nil)
	_ drivers.Limited = (*driver)(nil)
)

// Bucket returns one that refuses some keys, but for buckets in memory, which take all.
func (d *driver) Bucket(name string) drivers.Bucket {
	b := &bucket{driver: d, name: name}
	if _, all := d.buckets.(*memory); all {
		return b
	}
	return namedBucket{b}
}

func (d *driver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	s, err := d.buckets.find(name)
	if err == nil && s.kind == remote {
		err = s.accessible(ctx)
	} else if err == nil && !s.there() {
		err = drivers.ErrNoBucket
	}
	if err != nil {
		return drivers.BucketInfo{}, d.fail("StatBucket", name, err)
	}
	return drivers.BucketInfo{Name: name, Created: s.created}, nil
}

func (d *driver) CreateBucket(_ context.Context, name string, _ drivers.CreateBucketOptions) error {
	return d.fail("CreateBucket", name, d.buckets.create(name))
}

func (d *driver) DeleteBucket(ctx context.Context, name string) error {
	return d.fail("DeleteBucket", name, d.buckets.remove(ctx, name))
}

func (d *driver) ListBuckets(context.Context) ([]drivers.BucketInfo, error) {
	list, err := d.buckets.list()
	return list, d.fail("ListBuckets", "", err)
}

// checkWidth is how many buckets are asked at once.
const checkWidth = 8

// Check asks each bucket of a fixed set for the beginning of its listing.
func (d *driver) Check(ctx context.Context) error {
	set, ok := d.buckets.(fixed)
	if !ok {
		_, err := d.ListBuckets(ctx)
		return err
	}
	g := drivers.NewGroup(ctx, checkWidth)
	for name, s := range set {
		g.Go(func(ctx context.Context) error { return d.fail("Check", name, s.accessible(ctx)) })
	}
	return g.Wait()
}

func (d *driver) Close() error { return d.buckets.close() }

func (d *driver) fail(op, name string, err error) error {
	return (&bucket{driver: d, name: name}).fail(op, "", err)
}
