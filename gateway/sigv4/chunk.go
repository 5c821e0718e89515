package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// Signature is a signature as it goes over the wire: 64 lower-case hex digits.
type Signature [2 * sha256.Size]byte

// ChunkSigner computes the chain of signatures of a streaming upload, each over
// its predecessor, the first over the signature of the request's headers. It
// serves one body and is not safe for concurrent use.
// See "Signature calculations: transferring payload in multiple chunks" in the
// Amazon S3 API reference.
type ChunkSigner struct {
	mac  hash.Hash
	rest string // "\n<time>\n<scope>\n", between algorithm and previous signature
	prev Signature
	buf  []byte
	sum  [sha256.Size]byte
}

func newChunkSigner(key signingKey, amzDate, scope string, seed Signature) *ChunkSigner {
	return &ChunkSigner{
		mac:  hmac.New(sha256.New, key[:]),
		rest: "\n" + amzDate + "\n" + scope + "\n",
		prev: seed,
	}
}

// Chunk returns the signature of the next chunk, whose data have the given
// SHA-256, and moves the chain on.
func (s *ChunkSigner) Chunk(sum [sha256.Size]byte) Signature {
	return s.next("AWS4-HMAC-SHA256-PAYLOAD", "\n"+EmptySHA256+"\n", sum)
}

// Trailer returns the signature of the trailer, the end of the chain. sum is
// the SHA-256 of the trailer's "name:value\n" lines.
func (s *ChunkSigner) Trailer(sum [sha256.Size]byte) Signature {
	return s.next("AWS4-HMAC-SHA256-TRAILER", "\n", sum)
}

func (s *ChunkSigner) next(algorithm, glue string, sum [sha256.Size]byte) Signature {
	b := append(s.buf[:0], algorithm...)
	b = append(b, s.rest...)
	b = append(b, s.prev[:]...)
	b = append(b, glue...)
	s.buf = hex.AppendEncode(b, sum[:])

	s.mac.Reset()
	s.mac.Write(s.buf)
	hex.Encode(s.prev[:], s.mac.Sum(s.sum[:0]))
	return s.prev
}
