package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Head implements drivers.Bucket.
func (b *bucket) Head(ctx context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	info, err := b.head(ctx, key, o)
	return info, b.fail("Head", key, err)
}

// head asks for no range, which not every store knows in a HEAD: whether there are such bytes follows from the size.
func (b *bucket) head(ctx context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	if err := drivers.CheckKey(key); err != nil {
		return drivers.Info{}, err
	}
	c := b.readCall(o)
	in := &awss3.HeadObjectInput{Bucket: &b.name, Key: &key, VersionId: optional(o.VersionID), PartNumber: partNumber(o)}
	out, err := b.d.api.HeadObject(ctx, in, c.option)
	if err != nil {
		return b.beside(ctx, key, o, err)
	}
	got := answerOf(key, out.ResultMetadata)
	if err := o.Conditions.CheckRead(got.info); err != nil {
		return got.info, err
	}
	if _, _, err := o.Range.Resolve(got.info.Size); err != nil {
		return got.info, err
	}
	return b.withParts(ctx, got, o)
}

// Get implements drivers.Bucket.
func (b *bucket) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	obj, err := b.get(ctx, key, o)
	return obj, b.fail("Get", key, err)
}

func (b *bucket) get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	if err := drivers.CheckKey(key); err != nil {
		return nil, err
	}
	c := b.readCall(o)
	span, limit, err := rangeHeader(o.Range)
	if err != nil {
		return b.outside(ctx, key, o)
	}
	if span != "" {
		c.header.Set("Range", span)
	}
	in := &awss3.GetObjectInput{Bucket: &b.name, Key: &key, VersionId: optional(o.VersionID), PartNumber: partNumber(o)}
	out, err := b.d.api.GetObject(ctx, in, c.option)
	if err != nil {
		info, err := b.beside(ctx, key, o, err)
		return besideObject(info), err
	}
	obj, err := b.open(ctx, key, o, out, limit)
	if err != nil {
		_ = out.Body.Close()
	}
	return obj, err
}

// open makes an Object of an answer; its body stays the caller's where there is an error.
func (b *bucket) open(ctx context.Context, key string, o drivers.GetOptions, out *awss3.GetObjectOutput, limit int64) (*drivers.Object, error) {
	got := answerOf(key, out.ResultMetadata)
	if err := o.Conditions.CheckRead(got.info); err != nil {
		return &drivers.Object{Info: got.info}, err
	}
	if got.length < 0 {
		return nil, fmt.Errorf("%w: the answer has no length", drivers.ErrUnavailable)
	}
	if _, _, err := o.Range.Resolve(got.info.Size); err != nil { // which some stores do not mind in an empty object
		return &drivers.Object{Info: got.info}, err
	}
	if o.Range != (drivers.Range{}) && !got.partial {
		return nil, fmt.Errorf("%w: the store has ignored the range", drivers.ErrUnavailable)
	}
	info, err := b.withParts(ctx, got, o)
	if err != nil {
		return nil, err
	}
	obj := &drivers.Object{Info: info, Start: got.start, Length: got.length}
	if limit > 0 {
		obj.Length = min(limit, obj.Length)
	}
	obj.Body = &reading{ctx: ctx, ReadCloser: out.Body, left: obj.Length}
	return obj, nil
}

// outside answers a range that is none.
func (b *bucket) outside(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	o.Range = drivers.Range{}
	info, err := b.head(ctx, key, o)
	if err == nil {
		err = drivers.ErrInvalidRange
	}
	return besideObject(info), err
}

// readCall is what Get and Head have in common. Checksums are asked for by the header alone: the SDK, asked by its field, would
// compute them again.
func (b *bucket) readCall(o drivers.GetOptions) call {
	c := newCall()
	setReadConditions(c.header, o.Conditions)
	if b.d.checksums != "none" {
		c.header.Set("X-Amz-Checksum-Mode", "ENABLED")
	}
	return c
}

func partNumber(o drivers.GetOptions) *int32 {
	if o.PartNumber == 0 {
		return nil
	}
	return aws.Int32(int32(o.PartNumber))
}

// beside returns what is known of the object beside the error of a read. A 304 says which object it is about, as it should by
// RFC 9110; 412 and 416 do not, and cost a second request.
func (b *bucket) beside(ctx context.Context, key string, o drivers.GetOptions, err error) (drivers.Info, error) {
	header := headerOf(err)
	code, _ := apiCode(err)
	err = asVersion(b.d.classify(ctx, err), o.VersionID)
	switch {
	case errors.Is(err, drivers.ErrNotModified) && header.Get("ETag") != "":
		info := infoOf(key, header)
		info.Size, info.Header = 0, drivers.Header{}
		return info, err
	case isMissing(err) && code != "NoSuchKey": // a HEAD
		return drivers.Info{}, b.missing(ctx, err)
	case errors.Is(err, drivers.ErrInvalidRange) && o.PartNumber > 0:
		return drivers.Info{}, drivers.ErrPartNumber
	case errors.Is(err, drivers.ErrPrecondition), errors.Is(err, drivers.ErrInvalidRange), errors.Is(err, drivers.ErrNotModified):
		info, herr := b.head(ctx, key, drivers.GetOptions{VersionID: o.VersionID})
		if herr != nil {
			return drivers.Info{}, herr
		}
		if unmet := o.Conditions.CheckRead(info); unmet != nil && errors.Is(err, drivers.ErrInvalidRange) { // conditions come first
			err = unmet
		}
		return info, err
	}
	return drivers.Info{}, err
}

// besideObject is what Get returns beside an error.
func besideObject(info drivers.Info) *drivers.Object {
	if info.ETag == "" {
		return nil
	}
	return &drivers.Object{Info: info}
}

// missing tells a missing key from a missing bucket.
func (b *bucket) missing(ctx context.Context, err error) error {
	if b.d.known.has(b.name) || errors.Is(err, drivers.ErrNoVersion) {
		return err
	}
	if _, serr := b.d.StatBucket(ctx, b.name); errors.Is(serr, drivers.ErrNoBucket) {
		return drivers.ErrNoBucket
	}
	return err
}

// answer is what the headers of a read say.
type answer struct {
	info          drivers.Info
	start, length int64 // of the body; length is -1 if unknown
	partial       bool
	part          drivers.Part // the checksum and length of the part that was asked for
}

func answerOf(key string, metadata middleware.Metadata) answer {
	r, ok := awsmiddleware.GetRawResponse(metadata).(*smithyhttp.Response)
	if !ok {
		return answer{length: -1}
	}
	a := answer{info: infoOf(key, r.Header), length: r.ContentLength}
	if a.length < 0 {
		a.length = parseInt(r.Header.Get("Content-Length"), -1)
	}
	a.info.Size = a.length
	a.part = drivers.Part{Size: a.length, Checksum: a.info.Checksum}
	if r.StatusCode != http.StatusPartialContent {
		return a
	}
	if start, size, ok := parseContentRange(r.Header.Get("Content-Range")); ok {
		a.start, a.info.Size, a.partial = start, size, true
		if a.length != size { // it may be the checksum of these bytes
			a.info.Checksum = drivers.Info{}.Checksum
		}
	}
	return a
}

// reading is a body on its way from the store.
type reading struct {
	io.ReadCloser
	ctx  context.Context
	left int64
}

func (r *reading) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > r.left {
		p = p[:r.left]
	}
	n, err := r.ReadCloser.Read(p)
	r.left -= int64(n)
	if err == io.EOF && r.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.EOF {
		err = upstream.FromTransport(r.ctx, err)
	}
	return n, err
}
