//go:build unix

package local

import (
	"strings"
	"unicode/utf8"
)

// Names of files that stand for what a file name cannot say. No other name that begins with reserved is an object's.
const (
	reserved     = ".sluice%"
	escapedName  = reserved + "="    // then the segment, percent-encoded where needed
	continuation = reserved + "+"    // a folder: then the first piece of a long segment; what it holds goes on with it
	selfName     = reserved + "self" // in the folder "a": the object "a", when "a/b" lives beside it
	movingName   = reserved + "move" // a folder, with a number after it: holds an object that is on its way into one (move.go)

	maxName = 255 // bytes of a file name, on every file system of note
)

// codec maps keys to paths of files, and back, one to one. A key is cut at "/" into segments; a segment that can be a
// file name is its own name. The others ("", ".", "..", with NUL, longer than a name may be, or in the reserved space)
// are written with a reserved prefix, in lower-case percent-encoding.
//
// portable is for file systems that fold letter case or normalize Unicode: there also upper-case letters, all that is
// not ASCII and what Windows forbids is percent-encoded, so that keys which differ never meet in one file.
type codec struct{ portable bool }

// nameKind is what a file name stands for.
type nameKind uint8

const (
	foreignName nameKind = iota // no key has this name
	segmentName
	continuationName
	selfObject
	movingObject
)

// path returns the file of key, relative to its bucket's folder.
func (c codec) path(key string) string {
	if c.plainPath(key) {
		return key
	}
	var b strings.Builder
	for i, seg := range strings.Split(key, "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		c.segment(&b, seg)
	}
	return b.String()
}

// plainPath tells whether every segment is its own name.
func (c codec) plainPath(key string) bool {
	for {
		seg, rest, more := strings.Cut(key, "/")
		if !c.plain(seg) || len(seg) > maxName {
			return false
		}
		if !more {
			return true
		}
		key = rest
	}
}

// plain tells whether a segment, but for its length, can be a file name as it is.
func (c codec) plain(seg string) bool {
	if seg == "" || seg == "." || seg == ".." || strings.HasPrefix(seg, reserved) || strings.IndexByte(seg, 0) >= 0 {
		return false
	}
	return !c.portable || portableName(seg)
}

// segment writes the names of one segment: one, or a chain of continuation folders and a last name.
func (c codec) segment(b *strings.Builder, seg string) {
	for {
		if c.plain(seg) && len(seg) <= maxName {
			b.WriteString(seg)
			return
		}
		escaped := c.escape(seg)
		if !c.plain(seg) && len(escapedName)+len(escaped) <= maxName {
			b.WriteString(escapedName + escaped)
			return
		}
		n := c.piece(seg)
		b.WriteString(continuation + c.escape(seg[:n]) + "/")
		seg = seg[n:]
	}
}

// piece returns how much of a long segment goes into the name of a continuation folder: as many whole characters as fit.
func (c codec) piece(seg string) int {
	room, n := maxName-len(continuation), 0
	for n < len(seg) {
		_, size := utf8.DecodeRuneInString(seg[n:])
		if room -= len(c.escape(seg[n : n+size])); room < 0 || n+size == len(seg) {
			break
		}
		n += size
	}
	return n
}

// decode is the inverse of segment for a single name: the segment, or the piece of one. Names that segment never
// writes are foreign.
func (c codec) decode(name string) (string, nameKind) {
	switch {
	case name == selfName:
		return "", selfObject
	case strings.HasPrefix(name, movingName):
		return name[len(movingName):], movingObject
	case strings.HasPrefix(name, escapedName):
		seg, ok := c.unescape(name[len(escapedName):])
		if !ok || c.plain(seg) {
			return "", foreignName
		}
		return seg, segmentName
	case strings.HasPrefix(name, continuation):
		piece, ok := c.unescape(name[len(continuation):])
		if !ok || piece == "" {
			return "", foreignName
		}
		return piece, continuationName
	case !c.plain(name) || !utf8.ValidString(name):
		return "", foreignName
	}
	return name, segmentName
}

// canonical tells whether a segment that was read from a chain of names is written by just this chain.
func (c codec) canonical(seg, chain string) bool {
	var b strings.Builder
	c.segment(&b, seg)
	return b.String() == chain
}

const hexDigits = "0123456789abcdef"

func (c codec) escapes(b byte) bool {
	return b == 0 || b == '%' || c.portable && (b == '.' || b == ' ' || !portableByte(b))
}

func (c codec) escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c.escapes(s[i]) {
			b.WriteByte('%')
			b.WriteByte(hexDigits[s[i]>>4])
			b.WriteByte(hexDigits[s[i]&15])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// unescape undoes escape; ok is false for what escape does not write.
func (c codec) unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		hi, lo := strings.IndexByte(hexDigits, s[i+1]), strings.IndexByte(hexDigits, s[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		b.WriteByte(byte(hi<<4 | lo))
		i += 2
	}
	out := b.String()
	return out, utf8.ValidString(out) && c.escape(out) == s
}
