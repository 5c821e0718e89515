package s3xml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

// Limits on what a client sends, beside the size.
const (
	// maxDepth is how deep elements may nest; S3's own go to 6.
	maxDepth = 8
	// maxElements is enough for 10,000 parts with a checksum each, or 1,000
	// objects with conditions.
	maxElements = 65_536
	// maxAttributes is per element; S3's own have two and a namespace or two.
	maxAttributes = 8
	// maxTag is how long a tag or comment may be in bytes, so that no tag of
	// half a million attributes is parsed first and refused then.
	maxTag = 8 << 10
)

// ErrMalformed is a body that is not the expected document. The gateway answers
// it with MalformedXML.
var ErrMalformed = errors.New("malformed XML")

// ErrEmpty is a body of nothing, which some requests allow. It is an
// ErrMalformed.
var ErrEmpty = fmt.Errorf("%w: no document", ErrMalformed)

// Decode reads the document that v points to from r, to its end, at most limit
// bytes. The root element must be in v's XMLName; elements may be in S3's
// namespace or none; elements that v does not have are skipped. DTDs, entities
// other than the five of XML, processing instructions and encodings other than
// UTF-8 are refused, as is anything but white space and comments around the
// root.
//
// The error is ErrMalformed for everything that is wrong with the document, its
// size included; an error of r comes back as it is.
func Decode(r io.Reader, limit int64, v any) error {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return err
	}
	if int64(len(body)) > limit {
		return fmt.Errorf("%w: more than %d bytes", ErrMalformed, limit)
	}
	body = bytes.TrimPrefix(body, []byte("\xEF\xBB\xBF"))
	if len(bytes.TrimSpace(body)) == 0 {
		return ErrEmpty
	}
	if longTag(body) {
		return refuse("tag too long")
	}
	g := &guard{tokens: xml.NewDecoder(bytes.NewReader(body))}
	if err := xml.NewTokenDecoder(g).Decode(v); err != nil {
		return malformed(err)
	}
	for { // what follows the root
		if _, err := g.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return malformed(err)
		}
	}
}

// longTag reports whether a tag or comment is longer than maxTag or has no end.
func longTag(body []byte) bool {
	for {
		start := bytes.IndexByte(body, '<')
		if start < 0 {
			return false
		}
		body = body[start:]
		end := bytes.IndexByte(body[:min(len(body), maxTag)], '>')
		if end < 0 {
			return true
		}
		body = body[end:]
	}
}

// malformed makes any error of the parser an ErrMalformed, without its detail
// of types.
func malformed(err error) error {
	if errors.Is(err, ErrMalformed) {
		return err
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w: line %d: %s", ErrMalformed, syntax.Line, syntax.Msg)
	}
	return fmt.Errorf("%w: not the expected document", ErrMalformed)
}

// guard passes on the tokens of a document that keeps to the limits.
type guard struct {
	tokens   *xml.Decoder
	depth    int
	elements int
	begun    bool // a token has been seen
}

// Token implements xml.TokenReader.
func (g *guard) Token() (xml.Token, error) {
	for {
		token, err := g.tokens.Token()
		if err != nil {
			return nil, err
		}
		first := !g.begun
		g.begun = true
		switch t := token.(type) {
		case xml.StartElement:
			return g.start(t)
		case xml.EndElement:
			g.depth--
			t.Name.Space = ""
			return t, nil
		case xml.CharData:
			if g.depth > 0 {
				return t, nil
			}
			if len(bytes.TrimSpace(t)) > 0 {
				return nil, refuse("text outside the document")
			}
		case xml.Comment:
		case xml.ProcInst:
			if !first || t.Target != "xml" {
				return nil, refuse("processing instruction")
			}
		default:
			return nil, refuse("document type")
		}
	}
}

// start checks the start of an element and strips its namespace.
func (g *guard) start(t xml.StartElement) (xml.Token, error) {
	if g.depth == 0 && g.elements > 0 {
		return nil, refuse("second root element")
	}
	g.depth++
	g.elements++
	switch {
	case g.depth > maxDepth:
		return nil, refuse("nested too deep")
	case g.elements > maxElements:
		return nil, refuse("too many elements")
	case len(t.Attr) > maxAttributes:
		return nil, refuse("too many attributes")
	case t.Name.Space != "" && t.Name.Space != Namespace:
		return nil, refuse("unknown namespace")
	}
	t.Name.Space = ""
	attributes := t.Attr[:0]
	for _, a := range t.Attr {
		if a.Name.Space == xsi {
			attributes = append(attributes, a)
		}
	}
	t.Attr = attributes
	return t, nil
}

func refuse(why string) error { return fmt.Errorf("%w: %s", ErrMalformed, why) }
