package s3

import (
	"context"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"sluice/drivers"
)

// bucket is the handle of a bucket.
type bucket struct {
	d    *Driver
	name string
}

var (
	_ drivers.Bucket       = (*bucket)(nil)
	_ drivers.Copier       = (*bucket)(nil)
	_ drivers.Multipart    = (*bucket)(nil)
	_ drivers.PartCopier   = (*bucket)(nil)
	_ drivers.Tagger       = (*bucket)(nil)
	_ drivers.BatchDeleter = (*bucket)(nil)
)

// fail says where an error happened; nil stays nil.
func (b *bucket) fail(op, key string, err error) error {
	if err == nil {
		return nil
	}
	return &drivers.Error{Node: b.d.node, Op: op, Bucket: b.name, Key: key, Err: err}
}

// optional is a parameter that is sent only where it is set.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// Delete implements drivers.Bucket.
func (b *bucket) Delete(ctx context.Context, key string, o drivers.DeleteOptions) (drivers.DeleteResult, error) {
	res, err := b.delete(ctx, key, o)
	return res, b.fail("Delete", key, err)
}

func (b *bucket) delete(ctx context.Context, key string, o drivers.DeleteOptions) (res drivers.DeleteResult, err error) {
	if err := drivers.CheckKey(key); err != nil {
		return res, err
	}
	c := newCall()
	if err := setDeleteConditions(c.header, o.Conditions); err != nil {
		return res, err
	}
	if !b.d.aws && !o.Conditions.IsZero() {
		seen, err := b.checkDelete(ctx, key, o)
		if err != nil {
			return res, err
		}
		if seen != "" {
			c.header.Set("If-Match", quote(seen))
		}
	}
	in := &awss3.DeleteObjectInput{Bucket: &b.name, Key: &key, VersionId: optional(o.VersionID)}
	out, err := b.d.api.DeleteObject(ctx, in, c.option)
	if err != nil {
		err = b.d.classify(ctx, err)
		if isMissing(err) && o.Conditions.IsZero() { // as some stores say
			err = nil
		}
		return res, asVersion(err, o.VersionID)
	}
	if out.VersionId != nil {
		res.VersionID = *out.VersionId
	}
	res.DeleteMarker = out.DeleteMarker != nil && *out.DeleteMarker
	return res, nil
}

// checkDelete asks a store that is not AWS whether a condition holds, and returns the ETag that was seen, which is then the
// condition: some stores take no notice of conditions there, and would delete. One that does is still the one to decide.
func (b *bucket) checkDelete(ctx context.Context, key string, o drivers.DeleteOptions) (etag string, err error) {
	info, err := b.head(ctx, key, drivers.GetOptions{VersionID: o.VersionID})
	if isMissing(err) {
		return "", o.Conditions.CheckWrite(nil)
	}
	if err != nil {
		return "", err
	}
	return info.ETag, o.Conditions.CheckWrite(&info)
}
