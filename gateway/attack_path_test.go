package gateway_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

// traversals are spellings of paths that would leave the bucket if anybody cleaned or decoded them once more.
var traversals = []string{
	"../other/key", "..%2Fother%2Fkey", "%2e%2e/other/key", "%2e%2e%2fother%2fkey", ".%2e/other/key", "%252e%252e/other/key",
	"a/../../other/key", "a/%2e%2e/%2e%2e/other/key", "./key", "././../other/key", "/key", "//key", "a//b", "..", ".", "../", "...",
	`..\other\key`, "..%5Cother%5Ckey", "..%255cother", "a/..", "%2F..%2F..%2Fetc%2Fpasswd", "/etc/passwd", "C:/windows", "C%3A%5C",
}

// exact checks that a call of the driver was about bucket "photos" and the key that the spelling decodes to, once.
func (v *victim) exact(what, spelling, op string) {
	v.t.Helper()
	key, err := url.PathUnescape(spelling)
	if err != nil {
		v.t.Fatal(err)
	}
	seen := v.calls.takeAll()
	if len(seen) != 1 || !slices.Contains(seen["photos"], op+" "+key) {
		v.t.Errorf("%s %q: reached the driver: %q, want %q in photos alone", what, spelling, seen, op+" "+key)
	}
}

func TestRow19DotDotInThePathStaysAKeyOfItsBucket(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, p := range traversals {
		for _, method := range []string{"PUT", "GET", "HEAD", "DELETE"} {
			a := v.spelled(admin, method, "/photos/"+p, "")
			if a.status >= 300 {
				t.Errorf("%s /photos/%s: %d %s", method, p, a.status, a.body)
				continue
			}
			op := map[string]string{"PUT": "Put", "GET": "Get", "HEAD": "Head", "DELETE": "Delete"}[method]
			v.exact(method, p, op)
		}
	}
}

func TestRow19PathsThatNameNoBucketAreRefused(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, p := range []string{
		"//", "//key", "//photos/key", "///photos/key", "/../photos/key", "/..%2Fphotos/key", "/%2Fphotos/key", "/photos%2Fkey", "/./photos/key",
		"/photos%00/key", "/photos%2F..%2Fother/key", "/PHOTOS/key", "/photos%20/key", "/%2e%2e/key", "/.sluice/key", "/pho%0Atos/key", "/photos.%2E/key",
	} {
		for _, method := range []string{"PUT", "GET", "HEAD", "DELETE", "POST"} {
			for _, who := range []user{admin, stranger} {
				v.untouched(method+" "+p, v.spelled(who, method, p, ""))
			}
		}
	}
}

func TestRow20DotDotInTheCopySource(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, p := range traversals {
		for _, prefix := range []string{"/photos/", "photos/"} {
			a := v.do(admin, "PUT", "/photos/copy", "", "X-Amz-Copy-Source", prefix+p)
			a.check(t, "copy of "+p, 404, "NoSuchKey")
			v.exact("copy source", p, "Get")
		}
	}
	for _, p := range []string{
		"", "/", "photos", "/photos/", "//photos/key", "../photos/key", "%2e%2e/photos/key", "/%2Fphotos/key", "PHOTOS/key", "photos%2F", "photos/%ff", "photos/%",
		"http://169.254.169.254/latest", "photos/key?versionId=1&versionId=2", "photos/key?x=1", "photos/" + strings.Repeat("k", 1025), "arn:aws:s3:::photos/key",
	} {
		v.untouched("copy of "+p, v.do(admin, "PUT", "/photos/copy?x", "", "X-Amz-Copy-Source", p, "X-Amz-Meta-A", "1"))
	}
}

func TestRow21DotDotInDeleteObjects(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, p := range traversals {
		key, _ := url.PathUnescape(p)
		a := v.deleteObjects(admin, "/photos", key)
		if got := a.texts("Key"); a.status != 200 || len(got) != 1 || got[0] != key || strings.Contains(a.body, "<Error>") {
			t.Errorf("%q: %d %s", key, a.status, a.body)
		}
		v.exact("DeleteObjects", p, "Delete")
	}
	for key, code := range map[string]string{strings.Repeat("k", 1025): "KeyTooLongError", "": "InvalidArgument"} {
		a := v.deleteObjects(admin, "/photos", key)
		a.check(t, "key of a wrong length", 200, code)
		if seen := v.calls.takeAll()["photos"]; slices.ContainsFunc(seen, func(s string) bool { return strings.HasPrefix(s, "Delete") }) {
			t.Errorf("reached the driver: %q", seen)
		}
	}
	if a := v.want(200, "GET", "/photos/key", ""); a.body != secretContent {
		t.Errorf("the object is now %q", a.body)
	}
}

// deleteObjects sends the keys as one DeleteObjects request.
func (s *server) deleteObjects(u user, path string, keys ...string) answer {
	s.t.Helper()
	var b strings.Builder
	b.WriteString("<Delete>")
	for _, k := range keys {
		b.WriteString("<Object><Key>" + escapeXML(k) + "</Key></Object>")
	}
	b.WriteString("</Delete>")
	return s.do(u, "POST", path+"?delete", b.String())
}

func escapeXML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;", "\n", "&#xA;", "\t", "&#x9;").Replace(s)
}

// An encoded slash is the same byte as a plain one, for authorization and for storage; a doubly encoded one is not a
// slash for anybody.
func TestRow25EncodedSlashesMeanTheSameToEverybody(t *testing.T) {
	t.Parallel()
	v := startVictim(t, withPolicy(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
		{"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::photos/private/*"}]}`))
	for _, p := range []string{"private/key", "private%2Fkey", "private%2fkey", "%70rivate/key", "%70rivate%2F%6bey", "private//key", "private/../key"} {
		for _, method := range []string{"GET", "PUT", "DELETE", "HEAD"} {
			a := v.spelled(limited, method, "/photos/"+p, "")
			if a.status != 403 {
				t.Errorf("%s %s: %d", method, p, a.status)
			}
		}
		a := v.do(limited, "PUT", "/photos/copy", "", "X-Amz-Copy-Source", "/photos/"+p)
		a.check(t, "copy of "+p, 403, "AccessDenied")
		key, _ := url.PathUnescape(p)
		v.deleteObjects(limited, "/photos", key).check(t, "batch delete of "+p, 200, "AccessDenied")
	}
	if got := v.calls.takeAll(); len(got) > 0 {
		t.Errorf("reached the driver: %q", got)
	}
	for _, p := range []string{"private%252Fkey", "x/../private/key", "Private/key", "/private/key"} {
		if a := v.spelled(limited, "PUT", "/photos/"+p, ""); a.status != 200 {
			t.Errorf("PUT %s: %d %s", p, a.status, a.body)
		}
		v.exact("PUT", p, "Put")
	}
}

func TestRow43KeysWithQuotes(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	keys := []string{
		`'; DROP TABLE buckets; --`, `" OR "1"="1`, `\'; DELETE FROM setting; --`, "`", `%' OR '1'='1`, `a_b%c`, `$1`, `?1`, `:name`, `-- x`,
	}
	for _, k := range keys {
		path := "/photos/" + url.PathEscape(k)
		v.want(200, "PUT", path, k)
		if a := v.want(200, "GET", path, ""); a.body != k {
			t.Errorf("%q: %q", k, a.body)
		}
		tagging := "<Tagging><TagSet><Tag><Key>" + escapeXML(k) + "</Key><Value>" + escapeXML(k) + "</Value></Tag></TagSet></Tagging>"
		v.want(204, "PUT", "/photos?tagging", tagging)
		if a := v.want(200, "GET", "/photos?tagging", ""); a.text("Value") != k {
			t.Errorf("bucket tag %q: %s", k, a.body)
		}
		if a := v.want(200, "GET", "/photos?list-type=2&prefix="+url.QueryEscape(k), ""); !slices.Equal(a.texts("Key"), []string{k}) {
			t.Errorf("listing by prefix %q: %q", k, a.texts("Key"))
		}
		v.want(204, "DELETE", path, "")
		v.wantCode(404, "NoSuchBucket", "GET", "/"+url.PathEscape(k)+"?tagging", "")
	}
	if a := v.want(200, "GET", "/photos/key", ""); a.body != secretContent {
		t.Errorf("the object is now %q", a.body)
	}
}
