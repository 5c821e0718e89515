package awschunked

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"sluice/gateway/sigv4"
)

const (
	maxTrailer       = 16 << 10 // bytes, line ends included
	trailerSignature = "x-amz-trailer-signature"
)

// trailerBlock is a trailer while it is being read.
type trailerBlock struct {
	declared  []string // lower-case names
	header    http.Header
	canonical []byte // "name:value\n" lines, what is signed
	signature string
	signed    bool // a signature is expected
	blank     int  // blank lines so far
	ended     bool // the last line was blank
}

// readTrailer reads to the end of the body. Clients differ in their line ends:
// minio-go ends each header with a bare LF and puts a blank line before the
// signature, or a second one at the end; others put the blank line of the last
// chunk before the headers. These are taken; headers on both sides of a blank
// line are not, as nothing may follow the end.
func (r *Reader) readTrailer() error {
	t := trailerBlock{
		declared: r.opts.Payload.Trailers,
		header:   make(http.Header),
		signed:   r.sum != nil,
	}
	for total := 0; ; {
		line, err := r.src.ReadSlice('\n')
		total += len(line)
		switch {
		case err == io.EOF && len(line) == 0:
			return r.acceptTrailer(&t)
		case errors.Is(err, bufio.ErrBufferFull) || total > maxTrailer:
			return malformedTrailer("The trailer is too long.")
		case err != nil:
			return readError(err)
		}
		line = bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'})
		if err := t.add(string(line)); err != nil {
			return err
		}
	}
}

func (t *trailerBlock) add(line string) error {
	t.ended = line == ""
	if t.ended {
		if t.blank++; t.blank > 2 {
			return malformedTrailer("There are data behind the trailer.")
		}
		return nil
	}
	name, value, ok := strings.Cut(line, ":")
	name, value = strings.ToLower(strings.Trim(name, " ")), strings.Trim(value, " ")
	switch {
	case !ok || !printable(line):
		return malformedTrailer("The trailer must consist of lines of the form name:value.")
	case t.signature != "":
		return malformedTrailer("There are data behind the signature of the trailer.")
	case name == trailerSignature && t.signed:
		t.signature = value
		return nil
	case t.blank > 0 && len(t.header) > 0:
		return malformedTrailer("There are data behind the trailer.")
	case !slices.Contains(t.declared, name):
		return malformedTrailer("The trailer has a header that X-Amz-Trailer does not announce.")
	}
	key := http.CanonicalHeaderKey(name)
	if _, dup := t.header[key]; dup {
		return malformedTrailer("The trailer has a header twice.")
	}
	t.header[key] = []string{value}
	t.canonical = append(t.canonical, name+":"+value+"\n"...)
	return nil
}

func (r *Reader) acceptTrailer(t *trailerBlock) error {
	if !t.ended {
		return incomplete("The request body terminated unexpectedly")
	}
	for _, name := range t.declared {
		if _, ok := t.header[http.CanonicalHeaderKey(name)]; !ok {
			return malformedTrailer("The trailer lacks a header that X-Amz-Trailer announces.")
		}
	}
	if t.signed {
		want := r.opts.Chunks.Trailer(sha256.Sum256(t.canonical))
		if subtle.ConstantTimeCompare(want[:], []byte(t.signature)) != 1 {
			return wrongSignature("trailer")
		}
	}
	r.trailer = t.header
	return nil
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// lastChunkOnly reports whether a mode ends without a trailer.
func lastChunkOnly(m sigv4.PayloadMode) bool { return m == sigv4.SignedChunks }
