package checksum

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strconv"
)

// polyNVME is the polynomial of CRC-64/NVME, least significant bit first.
const polyNVME = 0x9a6c9329ac4bc9b5

// Part is what Combine takes of each part of a multipart upload.
type Part struct {
	// Value is the part's checksum in base64.
	Value string
	// Size is the part's length in bytes; only FullObject needs it.
	Size int64
}

// Combine returns the checksum of an object from those of its parts, in order.
// As FullObject it is the CRC of the joined bytes, computed without them; as
// Composite the digest of the parts' digests with the suffix "-N". The error is
// ErrInvalid for a type that the algorithm does not support, no or too many
// parts, and a part without a valid value.
func Combine(a Algorithm, t Type, parts []Part) (Checksum, error) {
	if !a.Supports(t) {
		return Checksum{}, fmt.Errorf("%w: a multipart upload with %s cannot have the type %s", ErrInvalid, a, t)
	}
	if len(parts) == 0 || len(parts) > MaxParts {
		return Checksum{}, fmt.Errorf("%w: bad number of parts", ErrInvalid)
	}
	if t == Composite {
		return combineComposite(a, parts)
	}
	return combineFull(a, parts)
}

func combineComposite(a Algorithm, parts []Part) (Checksum, error) {
	h := a.New()
	for i, p := range parts {
		digest, err := partDigest(a, p, i)
		if err != nil {
			return Checksum{}, err
		}
		h.Write(digest)
	}
	value := Encode(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
	return Checksum{Algorithm: a, Type: Composite, Value: value}, nil
}

func combineFull(a Algorithm, parts []Part) (Checksum, error) {
	f := fieldOf(a)
	var crc, shift uint64
	shifted := int64(-1) // the length that shift stands for: parts are mostly equally long
	for i, p := range parts {
		digest, err := partDigest(a, p, i)
		if err != nil {
			return Checksum{}, err
		}
		if p.Size < 0 {
			return Checksum{}, fmt.Errorf("%w: part %d has a negative size", ErrInvalid, i+1)
		}
		if p.Size != shifted {
			shift, shifted = f.shift(uint64(p.Size)), p.Size
		}
		crc = f.mul(shift, crc) ^ bigEndian(digest)
	}
	sum := binary.BigEndian.AppendUint64(nil, crc)
	return New(a, sum[8-a.Size():]), nil
}

func partDigest(a Algorithm, p Part, i int) ([]byte, error) {
	digest, suffix, err := ParseValue(a, p.Value)
	if err == nil && suffix != 0 {
		err = fmt.Errorf("%w: a part's checksum has no number of parts", ErrInvalid)
	}
	if err != nil {
		return nil, fmt.Errorf("part %d: %w", i+1, err)
	}
	return digest, nil
}

func bigEndian(b []byte) uint64 {
	var v uint64
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// field is the ring of polynomials over GF(2) modulo a CRC's polynomial, with
// the coefficient of x^0 in the top bit, as reflected CRCs have it. Appending n
// bytes to a message multiplies its CRC by x^(8n), so
// crc(a·b) = crc(a)·x^(8·len(b)) + crc(b); the inversions before and after
// cancel out.
type field struct {
	poly, one uint64
}

func fieldOf(a Algorithm) field {
	switch a {
	case CRC32:
		return field{crc32.IEEE, 1 << 31}
	case CRC32C:
		return field{crc32.Castagnoli, 1 << 31}
	}
	return field{polyNVME, 1 << 63}
}

// mul returns a·b.
func (f field) mul(a, b uint64) uint64 {
	var product uint64
	for bit := f.one; bit != 0 && a != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
			a ^= bit
		}
		b = b>>1 ^ f.poly&-(b&1)
	}
	return product
}

// shift returns x^(8n), by squaring.
func (f field) shift(n uint64) uint64 {
	power, square := f.one, f.one>>8 // x^0, x^8
	for ; n != 0; n >>= 1 {
		if n&1 != 0 {
			power = f.mul(power, square)
		}
		square = f.mul(square, square)
	}
	return power
}
