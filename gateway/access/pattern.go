package access

import (
	"errors"
	"fmt"
	"strings"
)

type pieceKind uint8

const (
	literal  pieceKind = iota
	anyOne             // ?
	anyRun             // *
	variable           // ${key} or ${key, 'text'}
)

// piece is one part of a pattern.
type piece struct {
	kind        pieceKind
	text        string // a literal's text, or a variable's key in canonical form
	fallback    string // a variable's default value
	hasFallback bool
}

// pattern is a compiled text of a policy. Immutable.
type pattern struct {
	pieces  []piece
	dynamic bool // holds variables
}

// syntax says which marks of a text are more than plain characters.
type syntax uint8

const (
	wildcards syntax = 1 << iota
	variables
)

// textSyntax is the syntax of resources and condition values.
func (p *parser) textSyntax(wild syntax) syntax {
	if p.variables {
		wild |= variables
	}
	return wild
}

func compilePattern(text string, s syntax) (pattern, error) {
	var p pattern
	for text != "" {
		var next piece
		switch {
		case s&wildcards != 0 && text[0] == '*':
			next, text = piece{kind: anyRun}, text[1:]
		case s&wildcards != 0 && text[0] == '?':
			next, text = piece{kind: anyOne}, text[1:]
		case s&variables != 0 && strings.HasPrefix(text, "${"):
			var err error
			if next, text, err = parseVariable(text); err != nil {
				return p, err
			}
		default:
			n := plainLength(text, s)
			next, text = piece{kind: literal, text: text[:n]}, text[n:]
		}
		p.add(next)
	}
	return p, nil
}

// plainLength is how many bytes come before the next mark; at least one, as
// the first byte is known not to be one.
func plainLength(text string, s syntax) int {
	for i := 1; i < len(text); i++ {
		if s&wildcards != 0 && (text[i] == '*' || text[i] == '?') ||
			s&variables != 0 && strings.HasPrefix(text[i:], "${") {
			return i
		}
	}
	return len(text)
}

// add appends a piece, joining neighbours that say the same as one.
func (p *pattern) add(next piece) {
	p.dynamic = p.dynamic || next.kind == variable
	if len(p.pieces) > 0 {
		last := &p.pieces[len(p.pieces)-1]
		if last.kind == anyRun && next.kind == anyRun {
			return
		}
		if last.kind == literal && next.kind == literal {
			last.text += next.text
			return
		}
	}
	p.pieces = append(p.pieces, next)
}

// parseVariable reads the variable at the start of text and returns the rest.
// ${*}, ${?} and ${$} are those characters themselves.
func parseVariable(text string) (piece, string, error) {
	end := variableEnd(text)
	if end < 0 {
		return piece{}, "", fmt.Errorf("holds %s, which does not end its policy variable", quote(text))
	}
	body, rest := text[len("${"):end-1], text[end:]
	if body == "*" || body == "?" || body == "$" {
		return piece{kind: literal, text: body}, rest, nil
	}
	key, fallback, hasFallback := strings.Cut(body, ",")
	v := piece{kind: variable, hasFallback: hasFallback}
	var err error
	if v.text, err = canonicalKey(strings.TrimSpace(key)); err != nil {
		return piece{}, "", err
	}
	if hasFallback {
		fallback = strings.TrimSpace(fallback)
		if len(fallback) < 2 || fallback[0] != '\'' || strings.IndexByte(fallback[1:], '\'') != len(fallback)-2 {
			return piece{}, "", fmt.Errorf("holds ${%s}, whose default value is not in single quotes", body)
		}
		v.fallback = fallback[1 : len(fallback)-1]
	}
	return v, rest, nil
}

// variableEnd returns where the variable at the start of text ends, -1 for
// never. A quoted default value may hold a brace.
func variableEnd(text string) int {
	quoted := false
	for i := len("${"); i < len(text); i++ {
		switch {
		case text[i] == '\'':
			quoted = !quoted
		case text[i] == '}' && !quoted:
			return i + 1
		}
	}
	return -1
}

// canonicalKey returns a condition key in the form in which a [Context] is
// asked for it: lower-case up to the first slash, as condition keys have no
// case; what follows a slash is the name of a tag, which has.
func canonicalKey(key string) (string, error) {
	service, name, ok := strings.Cut(key, ":")
	if !ok || service == "" || name == "" {
		return "", fmt.Errorf(`holds the condition key %s, which is not like "aws:SourceIp"`, quote(key))
	}
	head, tag, tagged := strings.Cut(key, "/")
	if strings.ContainsAny(head, " \t\r\n*?${}',") {
		return "", fmt.Errorf("holds the condition key %s, which has a character that keys cannot have", quote(key))
	}
	if tagged && tag == "" {
		return "", errors.New("holds a condition key that ends in a slash")
	}
	if tagged {
		return strings.ToLower(head) + "/" + tag, nil
	}
	return strings.ToLower(head), nil
}

// match reports whether the pattern, with its variables filled in, describes
// the whole of s. A variable without a value matches nothing (IAM User Guide,
// "Policy variables with no value").
func (p *pattern) match(r *Request, s string) bool {
	if !p.dynamic {
		return matchPieces(p.pieces, s, false)
	}
	pieces, ok := p.resolve(r)
	return ok && matchPieces(pieces, s, false)
}

// resolve replaces variables by their values, as literals: a * inside a value
// is that character, so nobody can widen a policy by choosing a name.
func (p *pattern) resolve(r *Request) ([]piece, bool) {
	pieces := make([]piece, len(p.pieces))
	for i, part := range p.pieces {
		if part.kind == variable {
			text, ok := part.value(r)
			if !ok {
				return nil, false
			}
			part = piece{kind: literal, text: text}
		}
		pieces[i] = part
	}
	return pieces, true
}

// value is that of a variable in a request. Keys with several values have none
// to put in a text.
func (p *piece) value(r *Request) (string, bool) {
	if values, ok := r.value(p.text); ok && len(values) == 1 {
		return values[0], true
	}
	return p.fallback, p.hasFallback
}

// text is a pattern that has no wildcards with its variables filled in.
func (p *pattern) text(r *Request) (string, bool) {
	if !p.dynamic && len(p.pieces) == 1 {
		return p.pieces[0].text, true
	}
	pieces, ok := p.resolve(r)
	if !ok {
		return "", false
	}
	var b strings.Builder
	for _, part := range pieces {
		b.WriteString(part.text)
	}
	return b.String(), true
}
