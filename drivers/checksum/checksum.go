package checksum

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// MaxParts is how many parts an object can have: the largest N of the suffix
// "-N" of a composite checksum or a multipart ETag.
const MaxParts = 10_000

// ErrInvalid is a value that is no checksum of its algorithm, or a combination
// that S3 does not know. The gateway answers it with InvalidRequest.
var ErrInvalid = errors.New("invalid checksum")

// Checksum is the checksum of an object or of a part.
type Checksum struct {
	Algorithm Algorithm
	Type      Type
	// Value is the digest in standard base64 with padding; of an object of
	// type Composite it ends in "-N", N being the number of parts.
	Value string
}

// New returns the checksum with that digest of a whole object or part.
func New(a Algorithm, digest []byte) Checksum {
	return Checksum{Algorithm: a, Type: FullObject, Value: Encode(digest)}
}

// Encode returns a digest as S3 shows it, in standard base64 with padding.
func Encode(digest []byte) string { return base64.StdEncoding.EncodeToString(digest) }

// Digest returns the bytes that Value encodes, and an error that is ErrInvalid
// when it is not a well-formed value.
func (c Checksum) Digest() ([]byte, error) {
	digest, _, err := ParseValue(c.Algorithm, c.Value)
	return digest, err
}

// Bare returns Value without the suffix "-N", as GetObjectAttributes shows it.
func (c Checksum) Bare() string {
	bare, _, _ := strings.Cut(c.Value, "-") // "-" is not in the alphabet of base64
	return bare
}

// ParseValue decodes a value of algorithm a. parts is the N of a suffix "-N",
// or 0 without one. The error is ErrInvalid when the value is not base64 of the
// algorithm's length, or N is not a number of parts.
func ParseValue(a Algorithm, value string) (digest []byte, parts int, err error) {
	bare, suffix, composite := strings.Cut(value, "-")
	if composite {
		if parts, err = parseParts(suffix); err != nil {
			return nil, 0, err
		}
	}
	size := a.Size()
	if size == 0 {
		return nil, 0, fmt.Errorf("%w: unknown algorithm", ErrInvalid)
	}
	// The decoder skips line breaks, so the length is compared first.
	if len(bare) != base64.StdEncoding.EncodedLen(size) {
		return nil, 0, fmt.Errorf("%w: %s takes base64 of %d bytes", ErrInvalid, a, size)
	}
	digest, err = base64.StdEncoding.Strict().DecodeString(bare)
	if err != nil || len(digest) != size {
		return nil, 0, fmt.Errorf("%w: %s takes base64 of %d bytes", ErrInvalid, a, size)
	}
	return digest, parts, nil
}

// parseParts parses the N of "-N": decimal, no sign, no leading zero.
func parseParts(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil || n == 0 || n > MaxParts || s[0] == '0' {
		return 0, fmt.Errorf("%w: bad number of parts", ErrInvalid)
	}
	return int(n), nil
}
