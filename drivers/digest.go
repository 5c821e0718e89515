package drivers

import (
	"bytes"
	"errors"
	"io"

	"sluice/drivers/checksum"
)

// Buffered is a body that is whole in memory: it has been read to its end and was judged good, so a driver may call Digest
// at once, and may send the body again after a failure.
type Buffered struct{ *bytes.Reader }

// SmallBody is the size in bytes up to which bodies are worth buffering so that a failed write can be repeated.
const SmallBody = 1 << 20

// DigestReader passes a body on and computes what S3 shows of it on the way: the MD5 for the ETag and one checksum.
type DigestReader struct {
	*checksum.Reader
	algorithm checksum.Algorithm
}

// NewDigestReader reads src, of size bytes (-1 if unknown). An empty algorithm computes the MD5 alone.
func NewDigestReader(src io.Reader, size int64, algorithm checksum.Algorithm) *DigestReader {
	algorithms := []checksum.Algorithm{checksum.MD5}
	if algorithm != "" && algorithm != checksum.MD5 {
		algorithms = append(algorithms, algorithm)
	}
	return &DigestReader{Reader: checksum.NewReader(src, size, algorithms...), algorithm: algorithm}
}

// Digest is valid after the reader has returned io.EOF.
func (r *DigestReader) Digest() Digest {
	d := Digest{ETag: checksum.ETag(r.Sum(checksum.MD5))}
	if r.algorithm != "" {
		d.Checksum = checksum.New(r.algorithm, r.Sum(r.algorithm))
	}
	return d
}

// WithDigest serves drivers: it returns body and digest as they are where digest is set, else a body that computes the
// MD5. done releases what that needs; it must be called once.
func WithDigest(body io.Reader, size int64, digest func() Digest) (r io.Reader, d func() Digest, done func()) {
	if digest != nil {
		return body, digest, func() {}
	}
	dr := NewDigestReader(body, size, "")
	return dr, dr.Digest, func() { _ = dr.Close() }
}

func isUnsupported(err error) bool { return errors.Is(err, ErrUnsupported) }

func isNotModified(err error) bool { return errors.Is(err, ErrNotModified) }
