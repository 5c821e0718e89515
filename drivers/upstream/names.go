package upstream

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sluice/drivers"
)

// Names say what buckets are called at a store whose names are shared with others, as all of S3's and GCS's are with the
// world. A leaf's Config has them inline:
//
//	aws: {type: s3, config: {region: eu-west-1, bucket_prefix: acme-, bucket_names: {photos: acme-photos-eu}}}
//
// A bucket that bucket_names has goes by that name, any other by its own after bucket_prefix. Of the store's buckets only those
// are seen, and each by one name: what bucket_names leads to is reached by that alone.
type Names struct {
	BucketPrefix string            `yaml:"bucket_prefix" jsonschema:"what the names of all buckets begin with at the store; others are not seen"`
	BucketNames  map[string]string `yaml:"bucket_names" jsonschema:"names at the store by bucket, in full"`
}

// Check returns an error, which wraps drivers.ErrInvalid, for names that cannot be, or are not one bucket's alone.
func (n Names) Check() error {
	if strings.ContainsAny(n.BucketPrefix, "/ ") {
		return fmt.Errorf("bucket_prefix %q: %w", n.BucketPrefix, drivers.ErrInvalid)
	}
	known := make(map[string]string, len(n.BucketNames))
	for name, stored := range n.BucketNames {
		if name == "" || stored == "" || strings.ContainsAny(name+stored, "/ ") {
			return fmt.Errorf("bucket_names: %q is %q at the store: %w", name, stored, drivers.ErrInvalid)
		}
		if other, ok := known[stored]; ok {
			return fmt.Errorf("bucket_names: %q and %q are both %q at the store: %w", min(name, other), max(name, other), stored, drivers.ErrInvalid)
		}
		known[stored] = name
	}
	return nil
}

// Rename returns a driver whose buckets are d's under other names, which must have passed [Names.Check]. Closing it closes d.
func Rename(d drivers.Driver, n Names) drivers.Driver {
	if n.BucketPrefix == "" && len(n.BucketNames) == 0 {
		return d
	}
	r := &renamed{leaf: d, names: n, known: make(map[string]string, len(n.BucketNames))}
	for name, stored := range n.BucketNames {
		r.known[stored] = name
	}
	r.Driver = drivers.Intercept(d, r.tell)
	return r
}

type renamed struct {
	drivers.Driver
	leaf  drivers.Driver
	names Names
	known map[string]string // the names of bucket_names by those at the store
}

var (
	_ drivers.Driver    = (*renamed)(nil)
	_ drivers.Checker   = (*renamed)(nil)
	_ drivers.Unwrapper = (*renamed)(nil)
)

func (d *renamed) Unwrap() drivers.Driver { return d.Driver }

func (d *renamed) Check(ctx context.Context) error { return drivers.Check(ctx, d.Driver) }

func (d *renamed) Close() error { return d.leaf.Close() }

// tell has errors tell the bucket's name as the caller knows it.
func (d *renamed) tell(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	err := next(ctx)
	e, ok := err.(*drivers.Error) //nolint:errorlint // an error inside of another is not this call's
	if !ok || e.Bucket == "" || e.Bucket != c.Bucket || e.Key != c.Key {
		return err
	}
	told := *e
	told.Bucket, _ = d.shown(e.Bucket)
	return &told
}

// stored returns a bucket's name at the store; false where another name leads there.
func (d *renamed) stored(name string) (string, bool) {
	if stored, ok := d.names.BucketNames[name]; ok {
		return stored, true
	}
	stored := d.names.BucketPrefix + name
	_, taken := d.known[stored]
	return stored, !taken
}

// shown returns the name of a bucket of the store; false where it has none.
func (d *renamed) shown(stored string) (string, bool) {
	if name, ok := d.known[stored]; ok {
		return name, true
	}
	name, ok := strings.CutPrefix(stored, d.names.BucketPrefix)
	_, elsewhere := d.names.BucketNames[name]
	return name, ok && name != "" && !elsewhere
}

func (d *renamed) Bucket(name string) drivers.Bucket {
	stored, ok := d.stored(name)
	if !ok {
		return drivers.Missing(name)
	}
	return d.Driver.Bucket(stored)
}

func (d *renamed) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	stored, ok := d.stored(name)
	if !ok {
		return drivers.BucketInfo{}, taken("StatBucket", name, drivers.ErrNoBucket)
	}
	info, err := d.Driver.StatBucket(ctx, stored)
	info.Name = name
	return info, err
}

func (d *renamed) CreateBucket(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	stored, ok := d.stored(name)
	if !ok {
		return taken("CreateBucket", name, drivers.ErrBucketExists)
	}
	return d.Driver.CreateBucket(ctx, stored, o)
}

func (d *renamed) DeleteBucket(ctx context.Context, name string) error {
	stored, ok := d.stored(name)
	if !ok {
		return taken("DeleteBucket", name, drivers.ErrNoBucket)
	}
	return d.Driver.DeleteBucket(ctx, stored)
}

func (d *renamed) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	all, err := d.Driver.ListBuckets(ctx)
	if err != nil {
		return nil, err
	}
	shown := make([]drivers.BucketInfo, 0, len(all))
	for _, info := range all {
		var ok bool
		if info.Name, ok = d.shown(info.Name); ok {
			shown = append(shown, info)
		}
	}
	slices.SortFunc(shown, func(a, b drivers.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
	return shown, nil
}

func taken(op, name string, err error) error { return &drivers.Error{Op: op, Bucket: name, Err: err} }
