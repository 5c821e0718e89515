package awschunked

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"hash"
	"io"
	"net/http"

	"sluice/gateway/sigv4"
)

const (
	// MaxChunkSize is the largest chunk that is accepted, in bytes: the largest
	// object that one PUT may make.
	MaxChunkSize = 5 << 30
	// MinChunkSize is the least size in bytes that Amazon S3 asks of all chunks
	// but the last.
	MinChunkSize = 8 << 10

	maxLine      = 4 << 10 // a chunk header or a line of the trailer
	signatureKey = ";chunk-signature="
)

// Options tell how a body was declared.
type Options struct {
	// Payload is the declaration, as sigv4 read it from the headers.
	Payload sigv4.Payload
	// Chunks verifies the signatures of a payload that is signed.
	Chunks *sigv4.ChunkSigner
	// MinChunkSize, in bytes, is asked of all chunks but the last; 0 asks
	// nothing. Amazon S3's value is the constant of that name.
	MinChunkSize int64
}

// Reader takes the framing off a body. It buffers no more than a chunk header:
// data go straight into the buffer that Read was given.
type Reader struct {
	src     *bufio.Reader
	opts    Options
	sum     hash.Hash // of the current chunk; nil when chunks are unsigned
	digest  [sha256.Size]byte
	claimed sigv4.Signature
	number  int   // of the current chunk, from 1
	size    int64 // of the current chunk
	left    int64 // of the current chunk, still to be read
	missing int64 // of the decoded body, still to be read
	trailer http.Header
	err     error
}

// NewReader returns a Reader of body. It does not close body. A payload whose
// chunks are signed is refused when there is nothing to verify them with.
func NewReader(body io.Reader, o Options) (*Reader, error) {
	switch {
	case !o.Payload.Streaming() || o.Payload.DecodedLength < 0:
		return nil, malformedChunk("The body was not declared as aws-chunked.")
	case o.Payload.Signed() != (o.Chunks != nil):
		return nil, &sigv4.Error{Code: sigv4.CodeAccessDenied,
			Message: "The chunks of this body are signed, but the request is not."}
	}
	r := &Reader{src: bufio.NewReaderSize(body, maxLine), opts: o, missing: o.Payload.DecodedLength}
	if o.Chunks != nil {
		r.sum = sha256.New()
	}
	return r, nil
}

// Trailer returns the headers that followed the body, in canonical spelling and
// without the signature. It is nil until Read has returned io.EOF.
func (r *Reader) Trailer() http.Header {
	if r.err != io.EOF {
		return nil
	}
	return r.trailer
}

// Read decodes into p. It returns io.EOF together with the last bytes. An error
// other than io.EOF is final; errors in the framing are of type *sigv4.Error.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := r.read(p)
	if err != nil && err != io.EOF {
		n = 0
	}
	r.err = err
	return n, err
}

func (r *Reader) read(p []byte) (int, error) {
	if r.left == 0 {
		if err := r.nextChunk(); err != nil {
			return 0, err
		}
		if r.size == 0 {
			return 0, r.finish()
		}
	}
	n, err := io.ReadAtLeast(r.src, p[:min(int64(len(p)), r.left)], 1)
	if err != nil {
		return 0, readError(err)
	}
	if r.sum != nil {
		r.sum.Write(p[:n])
	}
	r.left -= int64(n)
	r.missing -= int64(n)
	if r.left > 0 {
		return n, nil
	}
	if err := r.endChunk(); err != nil || r.missing > 0 {
		return n, err
	}
	if err := r.nextChunk(); err != nil { // the body is complete: this has to be the last
		return n, err
	}
	return n, r.finish()
}

// nextChunk reads a chunk header.
func (r *Reader) nextChunk() error {
	line, err := r.line()
	if err != nil {
		return err
	}
	digits, extension := line, []byte(nil)
	if i := bytes.IndexByte(line, ';'); i >= 0 {
		digits, extension = line[:i], line[i:]
	}
	size, ok := parseHex(digits)
	if !ok {
		return malformedChunk("The size of a chunk must be a hexadecimal number.")
	}
	if err := r.parseExtension(extension); err != nil {
		return err
	}
	r.number++
	switch {
	case size > MaxChunkSize:
		return &sigv4.Error{Code: CodeInvalidChunkSize, Message: "A chunk is larger than the largest object may be."}
	case size > r.missing:
		return incomplete("The body is longer than X-Amz-Decoded-Content-Length says.")
	case size == 0 && r.missing > 0:
		return incomplete("The body is shorter than X-Amz-Decoded-Content-Length says.")
	case size > 0 && r.number > 1 && r.size < r.opts.MinChunkSize:
		return smallChunk(r.number, r.size, r.opts.MinChunkSize)
	}
	r.size, r.left = size, size
	return nil
}

func (r *Reader) parseExtension(ext []byte) error {
	if r.sum == nil {
		if len(ext) > 0 {
			return malformedChunk("Chunks of an unsigned payload have no extensions.")
		}
		return nil
	}
	sig, ok := bytes.CutPrefix(ext, []byte(signatureKey))
	if !ok || len(sig) != len(r.claimed) {
		return wrongSignature("chunk")
	}
	copy(r.claimed[:], sig)
	return nil
}

// endChunk verifies the chunk that was just read and the line end behind it.
func (r *Reader) endChunk() error {
	if err := r.blankLine(); err != nil {
		return err
	}
	return r.verifyChunk()
}

func (r *Reader) verifyChunk() error {
	if r.sum == nil {
		return nil
	}
	r.sum.Sum(r.digest[:0])
	r.sum.Reset()
	want := r.opts.Chunks.Chunk(r.digest)
	if subtle.ConstantTimeCompare(want[:], r.claimed[:]) != 1 {
		return wrongSignature("chunk")
	}
	return nil
}

// finish verifies all that follows the header of the last, empty chunk.
func (r *Reader) finish() error {
	if err := r.verifyChunk(); err != nil {
		return err
	}
	if lastChunkOnly(r.opts.Payload.Mode) {
		if err := r.blankLine(); err != nil {
			return err
		}
	} else if err := r.readTrailer(); err != nil {
		return err
	}
	switch _, err := r.src.ReadByte(); {
	case err == nil:
		return malformedChunk("There are data behind the end of the body.")
	case err != io.EOF:
		return readError(err)
	}
	return io.EOF
}

// line reads up to the next CRLF and returns what is before it, valid until the
// next read.
func (r *Reader) line() ([]byte, error) {
	line, err := r.src.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, malformedChunk("A chunk header is too long.")
	case err != nil:
		return nil, readError(err)
	}
	line, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok {
		return nil, malformedChunk("A chunk header must end in CR LF.")
	}
	return line, nil
}

func (r *Reader) blankLine() error {
	crlf, err := r.src.Peek(2)
	if err != nil {
		return readError(err)
	}
	if crlf[0] != '\r' || crlf[1] != '\n' {
		return malformedChunk("A chunk must end in CR LF where its size says.")
	}
	_, err = r.src.Discard(2)
	return err
}

// parseHex reads 1 to 15 hexadecimal digits, which cannot overflow.
func parseHex(s []byte) (n int64, ok bool) {
	if len(s) == 0 || len(s) > 15 {
		return 0, false
	}
	for _, c := range s {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		n = n<<4 | int64(c)
	}
	return n, true
}
