package gcs

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sluice/drivers"
)

// The store takes any key as a name but for these: one with a line feed or carriage return, one that begins with acme and a
// slash, "." and ".." (https://cloud.google.com/storage/docs/objects#naming). Their objects have names that the store takes, that
// no other key has, and that sort as the keys do, so that one listing finds all in order:
//
//   - A line feed becomes a tab and two tops, a carriage return a form feed and two tops, the slash after acme a full stop and
//     two tops: the character before, then more than any key has there. A key that has that character and a top gets an \x01
//     behind them.
//   - "." and ".." get an \x01 behind them. A key that has \x00 or \x01 there gets two \x01 in between.
//
// All other keys are names as they are.
const (
	top  = "\U0010FFFF" // the last character there is
	acme = ".well-known/acme-challenge"
)

// special are the bytes that may make a name differ from its key anywhere.
const special = "\n\r\t\f"

// target returns the name for an object that is to be written.
func target(key string) (string, error) {
	if err := drivers.CheckKey(key); err != nil {
		return "", err
	}
	name := encode(key, true)
	if len(name) > drivers.MaxKeyLength {
		return "", fmt.Errorf("the store's name for it is %d bytes long: %w", len(name), drivers.ErrKeyTooLong)
	}
	return name, nil
}

// existing returns the name of an object that may be there.
func existing(key string) (string, error) {
	name, err := target(key)
	if err != nil {
		return "", fmt.Errorf("%w: %w", drivers.ErrNotFound, err)
	}
	return name, nil
}

// encode returns the name of a key; where it is not whole, what the names of all keys that begin with it begin with.
func encode(key string, whole bool) string {
	if key == "" || key[0] != '.' && !strings.ContainsAny(key, special) {
		return key
	}
	head, rest := encodeHead(key, whole)
	if head == "" && !strings.ContainsAny(rest, special) {
		return key
	}
	var b strings.Builder
	b.WriteString(head)
	for i := 0; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\n' || c == '\r':
			b.WriteByte(c - 1)
			b.WriteString(top + top)
		case (c == '\t' || c == '\f') && strings.HasPrefix(rest[i+1:], top):
			b.WriteByte(c)
			b.WriteString(top + "\x01")
			i += len(top)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// encodeHead encodes the beginning of a key, where it is one of those that count.
func encodeHead(key string, whole bool) (head, rest string) {
	if after, ok := strings.CutPrefix(key, acme); ok {
		if rest, ok := strings.CutPrefix(after, "/"); ok {
			return acme + "." + top + top, rest
		}
		if rest, ok := strings.CutPrefix(after, "."+top); ok {
			return acme + "." + top + "\x01", rest
		}
	}
	for _, dots := range []string{".", ".."} {
		switch rest, ok := strings.CutPrefix(key, dots); {
		case !ok:
		case rest == "" && whole:
			return dots + "\x01", ""
		case rest != "" && rest[0] <= '\x01':
			return dots + "\x01\x01", rest
		}
	}
	return "", key
}

// decode is the inverse of encode. ok is false for a name that is no key's, which only other tools can have made.
func decode(name string, whole bool) (key string, ok bool) {
	if name == "" || name[0] != '.' && !strings.ContainsAny(name, special) {
		return name, utf8.ValidString(name)
	}
	head, rest := decodeHead(name, whole)
	var b strings.Builder
	b.WriteString(head)
	for i := 0; i < len(rest); i++ {
		c, after := rest[i], rest[i+1:]
		switch {
		case c != '\t' && c != '\f':
			b.WriteByte(c)
		case strings.HasPrefix(after, top+top):
			b.WriteByte(c + 1)
			i += 2 * len(top)
		case strings.HasPrefix(after, top+"\x01"):
			b.WriteByte(c)
			b.WriteString(top)
			i += len(top) + 1
		default:
			b.WriteByte(c)
		}
	}
	key = b.String()
	return key, encode(key, whole) == name && utf8.ValidString(key)
}

func decodeHead(name string, whole bool) (head, rest string) {
	if after, ok := strings.CutPrefix(name, acme+"."+top); ok {
		if rest, ok := strings.CutPrefix(after, top); ok {
			return acme + "/", rest
		}
		if rest, ok := strings.CutPrefix(after, "\x01"); ok {
			return acme + "." + top, rest
		}
	}
	for _, dots := range []string{".", ".."} {
		switch rest, ok := strings.CutPrefix(name, dots+"\x01"); {
		case !ok:
		case rest == "" && whole:
			return dots, ""
		case strings.HasPrefix(rest, "\x01"):
			return dots, rest[1:]
		}
	}
	return "", name
}

// keepsDelimiter tells whether a delimiter is in a name wherever it is in the key, and nowhere else. (The slash that acme loses is
// not there, which lists more than need be, and not less.)
func keepsDelimiter(d string) bool { return !strings.ContainsAny(d, special+"\x01."+top) }

// startName returns a name that none of the names of what a listing is to give comes before; none tells that there is nothing.
func startName(o drivers.ListOptions) (name string, none bool) {
	after := o.Cursor.After
	if after == "" || after < o.Prefix {
		return "", false
	}
	from := after + "\x00"
	switch text := textOf(after); {
	case text != after:
		from = text
	case o.CommonPrefix(after) == after:
		if from = next(after); from == "" {
			return "", true
		}
	}
	name = encode(from, true)
	for len(name) > drivers.MaxKeyLength { // no name is as long
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name, false
}

// textOf returns what of s comes before anything that is not UTF-8.
func textOf(s string) string {
	for i, r := range s {
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return s[:i]
		}
	}
	return s
}

// next returns the first text after all that begin with prefix; "" if there is none.
func next(prefix string) string {
	for prefix != "" {
		r, n := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-n]
		switch {
		case r == 0xD7FF: // surrogates are no characters
			return prefix + "\uE000"
		case r < utf8.MaxRune:
			return prefix + string(r+1)
		}
	}
	return ""
}
