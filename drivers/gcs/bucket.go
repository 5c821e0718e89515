package gcs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"sluice/drivers"
	"sluice/drivers/attrs"
)

// bucket is one bucket.
type bucket struct {
	d    *Driver
	name string
}

var (
	_ drivers.Bucket     = (*bucket)(nil)
	_ drivers.Copier     = (*bucket)(nil)
	_ drivers.Joiner     = (*bucket)(nil)
	_ drivers.Overflower = (*bucket)(nil)
	_ drivers.Purger     = (*bucket)(nil)
	_ drivers.Tagger     = (*bucket)(nil)
)

// stat asks for what the store says of an object, or fails with ErrNotFound or ErrNoBucket.
func (b *bucket) stat(ctx context.Context, name string) (stored, error) {
	o, err := b.d.api.Objects.Get(b.name, name).Projection("noAcl").Context(ctx).Do()
	if err != nil {
		return stored{}, b.missing(ctx, err)
	}
	return storedOf(o), nil
}

// checkVersion refuses what no object of a bucket without versions has.
func checkVersion(id string) error {
	if id != "" && id != "null" {
		return drivers.ErrNoVersion
	}
	return nil
}

// Head implements drivers.Bucket: one request, and another one for the parts of an object that has so many that they lie beside it.
func (b *bucket) Head(ctx context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	_, info, err := b.head(ctx, key, o)
	return info, b.fail(ctx, "Head", key, err)
}

// head gives the span that o asks for as well.
func (b *bucket) head(ctx context.Context, key string, o drivers.GetOptions) (sp span, info drivers.Info, err error) {
	name, err := existing(key)
	if err != nil {
		return span{}, drivers.Info{}, err
	}
	if err := checkVersion(o.VersionID); err != nil {
		return span{}, drivers.Info{}, err
	}
	s, err := b.stat(ctx, name)
	if err != nil {
		return span{}, drivers.Info{}, err
	}
	a := s.attrs()
	if o.Parts || o.PartNumber > 0 {
		if err := b.loadParts(ctx, &a); err != nil {
			return span{}, drivers.Info{}, err
		}
	}
	info = s.info(key, a, o.Parts)
	if err := o.Conditions.CheckRead(info); err != nil {
		return span{}, info, err
	}
	sp.stored = s
	if o.PartNumber > 0 {
		sp.start, sp.length, err = a.Span(o.PartNumber)
	} else {
		sp.start, sp.length, err = o.Range.Resolve(s.size)
	}
	return sp, info, err
}

// Overflow implements drivers.Overflower.
func (b *bucket) Overflow(ctx context.Context, key string) (string, error) {
	_, a, err := b.tagged(ctx, key, "")
	return a.Overflow, b.fail(ctx, "Overflow", key, err)
}

// maxOverflow bounds what is read of an object's parts that lie beside it: 10,000 parts have a third of it.
const maxOverflow = 4 << 20

// errNoParts is not drivers.ErrNotFound: the object is there.
var errNoParts = errors.New("the list of the object's parts is gone")

// loadParts reads the parts of an object where they lie in another one.
func (b *bucket) loadParts(ctx context.Context, a *attrs.Attrs) error {
	if !strings.HasPrefix(a.Overflow, drivers.OverflowPrefix) { // "" mostly
		return nil
	}
	res, err := b.download(ctx, a.Overflow, "", 0)
	if err = b.missing(ctx, err); errors.Is(err, drivers.ErrNotFound) {
		return errNoParts
	}
	if err != nil {
		return fmt.Errorf("the parts of the object: %w", err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(io.LimitReader(res.Body, maxOverflow))
	if err != nil {
		return err
	}
	return a.AddOverflow(content)
}

// Delete implements drivers.Bucket.
func (b *bucket) Delete(ctx context.Context, key string, o drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return drivers.DeleteResult{}, b.fail(ctx, "Delete", key, b.delete(ctx, key, o))
}

func (b *bucket) delete(ctx context.Context, key string, o drivers.DeleteOptions) error {
	if err := checkVersion(o.VersionID); err != nil {
		return err
	}
	name, err := existing(key)
	if err != nil {
		return o.Conditions.CheckWrite(nil)
	}
	pre, err := b.resolve(ctx, name, o.Conditions)
	if err != nil {
		return err
	}
	if pre.absent() { // then there is nothing to delete, or it must stay
		now, err := b.current(ctx, name)
		if err == nil {
			err = o.Conditions.CheckWrite(now.info())
		}
		return err
	}
	call := b.d.api.Objects.Delete(b.name, name).Context(ctx)
	if pre.set {
		call.IfGenerationMatch(pre.generation)
	}
	err = call.Do()
	if hasStatus(err, http.StatusNotFound) {
		if err = b.missing(ctx, err); errors.Is(err, drivers.ErrNotFound) {
			return o.Conditions.CheckWrite(nil)
		}
	}
	return b.unmet(ctx, name, o.Conditions, err)
}
