package gcs

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// span is what a read gives of an object.
type span struct {
	stored
	start, length int64
}

// download asks for content by the XML API, whose headers describe the object too. rng is a Range header or "". generation is
// that which must be sent, or 0. The error has the answer's status.
func (b *bucket) download(ctx context.Context, name, rng string, generation int64) (*http.Response, error) {
	u := *b.d.base
	u.Path, u.RawPath = "/"+b.name+"/"+name, "/"+url.PathEscape(b.name)+"/"+url.PathEscape(name)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", "gzip") // what is stored so is sent as it is: https://cloud.google.com/storage/docs/transcoding
	if rng != "" {
		req.Header.Set("Range", rng)
	}
	if generation > 0 {
		req.Header.Set("X-Goog-If-Generation-Match", strconv.FormatInt(generation, 10))
	}
	res, err := b.d.client.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK && res.StatusCode != http.StatusPartialContent {
		return nil, xmlError(res)
	}
	return res, nil
}

// rangeHeader returns the header of a range, which the store cuts at the end of the object, or "" for all of it.
func rangeHeader(r drivers.Range) string {
	switch end := r.Start + r.Length - 1; {
	case r == drivers.Range{}:
		return ""
	case r.Start < 0:
		return fmt.Sprintf("bytes=-%d", -max(r.Start, -math.MaxInt64))
	case r.Length <= 0 || end < 0: // too large a number reaches to the end as well
		return fmt.Sprintf("bytes=%d-", r.Start)
	default:
		return fmt.Sprintf("bytes=%d-%d", r.Start, end)
	}
}

// Get implements drivers.Bucket: one request, whose answer says whether conditions hold. A part is looked up first.
func (b *bucket) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	get := b.get
	if o.PartNumber > 0 || o.Range.Length < 0 {
		get = b.getKnown
	}
	obj, err := get(ctx, key, o)
	if err != nil {
		err = b.fail(ctx, "Get", key, err)
	}
	return obj, err
}

func (b *bucket) get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	name, err := existing(key)
	if err != nil {
		return nil, err
	}
	if err := checkVersion(o.VersionID); err != nil {
		return nil, err
	}
	generation, _ := generationOf(o.Conditions.IfToken) // what is none fails when the conditions are judged
	res, err := b.download(ctx, name, rangeHeader(o.Range), generation)
	switch {
	case hasStatus(err, http.StatusRequestedRangeNotSatisfiable, http.StatusPreconditionFailed):
		return b.unread(ctx, key, o, err)
	case err != nil:
		return nil, b.missing(ctx, err)
	}
	obj, err := b.opened(ctx, key, o, res)
	if err != nil {
		discard(res)
	}
	return obj, err
}

// opened makes an Object of an answer. Where it fails, the answer's body is not used.
func (b *bucket) opened(ctx context.Context, key string, o drivers.GetOptions, res *http.Response) (*drivers.Object, error) {
	s, err := storedHeader(res)
	if err != nil {
		return nil, err
	}
	a := s.attrs()
	if o.Parts {
		if err := b.loadParts(ctx, &a); err != nil {
			return nil, err
		}
	}
	obj := &drivers.Object{Info: s.info(key, a, o.Parts)}
	if err := o.Conditions.CheckRead(obj.Info); err != nil {
		return obj, err
	}
	sp := span{stored: s}
	if sp.start, sp.length, err = o.Range.Resolve(s.size); err == nil {
		obj.Start, obj.Length = sp.start, sp.length
		obj.Body, err = newBody(res, sp)
	}
	return obj, err
}

// unread describes an object of which the store sent nothing.
func (b *bucket) unread(ctx context.Context, key string, o drivers.GetOptions, refused error) (*drivers.Object, error) {
	_, info, err := b.head(ctx, key, o)
	if err == nil { // it has changed since
		err = drivers.ErrPrecondition
		if hasStatus(refused, http.StatusRequestedRangeNotSatisfiable) {
			err = drivers.ErrInvalidRange
		}
	}
	if info.Token == "" {
		return nil, err
	}
	return &drivers.Object{Info: info}, err
}

// changes is how often a call looks up an object again that has changed since it did.
const changes = 3

// getKnown reads what must be looked up first.
func (b *bucket) getKnown(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	for range changes {
		sp, info, err := b.head(ctx, key, o)
		if info.Token == "" {
			return nil, err
		}
		obj := &drivers.Object{Info: info, Start: sp.start, Length: sp.length}
		if err != nil {
			return obj, err
		}
		if sp.length == 0 {
			obj.Body = http.NoBody
			return obj, nil
		}
		res, err := b.download(ctx, sp.name, rangeHeader(drivers.Range{Start: sp.start, Length: sp.length}), sp.generation)
		switch {
		case hasStatus(err, http.StatusPreconditionFailed, http.StatusNotFound, http.StatusRequestedRangeNotSatisfiable):
			continue
		case err != nil:
			return nil, err
		}
		now, err := storedHeader(res)
		if err == nil && now.generation != sp.generation {
			discard(res)
			continue
		}
		if err == nil {
			obj.Body, err = newBody(res, sp)
		}
		if err != nil {
			discard(res)
		}
		return obj, err
	}
	return nil, drivers.ErrConflict
}

// drained is how much is read of a body that nobody wants, to keep its connection.
const drained = 64 << 10

func discard(res *http.Response) {
	if res.ContentLength <= drained {
		_, _ = io.CopyN(io.Discard, res.Body, drained) // for the connection's sake alone
	}
	res.Body.Close()
}

var errDamaged = errors.New("the content is not what its checksum was made of")

// body is the content of an object on its way in. All of it is held against the checksum that the store keeps.
type body struct {
	io.ReadCloser
	left int64
	sum  hash.Hash // nil for a part of the content
	want string
}

// newBody makes the body of an answer that must hold the span.
func newBody(res *http.Response, sp span) (io.ReadCloser, error) {
	start := int64(0)
	if res.StatusCode == http.StatusPartialContent {
		first, _, _ := strings.Cut(strings.TrimPrefix(res.Header.Get("Content-Range"), "bytes "), "-")
		var err error
		if start, err = strconv.ParseInt(first, 10, 64); err != nil {
			start = -1
		}
	}
	if start != sp.start || res.ContentLength >= 0 && res.ContentLength < sp.length {
		return nil, fmt.Errorf("%w: asked for %d bytes from %d on, the store sends %d from %d on",
			drivers.ErrUnavailable, sp.length, sp.start, res.ContentLength, start)
	}
	b := &body{ReadCloser: res.Body, left: sp.length}
	if sp.length == sp.size && sp.crc32c != "" {
		b.sum, b.want = checksum.CRC32C.New(), sp.crc32c
	}
	return b, nil
}

// Read gives what is left of the span, and fails before its last bytes where that is not what it must be: a client would take all of
// them for the object, whatever comes after.
func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, b.end()
	}
	n, err := b.ReadCloser.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	if b.sum != nil {
		b.sum.Write(p[:n])
	}
	switch {
	case b.left == 0 && (err == nil || err == io.EOF):
		if err = b.end(); err != io.EOF {
			n = 0
		}
	case err == io.EOF:
		err = fmt.Errorf("%w: %d bytes are missing: %w", drivers.ErrUnavailable, b.left, io.ErrUnexpectedEOF)
	}
	return n, err
}

func (b *body) end() error {
	if b.sum != nil && checksum.Encode(b.sum.Sum(nil)) != b.want {
		return errDamaged // not ErrUnavailable: the rest must not be asked for again
	}
	return io.EOF
}
