package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// CreateUpload implements drivers.Multipart. Its ID is the store's.
func (b *bucket) CreateUpload(ctx context.Context, key string, o drivers.CreateUploadOptions) (drivers.Upload, error) {
	u, err := b.createUpload(ctx, key, o)
	return u, b.fail("CreateUpload", key, err)
}

func (b *bucket) createUpload(ctx context.Context, key string, o drivers.CreateUploadOptions) (drivers.Upload, error) {
	c := newCall()
	if err := errors.Join(drivers.CheckKey(key), setHeader(c.header, o.Header)); err != nil {
		return drivers.Upload{}, err
	}
	setTags(c.header, o.Tags)
	// Where nobody asked for a checksum the store chooses, as S3 does: one that is asked for may be demanded of each part.
	if o.ChecksumAlgorithm != "" && !o.ChecksumImplicit && b.d.checksums == "trailer" {
		c.header.Set("X-Amz-Checksum-Algorithm", string(o.ChecksumAlgorithm))
		c.header.Set("X-Amz-Checksum-Type", string(o.ChecksumType))
	}
	out, err := b.d.api.CreateMultipartUpload(ctx, &awss3.CreateMultipartUploadInput{Bucket: &b.name, Key: &key}, c.option)
	if err != nil {
		return drivers.Upload{}, b.d.classifyBucket(ctx, err)
	}
	id := aws.ToString(out.UploadId)
	if !validID(id) {
		return drivers.Upload{}, fmt.Errorf("%w: the store's upload ID is no safe one", drivers.ErrUnsupported)
	}
	return drivers.Upload{
		Key: key, ID: id, Initiated: dateOf(answerHeader(out.ResultMetadata)), StorageClass: storageClass(o.Header.StorageClass),
		ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType, ChecksumImplicit: o.ChecksumImplicit,
	}, nil
}

// validID tells whether an upload ID is one that a client can have got. An empty one would turn some calls into others: a DELETE
// without an upload ID deletes the object.
func validID(id string) bool {
	const safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
	return id != "" && id != "." && id != ".." && len(id) <= 128 && strings.Trim(id, safe) == ""
}

// checkUpload refuses what names no upload.
func checkUpload(key, id string) error {
	if err := drivers.CheckKey(key); err != nil {
		return err
	}
	if !validID(id) {
		return drivers.ErrNoUpload
	}
	return nil
}

// PutPart implements drivers.Multipart.
func (b *bucket) PutPart(ctx context.Context, key, uploadID string, number int, src io.Reader, o drivers.PutPartOptions) (drivers.Part, error) {
	p, err := b.putPart(ctx, key, uploadID, number, src, o)
	return p, b.fail("PutPart", key, err)
}

func (b *bucket) putPart(ctx context.Context, key, uploadID string, number int, src io.Reader, o drivers.PutPartOptions) (drivers.Part, error) {
	if err := checkPart(key, uploadID, number); err != nil {
		return drivers.Part{}, err
	}
	body, err := openContent(ctx, src, o.Size, o.Digest, o.Checksum)
	if err != nil {
		return drivers.Part{}, err
	}
	c, mode := newCall(), b.d.checksums
	if mode == "header" { // the upload has no algorithm: some parts could not have a checksum
		mode = "none"
	}
	in := &awss3.UploadPartInput{Bucket: &b.name, Key: &key, UploadId: &uploadID, PartNumber: aws.Int32(int32(number))}
	if in.Body, in.ContentLength, err = body.send(&c, mode); err != nil {
		return drivers.Part{}, body.end(err)
	}
	out, err := b.d.api.UploadPart(ctx, in, c.option)
	if err = body.end(b.classifyUpload(ctx, err)); err != nil {
		return drivers.Part{}, err
	}
	h := answerHeader(out.ResultMetadata)
	etag := unquote(h.Get("ETag"))
	b.d.compareETag(body, etag, h)
	p := drivers.Part{Number: number, Size: body.size, ETag: etag, LastModified: dateOf(h), Checksum: checksumOf(h)}
	if p.Checksum.Value == "" && body.digest != nil {
		p.Checksum = body.digest().Checksum
	}
	return p, nil
}

// checkPart refuses what names no part.
func checkPart(key, uploadID string, number int) error {
	if number < 1 || number > drivers.MaxPartNumber {
		return fmt.Errorf("%w: part number %d", drivers.ErrInvalid, number)
	}
	return checkUpload(key, uploadID)
}

// classifyUpload is classify for calls of an upload, where a 404 without a code is the upload's.
func (b *bucket) classifyUpload(ctx context.Context, err error) error {
	err = b.d.classify(ctx, err)
	if isMissing(err) {
		return drivers.ErrNoUpload
	}
	return err
}

// CompleteUpload implements drivers.Multipart.
func (b *bucket) CompleteUpload(ctx context.Context, key, uploadID string, parts []drivers.CompletedPart, o drivers.CompleteOptions) (drivers.Info, error) {
	info, err := b.completeUpload(ctx, key, uploadID, parts, o)
	return info, b.fail("CompleteUpload", key, err)
}

func (b *bucket) completeUpload(ctx context.Context, key, uploadID string, parts []drivers.CompletedPart, o drivers.CompleteOptions) (drivers.Info, error) {
	c := newCall()
	if err := errors.Join(checkUpload(key, uploadID), setWriteConditions(c.header, o.Conditions)); err != nil {
		return drivers.Info{}, err
	}
	if len(parts) == 0 {
		return drivers.Info{}, fmt.Errorf("%w: no parts", drivers.ErrInvalid)
	}
	in := &awss3.CompleteMultipartUploadInput{
		Bucket: &b.name, Key: &key, UploadId: &uploadID, MultipartUpload: &types.CompletedMultipartUpload{Parts: b.named(parts)},
	}
	if b.d.checksums == "trailer" {
		setChecksum(in, o.Checksum)
		in.ChecksumType = types.ChecksumType(o.Checksum.Type)
	}
	if o.Size > 0 {
		in.MpuObjectSize = &o.Size
	}
	out, err := b.d.api.CompleteMultipartUpload(ctx, in, c.option)
	if err != nil {
		return drivers.Info{}, b.completeError(ctx, err, o)
	}
	etag := unquote(aws.ToString(out.ETag))
	return drivers.Info{
		Key: key, Size: o.Size, ETag: etag, Token: etag, VersionID: aws.ToString(out.VersionId), PartsCount: partsOf(etag),
		LastModified: dateOf(answerHeader(out.ResultMetadata)), Checksum: checksumIn(out),
	}, nil
}

// named writes the list of parts, with their checksums where the store knows any.
func (b *bucket) named(parts []drivers.CompletedPart) []types.CompletedPart {
	list := make([]types.CompletedPart, len(parts))
	for i, p := range parts {
		list[i] = types.CompletedPart{PartNumber: aws.Int32(int32(p.Number)), ETag: aws.String(quote(p.ETag))}
		if b.d.checksums == "trailer" {
			setChecksum(&list[i], p.Checksum)
		}
	}
	return list
}

// completeError tells a missing object, which a condition asked for, from a missing upload.
func (b *bucket) completeError(ctx context.Context, err error, o drivers.CompleteOptions) error {
	code, _ := apiCode(err)
	if code == "NoSuchKey" && !o.Conditions.IsZero() {
		return drivers.ErrNotFound
	}
	if code == "InvalidRequest" && o.Size > 0 {
		return fmt.Errorf("%w: %w", drivers.ErrDigestMismatch, b.d.classify(ctx, err))
	}
	return b.classifyUpload(ctx, err)
}

// AbortUpload implements drivers.Multipart.
func (b *bucket) AbortUpload(ctx context.Context, key, uploadID string) error {
	err := checkUpload(key, uploadID)
	if err == nil {
		_, err = b.d.api.AbortMultipartUpload(ctx, &awss3.AbortMultipartUploadInput{Bucket: &b.name, Key: &key, UploadId: &uploadID})
		err = b.classifyUpload(ctx, err)
	}
	return b.fail("AbortUpload", key, err)
}

// implicit is what S3 gives an upload for which nobody asked for a checksum. A listing does not tell whether somebody asked for
// just that; taken as implicit, it is the more lenient of the two.
func uploadChecksum(u drivers.Upload) drivers.Upload {
	if u.ChecksumAlgorithm == "" {
		u.ChecksumAlgorithm = checksum.CRC64NVME
	}
	if u.ChecksumType == "" {
		u.ChecksumType = u.ChecksumAlgorithm.DefaultType()
	}
	u.ChecksumImplicit = u.ChecksumAlgorithm == checksum.CRC64NVME
	return u
}
