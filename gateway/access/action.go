package access

import (
	"fmt"
	"strings"
)

const s3Service = "s3"

// isS3 reports whether an action is one of S3's, in any case.
func isS3(action string) bool {
	service, _, ok := strings.Cut(action, ":")
	return ok && strings.EqualFold(service, s3Service)
}

// actions compiles Action and NotAction: "*" or "service:name", where the name
// may hold * and ?. Actions of other services are legal in an identity policy
// (they match nothing that Sluice does), not in a bucket policy.
func (p *parser) actions(n node) ([]pattern, error) {
	texts, err := n.strings()
	if err != nil {
		return nil, err
	}
	patterns := make([]pattern, len(texts))
	for i, text := range texts {
		service, name, ok := strings.Cut(text, ":")
		if text == "*" {
			service, name, ok = "*", "*", true
		}
		if !ok || !isServiceName(service) || !isActionName(name) {
			return nil, fmt.Errorf(`holds %s, which is neither "*" nor like "s3:GetObject"`, quote(text))
		}
		if p.bucket != "" && service != "*" && !strings.EqualFold(service, s3Service) {
			return nil, fmt.Errorf("holds %s, but a bucket policy is about s3 actions only", quote(text))
		}
		patterns[i], err = compilePattern(strings.ToLower(text), wildcards)
		if err != nil {
			return nil, err
		}
	}
	return patterns, nil
}

// isServiceName accepts a service, or "*" for any; a wildcard inside the name
// is an error on AWS too.
func isServiceName(s string) bool {
	return s == "*" || s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !isLetterOrDigit(c) && c != '-'
	})
}

func isActionName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !isLetterOrDigit(c) && c != '*' && c != '?'
	})
}

func isLetterOrDigit(c rune) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
