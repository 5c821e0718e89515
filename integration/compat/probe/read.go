package probe

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// readProbes are of GetObject and its like.
var readProbes = []probe{
	{"GetObject", "range, also of the last bytes", func(b *bucket, key string) error {
		if err := b.put(key, "0123456789"); err != nil {
			return err
		}
		for asked, want := range map[string]string{"bytes=2-4": "234", "bytes=7-": "789", "bytes=-2": "89", "bytes=8-100": "89"} {
			out, got, err := b.get(key, func(in *s3.GetObjectInput) { in.Range = &asked })
			if err := first(err, same(asked, got, want)); err != nil {
				return err
			}
			if aws.ToString(out.ContentRange) == "" {
				return fmt.Errorf("%s: no Content-Range", asked)
			}
		}
		_, _, err := b.get(key, func(in *s3.GetObjectInput) { in.Range = aws.String("bytes=10-") })
		return refused(err, "InvalidRange")
	}},
	{"GetObject", "`If-Match`, `If-None-Match`", func(b *bucket, key string) error {
		put := b.put(key, "x")
		head, err := b.head(key)
		if err := first(put, err); err != nil {
			return err
		}
		_, _, match := b.get(key, func(in *s3.GetObjectInput) { in.IfMatch = head.ETag })
		_, _, other := b.get(key, func(in *s3.GetObjectInput) { in.IfMatch = aws.String(`"0"`) })
		_, _, none := b.get(key, func(in *s3.GetObjectInput) { in.IfNoneMatch = head.ETag })
		return first(match, refused(other, "PreconditionFailed"), refused(none, "NotModified"))
	}},
	{"GetObject", "`partNumber`", func(b *bucket, key string) error {
		if _, err := b.upload(key, nil); err != nil {
			return err
		}
		out, got, err := b.get(key, func(in *s3.GetObjectInput) { in.PartNumber = aws.Int32(2) })
		return first(err, same("part", got, lastPart), same("count of parts", partsCount(out), 2))
	}},
	{"GetObject", "`response-content-type`", func(b *bucket, key string) error {
		put := b.put(key, "x")
		out, _, err := b.get(key, func(in *s3.GetObjectInput) { in.ResponseContentType = aws.String("text/x-other") })
		if err := first(put, err); err != nil {
			return err
		}
		return same("Content-Type", aws.ToString(out.ContentType), "text/x-other")
	}},
	{"HeadObject", "", func(b *bucket, key string) error {
		put := b.put(key, "12345")
		head, err := b.head(key)
		if err := first(put, err); err != nil {
			return err
		}
		_, err = b.head(key + "-missing")
		return first(same("size", aws.ToInt64(head.ContentLength), 5), refused(err, "NotFound"))
	}},
	{"GetObjectAttributes", "", func(b *bucket, key string) error {
		etag, err := b.upload(key, nil)
		if err != nil {
			return err
		}
		out, err := b.s3.GetObjectAttributes(b.ctx, &s3.GetObjectAttributesInput{Bucket: &b.name, Key: &key,
			ObjectAttributes: []types.ObjectAttributes{types.ObjectAttributesEtag, types.ObjectAttributesObjectSize, types.ObjectAttributesObjectParts}})
		if err != nil {
			return err
		}
		return first(same("size", aws.ToInt64(out.ObjectSize), int64(partSize+len(lastPart))), same("ETag", `"`+aws.ToString(out.ETag)+`"`, etag))
	}},
}

// partsCount is the number of parts that an answer tells, 0 where there is no answer.
func partsCount(out *s3.GetObjectOutput) int32 {
	if out == nil {
		return 0
	}
	return aws.ToInt32(out.PartsCount)
}

// copyProbes are of CopyObject.
var copyProbes = []probe{
	{"CopyObject", "", func(b *bucket, key string) error {
		put := b.put(key, "source", func(in *s3.PutObjectInput) { in.Metadata = map[string]string{"color": "blue"} })
		if err := first(put, b.copy(key, key+" copy", nil)); err != nil {
			return err
		}
		head, err := b.head(key + " copy")
		if err != nil {
			return err
		}
		return first(same("metadata", head.Metadata["color"], "blue"), b.holds(key+" copy", "source"))
	}},
	{"CopyObject", "onto itself, with other metadata", func(b *bucket, key string) error {
		err := first(b.put(key, "same"), b.copy(key, key, func(in *s3.CopyObjectInput) {
			in.MetadataDirective, in.Metadata = types.MetadataDirectiveReplace, map[string]string{"color": "red"}
		}))
		if err != nil {
			return err
		}
		head, err := b.head(key)
		if err != nil {
			return err
		}
		return first(same("metadata", head.Metadata["color"], "red"), b.holds(key, "same"))
	}},
	{"CopyObject", "`x-amz-copy-source-if-match`", func(b *bucket, key string) error {
		if err := b.put(key, "source"); err != nil {
			return err
		}
		err := b.copy(key, key+"-copy", func(in *s3.CopyObjectInput) { in.CopySourceIfMatch = aws.String(`"0"`) })
		return refused(err, "PreconditionFailed")
	}},
	{"CopyObject", "`If-None-Match: *`", func(b *bucket, key string) error {
		once := func(in *s3.CopyObjectInput) { in.IfNoneMatch = aws.String("*") }
		return first(b.put(key, "source"), b.copy(key, key+"-copy", once), refused(b.copy(key, key+"-copy", once), "PreconditionFailed"))
	}},
}

func (b *bucket) copy(from, to string, change func(*s3.CopyObjectInput)) error {
	in := &s3.CopyObjectInput{Bucket: &b.name, Key: &to, CopySource: aws.String(b.name + "/" + from)}
	if change != nil {
		change(in)
	}
	_, err := b.s3.CopyObject(b.ctx, in)
	return err
}

// deleteProbes are of DeleteObject and DeleteObjects.
var deleteProbes = []probe{
	{"DeleteObject", "also of a missing key", func(b *bucket, key string) error {
		if err := b.put(key, "x"); err != nil {
			return err
		}
		for range 2 {
			if _, err := b.s3.DeleteObject(b.ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
				return err
			}
		}
		_, err := b.head(key)
		return refused(err, "NotFound")
	}},
	{"DeleteObject", "`If-Match`", func(b *bucket, key string) error {
		if err := b.put(key, "x"); err != nil {
			return err
		}
		_, err := b.s3.DeleteObject(b.ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key, IfMatch: aws.String(`"0"`)})
		return first(refused(err, "PreconditionFailed"), b.holds(key, "x"))
	}},
	{"DeleteObjects", "", func(b *bucket, key string) error {
		if err := first(b.put(key+"-1", "x"), b.put(key+"-2", "x")); err != nil {
			return err
		}
		keys := []types.ObjectIdentifier{{Key: aws.String(key + "-1")}, {Key: aws.String(key + "-2")}, {Key: aws.String(key + "-missing")}}
		out, err := b.s3.DeleteObjects(b.ctx, &s3.DeleteObjectsInput{Bucket: &b.name, Delete: &types.Delete{Objects: keys}})
		if err != nil {
			return err
		}
		_, err = b.head(key + "-2")
		return first(same("errors", len(out.Errors), 0), same("deleted", len(out.Deleted), 3), refused(err, "NotFound"))
	}},
}
