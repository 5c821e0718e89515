package probe

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// putProbes are of PutObject.
var putProbes = []probe{
	{"PutObject", "", func(b *bucket, key string) error {
		return first(b.put(key, "content"), b.holds(key, "content"), b.put(key, ""), b.holds(key, ""))
	}},
	{"PutObject", "ETag is the MD5", func(b *bucket, key string) error {
		sum := md5.Sum([]byte("content"))
		put := b.put(key, "content")
		head, err := b.head(key)
		if err := first(put, err); err != nil {
			return err
		}
		return same("ETag", *head.ETag, `"`+hex.EncodeToString(sum[:])+`"`)
	}},
	{"PutObject", "checksums: CRC32, CRC32C, CRC64NVME, SHA1, SHA256", checksums},
	{"PutObject", "keys of every form", keys},
	{"PutObject", "system headers", systemHeaders},
	{"PutObject", "metadata of any form", func(b *bucket, key string) error {
		return b.metadata(key, map[string]string{"plain": "value", "with-dash_and.dot": "x", "1digit": "y", "latin": "é", "other": "日本", "empty": "",
			"class": "reserved word", "spaces": "a  b"})
	}},
	{"PutObject", "metadata of 2 KiB", func(b *bucket, key string) error {
		return b.metadata(key, map[string]string{"long": strings.Repeat("v", 2<<10-len("long"))})
	}},
	{"PutObject", "tags in the header", func(b *bucket, key string) error {
		put := b.put(key, "x", func(in *s3.PutObjectInput) { in.Tagging = aws.String("a=1&b%20c=%C3%A9") })
		out, _, err := b.get(key)
		if err := first(put, err); err != nil {
			return err
		}
		return same("number of tags", aws.ToInt32(out.TagCount), 2)
	}},
	{"PutObject", "`If-None-Match: *`", func(b *bucket, key string) error {
		once := func(in *s3.PutObjectInput) { in.IfNoneMatch = aws.String("*") }
		return first(b.put(key, "first", once), refused(b.put(key, "second", once), "PreconditionFailed"), b.holds(key, "first"))
	}},
	{"PutObject", "`If-Match`", func(b *bucket, key string) error {
		put := b.put(key, "first")
		head, err := b.head(key)
		if err := first(put, err); err != nil {
			return err
		}
		match := func(in *s3.PutObjectInput) { in.IfMatch = head.ETag }
		return first(b.put(key, "second", match), refused(b.put(key, "third", match), "PreconditionFailed"), b.holds(key, "second"))
	}},
	{"PutObjectTagging, GetObjectTagging, DeleteObjectTagging", "", tagging},
}

func checksums(b *bucket, key string) error {
	for _, algorithm := range []types.ChecksumAlgorithm{types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c,
		types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256} {
		key := key + string(algorithm)
		put, err := b.s3.PutObject(b.ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: strings.NewReader("sum"), ChecksumAlgorithm: algorithm})
		if err != nil {
			return err
		}
		got, err := b.s3.HeadObject(b.ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			return err
		}
		all := func(sums ...*string) (s string) {
			for _, sum := range sums {
				s += aws.ToString(sum) + " "
			}
			return s
		}
		err = same("checksum "+string(algorithm),
			all(got.ChecksumCRC32, got.ChecksumCRC32C, got.ChecksumCRC64NVME, got.ChecksumSHA1, got.ChecksumSHA256),
			all(put.ChecksumCRC32, put.ChecksumCRC32C, put.ChecksumCRC64NVME, put.ChecksumSHA1, put.ChecksumSHA256))
		if err != nil {
			return err
		}
	}
	return nil
}

// keys stores keys that stores have trouble with, each beside the others.
func keys(b *bucket, key string) error {
	forms := []string{"a", "a/", "a/b", "a//b", "a/../b", "..", "a/.", "A", "trailing.", " space ", `back\slash`, "con", "100%25", "é", "e\u0301",
		"日本/𝄞", "\x01\x7f", "?#&+=:;,*<>|\"'", strings.Repeat("k", 1024-len(key)-1)}
	for _, k := range forms {
		if err := b.put(key+"/"+k, k); err != nil {
			return err
		}
	}
	listed, err := b.list(key+"/", "", 1000)
	if err != nil {
		return err
	}
	for _, k := range forms {
		if err := b.holds(key+"/"+k, k); err != nil {
			return err
		}
	}
	slices.Sort(forms)
	return same("listing", strings.Join(listed, "\n"), key+"/"+strings.Join(forms, "\n"+key+"/"))
}

func systemHeaders(b *bucket, key string) error {
	expires := time.Date(2040, 1, 2, 3, 4, 5, 0, time.UTC)
	err := b.put(key, "x", func(in *s3.PutObjectInput) {
		in.ContentType, in.CacheControl, in.ContentLanguage = aws.String("text/x-probe"), aws.String("max-age=60"), aws.String("de")
		in.ContentDisposition, in.ContentEncoding, in.Expires = aws.String(`attachment; filename="a b"`), aws.String("br"), &expires
		in.WebsiteRedirectLocation, in.StorageClass = aws.String("/elsewhere"), types.StorageClassStandardIa
	})
	if err != nil {
		return err
	}
	out, err := b.head(key)
	if err != nil {
		return err
	}
	return first(
		same("Content-Type", aws.ToString(out.ContentType), "text/x-probe"),
		same("Cache-Control", aws.ToString(out.CacheControl), "max-age=60"),
		same("Content-Language", aws.ToString(out.ContentLanguage), "de"),
		same("Content-Disposition", aws.ToString(out.ContentDisposition), `attachment; filename="a b"`),
		same("Content-Encoding", aws.ToString(out.ContentEncoding), "br"),
		same("Expires", aws.ToString(out.ExpiresString), "Mon, 02 Jan 2040 03:04:05 GMT"),
		same("redirect", aws.ToString(out.WebsiteRedirectLocation), "/elsewhere"),
		same("storage class", out.StorageClass, types.StorageClassStandardIa),
	)
}

// metadata stores metadata and reads it back.
func (b *bucket) metadata(key string, want map[string]string) error {
	if err := b.put(key, "x", func(in *s3.PutObjectInput) { in.Metadata = want }); err != nil {
		return err
	}
	out, err := b.head(key)
	if err != nil {
		return err
	}
	if !maps.Equal(out.Metadata, want) {
		return fmt.Errorf("metadata: got %.200q, want %.200q", fmt.Sprint(out.Metadata), fmt.Sprint(want))
	}
	return nil
}

func tagging(b *bucket, key string) error {
	if err := b.put(key, "x", func(in *s3.PutObjectInput) { in.Metadata = map[string]string{"kept": "yes"} }); err != nil {
		return err
	}
	want := []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("é +"), Value: aws.String("ü/:=")}}
	_, err := b.s3.PutObjectTagging(b.ctx, &s3.PutObjectTaggingInput{Bucket: &b.name, Key: &key, Tagging: &types.Tagging{TagSet: want}})
	if err != nil {
		return err
	}
	got, err := b.s3.GetObjectTagging(b.ctx, &s3.GetObjectTaggingInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return err
	}
	if len(got.TagSet) != 2 || *got.TagSet[1].Key != "é +" || *got.TagSet[1].Value != "ü/:=" {
		return fmt.Errorf("tags: got %v", got.TagSet)
	}
	if _, err := b.s3.DeleteObjectTagging(b.ctx, &s3.DeleteObjectTaggingInput{Bucket: &b.name, Key: &key}); err != nil {
		return err
	}
	head, err := b.head(key)
	if err != nil {
		return err
	}
	return first(same("metadata", head.Metadata["kept"], "yes"), b.holds(key, "x"))
}
