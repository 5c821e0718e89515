package checksum

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// ETag returns the ETag of an object or part with that MD5, without quotes.
func ETag(sum []byte) string { return hex.EncodeToString(sum) }

// MultipartETag returns the ETag of an object from the ETags of its parts, in
// order: the MD5 of their MD5s, in hexadecimal, with the suffix "-N", without
// quotes. Quotes around the parts' ETags are taken as absent. The error is
// ErrInvalid for no or too many parts, and a part whose ETag is not an MD5.
func MultipartETag(parts []string) (string, error) {
	if len(parts) == 0 || len(parts) > MaxParts {
		return "", fmt.Errorf("%w: bad number of parts", ErrInvalid)
	}
	h := md5.New()
	var sum [md5.Size]byte
	for i, tag := range parts {
		tag = strings.Trim(tag, `"`)
		if len(tag) != 2*md5.Size {
			return "", fmt.Errorf("%w: the ETag of part %d is not an MD5", ErrInvalid, i+1)
		}
		if _, err := hex.Decode(sum[:], []byte(tag)); err != nil {
			return "", fmt.Errorf("%w: the ETag of part %d is not an MD5", ErrInvalid, i+1)
		}
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil)) + "-" + strconv.Itoa(len(parts)), nil
}
