package s3

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
)

// withParts fills in the parts of an object that was read, where they are asked for.
func (b *bucket) withParts(ctx context.Context, got answer, o drivers.GetOptions) (drivers.Info, error) {
	info := got.info
	switch {
	case info.PartsCount == 0 || !o.Parts:
	case o.PartNumber > 0:
		info.Parts = around(got, o.PartNumber)
	default:
		return b.attributes(ctx, info)
	}
	return info, nil
}

// around describes the one part that was read, and where it begins: what lies before it comes as one. More would cost a request.
func around(got answer, number int) []drivers.Part {
	part := got.part
	part.Number = number
	if got.start == 0 {
		return []drivers.Part{part}
	}
	return []drivers.Part{{Number: number - 1, Size: got.start}, part}
}

// attributes asks for the parts of an object. S3 lists those that have checksums; stores that list none leave Parts empty, as
// do credentials that may not ask.
func (b *bucket) attributes(ctx context.Context, info drivers.Info) (drivers.Info, error) {
	in := &awss3.GetObjectAttributesInput{
		Bucket: &b.name, Key: &info.Key, VersionId: optional(info.VersionID), MaxParts: aws.Int32(drivers.DefaultLimit),
		ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesEtag, types.ObjectAttributesObjectParts},
	}
	for {
		out, err := b.d.api.GetObjectAttributes(ctx, in)
		switch err = b.d.classify(ctx, err); {
		case errors.Is(err, drivers.ErrUnsupported), errors.Is(err, drivers.ErrDenied):
			return info, nil
		case isMissing(err), err == nil && out.ETag != nil && unquote(*out.ETag) != info.ETag:
			return info, fmt.Errorf("%w: the object changed while its parts were listed", drivers.ErrUnavailable)
		case err != nil:
			return info, err
		case out.ObjectParts == nil:
			return info, nil
		}
		for _, p := range out.ObjectParts.Parts {
			info.Parts = append(info.Parts, drivers.Part{
				Number: int(aws.ToInt32(p.PartNumber)), Size: aws.ToInt64(p.Size), Checksum: checksumIn(&p),
			})
		}
		next := aws.ToString(out.ObjectParts.NextPartNumberMarker)
		if !aws.ToBool(out.ObjectParts.IsTruncated) || !advances(aws.ToString(in.PartNumberMarker), next) {
			return info, nil
		}
		in.PartNumberMarker = &next
	}
}

// advances tells whether a marker gets on, so that no store can keep a listing going for ever.
func advances(from, to string) bool {
	before, _ := strconv.Atoi(from)
	after, err := strconv.Atoi(to)
	return err == nil && after > before
}
