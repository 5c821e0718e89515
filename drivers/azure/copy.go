package azure

import (
	"context"
	"errors"

	"sluice/drivers"
)

// CopyFrom implements drivers.Copier: within one account, where the copy's ETag and checksum are those of the source, so that nobody
// has to read the bytes.
func (b *bucket) CopyFrom(ctx context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	from, ok := src.(*bucket)
	if !ok || from.d != b.d || o.Source.Range != (drivers.Range{}) || o.Source.PartNumber > 0 {
		return drivers.Info{}, drivers.ErrUnsupported
	}
	for range tries {
		info, err := b.copyFrom(ctx, key, from, srcKey, o)
		if !errors.Is(err, errSource) {
			return info, b.fail("CopyFrom", key, err)
		}
	}
	return drivers.Info{}, b.fail("CopyFrom", key, errSource)
}

func (b *bucket) copyFrom(ctx context.Context, key string, from *bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	if err := b.writes(key); err != nil {
		return drivers.Info{}, err
	}
	if err := from.reads(srcKey, o.Source.VersionID); err != nil {
		return drivers.Info{}, err
	}
	s, err := from.describe(ctx, srcKey)
	if err != nil {
		return drivers.Info{}, err
	}
	if err := o.Source.Conditions.CheckCopySource(s.info(srcKey, false)); err != nil {
		return drivers.Info{}, err
	}
	sum := s.Digest.Checksum
	if len(s.Digest.ETag) != 32 || s.PartsCount > 0 || sum.Value == "" || o.Algorithm != "" && o.Algorithm != sum.Algorithm {
		return drivers.Info{}, drivers.ErrUnsupported
	}
	put := drivers.PutOptions{Size: s.Size, Header: o.HeaderOf(s.Header), Conditions: o.Conditions}
	if put.Tags, err = o.TagsOf(s.Tags); err != nil {
		return drivers.Info{}, err
	}
	p, err := b.pin(ctx, key, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	w := &write{b: b, key: key, pin: p, o: put, digest: func() drivers.Digest { return s.Digest }}
	return w.copied(ctx, b.d.cut(from.blob(srcKey).BlobClient(), s.token, s.Size))
}
