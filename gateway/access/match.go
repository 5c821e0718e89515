package access

import (
	"strings"
	"unicode/utf8"
)

// matchPieces reports whether pieces without variables describe the whole of
// s: * is any run of characters, / included, and ? is one character. With
// fold, ASCII letters of s match the literals' lower-case ones.
//
// A failed comparison goes back to the last * only, as everything before it
// stands at its earliest place. So the cost is about len(s), and with single
// wildcards after a * at most len(s) times their number, which the parser
// bounds.
func matchPieces(pieces []piece, s string, fold bool) bool {
	at, pos := 0, 0     // next piece, next byte of s
	star, from := -1, 0 // piece after the last *, where it was tried in s
	for at < len(pieces) || pos < len(s) {
		if at < len(pieces) {
			if pieces[at].kind == anyRun {
				if at++; at == len(pieces) {
					return true
				}
				star, from = at, pos
				continue
			}
			if n := pieces[at].prefix(s[pos:], fold); n >= 0 {
				at, pos = at+1, pos+n
				continue
			}
		}
		if star < 0 || from >= len(s) {
			return false
		}
		_, width := utf8.DecodeRuneInString(s[from:])
		next := pieces[star].find(s[from+width:], fold)
		if next < 0 {
			return false
		}
		from += width + next
		at, pos = star, from
	}
	return true
}

// prefix returns how many bytes of s the piece takes at its start, -1 for a
// mismatch.
func (p *piece) prefix(s string, fold bool) int {
	switch {
	case p.kind == anyOne:
		if s == "" {
			return -1
		}
		_, width := utf8.DecodeRuneInString(s)
		return width
	case fold && !hasPrefixFold(s, p.text), !fold && !strings.HasPrefix(s, p.text):
		return -1
	default:
		return len(p.text)
	}
}

// find returns where in s the piece could match first, -1 for nowhere.
func (p *piece) find(s string, fold bool) int {
	if p.kind == anyOne || fold {
		return 0 // the caller compares there and comes back
	}
	return strings.Index(s, p.text)
}

// hasPrefixFold is strings.HasPrefix with a lower-case ASCII prefix.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		c := s[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != prefix[i] {
			return false
		}
	}
	return true
}
