//go:build unix

package local

import (
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"

	"sluice/drivers/checksum"
)

// wire reads the stored form of attributes. After a fault bad is set and everything reads as zero.
type wire struct {
	b   []byte
	bad bool
}

func (w *wire) take(n uint64) []byte {
	if n > uint64(len(w.b)) {
		w.bad, w.b = true, nil
		return nil
	}
	v := w.b[:n]
	w.b = w.b[n:]
	return v
}

func (w *wire) byte() byte {
	if v := w.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (w *wire) uint64() uint64 {
	if v := w.take(8); v != nil {
		return binary.LittleEndian.Uint64(v)
	}
	return 0
}

func (w *wire) uvarint() uint64 {
	v, n := binary.Uvarint(w.b)
	if n <= 0 {
		w.bad, w.b = true, nil
		return 0
	}
	w.b = w.b[n:]
	return v
}

func (w *wire) varint() int64 {
	v := w.uvarint()
	return int64(v>>1) ^ -int64(v&1)
}

// count reads how many things follow; each takes a byte at least, but for runs of parts.
func (w *wire) count() int {
	v := w.uvarint()
	if v > 1<<16 {
		w.bad = true
		return 0
	}
	return int(v)
}

func (w *wire) bytes() []byte { return w.take(w.uvarint()) }

func (w *wire) string() string { return string(w.bytes()) }

// storedAlgorithms are numbered by their place, which never changes.
var storedAlgorithms = []checksum.Algorithm{checksum.CRC32, checksum.CRC32C, checksum.CRC64NVME, checksum.SHA1, checksum.SHA256,
	checksum.SHA512, checksum.MD5, checksum.XXHASH64, checksum.XXHASH3, checksum.XXHASH128}

// The first byte of a checksum: noSum, textSum for one that is kept as text, else twice the algorithm's number, and one more
// where it is composite.
const (
	noSum   = 0xff
	textSum = 0xfe
)

// appendSum writes a checksum as its digest's bytes, which are half as long as the text.
func appendSum(b []byte, c checksum.Checksum) []byte {
	if c.Value == "" {
		return append(b, noSum)
	}
	i := slices.Index(storedAlgorithms, c.Algorithm)
	digest, parts, err := checksum.ParseValue(c.Algorithm, c.Value)
	if i < 0 || err != nil || c.Type != checksum.FullObject && c.Type != checksum.Composite {
		return appendStrings(append(b, textSum), string(c.Algorithm), string(c.Type), c.Value)
	}
	code := byte(2 * i)
	if c.Type == checksum.Composite {
		code++
	}
	b = append(append(b, code), digest...)
	return binary.AppendUvarint(b, uint64(parts))
}

// checksum reads what appendSum wrote.
func (w *wire) checksum() checksum.Checksum {
	code := w.byte()
	switch {
	case code == noSum:
		return checksum.Checksum{}
	case code == textSum:
		return checksum.Checksum{Algorithm: checksum.Algorithm(w.string()), Type: checksum.Type(w.string()), Value: w.string()}
	case int(code/2) >= len(storedAlgorithms):
		w.bad = true
		return checksum.Checksum{}
	}
	c := checksum.Checksum{Algorithm: storedAlgorithms[code/2], Type: checksum.FullObject}
	if code%2 == 1 {
		c.Type = checksum.Composite
	}
	c.Value = checksum.Encode(w.take(uint64(c.Algorithm.Size())))
	if parts := w.uvarint(); parts > 0 {
		c.Value += "-" + strconv.FormatUint(parts, 10)
	}
	return c
}

func (w *wire) etag() string {
	sum := hex.EncodeToString(w.take(16))
	if len(w.b) > 0 {
		sum += "-" + strconv.FormatUint(w.uvarint(), 10)
	}
	return sum
}

// parseCount parses the N of an ETag's "-N" in the one form that FormatUint writes.
func parseCount(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err == nil && strconv.FormatUint(n, 10) != s {
		err = strconv.ErrSyntax
	}
	return n, err
}
