package integration

import (
	"crypto/sha256"
	"hash"
	"io"
	"math/rand/v2"
	"testing"
)

// content is a stream of n random bytes, the same for the same seed. It cannot
// be rewound, as a pipe cannot.
func content(seed uint64, n int64) io.Reader {
	key := [32]byte{}
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return io.LimitReader(rand.NewChaCha8(key), n)
}

// contentBytes is content in memory.
func contentBytes(seed uint64, n int64) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(content(seed, n), b); err != nil {
		panic(err) // an endless source cannot end
	}
	return b
}

// sum is the digest of a stream that has been read to its end.
type sum [sha256.Size]byte

// digest reads r to its end.
func digest(t *testing.T, r io.Reader) (sum, int64) {
	t.Helper()
	h := sha256.New()
	n, err := io.Copy(h, r)
	if err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	return total(h), n
}

// total is h's digest.
func total(h hash.Hash) sum { return sum(h.Sum(nil)) }

// expectContent fails unless r holds content(seed, n).
func expectContent(t *testing.T, r io.Reader, seed uint64, n int64) {
	t.Helper()
	got, size := digest(t, r)
	want, _ := digest(t, content(seed, n))
	if got != want {
		t.Errorf("content differs: %d bytes, want %d", size, n)
	}
}
