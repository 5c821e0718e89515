package access

import (
	"fmt"
	"strings"
)

// condition is one key of one operator in a Condition block; all conditions of
// a statement must hold.
type condition struct {
	key        string // canonical
	quantifier quantifier
	null       bool // operator Null: operands say whether the key is absent
	negated    bool // NotEquals and its kind
	absent     bool // what holds when the request has no such key
	operands   []operand
}

// quantifier says how a key with several values is compared.
type quantifier uint8

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

// operand is one compiled value of a condition.
type operand interface {
	match(r *Request, value string) bool
}

// conditions compiles a Condition block:
// {"Operator": {"key": "value" or ["value", ...], ...}, ...}.
func (p *parser) conditions(n node) ([]condition, error) {
	if n.kind != objectNode {
		return nil, fmt.Errorf("must be an object, found %v", n.kind)
	}
	var all []condition
	for _, m := range n.members {
		template, op, err := parseOperator(m.name)
		if err != nil {
			return nil, err
		}
		if m.value.kind != objectNode || len(m.value.members) == 0 {
			return nil, fmt.Errorf("operator %s must be an object with at least one key", quote(m.name))
		}
		for _, key := range m.value.members {
			c := template
			if err := p.compileCondition(&c, op, key); err != nil {
				return nil, fmt.Errorf("operator %s, key %s %w", quote(m.name), quote(key.name), err)
			}
			all = append(all, c)
		}
	}
	return all, checkConditionCount(len(all))
}

func checkConditionCount(n int) error {
	if n > maxValues {
		return fmt.Errorf("has %d keys, at most %d are allowed", n, maxValues)
	}
	return nil
}

// parseOperator takes [ForAllValues:|ForAnyValue:]Operator[IfExists] apart.
//
// Without the key in the request a comparison fails, a negated one holds, and
// IfExists and ForAllValues hold.
func parseOperator(text string) (condition, operator, error) {
	var c condition
	name := text
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		c.quantifier, name = forAllValues, rest
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		c.quantifier, name = forAnyValue, rest
	}
	name, ifExists := strings.CutSuffix(name, "IfExists")
	op, ok := operatorNamed(name)
	if !ok {
		return c, op, fmt.Errorf("holds %s, which is not a condition operator", quote(text))
	}
	c.null, c.negated = op.null, op.negated
	if c.null && name != text {
		return c, op, fmt.Errorf("holds %s, but Null takes no prefix and no suffix", quote(text))
	}
	switch {
	case ifExists, c.quantifier == forAllValues:
		c.absent = true
	case c.quantifier == single:
		c.absent = c.negated
	}
	return c, op, nil
}

func (p *parser) compileCondition(c *condition, op operator, m member) (err error) {
	if c.key, err = canonicalKey(m.name); err != nil {
		return err
	}
	values := m.value.list()
	if err := checkCount(len(values)); err != nil {
		return err
	}
	c.operands = make([]operand, len(values))
	for i, v := range values {
		if v.kind != stringNode && v.kind != scalarNode {
			return fmt.Errorf("must have strings as values, found %v", v.kind)
		}
		if err := p.countFloating(v.text); err != nil {
			return err
		}
		if c.operands[i], err = op.compile(v.text, p.textSyntax(0)); err != nil {
			return err
		}
	}
	return nil
}

// holds evaluates the condition. Values of the policy are alternatives. For an
// operator without ForAllValues or ForAnyValue on a key that has several
// values in the request, one match is enough, and the negated operator is the
// exact opposite.
func (c *condition) holds(r *Request) bool {
	values, ok := r.value(c.key)
	ok = ok && len(values) > 0
	if c.null {
		return c.matchesAny(r, boolText(!ok))
	}
	if !ok {
		return c.absent
	}
	switch c.quantifier {
	case forAllValues:
		for _, v := range values {
			if c.matchesAny(r, v) == c.negated {
				return false
			}
		}
		return true
	case forAnyValue:
		for _, v := range values {
			if c.matchesAny(r, v) != c.negated {
				return true
			}
		}
		return false
	}
	for _, v := range values {
		if c.matchesAny(r, v) {
			return !c.negated
		}
	}
	return c.negated
}

func (c *condition) matchesAny(r *Request, value string) bool {
	for _, o := range c.operands {
		if o.match(r, value) {
			return true
		}
	}
	return false
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}
