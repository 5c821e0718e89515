//go:build unix

package local

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sluice/drivers"
)

func TestKeysThatAreFileNamesStayAsTheyAre(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"a", "a/b/c", "with space", "Größe", "a\nb", "%41", ".hidden", "...", ".sluice", ".sluice/x", "a\\b", "a:b", "CON", "ends.",
		strings.Repeat("k", 255), strings.Repeat("ü", 127) + "/x",
	} {
		if got := (codec{}).path(key); got != key {
			t.Errorf("path(%q) = %q", key, got)
		}
	}
}

func TestKeysThatAreNoFileNamesAreEscaped(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 300)
	for _, c := range []struct{ key, path string }{
		{"a/", "a/.sluice%="}, {"/a", ".sluice%=/a"}, {"a//b", "a/.sluice%=/b"}, {"..", ".sluice%=.."},
		{"./a", ".sluice%=./a"}, {"a/../b", "a/.sluice%=../b"}, {"a\x00b", ".sluice%=a%00b"},
		{".sluice%self", ".sluice%=.sluice%25self"}, {".sluice%=x", ".sluice%=.sluice%25=x"},
		{long, ".sluice%+" + long[:246] + "/" + long[246:]},
		{strings.Repeat("k", 246) + "..", strings.Repeat("k", 246) + ".."},
		{strings.Repeat("ü", 128), ".sluice%+" + strings.Repeat("ü", 123) + "/" + strings.Repeat("ü", 5)},
	} {
		if got := (codec{}).path(c.key); got != c.path {
			t.Errorf("path(%q) = %q, want %q", c.key, got, c.path)
		}
	}
	for _, c := range []struct{ key, path string }{
		{"lower case-1", "lower case-1"}, {"Upper", ".sluice%=%55pper"}, {"ü", ".sluice%=%c3%bc"}, {"nul.txt", ".sluice%=nul%2etxt"},
		{"com1", ".sluice%=com1"}, {"a:b", ".sluice%=a%3ab"}, {"dot.", ".sluice%=dot%2e"}, {"a\\b", ".sluice%=a%5cb"},
	} {
		if got := (codec{portable: true}).path(c.key); got != c.path {
			t.Errorf("portable path(%q) = %q, want %q", c.key, got, c.path)
		}
	}
}

// keyOf undoes path; ok is false for what path does not write.
func keyOf(c codec, path string) (key string, ok bool) {
	var segments []string
	segment, chain := "", ""
	for name := range strings.SplitSeq(path, "/") {
		piece, kind := c.decode(name)
		segment, chain = segment+piece, chain+name
		switch kind {
		case continuationName:
			chain += "/"
		case segmentName:
			if !c.canonical(segment, chain) {
				return "", false
			}
			segments = append(segments, segment)
			segment, chain = "", ""
		default:
			return "", false
		}
	}
	return strings.Join(segments, "/"), chain == ""
}

func checkCodec(t interface {
	Fatalf(string, ...any)
}, c codec, key string) {
	path := c.path(key)
	for name := range strings.SplitSeq(path, "/") {
		if name == "" || name == "." || name == ".." || len(name) > maxName || strings.IndexByte(name, 0) >= 0 || name == selfName {
			t.Fatalf("path(%q) has the name %q", key, name)
		}
		if c.portable && (strings.ToLower(name) != name || strings.ContainsAny(name, `\:*?"<>|`)) {
			t.Fatalf("portable path(%q) has the name %q", key, name)
		}
	}
	if back, ok := keyOf(c, path); !ok || back != key {
		t.Fatalf("%q became %q, and that %q, %v", key, path, back, ok)
	}
}

func TestEveryKeyComesBackFromItsPath(t *testing.T) {
	t.Parallel()
	piece := rapid.OneOf(rapid.StringN(0, 300, 400), rapid.SampledFrom([]string{
		"", ".", "..", "/", "//", reserved, selfName, escapedName, continuation, "%", "%2F", "\x00", "con", "A", "ü", "\u00e9", "e\u0301",
		strings.Repeat("x", 245), strings.Repeat("x", 246), strings.Repeat("x", 247), strings.Repeat("x", 255), strings.Repeat("x", 256),
		strings.Repeat("%", 90), strings.Repeat("𝛀", 70),
	}))
	rapid.Check(t, func(t *rapid.T) {
		key := strings.Join(rapid.SliceOfN(piece, 1, 6).Draw(t, "pieces"), "")
		if drivers.CheckKey(key) == nil {
			checkCodec(t, codec{}, key)
			checkCodec(t, codec{portable: true}, key)
		}
	})
}

func FuzzCodec(f *testing.F) {
	for _, s := range []string{"a", "a//b", "../x", ".sluice%+a/b", ".sluice%=%41", ".sluice%self", strings.Repeat("é", 400)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range []codec{{}, {portable: true}} {
			if drivers.CheckKey(s) == nil {
				checkCodec(t, c, s)
			}
			if key, ok := keyOf(c, s); ok && drivers.CheckKey(key) == nil && c.path(key) != s { // any tree of names
				t.Fatalf("path %q reads as %q, whose path is %q", s, key, c.path(key))
			}
		}
	})
}
