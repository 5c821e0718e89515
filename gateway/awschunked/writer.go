package awschunked

import (
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sluice/gateway/sigv4"
)

// Writer puts the framing around a body: each Write makes one chunk, so its
// callers choose the chunk size.
type Writer struct {
	dst    io.Writer
	mode   sigv4.PayloadMode
	chunks *sigv4.ChunkSigner
	buf    []byte
}

// NewWriter returns a Writer for a streaming mode. chunks, from sigv4.Sign, is
// needed when the mode is a signed one and ignored otherwise.
func NewWriter(dst io.Writer, mode sigv4.PayloadMode, chunks *sigv4.ChunkSigner) *Writer {
	if !(sigv4.Payload{Mode: mode}).Signed() {
		chunks = nil
	}
	return &Writer{dst: dst, mode: mode, chunks: chunks}
}

// Write sends p as one chunk; an empty p sends nothing.
func (w *Writer) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	w.header(p)
	if _, err := w.dst.Write(w.buf); err != nil {
		return 0, err
	}
	n, err := w.dst.Write(p)
	if err == nil {
		_, err = io.WriteString(w.dst, "\r\n")
	}
	return n, err
}

// Close sends the last chunk and the trailer, whose headers come in the order of
// their names and have one value each. It does not close the destination.
func (w *Writer) Close(trailer http.Header) error {
	if lastChunkOnly(w.mode) && len(trailer) > 0 {
		return errors.New("awschunked: this payload mode has no trailer")
	}
	w.header(nil)
	if !lastChunkOnly(w.mode) {
		w.trailer(trailer)
	}
	_, err := w.dst.Write(append(w.buf, "\r\n"...))
	return err
}

// header puts a chunk header into the buffer.
func (w *Writer) header(p []byte) {
	w.buf = strconv.AppendInt(w.buf[:0], int64(len(p)), 16)
	if w.chunks != nil {
		sig := w.chunks.Chunk(sha256.Sum256(p))
		w.buf = append(append(w.buf, signatureKey...), sig[:]...)
	}
	w.buf = append(w.buf, "\r\n"...)
}

func (w *Writer) trailer(h http.Header) {
	var lines []string
	for key := range h {
		lines = append(lines, strings.ToLower(key)+":"+h.Get(key))
	}
	slices.Sort(lines)
	var canonical []byte
	for _, l := range lines {
		canonical = append(append(canonical, l...), '\n')
		w.buf = append(append(w.buf, l...), "\r\n"...)
	}
	if w.chunks != nil {
		sig := w.chunks.Trailer(sha256.Sum256(canonical))
		w.buf = append(append(w.buf, trailerSignature+":"...), sig[:]...)
		w.buf = append(w.buf, "\r\n"...)
	}
}

// EncodedLength returns the Content-Length, in bytes, of a body of the given
// decoded length that is written in chunks of chunkSize. Of the trailer only the
// lengths of the values count, so they may be placeholders.
func EncodedLength(mode sigv4.PayloadMode, decoded, chunkSize int64, trailer http.Header) int64 {
	signature := int64(len(signatureKey) + len(sigv4.Signature{}))
	signed := (sigv4.Payload{Mode: mode}).Signed()
	chunk := func(size int64) int64 { // all but the data's own line end
		n := int64(len(strconv.FormatInt(size, 16))+2) + size
		if signed {
			n += signature
		}
		return n
	}
	n := decoded / chunkSize * (chunk(chunkSize) + 2)
	if last := decoded % chunkSize; last > 0 {
		n += chunk(last) + 2
	}
	n += chunk(0) + 2
	for key := range trailer {
		n += int64(len(key) + len(":\r\n") + len(trailer.Get(key)))
	}
	if signed && !lastChunkOnly(mode) {
		n += int64(len(trailerSignature) + len(":\r\n") + len(sigv4.Signature{}))
	}
	return n
}
