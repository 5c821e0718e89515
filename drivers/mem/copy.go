package mem

import (
	"bytes"
	"cmp"
	"context"
	"io"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

var (
	_ drivers.Copier     = (*bucket)(nil)
	_ drivers.PartCopier = (*bucket)(nil)
)

// CopyFrom copies from any bucket of this package; the two objects share their bytes, which never change.
func (b *bucket) CopyFrom(_ context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	from, data, err := b.source("Copy", src, srcKey, o.Source)
	if err != nil {
		return drivers.Info{}, err
	}
	if err := drivers.CheckKey(key); err != nil {
		return drivers.Info{}, b.fail("Copy", key, err)
	}
	tags, err := o.TagsOf(from.tags)
	if err != nil {
		return drivers.Info{}, b.fail("Copy", key, err)
	}
	digest, err := digestOf(data, cmp.Or(o.Algorithm, from.info.Checksum.Algorithm, checksum.CRC64NVME))
	if err != nil {
		return drivers.Info{}, b.fail("Copy", key, err)
	}
	to := newObject(key, data, digest, o.HeaderOf(from.info.Header), tags)
	if err := b.update("Copy", key, func(c *content) error { return c.publish(to, o.Conditions) }); err != nil {
		return drivers.Info{}, err
	}
	return to.describe(false), nil
}

// CopyPartFrom copies as CopyFrom does.
func (b *bucket) CopyPartFrom(_ context.Context, key, uploadID string, number int, src drivers.Bucket, srcKey string, o drivers.CopyPartOptions) (drivers.Part, error) {
	_, data, err := b.source("CopyPart", src, srcKey, o.Source)
	if err != nil {
		return drivers.Part{}, err
	}
	if n := o.Source.Range.Length; n > 0 && n != int64(len(data)) {
		return drivers.Part{}, b.fail("CopyPart", srcKey, drivers.ErrInvalidRange)
	}
	digest, err := digestOf(data, o.Algorithm)
	if err != nil {
		return drivers.Part{}, b.fail("CopyPart", key, err)
	}
	return b.addPart("CopyPart", key, uploadID, number, data, digest)
}

// source finds a copy's source and the bytes of it that are asked for.
func (b *bucket) source(op string, src drivers.Bucket, key string, g drivers.GetOptions) (o *object, data []byte, err error) {
	s, ok := src.(*bucket)
	if !ok {
		return nil, nil, b.fail(op, key, drivers.ErrUnsupported)
	}
	cond := g.Conditions
	g.Conditions = drivers.Conditions{}
	err = s.view(op, key, func(c *content) error {
		found, start, length, err := c.find(key, g)
		if err == nil {
			err = cond.CheckCopySource(found.info)
		}
		if err == nil {
			o, data = found, found.data[start:start+length]
		}
		return err
	})
	return o, data, err
}

func digestOf(data []byte, a checksum.Algorithm) (drivers.Digest, error) {
	r := drivers.NewDigestReader(bytes.NewReader(data), int64(len(data)), a)
	defer r.Close()
	_, err := io.Copy(io.Discard, r)
	return r.Digest(), err
}
