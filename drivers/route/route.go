package route

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/drivers"
)

// Any is the name that stands for all buckets without a route of their own.
const Any = "*"

// listWidth is how many stores ListBuckets asks at once.
const listWidth = 16

// Config is the routes by bucket name; [Any] is for all others.
type Config map[string]Target

// Target is where a bucket lives.
type Target struct {
	Driver   string `yaml:"driver" jsonschema:"the node whose store keeps the bucket"`
	Bucket   string `yaml:"bucket" jsonschema:"the bucket's name at the store, where it differs"`
	ReadOnly bool   `yaml:"read_only" jsonschema:"refuse every change"`
}

// Open opens the nodes that the routes name.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	routes := make(map[string]Route, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		t := c[name]
		if t.Driver == "" {
			return nil, fmt.Errorf("bucket %q has no driver", name)
		}
		d, err := env.Child(t.Driver)
		if err != nil {
			return nil, err
		}
		routes[name] = Route{Driver: d, Bucket: t.Bucket, ReadOnly: t.ReadOnly}
	}
	return New(routes)
}

// Route is a Target with its driver open.
type Route struct {
	Driver   drivers.Driver // stays the caller's: who opened it closes it
	Bucket   string         // the name at the store; "" is the same
	ReadOnly bool
}

// place is a bucket at a store. Stores are told apart by ==.
type place struct {
	base   drivers.Driver // without wrappers
	bucket string
}

// New makes a driver of routes by bucket name; [Any] is for all others. It fails where two names lead to one bucket of one
// store, which it looks for behind the wrappers of a driver ([drivers.Base]), not inside of a driver made of several.
func New(routes map[string]Route) (drivers.Driver, error) {
	d := &driver{named: make(map[string]Route, len(routes)), taken: make(map[string]bool)}
	names := make(map[place]string, len(routes))
	for _, name := range slices.Sorted(maps.Keys(routes)) {
		r := routes[name]
		if err := r.check(name); err != nil {
			return nil, err
		}
		if name == Any {
			d.others = &r
			continue
		}
		if r.Bucket == "" {
			r.Bucket = name
		}
		at := place{drivers.Base(r.Driver), r.Bucket}
		if first, ok := names[at]; ok {
			return nil, fmt.Errorf("route: buckets %q and %q are the same one, %q of one store", first, name, r.Bucket)
		}
		names[at] = name
		d.named[name] = r
	}
	if d.others != nil {
		base := drivers.Base(d.others.Driver)
		for at := range names {
			if at.base == base {
				d.taken[at.bucket] = true
			}
		}
	}
	return d, nil
}

func (r Route) check(name string) error {
	switch {
	case r.Driver == nil:
		return fmt.Errorf("route: bucket %q has no driver", name)
	case name == "":
		return errors.New("route: a bucket's name is empty")
	case name != Any && strings.Contains(name, Any):
		return fmt.Errorf(`route: bucket %q: only "*" alone is a pattern`, name)
	case name == Any && r.Bucket != "":
		return errors.New(`route: "*" is for many buckets and cannot name one`)
	}
	return nil
}

type driver struct {
	named  map[string]Route
	others *Route          // nil: there are none
	taken  map[string]bool // buckets of the store of others that a name leads to
}

var (
	_ drivers.Driver  = (*driver)(nil)
	_ drivers.Checker = (*driver)(nil)
)

// find returns the route of a bucket, and whether there is one.
func (d *driver) find(name string) (Route, bool) {
	if r, ok := d.named[name]; ok {
		return r, true
	}
	if d.others == nil || d.taken[name] {
		return Route{}, false
	}
	return Route{Driver: d.others.Driver, Bucket: name, ReadOnly: d.others.ReadOnly}, true
}

func (d *driver) Bucket(name string) drivers.Bucket {
	r, ok := d.find(name)
	switch {
	case !ok:
		return missing{name}
	case r.ReadOnly:
		return readOnly{r.Driver.Bucket(r.Bucket)}
	}
	return r.Driver.Bucket(r.Bucket)
}

func (d *driver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	r, ok := d.find(name)
	if !ok {
		return drivers.BucketInfo{}, fail("StatBucket", name, drivers.ErrNoBucket)
	}
	info, err := r.Driver.StatBucket(ctx, r.Bucket)
	info.Name = name
	return info, err
}

// CreateBucket fails with ErrBucketExists for a name that leads elsewhere, and with ErrDenied where there is no route.
func (d *driver) CreateBucket(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	r, ok := d.find(name)
	switch {
	case d.taken[name] && !ok:
		return fail("CreateBucket", name, drivers.ErrBucketExists)
	case !ok:
		return fail("CreateBucket", name, drivers.ErrDenied)
	case r.ReadOnly:
		return fail("CreateBucket", name, drivers.ErrReadOnly)
	}
	return r.Driver.CreateBucket(ctx, r.Bucket, o)
}

func (d *driver) DeleteBucket(ctx context.Context, name string) error {
	r, ok := d.find(name)
	switch {
	case !ok:
		return fail("DeleteBucket", name, drivers.ErrNoBucket)
	case r.ReadOnly:
		return fail("DeleteBucket", name, drivers.ErrReadOnly)
	}
	return r.Driver.DeleteBucket(ctx, r.Bucket)
}

func (d *driver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	names := slices.Sorted(maps.Keys(d.named))
	found := make([]*drivers.BucketInfo, len(names))
	var others []drivers.BucketInfo
	g := drivers.NewGroup(ctx, listWidth)
	if d.others != nil {
		g.Go(func(ctx context.Context) (err error) {
			others, err = d.others.Driver.ListBuckets(ctx)
			return err
		})
	}
	for i, name := range names {
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
	all := make([]drivers.BucketInfo, 0, len(others)+len(names))
	for _, info := range others {
		if _, named := d.named[info.Name]; !named && !d.taken[info.Name] {
			all = append(all, info)
		}
	}
	for _, info := range found {
		if info != nil {
			all = append(all, *info)
		}
	}
	slices.SortFunc(all, func(a, b drivers.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// Check checks every store once.
func (d *driver) Check(ctx context.Context) error {
	stores := make(map[drivers.Driver]bool)
	if d.others != nil {
		stores[d.others.Driver] = true
	}
	for _, r := range d.named {
		stores[r.Driver] = true
	}
	g := drivers.NewGroup(ctx, listWidth)
	for store := range stores {
		g.Go(func(ctx context.Context) error { return drivers.Check(ctx, store) })
	}
	return g.Wait()
}

// Close does nothing: the drivers are not route's.
func (d *driver) Close() error { return nil }

func fail(op, bucket string, err error) error {
	return &drivers.Error{Op: op, Bucket: bucket, Err: err}
}
