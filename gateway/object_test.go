package gateway_test

import "testing"

func TestObjectRoundTrip(t *testing.T) {
	t.Parallel()
	s := startMem(t)
	s.want(200, "PUT", "/photos", "")
	put := s.want(200, "PUT", "/photos/a/b.txt", "hello", "Content-Type", "text/plain", "X-Amz-Meta-Color", "red", "Cache-Control", "no-cache")
	if got := put.header.Get("Etag"); got != `"5d41402abc4b2a76b9719d911017c592"` {
		t.Errorf("ETag %s", got)
	}
	get := s.want(200, "GET", "/photos/a/b.txt", "")
	if get.body != "hello" {
		t.Errorf("body %q", get.body)
	}
	for name, want := range map[string]string{
		"Etag": put.header.Get("Etag"), "Content-Type": "text/plain", "Content-Length": "5", "X-Amz-Meta-Color": "red",
		"Cache-Control": "no-cache", "Accept-Ranges": "bytes",
	} {
		if got := get.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if head := s.want(200, "HEAD", "/photos/a/b.txt", ""); head.header.Get("Content-Length") != "5" || head.body != "" {
		t.Errorf("HEAD: %v %q", head.header, head.body)
	}
	if a := s.want(206, "GET", "/photos/a/b.txt", "", "Range", "bytes=-3"); a.body != "llo" || a.header.Get("Content-Range") != "bytes 2-4/5" {
		t.Errorf("suffix range: %q %s", a.body, a.header.Get("Content-Range"))
	}
	list := s.want(200, "GET", "/photos?list-type=2", "")
	t.Log(list.body)
	s.want(204, "DELETE", "/photos/a/b.txt", "")
	if a := s.want(404, "GET", "/photos/a/b.txt", ""); a.code() != "NoSuchKey" {
		t.Errorf("code %s", a.code())
	}
	s.want(204, "DELETE", "/photos", "")
}
