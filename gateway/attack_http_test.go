package gateway_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// answers sends text over a connection of its own and returns the statuses of all answers that come.
func (s *server) answers(text string) (all []int) {
	s.t.Helper()
	c := s.dial()
	_ = c.SetDeadline(time.Now().Add(time.Second / 2))
	if _, err := io.WriteString(c, text); err != nil {
		return nil
	}
	br := bufio.NewReader(c)
	for {
		resp, err := http.ReadResponse(br, nil)
		if err != nil {
			return all
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		all = append(all, resp.StatusCode)
		if resp.Close {
			return all
		}
	}
}

// A second request that is smuggled behind the first must never be seen by the driver.
func TestRow39AmbiguousFramingNeverSmugglesARequest(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	smuggled := v.spell(admin, "PUT", "/photos/smuggled", "")
	chunk := fmt.Sprintf("0\r\n\r\n%s", smuggled)
	with := func(body string, lines ...string) string {
		head := v.spell(admin, "PUT", "/photos/first", "")
		head = strings.Replace(head, "Content-Length: 0\r\n\r\n", strings.Join(lines, "\r\n")+"\r\n\r\n", 1)
		head = strings.Replace(head, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "UNSIGNED-PAYLOAD", 1)
		return head + body
	}
	length := fmt.Sprintf("Content-Length: %d", len(chunk))
	for what, text := range map[string]string{
		"TE and CL":                     with(chunk, length, "Transfer-Encoding: chunked"),
		"CL and TE":                     with(chunk, "Transfer-Encoding: chunked", length),
		"duplicate CL":                  with(chunk, "Content-Length: 0", length),
		"CL list":                       with(chunk, fmt.Sprintf("Content-Length: 0, %d", len(chunk))),
		"CL with a sign":                with(chunk, "Content-Length: +5"),
		"negative CL":                   with(chunk, "Content-Length: -1"),
		"CL in hexadecimal":             with(chunk, "Content-Length: 0x5"),
		"TE in disguise":                with(chunk, "Transfer-Encoding: xchunked", "Content-Length: 0"),
		"TE twice":                      with(chunk, "Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
		"TE with a tab":                 with(chunk, "Transfer-Encoding:\tchunked, identity"),
		"space before the colon":        with(chunk, "Transfer-Encoding : chunked", "Content-Length: 0"),
		"bare LF in the chunk size":     with("5\nhello\n0\n\n"+smuggled, "Transfer-Encoding: chunked"),
		"bare LF in a chunk extension":  with("5;x=\ny\r\nhello\r\n0\r\n\r\n"+smuggled, "Transfer-Encoding: chunked"),
		"endless chunk extension":       with("1;"+strings.Repeat("x", 20<<10)+"\r\na\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
		"chunk size that overflows":     with("fffffffffffffffff\r\nhello\r\n0\r\n\r\n"+smuggled, "Transfer-Encoding: chunked"),
		"chunk without its line end":    with("5\r\nhelloX\r\n0\r\n\r\n"+smuggled, "Transfer-Encoding: chunked"),
		"bare CR in a header":           with(chunk, "X-A: a\rContent-Length: 0", "Content-Length: 0"),
		"NUL in a header":               with(chunk, "X-A: a\x00", "Content-Length: 0"),
		"absolute form of another host": strings.Replace(smuggled, "PUT /photos/smuggled", "PUT http://other/photos/smuggled", 1),
	} {
		v.answers(text)
		for bucket, seen := range v.calls.takeAll() {
			if bucket != "photos" || slices.Contains(seen, "Put smuggled") {
				t.Errorf("%s: smuggled: %q %q", what, bucket, seen)
			}
		}
		if a := v.do(admin, "HEAD", "/photos/first", ""); a.status == 200 && a.header.Get("Content-Length") != "0" {
			t.Errorf("%s: stored %s bytes", what, a.header.Get("Content-Length"))
		}
		v.calls.takeAll()
	}
}

func TestRow39PipelinedRequestsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	text := v.spell(admin, "PUT", "/photos/a", "hello") + v.spell(admin, "GET", "/photos/a", "") + v.spell(nobody, "GET", "/photos/a", "") +
		v.spell(admin, "DELETE", "/photos/a", "") + v.spell(admin, "HEAD", "/photos/a", "")
	if got := v.answers(text)[:4]; !slices.Equal(got, []int{200, 200, 403, 204}) {
		t.Errorf("answers %v", got)
	}
}

func TestRow40ExpectContinue(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	head := func(u user) string {
		text := v.spell(u, "PUT", "/photos/new", strings.Repeat("x", 1000))
		text, _, _ = strings.Cut(text, "\r\n\r\n")
		return text + "\r\nExpect: 100-continue\r\n\r\n"
	}
	c := v.dial()
	_, _ = io.WriteString(c, head(admin))
	br := bufio.NewReader(c)
	if a := v.readAnswer("PUT", br); a.status != 100 {
		t.Fatalf("before the body: %d", a.status)
	}
	_, _ = io.WriteString(c, strings.Repeat("x", 1000))
	if a := v.readAnswer("PUT", br); a.status != 200 {
		t.Errorf("after the body: %d %s", a.status, a.body)
	}
	v.calls.takeAll()
	// A request that is refused gets its answer before the body is sent, and the connection is then of no further use.
	for _, u := range []user{nobody, reader, {admin.access, "wrong"}} {
		a := v.raw("PUT", head(u))
		v.untouched("refused", a)
		if a.status != 403 {
			t.Errorf("%v: %d", u, a.status)
		}
	}
	c = v.dial()
	_, _ = io.WriteString(c, strings.Replace(head(admin), "100-continue", "200-maybe", 1))
	if a := v.readAnswer("PUT", bufio.NewReader(c)); a.status != 417 {
		t.Errorf("another expectation: %d", a.status)
	}
}

func TestRow40HostileHosts(t *testing.T) {
	t.Parallel()
	v := startVictim(t, domains("s3.example.com"))
	for _, host := range []string{
		"", "a b", "a\tb", "a/b", "a\\b", "<script>", "photos.s3.example.com@evil", "photos..s3.example.com", ".s3.example.com", "photos.s3.example.com:x", "[::1",
		"photos%2Fx.s3.example.com", "../photos.s3.example.com", "photos.s3.example.com.evil.com", "evil.com#.s3.example.com", strings.Repeat("a", 70) + ".s3.example.com",
	} {
		text := fmt.Sprintf("GET /key HTTP/1.1\r\nHost: %s\r\n\r\n", host)
		v.untouched("host "+host, v.raw("GET", text))
		if host == "" || strings.Contains(host, ".com:") { // spell would sign for the server's own; a port names no bucket
			continue
		}
		a := v.raw("GET", v.spell(admin, "GET", "/key", "", "Host", host))
		if seen := v.calls.takeAll()["photos"]; a.status < 400 || len(seen) > 0 {
			t.Errorf("host %q, signed: %d, reached the bucket: %q", host, a.status, seen)
		}
	}
	v.untouched("no host", v.raw("GET", "GET /photos/key HTTP/1.1\r\n\r\n"))
	v.untouched("two hosts", v.raw("GET", "GET /photos/key HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"))
	// The host is signed: a request for one bucket is none for another.
	text := v.spell(admin, "GET", "/key", "", "Host", "photos.s3.example.com")
	if a := v.raw("GET", text); a.body != secretContent {
		t.Errorf("virtual-host style: %d %s", a.status, a.body)
	}
	v.calls.takeAll()
	v.untouched("another host", v.raw("GET", strings.Replace(text, "Host: photos.", "Host: other.", 1)), "SignatureDoesNotMatch")
}

// Text of a request that comes back in an answer can neither end a header nor begin an element or a script.
func TestRow41NothingOfARequestBreaksOutOfTheAnswer(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	const evil = "%0d%0aX-Evil:%201%0d%0a%0d%0a%3Cscript%3Ealert(1)%3C/script%3E"
	for _, path := range []string{
		"/photos/" + evil, "/" + evil, "/photos/missing" + evil, "/photos?list-type=2&prefix=" + evil + "&delimiter=" + evil, "/photos?marker=" + evil,
		"/photos?encoding-type=" + evil, "/photos?max-keys=" + evil, "/photos?uploads&key-marker=" + evil, "/photos?versions&key-marker=" + evil,
		"/photos/key?uploadId=" + evil, "/photos/key?partNumber=" + evil, "/photos/key?versionId=" + evil, "/?continuation-token=" + evil,
		"/photos/key?response-content-type=" + evil, "/photos/key?response-cache-control=" + evil, "/photos/key?response-content-disposition=" + evil,
		"/photos/key?response-expires=" + evil, "/photos/key?response-content-language=" + evil, "/photos/key?response-content-encoding=" + evil,
	} {
		for _, u := range []user{admin, nobody} {
			a := v.do(u, "GET", path, "")
			if a.header.Get("X-Evil") != "" {
				t.Errorf("%s: a header of the request's making", path)
			}
			if strings.Contains(a.body, "<script") {
				t.Errorf("%s: markup comes back: %s", path, a.body)
			}
			if ct := a.header.Get("Content-Type"); a.status >= 300 && ct != "application/xml" {
				t.Errorf("%s: an error of type %s", path, ct)
			}
		}
	}
	for param := range map[string]bool{"response-content-type": true, "response-content-disposition": true} {
		v.wantCode(400, "InvalidArgument", "GET", "/photos/key?"+param+"=a%0d%0ab", "")
		v.wantCode(400, "InvalidArgument", "GET", "/photos/key?"+param+"=a%00b", "")
	}
	for _, value := range []string{"a\rb", "a\x00b", "a\nX-Evil: 1"} {
		r := v.spell(admin, "PUT", "/photos/meta", "", "X-Amz-Meta-A", "1")
		if a := v.raw("PUT", strings.Replace(r, "X-Amz-Meta-A: 1", "X-Amz-Meta-A: "+value, 1)); a.status != 400 && a.status != 403 {
			t.Errorf("metadata %q: %d", value, a.status)
		}
	}
}
