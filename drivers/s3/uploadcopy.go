package s3

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"sluice/drivers"
)

// CopyPartFrom implements drivers.PartCopier: within the node, by the store.
func (b *bucket) CopyPartFrom(
	ctx context.Context, key, uploadID string, number int, src drivers.Bucket, srcKey string, o drivers.CopyPartOptions,
) (drivers.Part, error) {
	from, ok := src.(*bucket)
	r := o.Source.Range
	if !ok || from.d != b.d || r.Start < 0 || r.Start > 0 && r.Length == 0 { // S3 knows only spans from here to there
		return drivers.Part{}, drivers.ErrUnsupported
	}
	p, err := b.copyPart(ctx, key, uploadID, number, from, srcKey, o)
	return p, b.fail("CopyPart", key, err)
}

func (b *bucket) copyPart(
	ctx context.Context, key, uploadID string, number int, from *bucket, srcKey string, o drivers.CopyPartOptions,
) (drivers.Part, error) {
	c, size := newCall(), o.Source.Range.Length
	for _, err := range []error{checkPart(key, uploadID, number), drivers.CheckKey(srcKey), setSourceConditions(c.header, o.Source.Conditions)} {
		if err != nil {
			return drivers.Part{}, err
		}
	}
	if size == 0 { // the answer would not tell how long the part is
		info, err := from.head(ctx, srcKey, o.Source)
		if err != nil {
			return drivers.Part{}, asSource(err)
		}
		size = info.Size
		if o.Source.Conditions.IsZero() {
			o.Source.Conditions.IfToken = info.Token
			_ = setSourceConditions(c.header, o.Source.Conditions)
		}
	}
	in := &awss3.UploadPartCopyInput{
		Bucket: &b.name, Key: &key, UploadId: &uploadID, PartNumber: aws.Int32(int32(number)), CopySource: copySource(from, srcKey, o.Source),
	}
	if r := o.Source.Range; r.Length > 0 {
		in.CopySourceRange = aws.String(fmt.Sprintf("bytes=%d-%d", r.Start, r.Start+r.Length-1))
	}
	out, err := b.d.api.UploadPartCopy(ctx, in, c.option)
	if err != nil {
		return drivers.Part{}, asVersion(asSource(b.copyPartError(ctx, err)), o.Source.VersionID)
	}
	p := drivers.Part{Number: number, Size: size, LastModified: dateOf(answerHeader(out.ResultMetadata))}
	if r := out.CopyPartResult; r != nil {
		p.ETag, p.Checksum = unquote(aws.ToString(r.ETag)), checksumIn(r)
		if r.LastModified != nil {
			p.LastModified = *r.LastModified
		}
	}
	return p, nil
}

// asSource says of a copy's source what S3 says: an unmet condition is one, whichever.
func asSource(err error) error {
	if errors.Is(err, drivers.ErrNotModified) {
		return drivers.ErrPrecondition
	}
	return err
}

// copyPartError recognizes a range that reaches past the source's end, which S3 calls an invalid argument.
func (b *bucket) copyPartError(ctx context.Context, err error) error {
	code, message := apiCode(err)
	if isTooLarge(err) {
		return fmt.Errorf("%w: a part of more than 5 GiB", drivers.ErrTooLarge)
	}
	err = b.d.classify(ctx, err)
	if code == "InvalidArgument" && strings.Contains(strings.ToLower(message), "range") {
		return fmt.Errorf("%w: %w", drivers.ErrInvalidRange, err)
	}
	if code == "InvalidArgument" && strings.Contains(message, "checksum missing") { // MinIO computes none for a copied part
		return fmt.Errorf("%w: %w", drivers.ErrUnsupported, err)
	}
	return err
}
