//go:build unix

package local

import (
	"context"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// CopyFrom implements drivers.Copier: within one driver, where the copy's ETag and checksum are those of the source.
// The kernel copies, and shares the blocks where the file system can.
func (b *bucket) CopyFrom(ctx context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	from, ok := src.(*bucket)
	if !ok || from.d != b.d {
		return drivers.Info{}, drivers.ErrUnsupported
	}
	info, err := b.copyFrom(ctx, key, from, srcKey, o)
	return info, b.fail("CopyFrom", key, err)
}

func (b *bucket) copyFrom(ctx context.Context, key string, from *bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	if err := b.checkPlace(key); err != nil {
		return drivers.Info{}, err
	}
	c, err := from.openSource(srcKey, o.Source)
	if err != nil {
		return drivers.Info{}, err
	}
	defer c.file.close()
	if !c.plainMD5() || c.sum.Value == "" || o.Algorithm != "" && o.Algorithm != c.sum.Algorithm || o.Source.Range != (drivers.Range{}) {
		return drivers.Info{}, drivers.ErrUnsupported
	}
	tags, err := o.TagsOf(c.tags)
	if err != nil {
		return drivers.Info{}, err
	}
	s, err := b.d.stage()
	if err != nil {
		return drivers.Info{}, err
	}
	defer s.drop()
	if err := copyWhole(ctx, s.file, 0, c); err != nil {
		return drivers.Info{}, err
	}
	a := attrs{etag: c.etag, sum: c.sum, header: o.HeaderOf(c.header), tags: tags}
	return b.commit(key, s, &a, o.Conditions)
}

// openSource opens the source of a copy and judges its conditions.
func (b *bucket) openSource(key string, o drivers.GetOptions) (current, error) {
	c, err := b.openObject(key, wholeDetail)
	if err != nil {
		return c, err
	}
	if err = checkVersion(o.VersionID); err == nil {
		err = o.Conditions.CheckCopySource(c.info(key))
	}
	if err != nil {
		c.file.close()
	}
	return c, err
}

// copyWhole copies an object's bytes, a piece at a time so that it ends with its context.
func copyWhole(ctx context.Context, dst file, offset int64, c current) error {
	const piece = 64 << 20
	for done := int64(0); done < c.size; done += piece {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := copyRange(dst, offset+done, c.file, done, min(piece, c.size-done)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// CopyPartFrom implements drivers.PartCopier: for a whole object whose MD5 and checksum are known.
func (b *bucket) CopyPartFrom(ctx context.Context, key, id string, number int, src drivers.Bucket, srcKey string, o drivers.CopyPartOptions) (drivers.Part, error) {
	from, ok := src.(*bucket)
	if !ok || from.d != b.d {
		return drivers.Part{}, drivers.ErrUnsupported
	}
	c, err := from.openSource(srcKey, o.Source)
	if err != nil {
		return drivers.Part{}, b.fail("CopyPartFrom", key, err)
	}
	defer c.file.close()
	r := o.Source.Range
	whole := r == (drivers.Range{}) || r.Start == 0 && r.Length == c.size
	known := c.plainMD5() && (o.Algorithm == "" || o.Algorithm == c.sum.Algorithm)
	if !whole || !known || o.Source.PartNumber > 0 {
		return drivers.Part{}, drivers.ErrUnsupported
	}
	part, err := b.putPart(key, id, number, c.size, func(w *partWriter) (drivers.Digest, error) {
		w.written = c.size
		d := drivers.Digest{ETag: c.etag, Checksum: c.sum}
		if o.Algorithm == "" {
			d.Checksum = checksum.Checksum{}
		}
		return d, copyWhole(ctx, w.file, w.offset, c)
	})
	return part, b.fail("CopyPartFrom", key, err)
}
