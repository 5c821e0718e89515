package cdk

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"gocloud.dev/blob"

	"sluice/drivers"
	"sluice/drivers/attrs"
	"sluice/drivers/checksum"
)

func (b *bucket) Put(ctx context.Context, key string, src io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.put(ctx, key, src, o)
	return info, b.fail("Put", key, err)
}

func (b *bucket) put(ctx context.Context, key string, src io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	s, err := b.findFor(key)
	if err != nil {
		return drivers.Info{}, err
	}
	c, err := b.driver.receive(ctx, src, o.Size, o.Digest)
	if err != nil {
		return drivers.Info{}, err
	}
	defer c.close()
	return s.write(ctx, key, c, attrs.Attrs{Size: c.size, Digest: c.digest, Header: o.Header, Tags: o.Tags}, o.Conditions)
}

// write stores an object whose attributes are all known. It is visible when all of it is there and the conditions hold.
func (s *store) write(ctx context.Context, key string, src io.Reader, a attrs.Attrs, c drivers.Conditions) (drivers.Info, error) {
	if a.Modified.IsZero() {
		a.Modified = time.Now().UTC().Truncate(time.Millisecond)
	}
	a.Token, a.PartsCount = rand.Text(), len(a.Digest.Parts)
	beside := drivers.OverflowPrefix + rand.Text()
	o, overflow, err := s.options(a, beside)
	if err == nil && overflow != nil {
		err = s.writeOverflow(ctx, beside, overflow, key)
	}
	if err != nil {
		return drivers.Info{}, err
	}
	end, err := s.begin()
	if err != nil {
		return drivers.Info{}, err
	}
	defer end()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.kind == remote && isFirst(c) {
		o.IfNotExist, c = true, drivers.Conditions{}
	}
	w, err := s.newWriter(ctx, key, o)
	if err != nil {
		return drivers.Info{}, err
	}
	if err = send(w, src, a.Size); err != nil {
		cancel() // from here on Close stores nothing
		_ = w.Close()
		return drivers.Info{}, err
	}
	if err := s.publish(ctx, cancel, w, key, c); err != nil && !(o.IfNotExist && s.made(ctx, key, a.Token, err)) {
		return drivers.Info{}, err
	}
	info := a.Info(false)
	info.Header = a.Header.Clone()
	info.Key, info.Size, info.LastModified, info.Token = key, a.Size, a.Modified, a.Token
	return info, nil
}

// writeOverflow stores what did not fit into an object's metadata. drivers.Staging sweeps it away when the object has gone.
func (s *store) writeOverflow(ctx context.Context, name string, overflow []byte, owner string) error {
	sum := md5.Sum(overflow)
	_, err := s.write(ctx, name, bytes.NewReader(overflow), attrs.Attrs{
		Size: int64(len(overflow)), Digest: drivers.Digest{ETag: checksum.ETag(sum[:])}, Header: drivers.OverflowHeader(owner),
	}, drivers.Conditions{})
	return err
}

// isFirst tells whether the only condition is that there is no object, which the Go CDK knows.
func isFirst(c drivers.Conditions) bool {
	first := len(c.IfNoneMatch) == 1 && c.IfNoneMatch[0] == "*"
	c.IfNoneMatch, c.IfModifiedSince = nil, time.Time{} // the latter is for reads
	return first && c.IsZero()
}

// made tells whether the object that is said to be there already is the very one that the call has made: libraries of stores repeat
// a request whose answer was lost.
func (s *store) made(ctx context.Context, key, token string, err error) bool {
	if !errors.Is(classify(err), drivers.ErrPrecondition) {
		return false
	}
	o, err := s.describe(ctx, key)
	return err == nil && o.info.Token == token
}

// newWriterTries is how often a folder that goes while a file is made in it is made again.
const newWriterTries = 10

func (s *store) newWriter(ctx context.Context, key string, o *blob.WriterOptions) (w *blob.Writer, err error) {
	for range newWriterTries {
		w, err = s.NewWriter(ctx, s.place(key), o)
		if s.kind != inFolder || !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return w, err
}

// send sends all of a body. The body's errors pass as they are.
func send(w io.Writer, src io.Reader, size int64) error {
	n, err := io.Copy(w, src)
	if err == nil && n != size {
		err = fmt.Errorf("%d bytes came, not %d: %w", n, size, drivers.ErrUnavailable)
	}
	return err
}

// publish makes an object visible that was sent, if the conditions hold.
func (s *store) publish(ctx context.Context, cancel func(), w *blob.Writer, key string, c drivers.Conditions) error {
	unlock, err := s.locks.lock(ctx, key, true)
	if err == nil {
		defer unlock()
		err = s.judge(ctx, key, c)
	}
	if err != nil {
		cancel()
		_ = w.Close()
		return err
	}
	return w.Close()
}
