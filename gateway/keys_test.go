package gateway_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// hostileKeys are keys that some store, file system, parser or proxy has got wrong; S3 takes them all.
func hostileKeys() []string {
	keys := []string{
		"a", "a/", "a/b", "a//b", "a/b/", "/", "//", "/a", "//a", "///", "a///", ".", "..", "./", "../", "./a", "../a", "a/.", "a/..", "a/./b",
		"a/../b", "../../etc/passwd", "...", "%2e%2e", "%2F", "%5C", "%00", "%", "%zz", "a%20b", "a+b", "a b", " ", " a", "a ", "a.", "a. ",
		`\`, `a\b`, `..\..\a`, `C:\a`, "a:b", "a::$DATA", "CON", "con", "NUL", "nul.txt", "COM1", "LPT9", "AUX", "A", "a", "Key", "key", "KEY",
		".minio.sys", ".minio.sys/config", ".sluice", ".sluice/uploads/x", ".sluice.tmp", ".DS_Store", "~", "~root", "-", "--help", "-rf", "*", "?", "a?b", "a#b",
		"a&b", "a=b", "a;b", "a,b", "a@b", "a'b", `a"b`, "a<b>", "a|b", "$a", "${a}", "`a`", "!a", "a^b", "[a]", "{a}", "(a)", "&amp;", "&#0;", "]]>", "<!--",
		"\x00", "a\x00b", "\x01", "a\tb", "a\nb", "a\rb", "a\r\nb", "\x1b[31m", "\x7f", "\u0080", "\u00a0", "\u200b", "\u200e", "\u202egpj.exe", "\ufeff", "\ufffd", "\ufffe", "\uffff",
		"\u00e9", "e\u0301", "\u00c5", "\u212b", "A\u030a", "ﬁ", "ß", "İ", "ı", "日本語", "🎉", "\U0010ffff", "\U000e0001",
		"soap", "favicon.ico", "robots.txt", "index.html", "acl", "?acl", "minio/health/live", ".well-known/x", "null", "undefined", "0", "-1", "true",
	}
	keys = append(keys, strings.Repeat("k", 255), strings.Repeat("k", 256)+"/x", strings.Repeat("é", 200), strings.Repeat("k", 1024),
		strings.Repeat("d/", 511)+"k", strings.Repeat("é", 512), strings.Repeat("/", 1024), strings.Repeat("../", 341))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// escapeKey spells a key for a URL's path: every byte but letters and digits as %XX.
func escapeKey(key string) string {
	var b strings.Builder
	for i := range len(key) {
		if c := key[i]; 'a' <= c && c <= 'z' || '0' <= c && c <= '9' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// listed returns the keys of a listing byte for byte.
func listed(t *testing.T, a answer, element string) (keys []string) {
	t.Helper()
	for _, k := range a.texts(element) {
		key, err := url.PathUnescape(k)
		if err != nil {
			t.Fatalf("%q: %v", k, err)
		}
		keys = append(keys, key)
	}
	return keys
}

func TestKeysAreStoredAndListedByteForByte(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos", "other"))
	keys := hostileKeys()
	for _, k := range keys {
		if a := s.spelled(admin, "PUT", "/photos/"+escapeKey(k), k); a.status != 200 {
			t.Fatalf("PUT %q: %d %s", k, a.status, a.body)
		}
	}
	for _, k := range keys {
		if a := s.spelled(admin, "GET", "/photos/"+escapeKey(k), ""); a.body != k {
			t.Errorf("GET %q: %d %.200q", k, a.status, a.body)
		}
	}
	for _, query := range []string{"list-type=2", "list-type=1", "versions"} {
		a := s.want(200, "GET", "/photos?encoding-type=url&"+query, "")
		if got := listed(t, a, "Key"); !slices.Equal(got, keys) {
			t.Errorf("%s: %d keys of %d, or not in order: %q", query, len(got), len(keys), got)
		}
	}
	if a := s.want(200, "GET", "/other", ""); len(a.texts("Key")) > 0 {
		t.Errorf("the other bucket has %q", a.texts("Key"))
	}
}

func TestKeysAsPrefixMarkerAndDelimiter(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	keys := hostileKeys()
	for _, k := range keys {
		s.spelled(admin, "PUT", "/photos/"+escapeKey(k), "")
	}
	for i, k := range keys {
		q := url.QueryEscape(k)
		for param, want := range map[string][]string{
			"marker=" + q: keys[i+1:], "list-type=2&start-after=" + q: keys[i+1:], "versions&key-marker=" + q: keys[i+1:],
			"list-type=2&prefix=" + q: slices.DeleteFunc(slices.Clone(keys), func(s string) bool { return !strings.HasPrefix(s, k) }),
		} {
			a := s.want(200, "GET", "/photos?encoding-type=url&"+param, "")
			if got := listed(t, a, "Key"); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", param, got, want)
			}
		}
	}
	// One by one, also where a page ends with a common prefix.
	for _, delimiter := range []string{"", "/", "k", "\x00", "é", "//"} {
		var got []string
		token := ""
		for {
			a := s.want(200, "GET", "/photos?list-type=2&max-keys=7&encoding-type=url&delimiter="+url.QueryEscape(delimiter)+token, "")
			got = append(got, listed(t, a, "Key")...)
			for _, p := range a.texts("CommonPrefixes") {
				got = append(got, listed(t, answer{body: p}, "Prefix")...)
			}
			if a.text("IsTruncated") != "true" {
				break
			}
			token = "&continuation-token=" + a.text("NextContinuationToken")
		}
		var want []string
		for _, k := range keys {
			if i := strings.Index(k, delimiter); delimiter != "" && i >= 0 {
				k = k[:i+len(delimiter)]
			}
			want = append(want, k)
		}
		slices.Sort(got)
		if want = slices.Compact(want); !slices.Equal(got, want) {
			t.Errorf("delimiter %q: %q, want %q", delimiter, got, want)
		}
	}
}

func TestKeysAsCopySource(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos", "copies"))
	for _, k := range hostileKeys() {
		path := "/photos/" + escapeKey(k)
		s.spelled(admin, "PUT", path, k)
		for _, source := range []string{path, path[1:]} {
			s.want(200, "PUT", "/copies/copy", "", "X-Amz-Copy-Source", source)
			if a := s.want(200, "GET", "/copies/copy", ""); a.body != k {
				t.Errorf("copy of %q has %.200q", k, a.body)
			}
		}
		id := s.want(200, "POST", "/copies/parts?uploads", "").text("UploadId")
		part := s.want(200, "PUT", "/copies/parts?partNumber=1&uploadId="+id, "", "X-Amz-Copy-Source", path)
		s.want(200, "POST", "/copies/parts?uploadId="+id, completeXML(part.text("ETag")))
		if a := s.want(200, "GET", "/copies/parts", ""); a.body != k {
			t.Errorf("copied part of %q has %.200q", k, a.body)
		}
	}
}

// completeXML is the body that completes an upload of parts 1, 2, ... with these ETags.
func completeXML(etags ...string) string {
	var b strings.Builder
	b.WriteString("<CompleteMultipartUpload>")
	for i, e := range etags {
		fmt.Fprintf(&b, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", i+1, escapeXML(e))
	}
	return b.String() + "</CompleteMultipartUpload>"
}

func TestKeysInDeleteObjectsAndMultipart(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for _, k := range hostileKeys() {
		path := "/photos/" + escapeKey(k)
		id := s.spelled(admin, "POST", path+"?uploads", "").text("UploadId")
		uploads := s.want(200, "GET", "/photos?uploads&encoding-type=url&prefix="+url.QueryEscape(k), "")
		if got := listed(t, uploads, "Key"); !slices.Equal(got, []string{k}) {
			t.Errorf("uploads: %q, want %q", got, k)
		}
		part := s.spelled(admin, "PUT", path+"?partNumber=1&uploadId="+id, k)
		if a := s.spelled(admin, "POST", path+"?uploadId="+id, completeXML(part.header.Get("Etag"))); a.status != 200 {
			t.Errorf("complete %q: %d %s", k, a.status, a.body)
		}
		if a := s.spelled(admin, "GET", path, ""); a.body != k {
			t.Errorf("GET %q: %.200q", k, a.body)
		}
		if strings.ContainsFunc(k, notXML) {
			s.spelled(admin, "DELETE", path, "")
			continue // XML cannot say it
		}
		s.deleteObjects(admin, "/photos", k).check(t, fmt.Sprintf("delete %q", k), 200, "")
		if a := s.spelled(admin, "HEAD", path, ""); a.status != 404 {
			t.Errorf("%q is still there", k)
		}
	}
}

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

func TestKeysThatAreNoneAreRefusedWithOneCode(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, k := range []string{"\xff", "a\xc3", "\xc0\xaf", "\xc0\xae\xc0\xae/a", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xfe\xff"} {
		path := "/photos/" + escapeKey(k)
		for _, method := range []string{"PUT", "GET", "DELETE"} {
			v.untouched(fmt.Sprintf("%s %q", method, k), v.spelled(admin, method, path, ""), "InvalidURI")
		}
		v.untouched("upload", v.spelled(admin, "POST", path+"?uploads", ""), "InvalidURI")
		v.untouched("copy source", v.do(admin, "PUT", "/photos/copy", "", "X-Amz-Copy-Source", path), "InvalidArgument")
		v.untouched("batch", v.deleteObjects(admin, "/photos", k), "MalformedXML")
	}
	for _, n := range []int{1025, 4000} {
		path := "/photos/" + strings.Repeat("k", n)
		for _, method := range []string{"PUT", "GET", "DELETE"} {
			v.untouched(method, v.do(admin, method, path, ""), "KeyTooLongError")
		}
		v.untouched("copy source", v.do(admin, "PUT", "/photos/copy", "", "X-Amz-Copy-Source", path), "KeyTooLongError")
	}
	for _, path := range []string{"/photos/%", "/photos/%2", "/photos/%zz", "/%/key"} {
		if a := v.raw("GET", "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n"); a.status != 400 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}
