package probe

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucketProbes are of buckets.
var bucketProbes = []probe{
	{"CreateBucket, HeadBucket, ListBuckets, DeleteBucket", "", buckets},
	{"DeleteBucket", "refused while it has objects", func(b *bucket, key string) error {
		if err := b.put(key, "x"); err != nil {
			return err
		}
		_, err := b.s3.DeleteBucket(b.ctx, &s3.DeleteBucketInput{Bucket: &b.name})
		return first(refused(err, "BucketNotEmpty"), b.holds(key, "x"))
	}},
	{"GetBucketLocation", "", func(b *bucket, _ string) error {
		_, err := b.s3.GetBucketLocation(b.ctx, &s3.GetBucketLocationInput{Bucket: &b.name})
		return err
	}},
	{"PutBucketTagging, GetBucketTagging, DeleteBucketTagging", "", func(b *bucket, _ string) error {
		tags := &types.Tagging{TagSet: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}
		_, put := b.s3.PutBucketTagging(b.ctx, &s3.PutBucketTaggingInput{Bucket: &b.name, Tagging: tags})
		got, get := b.s3.GetBucketTagging(b.ctx, &s3.GetBucketTaggingInput{Bucket: &b.name})
		_, del := b.s3.DeleteBucketTagging(b.ctx, &s3.DeleteBucketTaggingInput{Bucket: &b.name})
		if err := first(put, get, del); err != nil {
			return err
		}
		return same("number of tags", len(got.TagSet), 1)
	}},
}

func buckets(b *bucket, key string) error {
	second := b.name + "-" + key
	if _, err := b.s3.CreateBucket(b.ctx, &s3.CreateBucketInput{Bucket: &second}); err != nil {
		return err
	}
	_, head := b.s3.HeadBucket(b.ctx, &s3.HeadBucketInput{Bucket: &second})
	list, err := b.s3.ListBuckets(b.ctx, nil)
	if err == nil && !slices.ContainsFunc(list.Buckets, func(o types.Bucket) bool { return *o.Name == second }) {
		err = fmt.Errorf("%s is not listed", second)
	}
	_, del := b.s3.DeleteBucket(b.ctx, &s3.DeleteBucketInput{Bucket: &second})
	if err := first(head, err, del); err != nil {
		return err
	}
	_, err = b.s3.HeadBucket(b.ctx, &s3.HeadBucketInput{Bucket: &second})
	return refused(err, "NotFound")
}

// listProbes are of listings.
var listProbes = []probe{
	{"ListObjectsV2", "order of bytes, pages", func(b *bucket, key string) error {
		want, err := b.fill(key)
		if err != nil {
			return err
		}
		got, err := b.list(key+"/", "", 2)
		return first(err, same("listing", strings.Join(got, " "), strings.Join(want, " ")))
	}},
	{"ListObjectsV2", "delimiter", func(b *bucket, key string) error {
		if _, err := b.fill(key); err != nil {
			return err
		}
		got, err := b.list(key+"/", "/", 2)
		want := []string{"a b", "a/", "b", "é/", "\uffee", "\U00010000"}
		return first(err, same("listing", strings.Join(got, " "), key+"/"+strings.Join(want, " "+key+"/")))
	}},
	{"ListObjectsV2", "`start-after`", func(b *bucket, key string) error {
		if _, err := b.fill(key); err != nil {
			return err
		}
		out, err := b.s3.ListObjectsV2(b.ctx, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: aws.String(key + "/"),
			StartAfter: aws.String(key + "/a/c"), MaxKeys: aws.Int32(1)})
		if err != nil || len(out.Contents) != 1 {
			return first(err, fmt.Errorf("%d keys", len(out.Contents)))
		}
		return same("first key", *out.Contents[0].Key, key+"/b")
	}},
	{"ListObjects", "", func(b *bucket, key string) error {
		want, err := b.fill(key)
		if err != nil {
			return err
		}
		var got []string
		in := &s3.ListObjectsInput{Bucket: &b.name, Prefix: aws.String(key + "/"), MaxKeys: aws.Int32(3)}
		for more := true; more; {
			out, err := b.s3.ListObjects(b.ctx, in)
			if err != nil {
				return err
			}
			for _, o := range out.Contents {
				got = append(got, *o.Key)
				in.Marker = o.Key
			}
			more = aws.ToBool(out.IsTruncated)
		}
		return same("listing", strings.Join(got, " "), strings.Join(want, " "))
	}},
	{"ListObjectVersions", "without versions", func(b *bucket, key string) error {
		if err := b.put(key, "x"); err != nil {
			return err
		}
		out, err := b.s3.ListObjectVersions(b.ctx, &s3.ListObjectVersionsInput{Bucket: &b.name, Prefix: &key})
		if err != nil || len(out.Versions) != 1 {
			return first(err, fmt.Errorf("%d versions", len(out.Versions)))
		}
		return same("version", *out.Versions[0].VersionId, "null")
	}},
}

// fill stores keys whose order stores disagree about, and returns them in S3's.
func (b *bucket) fill(key string) (all []string, err error) {
	for _, k := range []string{"a b", "a/b", "a/c", "b", "é/x", "\uffee", "\U00010000"} { // the last two change places in UTF-16
		all = append(all, key+"/"+k)
		if err := b.put(key+"/"+k, k); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// list lists keys and common prefixes by pages of so many, each page sorted. Names come encoded, as XML cannot hold them all.
func (b *bucket) list(prefix, delimiter string, size int32) (all []string, err error) {
	pages := s3.NewListObjectsV2Paginator(b.s3, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix, Delimiter: &delimiter,
		MaxKeys: &size, EncodingType: types.EncodingTypeUrl})
	for pages.HasMorePages() {
		out, err := pages.NextPage(b.ctx)
		if err != nil {
			return nil, err
		}
		var page []string
		for _, o := range out.Contents {
			page = append(page, *o.Key)
		}
		for _, p := range out.CommonPrefixes {
			page = append(page, *p.Prefix)
		}
		for i := range page {
			if page[i], err = url.QueryUnescape(page[i]); err != nil {
				return nil, err
			}
		}
		slices.Sort(page)
		all = append(all, page...)
	}
	return all, nil
}
