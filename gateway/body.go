package gateway

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/gateway/awschunked"
	"sluice/gateway/s3xml"
	"sluice/gateway/sigv4"
)

// maxPut is S3's limit for one PUT and one part, in bytes.
const maxPut = 5 << 30

// body is a request's body on its way to a store: taken out of its framing, hashed once in all the digests that are
// asked for, and failing before io.EOF when length, signature or any digest is wrong.
type body struct {
	*checksum.Reader
	size     int64              // -1 if unknown
	declared checksum.Algorithm // what the client uses; "" for none
	stored   checksum.Algorithm // what the object or part will have; "" for none
	sha256   []byte             // that must come out; nil for none
	md5      []byte
	expect   string // the declared checksum's value, where a header has it
	trailer  *awschunked.Reader
}

// bodyOptions say which checksum the content is stored with.
type bodyOptions struct {
	stored checksum.Algorithm // unless the client declares another
	always bool               // also then
	bare   bool               // the checksum headers are not about this body
}

// openBody wraps the request's body. The caller closes it.
func (q *request) openBody(o bodyOptions) (*body, error) {
	b := &body{size: q.r.ContentLength, stored: o.stored}
	if err := b.readHeaders(q, o); err != nil {
		return nil, err
	}
	src, err := b.unframe(q)
	if err != nil {
		return nil, err
	}
	if b.size > maxPut {
		return nil, errEntityTooLarge
	}
	if b.size < 0 {
		src = &limitedBody{r: src, left: maxPut}
	}
	algorithms := []checksum.Algorithm{checksum.MD5}
	if q.payload.Mode == sigv4.Literal {
		b.sha256 = q.payload.SHA256[:]
		algorithms = append(algorithms, checksum.SHA256)
	}
	for _, a := range []checksum.Algorithm{b.declared, b.stored} {
		if a != "" {
			algorithms = append(algorithms, a)
		}
	}
	b.Reader = q.s.hashes.NewReader(src, b.size, algorithms...)
	b.Verify = b.verify
	return b, nil
}

// unframe takes the aws-chunked framing off, where there is one, and makes sure that a length is declared.
func (b *body) unframe(q *request) (io.Reader, error) {
	if q.payload.Streaming() {
		chunked, err := awschunked.NewReader(q.r.Body, awschunked.Options{Payload: q.payload, Chunks: q.signer})
		if err != nil {
			return nil, err
		}
		b.trailer, b.size = chunked, q.payload.DecodedLength
		return chunked, nil
	}
	if q.r.ContentLength == 0 && q.header("Content-Length") == "" {
		return nil, errMissingLength
	}
	return q.r.Body, nil
}

// readHeaders collects what the client says that the content must be.
func (b *body) readHeaders(q *request, o bodyOptions) (err error) {
	if v, ok := q.r.Header["Content-Md5"]; ok {
		if b.md5, err = base64.StdEncoding.DecodeString(v[0]); err != nil || len(b.md5) != checksum.MD5.Size() {
			return errInvalidDigest
		}
	}
	if o.bare {
		return nil
	}
	if b.declared, b.expect, err = declaredChecksum(q); err != nil {
		return err
	}
	if b.declared != "" && !o.always {
		b.stored = b.declared
	}
	return nil
}

// declaredChecksum returns the algorithm that the client uses and its value where a header has it; a trailer's value
// comes later. More than one is refused, as by S3.
func declaredChecksum(q *request) (a checksum.Algorithm, value string, err error) {
	count := 0
	for name, v := range q.r.Header {
		if found, ok := checksum.FromHeader(name); ok {
			a, value = found, v[0]
			count++
		}
	}
	if count == 1 {
		if _, _, err := checksum.ParseValue(a, value); err != nil {
			return "", "", invalidRequest("Value for %s header is invalid.", a.Header())
		}
	}
	for _, name := range q.payload.Trailers {
		if found, ok := checksum.FromHeader(name); ok {
			a = found
			count++
		}
	}
	if count > 1 {
		return "", "", invalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
	}
	return a, value, matchSDKAlgorithm(q, a)
}

// matchSDKAlgorithm holds the SDK's announcement against what it sent.
func matchSDKAlgorithm(q *request, a checksum.Algorithm) error {
	name := q.header("X-Amz-Sdk-Checksum-Algorithm")
	if name == "" {
		return nil
	}
	announced, ok := checksum.Parse(name)
	switch {
	case !ok:
		return invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.")
	case a == "" && announced != checksum.MD5:
		return invalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
	case a != "" && a != announced:
		return invalidRequest("Value for x-amz-sdk-checksum-algorithm header is invalid.")
	}
	return nil
}

// verify compares the digests when the source has ended; its error takes the place of io.EOF.
func (b *body) verify(r *checksum.Reader) error {
	if b.sha256 != nil && !bytes.Equal(r.Sum(checksum.SHA256), b.sha256) {
		return errSHA256Mismatch
	}
	if b.md5 != nil && !bytes.Equal(r.Sum(checksum.MD5), b.md5) {
		return errBadDigest
	}
	if b.declared == "" {
		return nil
	}
	want := b.expect
	if want == "" {
		want = b.trailer.Trailer().Get(b.declared.Header())
	}
	if want != checksum.Encode(r.Sum(b.declared)) {
		return badChecksum(b.declared)
	}
	return nil
}

func badChecksum(a checksum.Algorithm) error {
	e := *errBadDigest
	e.message = "The " + string(a) + " you specified did not match the calculated checksum."
	return &e
}

// Digest gives the driver what S3 shows of the content; valid once the body has ended.
func (b *body) Digest() drivers.Digest {
	return drivers.Digest{ETag: checksum.ETag(b.Sum(checksum.MD5)), Checksum: b.checksum(b.stored)}
}

// announced is what is known of the stored checksum before the body is read.
func (b *body) announced() checksum.Checksum {
	if b.stored == "" {
		return checksum.Checksum{}
	}
	c := checksum.Checksum{Algorithm: b.stored, Type: checksum.FullObject}
	if b.stored == b.declared {
		c.Value = b.expect
	}
	return c
}

// checksum is valid once the body has ended.
func (b *body) checksum(a checksum.Algorithm) checksum.Checksum {
	if a == "" {
		return checksum.Checksum{}
	}
	return checksum.New(a, b.Sum(a))
}

// maxDocument is the limit for XML documents in bytes: enough for 1,000 keys to delete, or 10,000 parts to complete, each
// with a SHA-512.
const maxDocument = 4 << 20

// readXML decodes a body that is an XML document, under the same rules for length, signature and digests.
func (q *request) readXML(v any, o bodyOptions) error {
	b, err := q.openBody(o)
	if err != nil {
		return err
	}
	defer b.Close()
	return s3xml.Decode(b, maxDocument, v)
}

// limitedBody fails when more than left bytes come.
type limitedBody struct {
	r    io.Reader
	left int64
}

func (l *limitedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errEntityTooLarge
	}
	return n, err
}

// countingBody counts what the client sent.
type countingBody struct {
	io.ReadCloser
	n int64
}

func (c *countingBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.n += int64(n)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = errIncompleteBody
	}
	return n, err
}

// withoutFraming returns a Content-Encoding without aws-chunked, which is of the request and not of the object. The rest stays
// as it was sent.
func withoutFraming(h http.Header) string {
	var kept []string
	for e := range strings.SplitSeq(strings.Join(h.Values("Content-Encoding"), ", "), ",") {
		if !strings.EqualFold(strings.TrimSpace(e), "aws-chunked") {
			kept = append(kept, e)
		}
	}
	return strings.TrimSpace(strings.Join(kept, ","))
}
