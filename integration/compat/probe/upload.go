package probe

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// The uploads that are tried have two parts, the first as small as S3 allows.
const (
	partSize = 5 << 20
	lastPart = "the last part"
)

// firstPart is the content of the first part.
var firstPart = strings.Repeat("0123456789abcdef", partSize/16)

// uploadProbes are of multipart uploads.
var uploadProbes = []probe{
	{"CreateMultipartUpload, UploadPart, CompleteMultipartUpload", "", func(b *bucket, key string) error {
		if _, err := b.upload(key, nil); err != nil {
			return err
		}
		return b.holds(key, firstPart+lastPart)
	}},
	{"CompleteMultipartUpload", "ETag is the MD5 of the parts' MD5s", func(b *bucket, key string) error {
		etag, err := b.upload(key, nil)
		if err != nil {
			return err
		}
		one, two := md5.Sum([]byte(firstPart)), md5.Sum([]byte(lastPart))
		all := md5.Sum(slices.Concat(one[:], two[:]))
		head, err := b.head(key)
		if err != nil {
			return err
		}
		want := `"` + hex.EncodeToString(all[:]) + `-2"`
		return first(same("ETag", etag, want), same("ETag of HeadObject", *head.ETag, want))
	}},
	{"CompleteMultipartUpload", "`COMPOSITE` and `FULL_OBJECT` checksums", func(b *bucket, key string) error {
		for kind, suffix := range map[types.ChecksumType]string{types.ChecksumTypeComposite: "-2", types.ChecksumTypeFullObject: ""} {
			_, err := b.upload(key, func(in *s3.CreateMultipartUploadInput) {
				in.ChecksumAlgorithm, in.ChecksumType = types.ChecksumAlgorithmCrc32c, kind
			})
			if err != nil {
				return err
			}
			head, err := b.s3.HeadObject(b.ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
			if err != nil {
				return err
			}
			sum := aws.ToString(head.ChecksumCRC32C)
			if head.ChecksumType != kind || sum == "" || strings.HasSuffix(sum, "-2") != (suffix != "") {
				return fmt.Errorf("%s: checksum %q of type %q", kind, sum, head.ChecksumType)
			}
		}
		return nil
	}},
	{"CompleteMultipartUpload", "`If-None-Match: *`", func(b *bucket, key string) error {
		u, err := b.begin(key, nil)
		if err != nil {
			return err
		}
		if err := first(u.part(1, lastPart), b.put(key, "was there")); err != nil {
			return err
		}
		_, err = u.complete(func(in *s3.CompleteMultipartUploadInput) { in.IfNoneMatch = aws.String("*") })
		return first(refused(err, "PreconditionFailed"), b.holds(key, "was there"))
	}},
	{"UploadPartCopy", "also of a range", func(b *bucket, key string) error {
		u, err := b.begin(key, nil)
		if err != nil {
			return err
		}
		if err := b.put(key+"-source", "0123456789"); err != nil {
			return err
		}
		out, err := b.s3.UploadPartCopy(b.ctx, &s3.UploadPartCopyInput{Bucket: &b.name, Key: &key, UploadId: &u.id, PartNumber: aws.Int32(1),
			CopySource: aws.String(b.name + "/" + key + "-source"), CopySourceRange: aws.String("bytes=2-5")})
		if err != nil {
			return err
		}
		u.parts = []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: out.CopyPartResult.ETag}}
		_, err = u.complete(nil)
		return first(err, b.holds(key, "2345"))
	}},
	{"ListParts, ListMultipartUploads, AbortMultipartUpload", "", listAndAbort},
}

func listAndAbort(b *bucket, key string) error {
	u, err := b.begin(key, nil)
	if err != nil {
		return err
	}
	if err := u.part(3, lastPart); err != nil {
		return err
	}
	parts, err := b.s3.ListParts(b.ctx, &s3.ListPartsInput{Bucket: &b.name, Key: &key, UploadId: &u.id})
	if err != nil || len(parts.Parts) != 1 || *parts.Parts[0].ETag != *u.parts[0].ETag {
		return first(err, fmt.Errorf("listed parts: %v", parts))
	}
	uploads, err := b.s3.ListMultipartUploads(b.ctx, &s3.ListMultipartUploadsInput{Bucket: &b.name, Prefix: &key})
	if err != nil || len(uploads.Uploads) != 1 || *uploads.Uploads[0].UploadId != u.id {
		return first(err, fmt.Errorf("listed uploads: %v", uploads))
	}
	if _, err := b.s3.AbortMultipartUpload(b.ctx, &s3.AbortMultipartUploadInput{Bucket: &b.name, Key: &key, UploadId: &u.id}); err != nil {
		return err
	}
	_, err = u.complete(nil)
	return refused(err, "NoSuchUpload")
}

// upload is an upload under way.
type upload struct {
	*bucket
	key, id   string
	algorithm types.ChecksumAlgorithm
	parts     []types.CompletedPart
}

func (b *bucket) begin(key string, change func(*s3.CreateMultipartUploadInput)) (*upload, error) {
	in := &s3.CreateMultipartUploadInput{Bucket: &b.name, Key: &key}
	if change != nil {
		change(in)
	}
	out, err := b.s3.CreateMultipartUpload(b.ctx, in)
	if err != nil {
		return nil, err
	}
	return &upload{bucket: b, key: key, id: *out.UploadId, algorithm: in.ChecksumAlgorithm}, nil
}

func (u *upload) part(number int32, content string) error {
	out, err := u.s3.UploadPart(u.ctx, &s3.UploadPartInput{Bucket: &u.name, Key: &u.key, UploadId: &u.id, PartNumber: &number,
		Body: strings.NewReader(content), ChecksumAlgorithm: u.algorithm})
	if err == nil {
		u.parts = append(u.parts, types.CompletedPart{PartNumber: &number, ETag: out.ETag, ChecksumCRC32C: out.ChecksumCRC32C})
	}
	return err
}

func (u *upload) complete(change func(*s3.CompleteMultipartUploadInput)) (etag string, err error) {
	in := &s3.CompleteMultipartUploadInput{Bucket: &u.name, Key: &u.key, UploadId: &u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts}}
	if change != nil {
		change(in)
	}
	out, err := u.s3.CompleteMultipartUpload(u.ctx, in)
	if err != nil {
		return "", err
	}
	return aws.ToString(out.ETag), nil
}

// upload stores the two parts as an object and returns its ETag.
func (b *bucket) upload(key string, change func(*s3.CreateMultipartUploadInput)) (etag string, err error) {
	u, err := b.begin(key, change)
	if err != nil {
		return "", err
	}
	if err := first(u.part(1, firstPart), u.part(2, lastPart)); err != nil {
		return "", err
	}
	return u.complete(nil)
}
