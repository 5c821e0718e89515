package route

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"sluice/drivers"
)

// listWidth is how many stores ListBuckets asks at once.
const listWidth = 16

type driver struct {
	named    map[string]spot
	patterns []*pattern     // the best first
	taken    map[place]bool // what a name leads to, and no pattern may
}

var (
	_ drivers.Driver  = (*driver)(nil)
	_ drivers.Checker = (*driver)(nil)
)

func (d *driver) Bucket(name string) drivers.Bucket {
	s, ok := d.find(name)
	if !ok {
		return drivers.Missing(name)
	}
	b := s.driver.Bucket(s.bucket)
	if s.prefix != "" {
		b = drivers.Prefix(b, s.prefix)
	}
	if s.readOnly {
		b = drivers.ReadOnly(b)
	}
	return b
}

func (d *driver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	s, ok := d.find(name)
	if !ok {
		return drivers.BucketInfo{}, fail("StatBucket", name, drivers.ErrNoBucket)
	}
	if s.prefix != "" {
		return s.statPart(ctx, name)
	}
	info, err := s.driver.StatBucket(ctx, s.bucket)
	info.Name = name
	return info, err
}

// CreateBucket fails with ErrBucketExists for a name that leads elsewhere, and with ErrDenied where there is no route, and for
// an alias of what is not there.
func (d *driver) CreateBucket(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	s, ok := d.find(name)
	if !ok {
		if _, fits := d.fitting(name); fits { // a store's bucket that another name leads to
			return fail("CreateBucket", name, drivers.ErrBucketExists)
		}
		return fail("CreateBucket", name, drivers.ErrDenied)
	}
	switch {
	case s.alias:
		if _, err := d.StatBucket(ctx, name); !errors.Is(err, drivers.ErrNoBucket) {
			return orExists(name, err)
		}
		return fail("CreateBucket", name, drivers.ErrDenied)
	case s.readOnly:
		return fail("CreateBucket", name, drivers.ErrReadOnly)
	case s.prefix != "":
		return s.createPart(ctx, name, o)
	}
	return s.driver.CreateBucket(ctx, s.bucket, o)
}

func orExists(name string, err error) error {
	if err != nil {
		return err
	}
	return fail("CreateBucket", name, drivers.ErrBucketExists)
}

func (d *driver) DeleteBucket(ctx context.Context, name string) error {
	s, ok := d.find(name)
	switch {
	case !ok:
		return fail("DeleteBucket", name, drivers.ErrNoBucket)
	case s.alias:
		return fail("DeleteBucket", name, drivers.ErrDenied)
	case s.readOnly:
		return fail("DeleteBucket", name, drivers.ErrReadOnly)
	case s.prefix != "":
		return s.deletePart(ctx, name)
	}
	return s.driver.DeleteBucket(ctx, s.bucket)
}

func (d *driver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	known, err := d.listPatterns(ctx)
	if err != nil {
		return nil, err
	}
	for name := range d.named {
		known[name] = nil
	}
	g := drivers.NewGroup(ctx, listWidth)
	names := slices.Sorted(maps.Keys(known))
	found := make([]*drivers.BucketInfo, len(names))
	for i, name := range names {
		if found[i] = known[name]; found[i] != nil {
			continue
		}
		g.Go(func(ctx context.Context) error {
			info, err := d.StatBucket(ctx, name)
			if errors.Is(err, drivers.ErrNoBucket) {
				return nil
			}
			found[i] = &info
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := make([]drivers.BucketInfo, 0, len(found))
	for _, info := range found {
		if info != nil {
			all = append(all, *info)
		}
	}
	return all, nil
}

// listPatterns lists each store that a pattern leads to, and returns what the patterns have of it; nil is for a bucket with a
// prefix, which may not be there.
func (d *driver) listPatterns(ctx context.Context) (map[string]*drivers.BucketInfo, error) {
	var stores []drivers.Driver
	for _, p := range d.patterns {
		if !slices.Contains(stores, p.driver) {
			stores = append(stores, p.driver)
		}
	}
	lists := make([][]drivers.BucketInfo, len(stores))
	g := drivers.NewGroup(ctx, listWidth)
	for i, store := range stores {
		g.Go(func(ctx context.Context) (err error) {
			lists[i], err = store.ListBuckets(ctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	all := make(map[string]*drivers.BucketInfo)
	for i, list := range lists {
		for _, info := range list {
			s, ok := d.find(info.Name)
			switch _, named := d.named[info.Name]; {
			case !ok || named || s.driver != stores[i]:
			case s.prefix != "":
				all[info.Name] = nil
			default:
				all[info.Name] = &info
			}
		}
	}
	return all, nil
}

// Check checks every store once. It fails only when all of them do: a gateway that serves the buckets of one cloud must not be taken
// out of service because another is down.
func (d *driver) Check(ctx context.Context) error {
	stores := make(map[drivers.Driver]bool)
	for _, p := range d.patterns {
		stores[p.driver] = true
	}
	for _, s := range d.named {
		stores[s.driver] = true
	}
	g := drivers.NewGroup(ctx, listWidth)
	var mu sync.Mutex
	var errs []error
	for store := range stores {
		g.Go(func(ctx context.Context) error {
			if err := drivers.Check(ctx, store); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil || len(errs) < len(stores) {
		return err
	}
	return errors.Join(errs...)
}

// Close does nothing: the drivers are not route's.
func (d *driver) Close() error { return nil }

func fail(op, bucket string, err error) error {
	return &drivers.Error{Op: op, Bucket: bucket, Err: err}
}
