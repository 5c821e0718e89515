package strict

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// expand replaces the references in a text. It tells whether there were any: the result is then not to be shown.
func (r References) expand(text string) (_ string, secret bool, err error) {
	var b strings.Builder
	for {
		i := strings.Index(text, "${")
		if i < 0 {
			b.WriteString(text)
			return b.String(), secret, nil
		}
		if i > 0 && text[i-1] == '$' {
			b.WriteString(text[:i-1] + "${")
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		rest := text[i+2:]
		kind, _, _ := strings.Cut(rest, ":")
		if kind != "env" && kind != "file" {
			b.WriteString("${")
			text = rest
			continue
		}
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return "", true, fmt.Errorf("${%s: has no end", kind)
		}
		value, err := r.resolve(kind, rest[len(kind)+1:end])
		if err != nil {
			return "", true, err
		}
		b.WriteString(value)
		text, secret = rest[end+1:], true
	}
}

func (r References) resolve(kind, name string) (string, error) {
	if kind == "env" {
		value, ok := r.Env(name)
		if !ok {
			return "", fmt.Errorf("environment variable %q is not set", name)
		}
		return value, nil
	}
	content, err := r.File(name)
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		return "", fmt.Errorf("file %q: %w", name, pe.Err)
	}
	if err != nil {
		return "", fmt.Errorf("file %q: %w", name, err)
	}
	text := strings.TrimSuffix(string(content), "\n")
	return strings.TrimSuffix(text, "\r"), nil
}
