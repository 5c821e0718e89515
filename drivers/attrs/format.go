package attrs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"sluice/drivers"
)

// Encoded is attributes as a store keeps them.
type Encoded struct {
	Metadata map[string]string
	// Overflow, where it is not nil, is what did not fit: the content of a hidden object, to be stored under the name that
	// Encode was given before the object itself is published. [Attrs.AddOverflow] reads it.
	Overflow []byte
}

// Encode gives the store's metadata. overflow is the name of the hidden object that may become necessary. It fails with
// drivers.ErrTooLarge where even then they do not fit, and with drivers.ErrInvalid for text that is not UTF-8.
func (f Format) Encode(a Attrs, overflow string) (Encoded, error) {
	r := newRecord(a)
	e := Encoded{Metadata: make(map[string]string, len(a.Header.Metadata)+1)}
	for name, value := range a.Header.Metadata {
		if !utf8.ValidString(name) || !utf8.ValidString(value) {
			return Encoded{}, fmt.Errorf("metadata %q is not UTF-8: %w", name, drivers.ErrInvalid)
		}
		if f.takes(name, value) {
			e.Metadata[name] = value
			continue
		}
		if r.Meta == nil {
			r.Meta = make(map[string]string)
		}
		r.Meta[name] = value
	}
	fits, err := f.put(&e, r)
	if err != nil || fits {
		return e, err
	}
	if len(r.Runs) == 0 {
		return Encoded{}, fmt.Errorf("metadata, tags and checksums are more than %d bytes: %w", f.Limit, drivers.ErrTooLarge)
	}
	if e.Overflow, err = marshal(r.pieces); err != nil {
		return Encoded{}, err
	}
	r.pieces, r.Overflow = pieces{}, overflow
	if fits, err = f.put(&e, r); err == nil && !fits {
		err = fmt.Errorf("metadata and tags are more than %d bytes: %w", f.Limit, drivers.ErrTooLarge)
	}
	return e, err
}

// takes tells whether an entry of user metadata can be the store's own.
func (f Format) takes(name, value string) bool {
	return !strings.EqualFold(name, Entry) && (f.Name == nil || f.Name(name)) && (f.Value == nil || f.Value(value))
}

// put sets Entry, and tells whether all fits.
func (f Format) put(e *Encoded, r record) (bool, error) {
	line, err := r.line(f.ASCII)
	if err != nil {
		return false, err
	}
	e.Metadata[Entry] = line
	total := 0
	for name, value := range e.Metadata {
		total += len(name) + len(value)
	}
	return f.Limit == 0 || total <= f.Limit, nil
}

// Decode reads what Encode gave, from metadata whose names are as the store gives them back: letter case is of no account.
// Attributes of other content than the store's are left out, so that ETag is "" then; user metadata is kept in any case. The
// error is about an entry that is damaged: what could be read is returned with it.
func (f Format) Decode(metadata map[string]string, c Content) (Attrs, error) {
	var a Attrs
	var err error
	native := make(map[string]string, len(metadata))
	for name, value := range metadata {
		if name = strings.ToLower(name); name != Entry {
			native[name] = value
			continue
		}
		var r record
		if r, err = parse(value); err == nil {
			a, err = r.attrs()
		}
	}
	if err != nil || !c.matches(a.Size, a.Digest) {
		a.Digest, a.PartsCount, a.Overflow, a.Token, a.Modified = drivers.Digest{}, 0, "", "", time.Time{}
	}
	a.Size = c.Size
	for name, value := range a.Header.Metadata {
		native[name] = value
	}
	if a.Header.Metadata = native; len(native) == 0 {
		a.Header.Metadata = nil
	}
	return a, err
}

// AddOverflow adds the parts that did not fit: content is that of the hidden object that Overflow names.
func (a *Attrs) AddOverflow(content []byte) error {
	var p pieces
	if err := json.Unmarshal(content, &p); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	parts, err := p.parts(a.PartsCount)
	if err == nil {
		a.Digest.Parts = parts
	}
	return err
}

// marshal writes JSON in which "<" is itself.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}
