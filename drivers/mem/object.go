package mem

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"time"

	"sluice/drivers"
)

// object is one write of a key. Nothing in it changes once it is published; a change of tags publishes a successor with
// the same bytes.
type object struct {
	info drivers.Info // with Parts
	tags []drivers.Tag
	data []byte
}

func newObject(key string, data []byte, d drivers.Digest, h drivers.Header, tags []drivers.Tag) *object {
	return &object{data: data, tags: slices.Clone(tags), info: drivers.Info{
		Key: key, Size: int64(len(data)), ETag: d.ETag, Checksum: d.Checksum, Header: h.Clone(),
		TagCount: len(tags), PartsCount: len(d.Parts), Parts: slices.Clone(d.Parts),
	}}
}

// describe returns what the caller may keep and change.
func (o *object) describe(parts bool) drivers.Info {
	info := o.info
	info.Header = info.Header.Clone()
	info.Parts = nil
	if parts {
		info.Parts = slices.Clone(o.info.Parts)
	}
	return info
}

// span gives the bytes that a read asks for.
func (o *object) span(g drivers.GetOptions) (start, length int64, err error) {
	switch {
	case g.PartNumber == 0:
		return g.Range.Resolve(o.info.Size)
	case g.PartNumber == 1 && len(o.info.Parts) == 0:
		return 0, o.info.Size, nil
	}
	for _, p := range o.info.Parts {
		if p.Number == g.PartNumber {
			return start, p.Size, nil
		}
		start += p.Size
	}
	return 0, 0, drivers.ErrPartNumber
}

// find returns the object that a read is about and the span that it asks for. With an error, the object is there if it
// exists.
func (c *content) find(key string, g drivers.GetOptions) (o *object, start, length int64, err error) {
	if o = c.objects.get(key); o == nil {
		return nil, 0, 0, drivers.ErrNotFound
	}
	if err = checkVersion(g.VersionID); err != nil {
		return nil, 0, 0, err
	}
	if err = g.Conditions.CheckRead(o.info); err != nil {
		return o, 0, 0, err
	}
	start, length, err = o.span(g)
	return o, start, length, err
}

func checkVersion(id string) error {
	if id != "" && id != "null" {
		return drivers.ErrNoVersion
	}
	return nil
}

// check judges the conditions of a write.
func (c *content) check(key string, cond drivers.Conditions) error {
	if o := c.objects.get(key); o != nil {
		return cond.CheckWrite(&o.info)
	}
	return cond.CheckWrite(nil)
}

// publish makes a new object the current one of its key.
func (c *content) publish(o *object, cond drivers.Conditions) error {
	if err := c.check(o.info.Key, cond); err != nil {
		return err
	}
	o.info.Token, o.info.LastModified = rand.Text(), time.Now().UTC()
	c.objects.set(o)
	return nil
}

// maxGrow bounds the memory that a mere announcement of a size takes.
const maxGrow = 16 << 20

// receive reads a body to its end.
func receive(ctx context.Context, body io.Reader, size int64, digest func() drivers.Digest) ([]byte, drivers.Digest, error) {
	body, digest, done := drivers.WithDigest(body, size, digest)
	defer done()
	var buf bytes.Buffer
	if size > 0 {
		buf.Grow(int(min(size, maxGrow)) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(contextReader{ctx, body}); err != nil {
		return nil, drivers.Digest{}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, drivers.Digest{}, err
	}
	if size >= 0 && int64(buf.Len()) != size {
		return nil, drivers.Digest{}, fmt.Errorf("body has %d bytes and not %d: %w", buf.Len(), size, drivers.ErrInvalid)
	}
	return buf.Bytes(), digest(), nil
}

// contextReader ends a body with its context.
type contextReader struct {
	ctx context.Context
	src io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.src.Read(p)
}
