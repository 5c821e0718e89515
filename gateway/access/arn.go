package access

import (
	"fmt"
	"strings"
)

// arnFields is how many fields an ARN has:
// arn:partition:service:region:account:resource.
const arnFields = 6

// resource is one entry of Resource or NotResource.
type resource struct {
	all     bool    // "*", which also covers what is no bucket or object
	pattern pattern // of "bucket" or "bucket/key"
}

func (p *resource) match(r *Request) bool {
	if p.all {
		return true
	}
	return isS3(r.Action) && p.pattern.match(r, r.Resource)
}

// resources compiles "*" and S3 ARNs. Negative says that they are exceptions,
// which may lie outside a bucket policy's bucket.
func (p *parser) resources(n node, negative bool) ([]resource, error) {
	texts, err := n.strings()
	if err != nil {
		return nil, err
	}
	resources := make([]resource, len(texts))
	for i, text := range texts {
		if text == "*" {
			resources[i].all = true
			continue
		}
		if err := p.countFloating(text); err != nil {
			return nil, err
		}
		name, err := s3ResourceName(text)
		if err != nil {
			return nil, err
		}
		compiled, err := compilePattern(name, p.textSyntax(wildcards))
		if err != nil {
			return nil, err
		}
		if p.bucket != "" && !negative && !compiled.mayStartWith(p.bucket) {
			return nil, fmt.Errorf("holds %s, which is not in bucket %q", quote(text), p.bucket)
		}
		resources[i].pattern = compiled
	}
	return resources, nil
}

// s3ResourceName returns what follows "arn:aws:s3:::". S3's ARNs of buckets and
// objects have no region and account; a "*" there covers the empty one.
func s3ResourceName(text string) (string, error) {
	fields := strings.SplitN(text, ":", arnFields)
	if len(fields) != arnFields || fields[0] != "arn" || !isPartition(fields[1]) {
		return "", fmt.Errorf(`holds %s, which is neither "*" nor an ARN like "arn:aws:s3:::bucket/key"`, quote(text))
	}
	if fields[2] != s3Service {
		return "", fmt.Errorf("holds %s, which is not a resource of s3", quote(text))
	}
	if !emptyOrStar(fields[3]) || !emptyOrStar(fields[4]) {
		return "", fmt.Errorf("holds %s: buckets and objects have no region or account in their ARN", quote(text))
	}
	if fields[5] == "" || fields[5][0] == '/' {
		return "", fmt.Errorf("holds %s, which names no bucket", quote(text))
	}
	return fields[5], nil
}

// isPartition accepts AWS's partitions; they all mean this gateway.
func isPartition(s string) bool {
	switch s {
	case "aws", "aws-cn", "aws-us-gov", "*":
		return true
	}
	return false
}

func emptyOrStar(s string) bool { return s == "" || s == "*" }

// mayStartWith reports whether the pattern's text before its first wildcard or
// variable leaves room for the bucket or something in it.
func (p *pattern) mayStartWith(bucket string) bool {
	if p.pieces[0].kind != literal {
		return true
	}
	text := p.pieces[0].text
	if strings.HasPrefix(text, bucket+"/") {
		return true
	}
	if len(p.pieces) == 1 {
		return text == bucket
	}
	return strings.HasPrefix(bucket+"/", text)
}

// arnOperand is a value of the Arn operators: each of the six fields is a
// pattern of its own, so a * does not reach over a colon, except in the last.
type arnOperand [arnFields]pattern

func compileARN(text string, s syntax) (operand, error) {
	if text == "*" {
		text = "arn:*:*:*:*:*"
	}
	s |= wildcards
	var a arnOperand
	remaining := text
	for i := range a {
		field, rest, ok := remaining, "", i == arnFields-1
		if !ok {
			field, rest, ok = cutField(remaining, s)
		}
		if !ok || i == 0 && field != "arn" {
			return nil, fmt.Errorf("holds %s, which is not an ARN", quote(text))
		}
		var err error
		if a[i], err = compilePattern(field, s); err != nil {
			return nil, err
		}
		remaining = rest
	}
	return &a, nil
}

// cutField cuts at the first colon that is not inside a policy variable.
func cutField(text string, s syntax) (field, rest string, ok bool) {
	for i := 0; i < len(text); i++ {
		if text[i] == ':' {
			return text[:i], text[i+1:], true
		}
		if s&variables != 0 && strings.HasPrefix(text[i:], "${") {
			end := variableEnd(text[i:])
			if end < 0 {
				return "", "", false
			}
			i += end - 1
		}
	}
	return "", "", false
}

func (a *arnOperand) match(r *Request, value string) bool {
	for i := range a {
		field, rest, ok := value, "", true
		if i < arnFields-1 {
			field, rest, ok = strings.Cut(value, ":")
		}
		if !ok || !a[i].match(r, field) {
			return false
		}
		value = rest
	}
	return true
}
