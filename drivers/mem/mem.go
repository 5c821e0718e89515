// Package mem keeps buckets in memory, until the process ends. It serves tests and trials, and is the model that the
// other drivers are held against: the whole contract in little code.
//
//	drivers:
//	  scratch: {type: mem}
package mem

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"sluice/drivers"
)

// Config is the node's config; there is nothing to set.
type Config struct{}

// Open opens a driver with no buckets.
func Open(_ context.Context, _ Config, env drivers.Env) (drivers.Driver, error) {
	return &driver{node: env.Node, buckets: map[string]*content{}}, nil
}

// New returns a driver with no buckets.
func New() drivers.Driver { return &driver{node: "mem", buckets: map[string]*content{}} }

// driver guards everything by one lock, which is never held while a body is read.
type driver struct {
	node    string
	mu      sync.RWMutex
	buckets map[string]*content
}

// content is what one bucket holds.
type content struct {
	created time.Time
	objects index
	uploads map[string]*upload
}

var (
	_ drivers.Driver  = (*driver)(nil)
	_ drivers.Limited = (*driver)(nil)
)

func (d *driver) Limits() []drivers.Limit {
	return []drivers.Limit{{Name: "durability", How: "objects end with the process, and with a reload of the config"}}
}

func (d *driver) Bucket(name string) drivers.Bucket { return &bucket{d, name} }

func (d *driver) StatBucket(_ context.Context, name string) (drivers.BucketInfo, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	c := d.buckets[name]
	if c == nil {
		return drivers.BucketInfo{}, d.fail("StatBucket", name, drivers.ErrNoBucket)
	}
	return drivers.BucketInfo{Name: name, Created: c.created}, nil
}

func (d *driver) CreateBucket(_ context.Context, name string, _ drivers.CreateBucketOptions) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case name == "":
		return d.fail("CreateBucket", name, drivers.ErrInvalid)
	case d.buckets[name] != nil:
		return d.fail("CreateBucket", name, drivers.ErrBucketExists)
	}
	d.buckets[name] = &content{created: time.Now().UTC(), uploads: map[string]*upload{}}
	return nil
}

func (d *driver) DeleteBucket(_ context.Context, name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch c := d.buckets[name]; {
	case c == nil:
		return d.fail("DeleteBucket", name, drivers.ErrNoBucket)
	case !c.objects.empty():
		return d.fail("DeleteBucket", name, drivers.ErrNotEmpty)
	}
	delete(d.buckets, name)
	return nil
}

func (d *driver) ListBuckets(context.Context) ([]drivers.BucketInfo, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	list := make([]drivers.BucketInfo, 0, len(d.buckets))
	for _, name := range slices.Sorted(maps.Keys(d.buckets)) {
		list = append(list, drivers.BucketInfo{Name: name, Created: d.buckets[name].created})
	}
	return list, nil
}

func (d *driver) Close() error { return nil }

func (d *driver) fail(op, name string, err error) error {
	return &drivers.Error{Node: d.node, Op: op, Bucket: name, Err: err}
}
