package s3xml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

func TestTextIsEscapedAsS3Does(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"plain/key":             "plain/key",
		`&<>"'`:                 `&amp;&lt;&gt;&quot;'`,
		"\x00\x01\x1b\x7f":      "&#x0;&#x1;&#x1b;\x7f",
		"\t\n\r":                "&#x9;&#xa;&#xd;",
		"é€😀":                   "é€😀",
		"\uFFFE\uFFFF":          "&#xfffe;&#xffff;",
		"a\xffb\xc3":            "a\uFFFDb\uFFFD",
		"\xed\xa0\x80":          "\uFFFD\uFFFD\uFFFD", // a surrogate
		"\xc0\xaf":              "\uFFFD\uFFFD",       // overlong
		"\uFFFD":                "\uFFFD",
		"]]>":                   "]]&gt;",
		"&amp;":                 "&amp;amp;",
		strings.Repeat("\"", 3): "&quot;&quot;&quot;",
	} {
		if got := string(appendText(nil, in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestURLEncodingKeepsOnlyTheUnreserved(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"test_file(3).png": "test_file%283%29.png", // the example of the S3 API reference
		"a b+c":            "a%20b%2Bc",
		"a/b*c-d.e~f":      "a/b*c-d.e%7Ef",
		"100%.csv":         "100%25.csv",
		"한/\x01\xff":       "%ED%95%9C/%01%FF",
	} {
		if got := string(appendURL(nil, in)); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// listed is what a client decodes of a listing.
type listed struct {
	Contents []struct {
		Key          string
		LastModified time.Time
		ETag         string
		Size         int64
	}
	CommonPrefixes []struct{ Prefix string }
}

func legal(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return false
		}
	}
	return utf8.ValidString(s)
}

func checkRoundTrip(t interface{ Fatalf(string, ...any) }, key string, at time.Time) {
	for _, asURL := range []bool{false, true} {
		if !asURL && !legal(key) {
			continue
		}
		objects, prefixes := []Object{{Key: key, ETag: etag, Size: 5, LastModified: at}}, []string{key}
		for _, d := range []Document{
			&ListBucketV1{URL: asURL, Contents: objects, CommonPrefixes: prefixes},
			&ListBucketV2{URL: asURL, Contents: objects, CommonPrefixes: prefixes},
		} {
			var got listed
			if err := xml.Unmarshal(Marshal(d), &got); err != nil {
				t.Fatalf("%q: %v", key, err)
			}
			for _, k := range []string{got.Contents[0].Key, got.CommonPrefixes[0].Prefix} {
				if asURL {
					k, _ = url.QueryUnescape(k)
				}
				if k != key {
					t.Fatalf("wrote %q, read %q", key, k)
				}
			}
			o := got.Contents[0]
			if o.ETag != etag || o.Size != 5 || !o.LastModified.Equal(at.Truncate(time.Second)) {
				t.Fatalf("read %+v", o)
			}
		}
	}
}

func TestListedKeysAreReadAsWritten(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 253402300799).Draw(t, "unix"), rapid.Int64Range(0, 999999999).Draw(t, "nano"))
		checkRoundTrip(t, rapid.String().Draw(t, "key"), at)
		checkRoundTrip(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")), at)
	})
}

func FuzzListedKeysAreReadAsWritten(f *testing.F) {
	for _, key := range []string{"", "a/b c", "\x00&<>\"", "\xff\uFFFE", "]]>"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) { checkRoundTrip(t, key, time.Unix(1, 0)) })
}

func TestTimesAgreeWithTheLayout(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{day, time.Unix(0, 0), time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(12345, 6, 7, 8, 9, 10, 11, time.UTC), time.Date(5, 1, 1, 0, 0, 0, 0, time.UTC)} {
		want := at.UTC().Truncate(time.Second).Format(TimeFormat)
		if got := string(appendTime(nil, at)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func BenchmarkListOf1000Keys(b *testing.B) {
	list := &ListBucketV2{Name: "bucket", Prefix: "photos/", KeyCount: 1000, MaxKeys: 1000}
	versions := &ListVersions{Name: "bucket", MaxKeys: 1000}
	for i := range 1000 {
		o := object(fmt.Sprintf("photos/2026/11/holiday & family/IMG_%04d é.jpeg", i))
		o.Owner = owner
		list.Contents = append(list.Contents, o)
		versions.Versions = append(versions.Versions, Version{Object: o, VersionID: "3/L4kqtJl40Nr8X8gdRQBpUMLUo"})
	}
	asURL := *list
	asURL.URL = true
	for name, d := range map[string]Document{"plain": list, "url": &asURL, "versions": versions} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.SetBytes(int64(len(Marshal(d))))
			}
		})
	}
}
