package mem

import (
	"bytes"
	"context"
	"io"
	"slices"

	"sluice/drivers"
)

type bucket struct {
	driver *driver
	name   string
}

var (
	_ drivers.Bucket = (*bucket)(nil)
	_ drivers.Tagger = (*bucket)(nil)
)

// view runs f while nothing changes.
func (b *bucket) view(op, key string, f func(*content) error) error {
	b.driver.mu.RLock()
	defer b.driver.mu.RUnlock()
	return b.run(op, key, f)
}

// update runs f, alone.
func (b *bucket) update(op, key string, f func(*content) error) error {
	b.driver.mu.Lock()
	defer b.driver.mu.Unlock()
	return b.run(op, key, f)
}

func (b *bucket) run(op, key string, f func(*content) error) error {
	c := b.driver.buckets[b.name]
	if c == nil {
		return b.fail(op, key, drivers.ErrNoBucket)
	}
	if err := f(c); err != nil {
		return b.fail(op, key, err)
	}
	return nil
}

func (b *bucket) fail(op, key string, err error) error {
	return &drivers.Error{Node: b.driver.node, Op: op, Bucket: b.name, Key: key, Err: err}
}

func (b *bucket) Head(_ context.Context, key string, g drivers.GetOptions) (info drivers.Info, err error) {
	err = b.view("Head", key, func(c *content) error {
		o, _, _, err := c.find(key, g)
		if o != nil {
			info = o.describe(g.Parts)
		}
		return err
	})
	return info, err
}

func (b *bucket) Get(_ context.Context, key string, g drivers.GetOptions) (obj *drivers.Object, err error) {
	err = b.view("Get", key, func(c *content) error {
		o, start, length, err := c.find(key, g)
		if o == nil {
			return err
		}
		obj = &drivers.Object{Info: o.describe(g.Parts), Start: start, Length: length}
		if err == nil {
			obj.Body = io.NopCloser(bytes.NewReader(o.data[start : start+length]))
		}
		return err
	})
	return obj, err
}

func (b *bucket) Put(ctx context.Context, key string, body io.Reader, p drivers.PutOptions) (drivers.Info, error) {
	err := drivers.CheckKey(key)
	if err != nil {
		return drivers.Info{}, b.fail("Put", key, err)
	}
	data, digest, err := receive(ctx, body, p.Size, p.Digest)
	if err != nil {
		return drivers.Info{}, b.fail("Put", key, err)
	}
	o := newObject(key, data, digest, p.Header, p.Tags)
	if err := b.update("Put", key, func(c *content) error { return c.publish(o, p.Conditions) }); err != nil {
		return drivers.Info{}, err
	}
	return o.describe(false), nil
}

func (b *bucket) Delete(_ context.Context, key string, d drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return drivers.DeleteResult{}, b.update("Delete", key, func(c *content) error {
		if err := checkVersion(d.VersionID); err != nil {
			return err
		}
		if err := c.check(key, d.Conditions); err != nil {
			return err
		}
		c.objects.remove(key)
		return nil
	})
}

func (b *bucket) List(_ context.Context, l drivers.ListOptions) (page drivers.Page, err error) {
	err = b.view("List", "", func(c *content) error {
		build := drivers.NewPageBuilder(l)
		for seek, more := l.From(), true; more; {
			seek, more = fill(build, &c.objects, seek)
		}
		page = build.Page()
		return nil
	})
	return page, err
}

// fill adds objects from a key on. It returns where to go on, after the inside of a common prefix, and false at the end.
func fill(build *drivers.PageBuilder, x *index, from string) (seek string, more bool) {
	for o := range x.from(from) {
		info := o.info
		info.Header = drivers.Header{StorageClass: info.Header.StorageClass}
		info.Parts = nil
		if seek, more = build.Add(info); seek != "" || !more {
			return seek, more
		}
	}
	return "", false
}

func (b *bucket) Tags(_ context.Context, key, versionID string) (tags []drivers.Tag, err error) {
	err = b.view("Tags", key, func(c *content) error {
		o, _, _, err := c.find(key, drivers.GetOptions{VersionID: versionID})
		if err == nil {
			tags = slices.Clone(o.tags)
		}
		return err
	})
	return tags, err
}

func (b *bucket) SetTags(_ context.Context, key, versionID string, tags []drivers.Tag) error {
	return b.update("SetTags", key, func(c *content) error {
		o, _, _, err := c.find(key, drivers.GetOptions{VersionID: versionID})
		if err != nil {
			return err
		}
		next := *o
		next.tags, next.info.TagCount = slices.Clone(tags), len(tags)
		c.objects.set(&next)
		return nil
	})
}
