package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// maxDepth is how deep a policy's JSON may nest; the grammar needs six levels.
const maxDepth = 8

type nodeKind uint8

const (
	stringNode nodeKind = iota
	scalarNode          // a number or a boolean
	nullNode
	listNode
	objectNode
)

func (k nodeKind) String() string {
	return [...]string{"a string", "a number or boolean", "null", "a list", "an object"}[k]
}

// node is one JSON value with its members in the order of the document.
// encoding/json into structs would drop duplicate members, match names in any
// case and lose the difference between an absent and an empty element.
type node struct {
	kind    nodeKind
	text    string   // of a string or scalar
	items   []node   // of a list
	members []member // of an object
}

type member struct {
	name  string
	value node
}

func (n node) member(name string) (node, bool) {
	for _, m := range n.members {
		if m.name == name {
			return m.value, true
		}
	}
	return node{}, false
}

func (n node) has(name string) bool {
	_, ok := n.member(name)
	return ok
}

// list returns the items of a list, or a single value as a list of one.
func (n node) list() []node {
	if n.kind == listNode {
		return n.items
	}
	return []node{n}
}

// strings reads a string or a non-empty list of strings.
func (n node) strings() ([]string, error) {
	list := n.list()
	if err := checkCount(len(list)); err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i, item := range list {
		if item.kind != stringNode {
			return nil, fmt.Errorf("must be a string or a list of strings, found %v", item.kind)
		}
		texts[i] = item.text
	}
	return texts, nil
}

func checkCount(n int) error {
	switch {
	case n == 0:
		return fmt.Errorf("is empty")
	case n > maxValues:
		return fmt.Errorf("has %d values, at most %d are allowed", n, maxValues)
	}
	return nil
}

// parseJSON reads one JSON document, refusing duplicate members, invalid UTF-8,
// trailing text and deep nesting.
func parseJSON(doc []byte) (node, error) {
	if !utf8.Valid(doc) {
		return node{}, fmt.Errorf("is not UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(doc, &whole); err != nil {
		return node{}, fmt.Errorf("is not JSON: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	return readNode(d, 0)
}

func readNode(d *json.Decoder, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, fmt.Errorf("nests deeper than %d levels", maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			return readList(d, depth)
		}
		return readObject(d, depth)
	case string:
		return node{kind: stringNode, text: t}, nil
	case json.Number:
		return node{kind: scalarNode, text: t.String()}, nil
	case bool:
		return node{kind: scalarNode, text: fmt.Sprint(t)}, nil
	default:
		return node{kind: nullNode}, nil
	}
}

func readList(d *json.Decoder, depth int) (node, error) {
	n := node{kind: listNode}
	for d.More() {
		item, err := readNode(d, depth+1)
		if err != nil {
			return node{}, err
		}
		n.items = append(n.items, item)
	}
	_, err := d.Token()
	return n, err
}

func readObject(d *json.Decoder, depth int) (node, error) {
	n := node{kind: objectNode}
	seen := make(map[string]bool)
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return node{}, err
		}
		name, _ := token.(string)
		if seen[name] {
			return node{}, fmt.Errorf("has the member %s twice", quote(name))
		}
		seen[name] = true
		value, err := readNode(d, depth+1)
		if err != nil {
			return node{}, err
		}
		n.members = append(n.members, member{name, value})
	}
	_, err := d.Token()
	return n, err
}

// quote renders a piece of a document for an error message, shortened.
func quote(s string) string {
	const limit = 80
	if len(s) > limit {
		return fmt.Sprintf("%q...", s[:limit])
	}
	return fmt.Sprintf("%q", s)
}
