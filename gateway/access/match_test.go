package access

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestWildcards(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a/b", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "/", true},
		{"?", "é", true},
		{"??", "é", false},
		{"*??", "é", false},
		{"*?", "日", true},
		{"*??", "日", false},
		{"*???", "日", false},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*a", "aba", true},
		{"*a", "abab", false},
		{"a*b*c", "axxbxxbxc", true},
		{"a*b*c", "axxbxxbx", false},
		{"a**b", "ab", true},
		{"*?*", "", false},
		{"*?b?*", "aabb", true},
		{"b/${x", "b/${x", true},
		{"photos/*.jpg", "photos/2024/a.jpg", true},
		{"photos/*.jpg", "photos/2024/a.JPG", false},
	}
	for _, tt := range tests {
		p, err := compilePattern(tt.pattern, wildcards)
		if err != nil {
			t.Fatal(err)
		}
		if got := matchPieces(p.pieces, tt.text, false); got != tt.want {
			t.Errorf("%q matches %q: %v, want %v", tt.pattern, tt.text, got, tt.want)
		}
	}
}

func TestActionsMatchInAnyCase(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, action string
		want            bool
	}{
		{"S3:getobject", "s3:GetObject", true},
		{"s3:Get*Acl", "S3:GETBUCKETACL", true},
		{"s3:?etObject", "s3:GetObject", true},
		{"s3:Get", "s3:GetObject", false},
		{"s3:*", "s3express:CreateSession", false},
		{"*:*", "sluice:Reload", true},
		{"*", "sluice:Reload", true},
	} {
		p := mustPolicy(t, oneStatement(`"Effect": "Allow", "Resource": "*", "Action": "`+tt.pattern+`"`))
		if got := Evaluate(Request{Action: tt.action, Resource: "b"}, p).Allowed(); got != tt.want {
			t.Errorf("%q matches %q: %v, want %v", tt.pattern, tt.action, got, tt.want)
		}
	}
}

// Patterns that make backtracking matchers take exponential time.
func TestWildcardsAreNotExponential(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a", 1024)
	for _, pattern := range []string{
		strings.Repeat("a*", 500) + "b",
		strings.Repeat("*a", 500) + "b",
		strings.Repeat("*?", 500) + "b",
		strings.Repeat("*a?", 300) + "b",
		"*" + strings.Repeat("a?", 256) + "b",
	} {
		for _, fold := range []bool{false, true} {
			p, err := compilePattern(pattern, wildcards)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			if matchPieces(p.pieces, text, fold) {
				t.Errorf("%.20q... matches a text without b", pattern)
			}
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%.20q... took %v", pattern, took)
			}
		}
	}
}

// wildcardRegexp says the same as a pattern in another language.
func wildcardRegexp(pattern string) *regexp.Regexp {
	quoted := regexp.QuoteMeta(pattern)
	quoted = strings.ReplaceAll(quoted, `\*`, `.*`)
	quoted = strings.ReplaceAll(quoted, `\?`, `.`)
	return regexp.MustCompile(`(?s)\A` + quoted + `\z`)
}

func FuzzWildcard(f *testing.F) {
	for _, seed := range [][2]string{
		{"a*b?c", "axxbyc"}, {"*", ""}, {"*?é*", "日é"}, {"a*a*a*b", "aaaa"}, {"bucket/*/x", "bucket//x"}, {"?*?", "ab"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, s string) {
		if !utf8.ValidString(text) || len(text) > 200 || strings.Contains(text, `\`) {
			return
		}
		p, err := compilePattern(text, wildcards)
		if err != nil {
			t.Fatal(err)
		}
		got := matchPieces(p.pieces, s, false)
		if utf8.ValidString(s) && got != wildcardRegexp(text).MatchString(s) {
			t.Fatalf("%q matches %q: %v", text, s, got)
		}
		folded := matchPieces(p.pieces, s, true)
		if strings.ToLower(s) == s && folded != got {
			t.Fatalf("%q matches lower-case %q: %v, with fold %v", text, s, got, folded)
		}
	})
}
