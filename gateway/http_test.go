package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/gateway/sigv4"
)

func TestVirtualHostStyle(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos", "a.b"), domains("s3.example.com", "localhost"))
	at := func(host, method, path, body string) answer {
		return s.spelled(admin, method, path, body, "Host", host)
	}
	for bucket, hosts := range map[string][]string{
		"photos": {"photos.s3.example.com", "photos.s3.example.com:9000", "PHOTOS.S3.Example.COM", "photos.localhost:1"}, "a.b": {"a.b.s3.example.com"},
	} {
		for _, host := range hosts {
			at(host, "PUT", "/dir/key", host).check(t, host, 200, "")
			if a := s.want(200, "GET", "/"+bucket+"/dir/key", ""); a.body != host {
				t.Errorf("%s: path style has %q", host, a.body)
			}
			if a := at(host, "GET", "/?list-type=2&prefix=dir", ""); a.text("Name") != bucket || a.text("Key") != "dir/key" {
				t.Errorf("%s: %s", host, a.body)
			}
			at(host, "GET", "//key", "").check(t, host+" //key", 404, "NoSuchKey")
			at(host, "HEAD", "/", "").check(t, host, 200, "")
			id := at(host, "POST", "/big?uploads", "").text("UploadId")
			part := at(host, "PUT", "/big?partNumber=1&uploadId="+id, "x").header.Get("Etag")
			done := at(host, "POST", "/big?uploadId="+id, completeXML(part))
			if got := done.text("Location"); got != "http://"+host+"/big" {
				t.Errorf("%s: location %s", host, got)
			}
		}
	}
	for _, host := range []string{"s3.example.com", "localhost", "127.0.0.1:80", "other.example.com"} {
		if a := at(host, "GET", "/", ""); len(a.texts("Bucket")) != 2 {
			t.Errorf("%s is path style: %d %s", host, a.status, a.body)
		}
		at(host, "HEAD", "/photos", "").check(t, host, 200, "")
	}
	at("missing.s3.example.com", "GET", "/key", "").check(t, "no such bucket", 404, "NoSuchBucket")
}

func TestHTTP2OverTLS(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	hs := httptest.NewUnstartedServer(s.gateway)
	hs.EnableHTTP2 = true
	hs.StartTLS()
	t.Cleanup(hs.Close)
	s.url, s.client = hs.URL, hs.Client()
	body := strings.Repeat("0123456789", 100_000)
	s.want(200, "PUT", "/photos/key", body)
	r := s.request("GET", "/photos/key", nil)
	sign(admin, r, nil)
	resp, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || string(b) != body || resp.ProtoMajor != 2 {
		t.Errorf("%s: %d bytes, %v", resp.Proto, len(b), err)
	}
	for mode := range modes {
		var trailer http.Header
		announced := ""
		if mode != sigv4.StreamingPayload {
			announced, trailer = "x-amz-checksum-crc32", http.Header{"X-Amz-Checksum-Crc32": {crc32Of(body)}}
		}
		s.trailed(mode, "/photos/streamed", body, announced, trailer).check(t, mode, 200, "")
	}
	if a := s.want(206, "GET", "/photos/streamed", "", "Range", "bytes=-3"); a.body != "789" {
		t.Errorf("%q", a.body)
	}
	s.wantCode(404, "NoSuchKey", "GET", "/photos/missing", "")
	s.do(nobody, "GET", "/photos/key", "").check(t, "anonymous", 403, "AccessDenied")
	r = s.request("PUT", "/photos/unsized", nil)
	if _, err := sigv4.Sign(r, right.keys(), "us-east-1", sigv4.UnsignedPayload, time.Now()); err != nil {
		t.Fatal(err)
	}
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader("hello")), -1
	s.send(r).check(t, "without a length", 200, "")
}

func TestPutObject(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for _, size := range []int{0, 1, 4095, 4096, 64 << 10, 1 << 20} {
		body := strings.Repeat("x", size)
		put := s.want(200, "PUT", "/photos/key", body)
		a := s.want(200, "GET", "/photos/key", "")
		if a.body != body || a.header.Get("Etag") != put.header.Get("Etag") || a.header.Get("Content-Length") != fmt.Sprint(size) {
			t.Errorf("%d bytes: %d, %v", size, len(a.body), a.header)
		}
		if head := s.want(200, "HEAD", "/photos/key", ""); head.header.Get("Content-Length") != fmt.Sprint(size) {
			t.Errorf("HEAD of %d bytes: %v", size, head.header)
		}
	}
	text := s.spell(admin, "PUT", "/photos/chunked", "hello", "Transfer-Encoding", "chunked")
	text = strings.Replace(text, "\r\n\r\nhello", "\r\n\r\n5\r\nhello\r\n0\r\n\r\n", 1)
	s.raw("PUT", text).check(t, "Transfer-Encoding", 200, "")
	if a := s.want(200, "GET", "/photos/chunked", ""); a.body != "hello" {
		t.Errorf("%q", a.body)
	}
	text = s.spell(admin, "PUT", "/photos/huge", "")
	s.raw("PUT", strings.Replace(text, "Content-Length: 0", "Content-Length: 5368709121", 1)).check(t, "5 GiB and a byte", 400, "EntityTooLarge")
	s.wantCode(404, "NoSuchBucket", "PUT", "/missing/key", "x")
	s.want(204, "DELETE", "/photos/never-there", "")
	s.want(204, "DELETE", "/photos/key?versionId=null", "")
	s.wantCode(404, "NoSuchVersion", "GET", "/photos/chunked?versionId=x", "")
	s.want(200, "GET", "/photos/chunked?versionId=null", "")
}
