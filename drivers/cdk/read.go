package cdk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"gocloud.dev/blob"

	"sluice/drivers"
)

func (b *bucket) Head(ctx context.Context, key string, g drivers.GetOptions) (drivers.Info, error) {
	s, err := b.find(key, g.VersionID)
	if err != nil {
		return drivers.Info{}, b.fail("Head", key, err)
	}
	o, err := s.look(ctx, key)
	if err != nil {
		return drivers.Info{}, b.fail("Head", key, err)
	}
	_, _, err = s.span(ctx, o, g)
	return o.info, b.fail("Head", key, err)
}

// readTries is how often a read begins again because the object has changed meanwhile.
const readTries = 5

func (b *bucket) Get(ctx context.Context, key string, g drivers.GetOptions) (*drivers.Object, error) {
	s, err := b.find(key, g.VersionID)
	if err != nil {
		return nil, b.fail("Get", key, err)
	}
	for range readTries {
		obj, changed, err := s.open(ctx, key, g)
		if changed {
			continue
		}
		if opened, ok := objectBody(obj); ok {
			opened.fail = func(err error) error { return b.fail("Get", key, err) }
		}
		return obj, b.fail("Get", key, err)
	}
	return nil, b.fail("Get", key, fmt.Errorf("the object changes all the time: %w", drivers.ErrUnavailable))
}

// span judges a read's conditions and gives the bytes it asks for. It fills the object's parts where they are wanted.
func (s *store) span(ctx context.Context, o *object, g drivers.GetOptions) (start, length int64, err error) {
	if err := g.Conditions.CheckRead(o.info); err != nil {
		return 0, 0, err
	}
	if g.Parts || g.PartNumber > 0 {
		if err := s.addParts(ctx, o); err != nil {
			return 0, 0, err
		}
	}
	if g.Parts {
		o.info.Parts = o.attrs.Digest.Parts
	}
	if g.PartNumber > 0 {
		return o.attrs.Span(g.PartNumber)
	}
	return g.Range.Resolve(o.info.Size)
}

// open describes an object and opens it. The Go CDK has no way to do both in one request, so that it tells whether the object has
// changed in between; no write of this process does that.
func (s *store) open(ctx context.Context, key string, g drivers.GetOptions) (obj *drivers.Object, changed bool, err error) {
	unlock, err := s.locks.lock(ctx, key, false)
	if err != nil {
		return nil, false, err
	}
	defer unlock()
	o, err := s.describe(ctx, key)
	if err != nil {
		return nil, false, err
	}
	start, length, err := s.span(ctx, o, g)
	obj = &drivers.Object{Info: o.info, Start: start, Length: length}
	if err != nil {
		return obj, false, err
	}
	if length == 0 {
		obj.Body = http.NoBody
		return obj, false, nil
	}
	r, err := s.NewRangeReader(ctx, s.place(key), start, length, nil)
	if missing(err) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, err
	}
	if changed, err = s.changed(ctx, key, o, r); changed || err != nil {
		return nil, changed, or(err, r.Close())
	}
	obj.Body = &body{reader: r, left: length}
	return obj, false, nil
}

func or(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// settled is the age from which on another write of an object would bear another time, whatever the clocks say.
const settled = time.Minute

// changed tells whether r may be of another write than o. Times of whole seconds prove nothing while the object is young, nor do the
// times of some stores compare, so that it is described once more then.
func (s *store) changed(ctx context.Context, key string, o *object, r *blob.Reader) (bool, error) {
	same := r.Size() == o.native.Size && r.ModTime().Truncate(time.Second).Equal(o.native.ModTime.Truncate(time.Second))
	if same && time.Since(o.native.ModTime) > settled {
		return false, nil
	}
	now, err := s.describe(ctx, key)
	if errors.Is(err, drivers.ErrNotFound) {
		return true, nil
	}
	return err != nil || now.info.Token != o.info.Token || r.Size() != o.native.Size, err
}

// body is an open object.
type body struct {
	reader *blob.Reader
	left   int64
	fail   func(error) error // makes an error one of the contract
}

func objectBody(obj *drivers.Object) (*body, bool) {
	if obj == nil {
		return nil, false
	}
	b, ok := obj.Body.(*body)
	return b, ok
}

// Read fails where the store ends the body early.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.reader.Read(p)
	b.left -= int64(n)
	if err == io.EOF && b.left > 0 {
		err = fmt.Errorf("the store ended the object %d bytes early: %w", b.left, drivers.ErrUnavailable)
	}
	if err != nil && err != io.EOF && b.fail != nil {
		err = b.fail(err)
	}
	return n, err
}

func (b *body) Close() error { return b.reader.Close() }
