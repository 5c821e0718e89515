package drivers

import "unicode/utf8"

// CheckKey returns ErrInvalid or ErrKeyTooLong for what S3 does not take as a key.
func CheckKey(key string) error {
	switch {
	case key == "" || !utf8.ValidString(key):
		return ErrInvalid
	case len(key) > MaxKeyLength:
		return ErrKeyTooLong
	}
	return nil
}

// Successor returns the smallest string that is greater than every string with the prefix p; "" if there is none.
func Successor(p string) string {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i] < 0xff {
			b := append([]byte(p[:i]), p[i]+1)
			return string(b)
		}
	}
	return ""
}
