package s3xml

import (
	"strconv"
	"time"
)

// Namespace is the XML namespace of all S3 documents but Error.
const Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// Header is the declaration that every document starts with.
const Header = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// TimeFormat is how S3 shows times in XML, always with three zeros of
// milliseconds; use it with a time in UTC that is cut to whole seconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// Document is a document of the S3 protocol that can be written.
type Document interface {
	// AppendXML appends the document without the declaration ([Header]) to b
	// and returns the extended slice. It cannot fail.
	AppendXML(b []byte) []byte
}

// Marshal returns the whole document with its declaration.
func Marshal(d Document) []byte {
	return d.AppendXML(append(make([]byte, 0, 512), Header...))
}

// encoder appends elements to b. With url set, key appends percent-encoded
// text, as encoding-type=url asks for.
type encoder struct {
	b   []byte
	url bool
}

// root opens the outermost element.
func (e *encoder) root(name string) {
	e.b = append(e.b, '<')
	e.b = append(e.b, name...)
	e.b = append(e.b, ` xmlns="`+Namespace+`">`...)
}

func (e *encoder) open(name string) { e.b = appendStart(e.b, name) }

func (e *encoder) close(name string) { e.b = appendEnd(e.b, name) }

func appendStart(b []byte, name string) []byte {
	b = append(b, '<')
	b = append(b, name...)
	return append(b, '>')
}

func appendEnd(b []byte, name string) []byte {
	b = append(b, '<', '/')
	b = append(b, name...)
	return append(b, '>')
}

// text appends an element that is present even when empty.
func (e *encoder) text(name, value string) {
	e.b = appendEnd(appendText(appendStart(e.b, name), value), name)
}

// optional appends an element that is absent when empty.
func (e *encoder) optional(name, value string) {
	if value != "" {
		e.text(name, value)
	}
}

// key appends an element that encoding-type applies to.
func (e *encoder) key(name, value string) {
	if !e.url {
		e.text(name, value)
		return
	}
	e.b = appendEnd(appendURL(appendStart(e.b, name), value), name)
}

// optionalKey is key for an element that is absent when empty.
func (e *encoder) optionalKey(name, value string) {
	if value != "" {
		e.key(name, value)
	}
}

func (e *encoder) int(name string, v int64) {
	e.b = appendEnd(strconv.AppendInt(appendStart(e.b, name), v, 10), name)
}

func (e *encoder) bool(name string, v bool) {
	e.b = appendEnd(strconv.AppendBool(appendStart(e.b, name), v), name)
}

// time appends a time, or nothing when it is zero.
func (e *encoder) time(name string, t time.Time) {
	if !t.IsZero() {
		e.b = appendEnd(appendTime(appendStart(e.b, name), t), name)
	}
}

// commonPrefixes appends an element for each.
func (e *encoder) commonPrefixes(prefixes []string) {
	for _, p := range prefixes {
		e.open("CommonPrefixes")
		e.key("Prefix", p)
		e.close("CommonPrefixes")
	}
}

// encodingType appends the element that says that keys are encoded.
func (e *encoder) encodingType() {
	if e.url {
		e.text("EncodingType", "url")
	}
}

// appendTime is AppendFormat with TimeFormat, several times faster.
func appendTime(b []byte, t time.Time) []byte {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if year < 0 || year > 9999 {
		return t.Truncate(time.Second).AppendFormat(b, TimeFormat)
	}
	b = appendDigits(b, year/100)
	b = append(appendDigits(b, year%100), '-')
	b = append(appendDigits(b, int(month)), '-')
	b = append(appendDigits(b, day), 'T')
	b = append(appendDigits(b, hour), ':')
	b = append(appendDigits(b, minute), ':')
	return append(appendDigits(b, second), ".000Z"...)
}

// appendDigits appends two digits.
func appendDigits(b []byte, n int) []byte {
	return append(b, byte('0'+n/10), byte('0'+n%10))
}
