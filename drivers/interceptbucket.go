package drivers

import (
	"context"
	"errors"
	"io"
)

// interceptBucket is a bucket behind an Around.
type interceptBucket struct {
	child  Bucket
	name   string
	around Around
}

var (
	_ Bucket       = (*interceptBucket)(nil)
	_ Copier       = (*interceptBucket)(nil)
	_ Tagger       = (*interceptBucket)(nil)
	_ BatchDeleter = (*interceptBucket)(nil)
	_ Joiner       = (*interceptBucket)(nil)
	_ layer        = (*interceptBucket)(nil)
)

func (b *interceptBucket) inner() Bucket { return b.child }

func (b *interceptBucket) asSource(ctx context.Context, key string, f func(ctx context.Context, innerKey string) error) error {
	return b.around(ctx, &Call{Op: "CopySource", Bucket: b.name, Key: key}, func(ctx context.Context) error { return f(ctx, key) })
}

func (b *interceptBucket) Head(ctx context.Context, key string, o GetOptions) (info Info, err error) {
	err = b.around(ctx, &Call{Op: "Head", Bucket: b.name, Key: key, Repeatable: true}, func(ctx context.Context) error {
		info, err = b.child.Head(ctx, key, o)
		return err
	})
	return info, err
}

func (b *interceptBucket) Get(ctx context.Context, key string, o GetOptions) (*Object, error) {
	c := &Call{Op: "Get", Bucket: b.name, Key: key, Repeatable: true}
	err := b.around(ctx, c, func(ctx context.Context) (err error) {
		if c.Object, err = b.child.Get(ctx, key, o); err == nil {
			c.Reopen = b.reopener(key, o.VersionID, *c.Object)
		}
		return err
	})
	if err != nil && c.Object != nil && c.Object.Body != nil { // around failed a Get that had worked
		_ = c.Object.Body.Close()
		c.Object.Body = nil
	}
	return c.Object, err
}

func (b *interceptBucket) reopener(key, versionID string, first Object) func(context.Context, int64) (io.ReadCloser, error) {
	return func(ctx context.Context, offset int64) (io.ReadCloser, error) {
		if first.Token == "" { // nothing tells that it is still the same write
			return nil, &Error{Op: "Get", Bucket: b.name, Key: key, Err: ErrUnsupported}
		}
		obj, err := b.child.Get(ctx, key, GetOptions{
			Range:      Range{Start: first.Start + offset, Length: first.Length - offset},
			VersionID:  versionID,
			Conditions: Conditions{IfToken: first.Token},
		})
		if err != nil {
			return nil, err
		}
		if obj.Start != first.Start+offset {
			return nil, errors.Join(ErrInvalidRange, obj.Body.Close())
		}
		return obj.Body, nil
	}
}

func (b *interceptBucket) Put(ctx context.Context, key string, body io.Reader, o PutOptions) (info Info, err error) {
	c := &Call{Op: "Put", Bucket: b.name, Key: key, Repeatable: o.Conditions.IsZero(), Body: body, Size: o.Size}
	err = b.around(ctx, c, func(ctx context.Context) error {
		if info, err = b.child.Put(ctx, key, c.Body, o); err == nil {
			c.Size = info.Size
		}
		return err
	})
	return info, err
}

func (b *interceptBucket) Delete(ctx context.Context, key string, o DeleteOptions) (result DeleteResult, err error) {
	c := &Call{Op: "Delete", Bucket: b.name, Key: key, Repeatable: o.Conditions.IsZero()}
	err = b.around(ctx, c, func(ctx context.Context) error {
		result, err = b.child.Delete(ctx, key, o)
		return err
	})
	return result, err
}

func (b *interceptBucket) List(ctx context.Context, o ListOptions) (page Page, err error) {
	c := &Call{Op: "List", Bucket: b.name, Repeatable: true, List: &o, Page: &page}
	err = b.around(ctx, c, func(ctx context.Context) error {
		page, err = b.child.List(ctx, o)
		return err
	})
	return page, err
}

func (b *interceptBucket) Tags(ctx context.Context, key, versionID string) (tags []Tag, err error) {
	err = b.around(ctx, &Call{Op: "Tags", Bucket: b.name, Key: key, Repeatable: true}, func(ctx context.Context) error {
		tags, err = Tags(ctx, b.child, key, versionID)
		return err
	})
	return tags, err
}

func (b *interceptBucket) SetTags(ctx context.Context, key, versionID string, tags []Tag) error {
	return b.around(ctx, &Call{Op: "SetTags", Bucket: b.name, Key: key, Repeatable: true}, func(ctx context.Context) error {
		return SetTags(ctx, b.child, key, versionID, tags)
	})
}

// DeleteAll is one call where the store has batches, else it is many of Delete. When around calls next again, only what
// failed is deleted again.
func (b *interceptBucket) DeleteAll(ctx context.Context, items []DeleteItem) []DeleteOutcome {
	if _, ok := core(b).(BatchDeleter); !ok {
		return deleteEach(ctx, b, items)
	}
	c := &Call{Op: "DeleteAll", Bucket: b.name, Repeatable: true}
	out := make([]DeleteOutcome, len(items))
	todo := make([]int, len(items))
	for i, item := range items {
		todo[i] = i
		c.Repeatable = c.Repeatable && item.Options.Conditions.IsZero()
	}
	tried := false
	err := b.around(ctx, c, func(ctx context.Context) error {
		tried = true
		some := make([]DeleteItem, len(todo))
		for i, at := range todo {
			some[i] = items[at]
		}
		var failed []int
		var errs []error
		for i, o := range DeleteAll(ctx, b.child, some) {
			if out[todo[i]] = o; o.Err != nil {
				failed, errs = append(failed, todo[i]), append(errs, o.Err)
			}
		}
		todo = failed
		return errors.Join(errs...)
	})
	if err != nil && (!tried || len(todo) == 0) { // the error is around's own, about all items
		for i := range out {
			out[i].Err = err
		}
	}
	return out
}

func (b *interceptBucket) CopyFrom(ctx context.Context, key string, src Bucket, srcKey string, o CopyOptions) (info Info, err error) {
	if _, ok := core(b).(Copier); !ok {
		return Info{}, ErrUnsupported
	}
	c := &Call{Op: "Copy", Bucket: b.name, Key: key, Repeatable: o.Conditions.IsZero()}
	err = b.around(ctx, c, func(ctx context.Context) error {
		info, err = storeCopy(ctx, b.child, key, src, srcKey, o)
		return err
	})
	return info, err
}

// Join is repeatable where it has no conditions: its sources stay.
func (b *interceptBucket) Join(ctx context.Context, key string, sources []Source, o PutOptions) (info Info, err error) {
	c := &Call{Op: "Join", Bucket: b.name, Key: key, Repeatable: o.Conditions.IsZero()}
	err = b.around(ctx, c, func(ctx context.Context) error {
		info, err = join(ctx, b.child, key, sources, o)
		return err
	})
	return info, err
}
