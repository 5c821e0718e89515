//go:build unix

package local

import (
	"context"
	"errors"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// bucket is a folder of objects.
type bucket struct {
	d    *Driver
	name string
}

var (
	_ drivers.Bucket     = (*bucket)(nil)
	_ drivers.Multipart  = (*bucket)(nil)
	_ drivers.Copier     = (*bucket)(nil)
	_ drivers.PartCopier = (*bucket)(nil)
	_ drivers.Tagger     = (*bucket)(nil)
)

// maxTries bounds how often a call starts over because others change the same names at the same time.
const maxTries = 1000

// current is an object as it was opened: its file, and what is known of it. The file stays the same version whatever
// happens to its name.
type current struct {
	file file
	stat stat
	attrs
}

// Head implements drivers.Bucket.
func (b *bucket) Head(_ context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	c, err := b.open(key, o)
	if err != nil {
		return drivers.Info{}, b.fail("Head", key, err)
	}
	defer c.file.close()
	info := c.describe(key, o)
	_, _, err = c.span(&info, o)
	return info, b.fail("Head", key, err)
}

// Get implements drivers.Bucket.
func (b *bucket) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c, err := b.open(key, o)
	if err != nil {
		return nil, b.fail("Get", key, err)
	}
	obj := &drivers.Object{Info: c.describe(key, o)}
	if obj.Start, obj.Length, err = c.span(&obj.Info, o); err == nil {
		obj.Body, err = c.openBody(key, obj.Start, obj.Length)
		return obj, b.fail("Get", key, err)
	}
	c.file.close()
	return obj, b.fail("Get", key, err)
}

// open opens an object for a read.
func (b *bucket) open(key string, o drivers.GetOptions) (current, error) {
	want := headDetail
	if o.Parts || o.PartNumber > 0 {
		want = wholeDetail
	}
	c, err := b.openObject(key, want)
	if err == nil {
		if err = checkVersion(o.VersionID); err != nil {
			c.file.close()
		}
	}
	return c, err
}

// checkVersion refuses all but the one version there is.
func checkVersion(id string) error {
	if id != "" && id != "null" {
		return drivers.ErrNoVersion
	}
	return nil
}

// openObject opens the object of a key: with ErrNotFound or ErrNoBucket where there is none.
func (b *bucket) openObject(key string, want detail) (current, error) {
	if err := drivers.CheckKey(key); err != nil {
		return current{}, err
	}
	if !safeBucket(b.name) {
		return current{}, drivers.ErrNoBucket
	}
	path := b.name + "/" + b.d.codec.path(key)
	for range maxTries {
		c, err := b.openAt(b.d.root, path, key, want)
		if errors.Is(err, errReplaced) {
			continue
		}
		if absent(err) {
			err = b.d.bucketMissing(b.name, drivers.ErrNotFound)
			if !b.d.exchanges && errors.Is(err, drivers.ErrNotFound) {
				return b.openLocked(path, key, want)
			}
		}
		return c, err
	}
	return current{}, drivers.ErrConflict
}

// openLocked looks again where a file may be on its way into a folder of its name, which takes two steps on a file
// system that cannot swap names.
func (b *bucket) openLocked(path, key string, want detail) (current, error) {
	unlock, err := b.d.locks.lock(b.name, b.d.codec.path(key))
	if err != nil {
		return current{}, err
	}
	defer unlock()
	c, err := b.openAt(b.d.root, path, key, want)
	if absent(err) || errors.Is(err, errReplaced) {
		err = drivers.ErrNotFound
	}
	return c, err
}

// openAt opens the object at a path: the file there, or the one that its folder holds for it. With ENOENT where there
// is none, and errReplaced where it went away at the same time.
func (b *bucket) openAt(at dir, path, key string, want detail) (current, error) {
	f, err := at.open(path)
	if err == unix.ENXIO { // a socket
		err = unix.ENOENT
	}
	if err != nil {
		return current{}, err
	}
	st, err := f.stat()
	if err == nil && st.folder() {
		inside, ierr := dir(f).open(selfName)
		f.close()
		if ierr != nil {
			return current{}, ierr
		}
		f = inside
		st, err = f.stat()
	}
	if err == nil && !st.regular() {
		err = unix.ENOENT // fifos, devices and the like are no objects
	}
	c := current{file: f, stat: st}
	if err == nil {
		c.attrs, err = b.d.loadAttrs(f, st, key, want)
	}
	if err != nil {
		f.close()
		return current{}, err
	}
	return c, nil
}

// describe gives the Info that a read asks for.
func (c *current) describe(key string, o drivers.GetOptions) drivers.Info {
	info := c.info(key)
	info.Header = c.header
	if o.Parts {
		info.Parts = c.parts
	}
	return info
}

// span judges the conditions of a read and gives the bytes it is about.
func (c *current) span(info *drivers.Info, o drivers.GetOptions) (start, length int64, err error) {
	if !o.Conditions.IsZero() {
		if err := o.Conditions.CheckRead(*info); err != nil {
			return 0, 0, err
		}
	}
	switch {
	case o.PartNumber == 0:
		return o.Range.Resolve(c.size)
	case o.PartNumber == 1 && c.partsCount == 0:
		return 0, c.size, nil
	}
	for _, p := range c.parts {
		if p.Number == o.PartNumber {
			return start, p.Size, nil
		}
		start += p.Size
	}
	return 0, 0, drivers.ErrPartNumber
}
