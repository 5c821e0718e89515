package s3

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// Put implements drivers.Bucket.
func (b *bucket) Put(ctx context.Context, key string, src io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.put(ctx, key, src, o)
	return info, b.fail("Put", key, err)
}

func (b *bucket) put(ctx context.Context, key string, src io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	c := newCall()
	err := errors.Join(drivers.CheckKey(key), setHeader(c.header, o.Header), setWriteConditions(c.header, o.Conditions))
	if err != nil {
		return drivers.Info{}, err
	}
	setTags(c.header, o.Tags)
	body, err := openContent(ctx, src, o.Size, o.Digest, o.Checksum)
	if err != nil {
		return drivers.Info{}, err
	}
	if sum := body.checksum(); b.d.checksums == "none" && sum.Value != "" {
		c.header.Set(metadataPrefix+checksumEntry, formatKept(sum))
	}
	in := &awss3.PutObjectInput{Bucket: &b.name, Key: &key}
	if in.Body, in.ContentLength, err = body.send(&c, b.d.checksums); err != nil {
		return drivers.Info{}, body.end(err)
	}
	out, err := b.d.api.PutObject(ctx, in, c.option)
	if err = body.end(b.d.classify(ctx, err)); err != nil {
		return drivers.Info{}, err
	}
	h := answerHeader(out.ResultMetadata)
	etag := unquote(h.Get("ETag"))
	b.d.compareETag(body, etag, h)
	return drivers.Info{
		Key: key, Size: body.size, ETag: etag, Token: etag, VersionID: h.Get("X-Amz-Version-Id"), LastModified: dateOf(h),
		TagCount: len(o.Tags), Checksum: b.storedChecksum(body, c, h),
	}, nil
}

// storedChecksum returns the checksum that the object or part has in the store.
func (b *bucket) storedChecksum(body *content, c call, answer http.Header) checksum.Checksum {
	if told := checksumOf(answer); told.Value != "" {
		return told
	}
	kept := c.header.Get(metadataPrefix+checksumEntry) != ""
	if body.digest == nil || b.d.checksums != "trailer" && body.checksum().Value == "" || b.d.checksums == "none" && !kept {
		return checksum.Checksum{}
	}
	return body.digest().Checksum
}

// compareETag notes, once, a store whose ETag of a plain body is not its MD5. It is no error: under SSE-KMS and under keys of
// customers AWS itself makes others (https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html), and clients see what the
// store has.
func (d *Driver) compareETag(body *content, etag string, answer http.Header) {
	if body.digest == nil {
		return
	}
	want := body.digest().ETag
	encrypted := strings.HasPrefix(answer.Get("X-Amz-Server-Side-Encryption"), "aws:") ||
		answer.Get("X-Amz-Server-Side-Encryption-Customer-Algorithm") != ""
	if want == "" || want == etag || encrypted {
		return
	}
	d.noteETags.Do(func() {
		d.log.Warn("the store's ETags are not MD5s: clients that compare them will complain", "node", d.node)
	})
}

// answerHeader returns the headers of an answer.
func answerHeader(metadata middleware.Metadata) http.Header {
	if r, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response); ok {
		return r.Header
	}
	return http.Header{}
}
