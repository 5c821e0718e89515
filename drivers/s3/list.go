package s3

import (
	"context"
	"fmt"
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// List implements drivers.Bucket.
func (b *bucket) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	page, err := b.list(ctx, o)
	return page, b.fail("List", "", err)
}

func (b *bucket) list(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	in := &awss3.ListObjectsV2Input{
		Bucket: &b.name, Prefix: optional(o.Prefix), Delimiter: optional(o.Delimiter), MaxKeys: pageSize(o.Limit),
		EncodingType: types.EncodingTypeUrl, // XML has no word for some characters
	}
	if token, ok := hintToken(o); ok {
		in.ContinuationToken = &token
	} else {
		in.StartAfter = optional(startAfter(o))
	}
	out, err := b.d.api.ListObjectsV2(ctx, in)
	if err != nil {
		return drivers.Page{}, b.d.classifyBucket(ctx, err)
	}
	if out.Name == nil && out.KeyCount == nil && out.IsTruncated == nil {
		return drivers.Page{}, fmt.Errorf("%w: the answer is no listing", drivers.ErrUnavailable)
	}
	return pageOf(o, out)
}

// pageOf sorts a page of the store into ours: some stores show what lies before the cursor, or a common prefix that the cursor
// stands on.
func pageOf(o drivers.ListOptions, out *awss3.ListObjectsV2Output) (drivers.Page, error) {
	decode := decoder(out.EncodingType)
	page := drivers.NewPageBuilder(o)
	last, prefixes := o.Cursor.After, out.CommonPrefixes
	addPrefixes := func(before string, all bool) error {
		for len(prefixes) > 0 {
			cp, err := decode(prefixes[0].Prefix)
			if err != nil || !all && cp > before {
				return err
			}
			page.AddPrefix(cp)
			last, prefixes = max(last, cp), prefixes[1:]
		}
		return nil
	}
	for i := range out.Contents {
		key, err := decode(out.Contents[i].Key)
		if err == nil {
			err = addPrefixes(key, false)
		}
		if err != nil {
			return drivers.Page{}, err
		}
		page.Add(listed(key, &out.Contents[i]))
		last = max(last, key)
	}
	if err := addPrefixes("", true); err != nil {
		return drivers.Page{}, err
	}
	if full := page.Page(); full.More || !aws.ToBool(out.IsTruncated) { // full with some left over: more came than was asked for
		return full, nil
	}
	p := page.More(last)
	if p.Next.After == o.Cursor.After && aws.ToString(out.NextContinuationToken) == "" {
		return drivers.Page{}, fmt.Errorf("%w: the listing does not get on", drivers.ErrUnavailable)
	}
	o.Cursor.After = p.Next.After
	p.Next.Hint = hintOf(o, aws.ToString(out.NextContinuationToken))
	return p, nil
}

func listed(key string, x *types.Object) drivers.Info {
	etag := unquote(aws.ToString(x.ETag))
	info := drivers.Info{
		Key: key, Size: aws.ToInt64(x.Size), ETag: etag, Token: etag, PartsCount: partsOf(etag),
		LastModified: aws.ToTime(x.LastModified), Header: drivers.Header{StorageClass: storageClass(string(x.StorageClass))},
	}
	if len(x.ChecksumAlgorithm) > 0 { // S3 lists no values
		info.Checksum = checksum.Checksum{Algorithm: checksum.Algorithm(x.ChecksumAlgorithm[0]), Type: checksum.Type(x.ChecksumType)}
	}
	return info
}

// decoder returns what decodes keys of a page: stores that do not know the encoding leave it out.
func decoder(encoding types.EncodingType) func(*string) (string, error) {
	if encoding != types.EncodingTypeUrl {
		return func(s *string) (string, error) { return aws.ToString(s), nil }
	}
	return func(s *string) (string, error) { return url.QueryUnescape(aws.ToString(s)) }
}

func pageSize(limit int) *int32 {
	if limit <= 0 || limit > drivers.DefaultLimit {
		limit = drivers.DefaultLimit // S3 gives no more
	}
	return aws.Int32(int32(limit))
}

// startAfter returns the key after which the store begins. The contents of a common prefix are skipped by the greatest character
// behind it; what that leaves is filtered.
func startAfter(o drivers.ListOptions) string {
	after := o.Cursor.After
	switch {
	case after < o.Prefix:
		return ""
	case after != "" && o.CommonPrefix(after) == after && len(after)+4 <= drivers.MaxKeyLength:
		return after + "\U0010ffff"
	}
	return after
}

// A hint is the store's own token, behind a mark of the very listing and place that it belongs to.

func hintOf(o drivers.ListOptions, token string) string {
	if token == "" {
		return ""
	}
	return mark(o) + token
}

func hintToken(o drivers.ListOptions) (token string, ok bool) {
	if o.Cursor.Hint == "" {
		return "", false
	}
	token, ok = strings.CutPrefix(o.Cursor.Hint, mark(o))
	return token, ok && token != ""
}

func mark(o drivers.ListOptions) string {
	h := fnv.New64a()
	for _, s := range []string{o.Prefix, o.Delimiter, o.Cursor.After} {
		h.Write([]byte(strconv.Itoa(len(s)) + ":" + s))
	}
	return strconv.FormatUint(h.Sum64(), 36) + ":"
}
