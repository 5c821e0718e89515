package azure

import (
	"strings"
	"unicode/utf8"

	"sluice/drivers"
)

// maxSegments is how many path segments a blob's name may have.
// https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-containers--blobs--and-metadata
const maxSegments = 254

// takes tells whether a blob can be called that and is listed where S3 lists it. The service refuses or garbles control characters,
// backslashes, code points that are no characters, and segments that end with a dot ("." and ".." among them). It compares names by
// UTF-16 code units, which for characters beyond U+FFFF is another order than that of bytes.
func takes(name string) bool {
	if name == "" || len(name) > drivers.MaxKeyLength || !utf8.ValidString(name) {
		return false
	}
	if strings.Contains(name, "./") || strings.HasSuffix(name, ".") || strings.Count(strings.TrimSuffix(name, "/"), "/") >= maxSegments {
		return false
	}
	return strings.IndexFunc(name, garbled) < 0
}

func garbled(r rune) bool {
	switch {
	case r < 0x20, r == '\\', 0x7f <= r && r <= 0x9f, r > 0xfffd:
		return true
	case 0xd800 <= r && r <= 0xf8ff: // surrogates and private use
		return true
	case 0xfdd0 <= r && r <= 0xfdef, r == 0xfeff, 0xfff0 <= r && r <= 0xfff8:
		return true
	}
	return r == utf8.RuneError
}

// floor returns a name that no blob before after has and that the service can be asked to start from: after itself, or the first of
// those names that follow it. It is "" where none follows.
func floor(after string) string {
	i := strings.IndexFunc(after, garbled)
	if i < 0 {
		return after
	}
	head := []rune(after[:i])
	r, size := utf8.DecodeRuneInString(after[i:])
	if r == utf8.RuneError && size <= 1 { // not UTF-8: what sorts after it is of no account
		return string(head)
	}
	for next := r; ; {
		if next++; next <= 0xfffd {
			if !garbled(next) {
				return string(append(head, next))
			}
			continue
		}
		if len(head) == 0 {
			return ""
		}
		next, head = head[len(head)-1], head[:len(head)-1]
	}
}

// isContainer tells whether a container can have that name, in which S3's dots are not allowed. The service's own begin with "$".
func isContainer(name string) bool {
	if len(name) < 3 || len(name) > 63 || name[0] == '-' || name[len(name)-1] == '-' || strings.Contains(name, "--") {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) < 0
}
