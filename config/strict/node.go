package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Node is a value of a document, or nothing (the zero Node, or a value that is not there).
type Node struct {
	doc  *document
	path string
	key  ast.Node // the key that it is the value of, or nil
	ast  ast.Node // nil where nothing is
}

// Empty tells whether nothing is there.
func (n Node) Empty() bool {
	_, null := n.ast.(*ast.NullNode)
	return n.ast == nil || null
}

// At returns the value under keys of mappings, or, where the path ends before, the last one that is there: the best place
// to point at.
func (n Node) At(keys ...string) Node {
	for _, key := range keys {
		i := slices.IndexFunc(n.members(), func(m Node) bool { return m.Key() == key })
		if i < 0 {
			return n
		}
		n = n.members()[i]
	}
	return n
}

// Index returns the i-th value of a list, or n itself where there is none.
func (n Node) Index(i int) Node {
	if items := n.items(); i < len(items) {
		return items[i]
	}
	return n
}

// Key returns the key that the node is the value of, "" for none.
func (n Node) Key() string {
	if s, ok := n.key.(*ast.StringNode); ok {
		return s.Value
	}
	if n.key == nil {
		return ""
	}
	return n.key.GetToken().Value
}

// Keys returns a mapping's keys in the order of the file.
func (n Node) Keys() []string {
	keys := make([]string, 0, len(n.members()))
	for _, m := range n.members() {
		keys = append(keys, m.Key())
	}
	return keys
}

// Errorf makes an [*Error] that points at the node.
func (n Node) Errorf(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if n.doc == nil {
		return err
	}
	e := n.doc.errorAt(n.position(), n.path, err.Error())
	e.Err = errors.Unwrap(err)
	return e
}

// keyError points at the key instead of the value.
func (n Node) keyError(format string, args ...any) error {
	return n.doc.errorAt(n.key.GetToken().Position, n.path, fmt.Sprintf(format, args...))
}

// position is where a scalar is, or the key of anything larger. The whole document has none.
func (n Node) position() *token.Position {
	at := n.ast
	if _, scalar := at.(ast.ScalarNode); n.key != nil && (!scalar || n.Empty()) {
		at = n.key
	} else if m, ok := at.(*ast.MappingNode); ok {
		if n.path == "" || len(m.Values) == 0 {
			return nil
		}
		if !m.IsFlowStyle {
			at = m.Values[0].Key // its own token is the colon behind it
		}
	}
	if at == nil || at.GetToken() == nil {
		return nil
	}
	return at.GetToken().Position
}

func (n Node) members() []Node {
	m, ok := n.ast.(*ast.MappingNode)
	if !ok {
		return nil
	}
	all := make([]Node, len(m.Values))
	for i, v := range m.Values {
		all[i] = Node{doc: n.doc, key: v.Key, ast: v.Value}
		all[i].path = strings.TrimPrefix(n.path+"."+all[i].Key(), ".")
	}
	return all
}

func (n Node) items() []Node {
	s, ok := n.ast.(*ast.SequenceNode)
	if !ok {
		return nil
	}
	all := make([]Node, len(s.Values))
	for i, v := range s.Values {
		all[i] = Node{doc: n.doc, path: fmt.Sprintf("%s[%d]", n.path, i), ast: v}
	}
	return all
}

// text returns a scalar as text, its references replaced.
func (n Node) text() (text string, secret bool, err error) {
	switch v := n.ast.(type) {
	case *ast.StringNode:
		text = v.Value
	case *ast.LiteralNode:
		text = v.Value.Value
	case *ast.IntegerNode, *ast.FloatNode:
		return v.GetToken().Value, false, nil // as written: 0123 stays 0123
	default:
		return "", false, n.Errorf("wants text, found %s", n.kind())
	}
	text, secret, err = n.doc.refs.expand(text)
	if err != nil {
		err = n.Errorf("%w", err)
	}
	return text, secret, err
}

// JSON returns the value as JSON, its references replaced.
func (n Node) JSON() ([]byte, error) {
	v, err := n.value()
	if err != nil {
		return nil, err
	}
	return json.Marshal(v)
}

func (n Node) value() (any, error) {
	switch v := n.ast.(type) {
	case nil, *ast.NullNode:
		return nil, nil
	case *ast.BoolNode:
		return v.Value, nil
	case *ast.IntegerNode:
		return v.Value, nil
	case *ast.FloatNode:
		return v.Value, nil
	case *ast.SequenceNode:
		list := make([]any, len(v.Values))
		for i, item := range n.items() {
			var err error
			if list[i], err = item.value(); err != nil {
				return nil, err
			}
		}
		return list, nil
	case *ast.MappingNode:
		members := make(map[string]any, len(v.Values))
		for _, m := range n.members() {
			var err error
			if members[m.Key()], err = m.value(); err != nil {
				return nil, err
			}
		}
		return members, nil
	}
	text, _, err := n.text()
	return text, err
}

// kind names what is there, for errors.
func (n Node) kind() string {
	switch n.ast.(type) {
	case nil, *ast.NullNode:
		return "nothing"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return "true or false"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode:
		return "a mapping"
	case *ast.AnchorNode, *ast.AliasNode, *ast.MergeKeyNode:
		return "an anchor or alias, which are not supported"
	case *ast.TagNode:
		return "a tag, which is not supported"
	}
	return "something else"
}

// Find returns the first text within the node that reads as given, or the node itself.
func (n Node) Find(text string) Node {
	if found, ok := n.find(text); ok {
		return found
	}
	return n
}

func (n Node) find(text string) (Node, bool) {
	if s, ok := n.ast.(*ast.StringNode); ok && s.Value == text {
		return n, true
	}
	for _, m := range append(n.members(), n.items()...) {
		if found, ok := m.find(text); ok {
			return found, true
		}
	}
	return Node{}, false
}
