package sigv4

import (
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
)

// The values of X-Amz-Content-Sha256 that are not a digest.
const (
	UnsignedPayload          = "UNSIGNED-PAYLOAD"
	StreamingPayload         = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingPayloadTrailer  = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingUnsignedTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
)

// EmptySHA256 is the SHA-256 of no bytes, in hexadecimal.
const EmptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

const maxTrailers = 16

// PayloadMode says how a request declares its body.
type PayloadMode uint8

// The modes, one for each form of X-Amz-Content-Sha256.
const (
	// Unsigned: the body is sent as it is and nothing covers it.
	Unsigned PayloadMode = iota
	// Literal: the body is sent as it is and has the given SHA-256.
	Literal
	// SignedChunks: aws-chunked, every chunk signed.
	SignedChunks
	// SignedChunksTrailer: aws-chunked, every chunk and the trailer signed.
	SignedChunksTrailer
	// UnsignedChunksTrailer: aws-chunked without signatures, then a trailer.
	UnsignedChunksTrailer
)

// Payload is the declared form of a request body.
type Payload struct {
	Mode PayloadMode
	// SHA256 is the digest that the body must have; only in mode Literal.
	SHA256 [32]byte
	// DecodedLength is the object's size in bytes once the chunk framing is
	// taken off; -1 unless Streaming.
	DecodedLength int64
	// Trailers are the lower-case names announced by X-Amz-Trailer.
	Trailers []string
}

// Streaming reports whether the body is framed as aws-chunked.
func (p Payload) Streaming() bool { return p.Mode >= SignedChunks }

// Signed reports whether the chunks carry signatures.
func (p Payload) Signed() bool { return p.Mode == SignedChunks || p.Mode == SignedChunksTrailer }

// DeclaredPayload reads the declaration from the headers alone. It is for
// anonymous requests, which may also be framed; Verify reads it for signed ones.
// Without X-Amz-Content-Sha256 the body counts as Unsigned.
func DeclaredPayload(h http.Header) (Payload, error) {
	text, ok, err := single(h, headerContentSHA256)
	if err != nil {
		return Payload{}, err
	}
	if !ok {
		text = UnsignedPayload
	}
	return parsePayload(text, h)
}

func parsePayload(text string, h http.Header) (Payload, error) {
	p := Payload{DecodedLength: -1}
	switch text {
	case UnsignedPayload:
		p.Mode = Unsigned
	case StreamingPayload:
		p.Mode = SignedChunks
	case StreamingPayloadTrailer:
		p.Mode = SignedChunksTrailer
	case StreamingUnsignedTrailer:
		p.Mode = UnsignedChunksTrailer
	default:
		if len(text) != 2*len(p.SHA256) {
			return p, badContentSHA256(text)
		}
		if _, err := hex.Decode(p.SHA256[:], []byte(text)); err != nil {
			return p, badContentSHA256(text)
		}
		p.Mode = Literal
	}
	if err := p.parseDecodedLength(h); err != nil {
		return p, err
	}
	return p, p.parseTrailers(h)
}

// parseDecodedLength also refuses a decoded length beside a body that is not
// framed: no reader could say which of the two lengths is the true one.
func (p *Payload) parseDecodedLength(h http.Header) error {
	text, ok, err := single(h, headerDecodedLength)
	switch {
	case err != nil:
		return err
	case !ok && p.Streaming():
		return refuse(CodeMissingContentLength, "A streaming upload needs the X-Amz-Decoded-Content-Length header.")
	case !ok:
		return nil
	case !p.Streaming():
		return refuse(CodeInvalidRequest, "X-Amz-Decoded-Content-Length is only valid with a streaming X-Amz-Content-Sha256.")
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return refuse(CodeInvalidArgument, "X-Amz-Decoded-Content-Length must be a non-negative integer.")
	}
	p.DecodedLength = int64(n)
	return nil
}

func (p *Payload) parseTrailers(h http.Header) error {
	values := h[headerTrailer]
	if len(values) == 0 {
		return nil
	}
	if p.Mode != SignedChunksTrailer && p.Mode != UnsignedChunksTrailer {
		return refuse(CodeMalformedTrailer, "X-Amz-Trailer is only valid with an X-Amz-Content-Sha256 that announces a trailer.")
	}
	for _, v := range values {
		for name := range strings.SplitSeq(v, ",") {
			name = lower(strings.Trim(name, " \t"))
			if !isToken(name) || len(p.Trailers) == maxTrailers {
				return refuse(CodeMalformedTrailer, "X-Amz-Trailer must list a few header names, separated by commas.")
			}
			p.Trailers = append(p.Trailers, name)
		}
	}
	return nil
}

func badContentSHA256(text string) *Error {
	if len(text) > 128 {
		text = text[:128]
	}
	return refuse(CodeInvalidArgument,
		"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, "+StreamingUnsignedTrailer+", "+StreamingPayload+", "+
			StreamingPayloadTrailer+" or a valid sha256 value.",
		Detail{"ArgumentName", "x-amz-content-sha256"}, Detail{"ArgumentValue", text})
}

// isToken reports whether s is a header name in lower case.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-':
		case strings.IndexByte("!#$%&'*+.^_`|~", c) < 0:
			return false
		}
	}
	return s != ""
}

// lower lowers ASCII alone: strings.ToLower turns some other letters into ASCII
// ones, which would give one header name two spellings.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}, s)
}
