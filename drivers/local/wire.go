//go:build unix

package local

import (
	"encoding/binary"
	"encoding/hex"
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

// checksum reads what follows the name of a checksum's algorithm.
func (w *wire) checksum(algorithm string) checksum.Checksum {
	a, ok := checksum.Parse(algorithm)
	if !ok {
		a = checksum.Algorithm(algorithm)
	}
	t := checksum.Type(w.string())
	return checksum.Checksum{Algorithm: a, Type: t, Value: w.string()}
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
