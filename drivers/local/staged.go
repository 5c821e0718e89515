//go:build unix

package local

import (
	"context"
	"io"
	"math/rand/v2"

	"sluice/drivers"
)

// staged is a file that is being written and has no name in a bucket yet.
type staged struct {
	d    *Driver
	file file
	at   dir    // where it has a name, if it has one
	name string // "" is a file without a name, which vanishes when it is closed
}

// stage makes a file to write to. drop must be called, also after it was published.
func (d *Driver) stage() (*staged, error) {
	s := &staged{d: d, at: d.session}
	var err error
	if d.unnamed {
		s.file, err = d.session.createUnnamed()
		return s, err
	}
	s.name = d.tempName()
	s.file, err = d.session.create(s.name)
	return s, err
}

// drop closes the file, and removes it where it was not published.
func (s *staged) drop() {
	s.file.close()
	if s.name != "" {
		_ = s.at.remove(s.name)
	}
}

// link gives the file its name in a bucket; EEXIST where it is taken.
func (s *staged) link(to dir, name string) error {
	if s.name == "" {
		return linkUnnamed(s.file, to, name)
	}
	err := s.at.renameNew(s.name, to, name)
	if err == nil {
		s.name = ""
	}
	return err
}

// replace puts the file in the place of another one.
func (s *staged) replace(to dir, name string) error {
	if s.name == "" {
		temp := s.d.tempName()
		if err := linkUnnamed(s.file, s.d.session, temp); err != nil {
			return err
		}
		s.at, s.name = s.d.session, temp
	}
	err := s.at.rename(s.name, to, name)
	if err == nil {
		s.name = ""
	}
	return err
}

// seal stores the attributes, which then belong to what the file holds now.
func (s *staged) seal(owner string, a *attrs) error {
	st, err := s.file.stat()
	if err != nil {
		return err
	}
	a.size, a.mtime, a.token = st.size, st.mtime, rand.Uint64()
	a.tagCount, a.partsCount = len(a.tags), len(a.parts)
	return s.d.saveAttrs(s.file, st, owner, a)
}

// prepare makes the file ready to be seen, so that no crash can leave a name in the bucket whose content is not there.
//
// The order is: data, name, one fsync. On a file system with an ordered journal (ext4, XFS) it is enough that the data is
// written out before the name is given: the name comes after it in the journal. One commit of the journal then makes all
// of it durable: data, attributes, name, and the folders above; concurrent Puts share it (groupcommit.go). On other file
// systems the data is fsynced before, and the folder after.
//
// Other clients may see an object in the milliseconds between its name and the end of the fsync, before its Put returns.
func (s *staged) prepare() error {
	switch {
	case !s.d.fsync:
		return nil
	case s.d.ordered:
		return s.file.flush()
	}
	return s.file.sync()
}

// settle makes a published file durable. It is in the folder at.
func (s *staged) settle(at dir) error {
	switch {
	case !s.d.fsync:
		return nil
	case s.d.ordered:
		return s.d.commits.sync()
	}
	return at.sync()
}

// fill writes a body of size bytes (-1 if unknown) to w. A large body that can write itself has buffers of its own.
func (d *Driver) fill(ctx context.Context, w io.Writer, body io.Reader, size int64) (int64, error) {
	cw := &contextWriter{ctx: ctx, w: w}
	var n int64
	var err error
	if src, ok := body.(io.WriterTo); ok && (size < 0 || size > copyBuffer) {
		n, err = src.WriteTo(cw)
	} else {
		buf := d.buffers.Get().(*[]byte)
		n, err = io.CopyBuffer(cw, struct{ io.Reader }{body}, *buf)
		d.buffers.Put(buf)
	}
	if err == nil {
		err = ctx.Err()
	} else if cw.err == nil {
		err = &bodyError{err}
	}
	return n, err
}

// contextWriter fails when its context has ended, and keeps its error so that it is not taken for the body's.
type contextWriter struct {
	ctx context.Context
	w   io.Writer
	err error
}

func (w *contextWriter) Write(p []byte) (n int, err error) {
	if w.err = w.ctx.Err(); w.err == nil {
		n, w.err = w.w.Write(p)
	}
	return n, w.err
}

// Put implements drivers.Bucket.
func (b *bucket) Put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.put(ctx, key, body, o)
	return info, b.fail("Put", key, err)
}

func (b *bucket) put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	if err := b.checkPlace(key); err != nil {
		return drivers.Info{}, err
	}
	s, err := b.d.stage()
	if err != nil {
		return drivers.Info{}, err
	}
	defer s.drop()
	body, digest, done := drivers.WithDigest(body, o.Size, o.Digest)
	defer done()
	n, err := b.d.fill(ctx, s.file, body, o.Size)
	if err != nil {
		return drivers.Info{}, err
	}
	if o.Size >= 0 && n != o.Size {
		return drivers.Info{}, errBodySize
	}
	sum := digest()
	a := attrs{etag: sum.ETag, sum: sum.Checksum, parts: sum.Parts, header: o.Header, tags: o.Tags}
	return b.commit(key, s, &a, o.Conditions)
}

// commit publishes a file that is complete, with its attributes.
func (b *bucket) commit(key string, s *staged, a *attrs, cond drivers.Conditions) (drivers.Info, error) {
	if err := s.seal(b.name+"/"+key, a); err != nil {
		return drivers.Info{}, err
	}
	if err := s.prepare(); err != nil {
		return drivers.Info{}, err
	}
	if err := b.publish(key, s, cond, nil); err != nil {
		b.d.unseal(s)
		return drivers.Info{}, err
	}
	info := a.info(key)
	info.Header = a.header.Clone()
	return info, nil
}

// unseal drops the side file of a file that was not published.
func (d *Driver) unseal(s *staged) {
	st, err := s.file.stat()
	if err != nil || s.name == "" && st.links > 0 {
		return
	}
	folder, name := sidePath(st.ino)
	if to, err := d.sides.openDir(folder); err == nil {
		_ = to.remove(name)
		to.close()
	}
}

// checkPlace refuses what cannot be a key, and a bucket that is not there.
func (b *bucket) checkPlace(key string) error {
	if err := drivers.CheckKey(key); err != nil {
		return err
	}
	return b.d.bucketMissing(b.name, nil)
}
