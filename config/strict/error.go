package strict

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/token"
)

// Error is a mistake at one place of a file.
type Error struct {
	File         string
	Line, Column int    // from 1; 0 where the place is the whole file
	Path         string // of keys: "drivers.disk.config.dir", "" for the whole document
	Message      string
	Source       string // the line, with what looks like a secret masked
	Err          error  // what Message is about, or nil
}

// Error is "file:line:column: path: message", the line, and a caret under the column.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	if e.Path != "" {
		b.WriteString(": " + e.Path)
	}
	b.WriteString(": " + e.Message)
	if e.Line > 0 {
		fmt.Fprintf(&b, "\n%5d | %s\n      | %s^", e.Line, e.Source, padding(e.Source, e.Column-1))
	}
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// padding is as wide as the first n characters of the line, tabs included.
func padding(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

func (d *document) errorAt(p *token.Position, path, message string) *Error {
	e := &Error{File: d.name, Path: path, Message: message}
	if p == nil || p.Line < 1 || p.Line > len(d.lines) {
		return e
	}
	e.Line, e.Column = p.Line, max(p.Column, 1)
	e.Source = mask(strings.TrimRight(d.lines[p.Line-1], "\r"))
	return e
}

// mask hides the values of keys that are named like secrets; the line keeps its length.
func mask(line string) string {
	secret := regexp.MustCompile(`(?i)[a-z_]*(secret|password|passphrase|token|private|credential|account_key|sas|connection_string)[a-z_]*["']?\s*:\s*("[^"]*"?|'[^']*'?|[^\s,}\]]+)`)
	for _, m := range secret.FindAllStringSubmatchIndex(line, -1) {
		start, end := m[4], m[5]
		if strings.HasPrefix(strings.Trim(line[start:end], `"'`), "${") {
			continue // a reference, which says nothing
		}
		line = line[:start] + strings.Repeat("*", end-start) + line[end:]
	}
	return line
}
