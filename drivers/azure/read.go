package azure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"sluice/drivers"
)

// Head implements drivers.Bucket by Get Blob Properties.
func (b *bucket) Head(ctx context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	s, err := b.look(ctx, key, o)
	return s.Info, b.fail("Head", key, err)
}

// span is a part of an object that is there to be read.
type span struct {
	drivers.Info
	start, length int64
}

// look describes an object, judges the conditions and finds the bytes that are asked for.
func (b *bucket) look(ctx context.Context, key string, o drivers.GetOptions) (span, error) {
	if err := b.reads(key, o.VersionID); err != nil {
		return span{}, err
	}
	obj, err := b.describe(ctx, key)
	if err == nil && (o.Parts || o.PartNumber > 0) {
		err = b.loadParts(ctx, &obj)
	}
	if err != nil {
		return span{}, err
	}
	s := span{Info: obj.info(key, o.Parts)}
	if err := o.Conditions.CheckRead(s.Info); err != nil {
		return s, err
	}
	if o.PartNumber > 0 {
		s.start, s.length, err = obj.Span(o.PartNumber)
	} else {
		s.start, s.length, err = o.Range.Resolve(obj.Size)
	}
	return s, err
}

// Get implements drivers.Bucket. It is one request, but for the last n bytes and for parts, which the service does not know: those
// are looked up first, and then read from the very write that was looked up.
func (b *bucket) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	obj, err := b.get(ctx, key, o)
	if err != nil && obj != nil {
		if obj.Body != nil {
			_ = obj.Body.Close()
		}
		obj.Body, obj.Start, obj.Length = nil, 0, 0
	}
	return obj, b.fail("Get", key, err)
}

func (b *bucket) get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	if err := b.reads(key, o.VersionID); err != nil {
		return nil, err
	}
	for range tries {
		obj, err := b.getOnce(ctx, key, o)
		if !errors.Is(err, errMoved) {
			return obj, err
		}
	}
	return nil, drivers.ErrConflict
}

// errMoved is an object that was written again between two requests.
var errMoved = errors.New("the object has changed meanwhile")

// farthest is beyond the end of every blob, of which the largest have 190.7 TiB.
const farthest = 1 << 48

func (b *bucket) getOnce(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	r := blob.HTTPRange{Offset: o.Range.Start, Count: o.Range.Length}
	if o.PartNumber > 0 || r.Offset < 0 || r.Offset > farthest || r.Count < 0 {
		return b.getFound(ctx, key, o)
	}
	if r.Count > farthest-r.Offset {
		r.Count = 0 // to the end
	}
	obj, err := b.download(ctx, key, r, o.Conditions.IfToken, o.Parts)
	if err == nil {
		return obj, judge(obj, o)
	}
	if errors.Is(err, drivers.ErrInvalidRange) || errors.Is(err, drivers.ErrPrecondition) {
		return b.refused(ctx, key, o)
	}
	return nil, err
}

// judge judges the conditions on what came, and whether it is what was asked for.
func judge(obj *drivers.Object, o drivers.GetOptions) error {
	if err := o.Conditions.CheckRead(obj.Info); err != nil {
		return err
	}
	start, length, err := o.Range.Resolve(obj.Size)
	if err == nil && (obj.Start != start || obj.Length != length) {
		err = fmt.Errorf("the service sent %d bytes from %d on, not %d from %d: %w", obj.Length, obj.Start, length, start, drivers.ErrUnavailable)
	}
	return err
}

// refused describes the object of a read that the service refuses, and says why it does.
func (b *bucket) refused(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	s, err := b.look(ctx, key, o)
	switch {
	case err == nil:
		return nil, errMoved
	case s.Token == "":
		return nil, err
	}
	return &drivers.Object{Info: s.Info}, err
}

// getFound reads what must be looked up first.
func (b *bucket) getFound(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	s, err := b.look(ctx, key, o)
	if err != nil {
		if s.Token == "" {
			return nil, err
		}
		return &drivers.Object{Info: s.Info}, err
	}
	obj := &drivers.Object{Info: s.Info, Start: s.start, Length: s.length}
	if s.length == 0 {
		obj.Body = io.NopCloser(bytes.NewReader(nil))
		return obj, nil
	}
	part, err := b.download(ctx, key, blob.HTTPRange{Offset: s.start, Count: s.length}, s.Token, false)
	switch {
	case errors.Is(err, drivers.ErrPrecondition) || errors.Is(err, drivers.ErrNotFound):
		return nil, errMoved
	case err != nil:
		return nil, err
	}
	obj.Body = part.Body
	return obj, nil
}

// download is one Get Blob, of the write that token names where it is set.
func (b *bucket) download(ctx context.Context, key string, r blob.HTTPRange, token string, parts bool) (*drivers.Object, error) {
	resp, err := b.blob(key).DownloadStream(ctx, &blob.DownloadStreamOptions{Range: r, AccessConditions: pin{token: token}.conditions()})
	if err != nil {
		return nil, classify(err)
	}
	p := properties{
		md5: resp.ContentMD5, etag: resp.ETag, modified: resp.LastModified, metadata: resp.Metadata, contentType: resp.ContentType,
		cacheControl: resp.CacheControl, disposition: resp.ContentDisposition, encoding: resp.ContentEncoding, language: resp.ContentLanguage,
	}
	obj := &drivers.Object{Body: &download{resp.Body, ctx}}
	if resp.ContentLength != nil {
		obj.Length = *resp.ContentLength
	}
	p.size = obj.Length
	if resp.ContentRange != nil {
		obj.Start, p.size = spanIn(*resp.ContentRange)
		p.md5 = resp.BlobContentMD5
	}
	found := p.object()
	if parts {
		if err := b.loadParts(ctx, &found); err != nil {
			_ = obj.Body.Close()
			return nil, err
		}
	}
	obj.Info = found.info(key, parts)
	return obj, nil
}

// spanIn reads where a range starts and the size of the whole from "bytes 10-19/100".
func spanIn(contentRange string) (start, size int64) {
	span, whole, _ := strings.Cut(strings.TrimPrefix(contentRange, "bytes "), "/")
	first, _, _ := strings.Cut(span, "-")
	start, _ = strconv.ParseInt(first, 10, 64)
	size, _ = strconv.ParseInt(whole, 10, 64)
	return start, size
}
