package s3xml

import (
	"strconv"
	"unicode/utf8"
)

// appendText appends s as the text of an element. Like S3 it writes what XML
// 1.0 cannot hold as a character reference all the same (a key with U+001B
// becomes &#x1b;, which many parsers refuse; encoding-type=url is the way out).
// Tab, line feed and carriage return are references too, so that they survive
// parsing. Bytes that are not UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if !special(c) {
				i++
				continue
			}
			b = append(b, s[start:i]...)
			b = appendEscape(b, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b = append(b, s[start:i]...)
			b = append(b, "\uFFFD"...)
			start = i + size
		case r == 0xFFFE || r == 0xFFFF:
			b = append(b, s[start:i]...)
			b = appendReference(b, uint64(r))
			start = i + size
		}
		i += size
	}
	return append(b, s[start:]...)
}

// specials has a bit for each ASCII character that needs an escape; there are
// none above '?'.
const specials uint64 = 1<<' ' - 1 | 1<<'"' | 1<<'&' | 1<<'<' | 1<<'>'

func special(c byte) bool { return c < 64 && specials>>c&1 != 0 }

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '&':
		return append(b, "&amp;"...)
	case '<':
		return append(b, "&lt;"...)
	case '>':
		return append(b, "&gt;"...)
	case '"':
		return append(b, "&quot;"...)
	}
	return appendReference(b, uint64(c))
}

func appendReference(b []byte, r uint64) []byte {
	b = append(b, "&#x"...)
	b = strconv.AppendUint(b, r, 16)
	return append(b, ';')
}

// appendURL appends s as encoding-type=url asks for: all but letters, digits
// and - _ . * / as %XX of the bytes, so that keys that are not UTF-8 survive
// too. S3 itself writes a space as "+"; "%20" means the same to clients that
// decode as S3 writes, and the right thing to those that decode percents only.
func appendURL(b []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		if c := s[i]; unreserved(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return b
}

func unreserved(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	return c == '-' || c == '_' || c == '.' || c == '*' || c == '/'
}
