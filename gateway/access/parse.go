package access

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of a policy document. AWS's own limit for a bucket policy is 20 KiB;
// the counts keep the cost of one evaluation small.
const (
	// MaxPolicySize is the longest policy document accepted, in bytes.
	MaxPolicySize = 20 << 10
	// MaxStatements is the most statements in a policy document.
	MaxStatements = 256

	maxValues   = 512 // in one list, or keys in one condition operator
	maxFloating = 512 // ? after a *, in all patterns together; see countFloating
)

// ErrMalformedPolicy is inside every error of [ParsePolicy] and
// [ParseBucketPolicy]; S3's code for it is MalformedPolicy.
var ErrMalformedPolicy = errors.New("malformed policy")

// parser compiles one document.
type parser struct {
	variables bool   // ${...} is a policy variable: Version 2012-10-17
	bucket    string // whose policy it is, "" for an identity policy
	floating  int    // ? after a * so far
}

// countFloating bounds the one thing that makes matching slow: a * followed by
// many single wildcards has to be tried at every place of a key.
func (p *parser) countFloating(text string) error {
	_, tail, _ := strings.Cut(text, "*")
	if p.floating += strings.Count(tail, "?"); p.floating > maxFloating {
		return fmt.Errorf("brings the number of ? after a * in the policy over %d, the most allowed", maxFloating)
	}
	return nil
}

// ParsePolicy compiles an identity policy from IAM JSON. It is strict: unknown
// elements, operators and malformed values are errors that name the statement,
// counted from 1. Policy variables work from Version "2012-10-17" on; without
// a Version the document is of "2008-10-17", where "${" is plain text.
func ParsePolicy(doc []byte) (*Policy, error) {
	statements, err := new(parser).document(doc)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformedPolicy, err)
	}
	return &Policy{statements}, nil
}

// ParseBucketPolicy compiles the policy of the named bucket. Every statement
// must name a principal, only s3 actions, and only resources that can lie in
// the bucket.
func ParseBucketPolicy(doc []byte, bucket string) (*BucketPolicy, error) {
	if bucket == "" {
		return nil, fmt.Errorf("%w: no bucket given", ErrMalformedPolicy)
	}
	statements, err := (&parser{bucket: bucket}).document(doc)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformedPolicy, err)
	}
	return &BucketPolicy{statements}, nil
}

func (p *parser) document(doc []byte) ([]statement, error) {
	if len(doc) > MaxPolicySize {
		return nil, fmt.Errorf("document has %d bytes, at most %d are allowed", len(doc), MaxPolicySize)
	}
	root, err := parseJSON(doc)
	if err != nil {
		return nil, fmt.Errorf("document %w", err)
	}
	if root.kind != objectNode {
		return nil, fmt.Errorf("document must be an object, found %v", root.kind)
	}
	for _, m := range root.members {
		if err := p.header(m); err != nil {
			return nil, fmt.Errorf("%s %w", quote(m.name), err)
		}
	}
	list, ok := root.member("Statement")
	if !ok {
		return nil, errors.New(`document has no "Statement"`)
	}
	return p.statements(list.list())
}

// header reads what stands beside the statements.
func (p *parser) header(m member) error {
	switch m.name {
	case "Statement":
		return nil
	case "Version", "Id":
	default:
		return errors.New("is not an element of a policy")
	}
	if m.value.kind != stringNode {
		return fmt.Errorf("must be a string, found %v", m.value.kind)
	}
	if m.name == "Id" {
		return nil
	}
	switch m.value.text {
	case "2012-10-17":
		p.variables = true
	case "2008-10-17":
	default:
		return fmt.Errorf(`must be "2012-10-17" or "2008-10-17", found %s`, quote(m.value.text))
	}
	return nil
}

func (p *parser) statements(nodes []node) ([]statement, error) {
	if len(nodes) == 0 {
		return nil, errors.New(`"Statement" is empty`)
	}
	if len(nodes) > MaxStatements {
		return nil, fmt.Errorf(`"Statement" has %d entries, at most %d are allowed`, len(nodes), MaxStatements)
	}
	sids := make(map[string]bool)
	statements := make([]statement, len(nodes))
	for i, n := range nodes {
		where := fmt.Sprintf("statement %d", i+1)
		sid, _ := n.member("Sid")
		if sid.text != "" {
			where += fmt.Sprintf(" (Sid %s)", quote(sid.text))
			if sids[sid.text] {
				return nil, fmt.Errorf("%s: another statement has this Sid", where)
			}
			sids[sid.text] = true
		}
		var err error
		if statements[i], err = p.statement(n); err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
	}
	return statements, nil
}

func (p *parser) statement(n node) (statement, error) {
	var s statement
	if n.kind != objectNode {
		return s, fmt.Errorf("must be an object, found %v", n.kind)
	}
	for _, m := range n.members {
		if err := p.element(&s, m); err != nil {
			return s, fmt.Errorf("%s %w", quote(m.name), err)
		}
	}
	if err := p.checkElements(n); err != nil {
		return s, err
	}
	if s.notPrincipal && !s.deny {
		return s, errors.New(`"NotPrincipal" cannot stand with Effect Allow: it would allow everybody else`)
	}
	return s, nil
}

// checkElements checks that the elements that must be there are, once.
func (p *parser) checkElements(n node) error {
	if !n.has("Effect") {
		return errors.New(`has no "Effect"`)
	}
	if p.bucket == "" && (n.has("Principal") || n.has("NotPrincipal")) {
		return errors.New("an identity policy cannot name a principal: it is for whoever carries it")
	}
	names := []string{"Action", "Resource"}
	if p.bucket != "" {
		names = append(names, "Principal")
	}
	for _, name := range names {
		positive, negative := n.has(name), n.has("Not"+name)
		if positive && negative {
			return fmt.Errorf("has both %q and %q", name, "Not"+name)
		}
		if !positive && !negative {
			return fmt.Errorf("has neither %q nor %q", name, "Not"+name)
		}
	}
	return nil
}

func (p *parser) element(s *statement, m member) (err error) {
	switch m.name {
	case "Sid":
		if m.value.kind != stringNode {
			return fmt.Errorf("must be a string, found %v", m.value.kind)
		}
	case "Effect":
		s.deny, err = parseEffect(m.value)
	case "Action", "NotAction":
		s.notAction = m.name == "NotAction"
		s.actions, err = p.actions(m.value)
	case "Resource", "NotResource":
		s.notResource = m.name == "NotResource"
		s.resources, err = p.resources(m.value, s.notResource)
	case "Principal", "NotPrincipal":
		s.notPrincipal = m.name == "NotPrincipal"
		s.principals, err = parsePrincipals(m.value)
	case "Condition":
		s.conditions, err = p.conditions(m.value)
	default:
		return errors.New("is not an element of a statement")
	}
	return err
}

func parseEffect(n node) (deny bool, err error) {
	if n.kind == stringNode && n.text == "Allow" {
		return false, nil
	}
	if n.kind == stringNode && n.text == "Deny" {
		return true, nil
	}
	return false, fmt.Errorf(`must be "Allow" or "Deny", found %s`, quote(n.text))
}
