package s3

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// ListParts implements drivers.Multipart. S3 does not tell there when the upload began.
func (b *bucket) ListParts(ctx context.Context, key, uploadID string, o drivers.ListPartsOptions) (drivers.PartsPage, error) {
	page, err := b.listParts(ctx, key, uploadID, o)
	return page, b.fail("ListParts", key, err)
}

func (b *bucket) listParts(ctx context.Context, key, uploadID string, o drivers.ListPartsOptions) (page drivers.PartsPage, err error) {
	if err := checkUpload(key, uploadID); err != nil {
		return page, err
	}
	in := &awss3.ListPartsInput{Bucket: &b.name, Key: &key, UploadId: &uploadID, MaxParts: pageSize(o.Limit)}
	if o.After > 0 {
		in.PartNumberMarker = aws.String(strconv.Itoa(o.After))
	}
	out, err := b.d.api.ListParts(ctx, in)
	if err != nil {
		return page, b.classifyUpload(ctx, err)
	}
	page.Upload = uploadChecksum(drivers.Upload{
		Key: key, ID: uploadID, StorageClass: storageClass(string(out.StorageClass)),
		ChecksumAlgorithm: checksum.Algorithm(out.ChecksumAlgorithm), ChecksumType: checksum.Type(out.ChecksumType),
	})
	for i := range out.Parts {
		p := &out.Parts[i]
		page.Parts = append(page.Parts, drivers.Part{
			Number: int(aws.ToInt32(p.PartNumber)), Size: aws.ToInt64(p.Size), ETag: unquote(aws.ToString(p.ETag)),
			Checksum: checksumIn(p), LastModified: aws.ToTime(p.LastModified),
		})
	}
	page.More = aws.ToBool(out.IsTruncated) && len(page.Parts) > 0
	return page, nil
}

// ListUploads implements drivers.Multipart.
func (b *bucket) ListUploads(ctx context.Context, o drivers.ListUploadsOptions) (drivers.UploadsPage, error) {
	page, err := b.listUploads(ctx, o)
	return page, b.fail("ListUploads", "", err)
}

func (b *bucket) listUploads(ctx context.Context, o drivers.ListUploadsOptions) (page drivers.UploadsPage, err error) {
	in := &awss3.ListMultipartUploadsInput{
		Bucket: &b.name, Prefix: optional(o.Prefix), Delimiter: optional(o.Delimiter), KeyMarker: optional(o.KeyAfter),
		MaxUploads: pageSize(o.Limit), EncodingType: types.EncodingTypeUrl,
	}
	if o.KeyAfter != "" {
		in.UploadIdMarker = optional(o.IDAfter)
	}
	out, err := b.d.api.ListMultipartUploads(ctx, in)
	if err != nil {
		return page, b.d.classifyBucket(ctx, err)
	}
	decode := decoder(out.EncodingType)
	for _, u := range out.Uploads {
		key, err := decode(u.Key)
		if err != nil {
			return page, err
		}
		page.Uploads = append(page.Uploads, uploadChecksum(drivers.Upload{
			Key: key, ID: aws.ToString(u.UploadId), Initiated: aws.ToTime(u.Initiated), StorageClass: storageClass(string(u.StorageClass)),
			ChecksumAlgorithm: checksum.Algorithm(u.ChecksumAlgorithm), ChecksumType: checksum.Type(u.ChecksumType),
		}))
	}
	for _, cp := range out.CommonPrefixes {
		prefix, err := decode(cp.Prefix)
		if err != nil {
			return page, err
		}
		page.Prefixes = append(page.Prefixes, prefix)
	}
	page.More, page.NextID = aws.ToBool(out.IsTruncated), aws.ToString(out.NextUploadIdMarker)
	page.NextKey, err = decode(out.NextKeyMarker)
	return page, err
}
