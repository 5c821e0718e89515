package drivers

import (
	"context"
	"io"
)

// Call is one call on its way through an [Intercept].
type Call struct {
	Op     string // the method's name: "Put", "ListBuckets"; also "Check", "Copy", "CopyPart", "Join", and "CopySource" for a copy's source
	Bucket string // "" where the call has none
	Key    string // "" where the call has none
	// Repeatable tells that the call, done twice, leaves what it leaves done once: it has no conditions and makes
	// nothing new. The Body is another matter.
	Repeatable bool
	// Body is what a Put or PutPart sends. Around may put another reader of the same bytes in its place, before next.
	// Size is the length of it, -1 if unknown; after next has stored it, it is the length that was stored.
	Body io.Reader
	Size int64
	// Object is what a Get has got. Around may put another Body in its place, after next. Reopen gets the bytes of that
	// very body again from an offset on that is less than its Length, of the same write of the object.
	Object *Object
	Reopen func(ctx context.Context, offset int64) (io.ReadCloser, error)
	// List is what a List asks for, and Page what it has got. Around may change the one before next, the other after.
	List *ListOptions
	Page *Page
}

// Around surrounds a call: it may look at c, refuse, wait, and call next, also several times; next fills c's results. The
// error that it returns is the call's. The context that it gives to next must live as long as a Get's Body.
type Around func(ctx context.Context, c *Call, next func(ctx context.Context) error) error

// Intercept returns a driver that does what d does, with around about each call but Bucket and Close; wrappers of one
// child are made of it. Every ability of d is passed on, and none is added. Closing it does not close d, which belongs to
// whoever opened it.
func Intercept(d Driver, around Around) Driver { return &interceptDriver{d, around} }

type interceptDriver struct {
	child  Driver
	around Around
}

var (
	_ Driver    = (*interceptDriver)(nil)
	_ Checker   = (*interceptDriver)(nil)
	_ Unwrapper = (*interceptDriver)(nil)
)

func (d *interceptDriver) Bucket(name string) Bucket {
	child := d.child.Bucket(name)
	b := &interceptBucket{child: child, name: name, around: d.around}
	if m, ok := child.(Multipart); ok {
		return &interceptMultipart{b, m}
	}
	return b
}

func (d *interceptDriver) StatBucket(ctx context.Context, name string) (info BucketInfo, err error) {
	err = d.around(ctx, &Call{Op: "StatBucket", Bucket: name, Repeatable: true}, func(ctx context.Context) error {
		info, err = d.child.StatBucket(ctx, name)
		return err
	})
	return info, err
}

func (d *interceptDriver) CreateBucket(ctx context.Context, name string, o CreateBucketOptions) error {
	return d.around(ctx, &Call{Op: "CreateBucket", Bucket: name}, func(ctx context.Context) error {
		return d.child.CreateBucket(ctx, name, o)
	})
}

func (d *interceptDriver) DeleteBucket(ctx context.Context, name string) error {
	return d.around(ctx, &Call{Op: "DeleteBucket", Bucket: name}, func(ctx context.Context) error {
		return d.child.DeleteBucket(ctx, name)
	})
}

func (d *interceptDriver) ListBuckets(ctx context.Context) (list []BucketInfo, err error) {
	err = d.around(ctx, &Call{Op: "ListBuckets", Repeatable: true}, func(ctx context.Context) error {
		list, err = d.child.ListBuckets(ctx)
		return err
	})
	return list, err
}

func (d *interceptDriver) Check(ctx context.Context) error {
	return d.around(ctx, &Call{Op: "Check", Repeatable: true}, func(ctx context.Context) error { return Check(ctx, d.child) })
}

func (d *interceptDriver) Close() error { return nil }

func (d *interceptDriver) Unwrap() Driver { return d.child }

// layer is a bucket around one other whose objects are the other's, byte for byte.
type layer interface {
	// inner returns the bucket around which this one is.
	inner() Bucket
	// asSource runs f, which copies the object from the inner bucket, where its key is innerKey, as if this bucket were read.
	asSource(ctx context.Context, key string, f func(ctx context.Context, innerKey string) error) error
}

// core returns the bucket inside of all layers: whether it has an ability decides whether the layers have it.
func core(b Bucket) Bucket {
	for {
		l, ok := b.(layer)
		if !ok {
			return b
		}
		b = l.inner()
	}
}

// throughLayers runs f with the bucket inside of all layers of a copy's source, and the key there, and lets each layer have its say.
func throughLayers(ctx context.Context, src Bucket, key string, f func(ctx context.Context, src Bucket, key string) error) error {
	l, ok := src.(layer)
	if !ok {
		return f(ctx, src, key)
	}
	return l.asSource(ctx, key, func(ctx context.Context, key string) error { return throughLayers(ctx, l.inner(), key, f) })
}
