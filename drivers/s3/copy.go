package s3

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/encoding/httpbinding"

	"sluice/drivers"
)

// CopyFrom implements drivers.Copier: within the node, by the store.
func (b *bucket) CopyFrom(ctx context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	from, ok := src.(*bucket)
	if !ok || from.d != b.d || !b.d.aws && !o.Conditions.IsZero() { // which only AWS is known to judge; another store may overwrite
		return drivers.Info{}, drivers.ErrUnsupported
	}
	info, err := b.copyFrom(ctx, key, from, srcKey, o)
	return info, b.fail("Copy", key, err)
}

func (b *bucket) copyFrom(ctx context.Context, key string, from *bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	c := newCall()
	for _, err := range []error{
		drivers.CheckKey(key), drivers.CheckKey(srcKey), copiedHeader(c, o), setWriteConditions(c.header, o.Conditions),
		setSourceConditions(c.header, o.Source.Conditions), b.copiedTags(ctx, c, from, srcKey, o),
	} {
		if err != nil {
			return drivers.Info{}, err
		}
	}
	if o.Algorithm != "" && b.d.checksums != "none" {
		c.header.Set("X-Amz-Checksum-Algorithm", string(o.Algorithm))
	}
	in := &awss3.CopyObjectInput{Bucket: &b.name, Key: &key, CopySource: copySource(from, srcKey, o.Source)}
	out, err := b.d.api.CopyObject(ctx, in, c.option)
	if isTooLarge(err) {
		source, err := from.head(ctx, srcKey, o.Source)
		if err != nil {
			return drivers.Info{}, asSource(err)
		}
		return b.copyLarge(ctx, key, from, source, o)
	}
	if err != nil {
		return drivers.Info{}, asVersion(asSource(b.d.classify(ctx, err)), o.Source.VersionID)
	}
	info := drivers.Info{Key: key, VersionID: aws.ToString(out.VersionId), LastModified: dateOf(answerHeader(out.ResultMetadata))}
	if r := out.CopyObjectResult; r != nil {
		info.ETag, info.Checksum = unquote(aws.ToString(r.ETag)), checksumIn(r)
		if r.LastModified != nil {
			info.LastModified = *r.LastModified
		}
	}
	info.Token, info.PartsCount = info.ETag, partsOf(info.ETag)
	return info, nil
}

// copiedHeader says which header the copy has. What S3 never takes along is in c in any case.
func copiedHeader(c call, o drivers.CopyOptions) error {
	if o.Header != nil {
		c.header.Set("X-Amz-Metadata-Directive", "REPLACE")
		return setHeader(c.header, *o.Header)
	}
	own := drivers.Header{StorageClass: o.StorageClass, WebsiteRedirectLocation: o.WebsiteRedirectLocation}
	err := setHeader(c.header, own)
	c.header.Del("Content-Type")
	return err
}

// copiedTags says which tags the copy has. Where the caller may not take the source's along, it matters whether there are any.
func (b *bucket) copiedTags(ctx context.Context, c call, from *bucket, srcKey string, o drivers.CopyOptions) error {
	switch {
	case o.Tags != nil:
		c.header.Set("X-Amz-Tagging-Directive", "REPLACE")
		setTags(c.header, *o.Tags)
		return nil
	case o.MayCopyTags == nil:
		return nil
	}
	denied := o.MayCopyTags()
	if denied == nil {
		return nil
	}
	info, err := from.head(ctx, srcKey, o.Source)
	switch {
	case err != nil:
		return err
	case info.TagCount > 0:
		return denied
	}
	c.header.Set("X-Amz-Tagging-Directive", "REPLACE")
	return nil
}

// copySource writes x-amz-copy-source.
func copySource(from *bucket, key string, o drivers.GetOptions) *string {
	s := httpbinding.EscapePath(from.name+"/"+key, false)
	if o.VersionID != "" {
		s += "?versionId=" + httpbinding.EscapePath(o.VersionID, true)
	}
	return &s
}

// isTooLarge recognizes that a source has more than 5 GiB, which S3 copies in parts alone.
func isTooLarge(err error) bool {
	code, message := apiCode(err)
	return code == "EntityTooLarge" || code == "InvalidRequest" && strings.Contains(message, "maximum allowable size for a copy source")
}
