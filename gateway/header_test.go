package gateway_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestSystemHeadersComeBack(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	header := []string{
		"Content-Type", "text/html; charset=utf-8", "Cache-Control", "max-age=60", "Content-Disposition", `attachment; filename="ä.txt"`,
		"Content-Encoding", "gzip", "Content-Language", "de, en", "Expires", "Thu, 01 Dec 2033 16:00:00 GMT", "X-Amz-Website-Redirect-Location", "/other",
		"X-Amz-Storage-Class", "STANDARD_IA", "X-Amz-Meta-Color", "red", "X-Amz-Meta-Two-Words", "a, b", "X-Amz-Meta-Empty", "", "X-Amz-Meta-Umlaut", "grün",
	}
	s.want(200, "PUT", "/photos/key", "hello", header...)
	id := s.want(200, "POST", "/photos/parts?uploads", "", header...).text("UploadId")
	part := s.want(200, "PUT", "/photos/parts?partNumber=1&uploadId="+id, "hello").header.Get("Etag")
	s.want(200, "POST", "/photos/parts?uploadId="+id, completeXML(part))
	for _, key := range []string{"key", "parts"} {
		for _, method := range []string{"GET", "HEAD"} {
			a := s.want(200, method, "/photos/"+key, "", "Accept-Encoding", "gzip")
			for i := 0; i < len(header); i += 2 {
				if got := strings.Join(a.header.Values(header[i]), ","); got != header[i+1] {
					t.Errorf("%s %s, %s: %q, want %q", method, key, header[i], got, header[i+1])
				}
			}
		}
	}
	s.want(200, "PUT", "/photos/plain", "")
	a := s.want(200, "HEAD", "/photos/plain", "")
	if got := a.header.Get("Content-Type"); got != "binary/octet-stream" {
		t.Errorf("default Content-Type %q", got)
	}
	for _, name := range []string{"X-Amz-Storage-Class", "X-Amz-Version-Id", "X-Amz-Tagging-Count", "Cache-Control", "X-Amz-Mp-Parts-Count"} {
		if got := a.header.Get(name); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestContentEncodingLosesTheFramingOnly(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for sent, want := range map[string]string{
		"aws-chunked": "", "aws-chunked,gzip": "gzip", "gzip, aws-chunked": "gzip", "gzip,br": "gzip,br", "gzip, aws-chunked, br": "gzip, br", "AWS-Chunked": "", "deflate": "deflate",
	} {
		s.want(200, "PUT", "/photos/key", "x", "Content-Encoding", sent)
		if got := s.want(200, "HEAD", "/photos/key", "").header.Get("Content-Encoding"); got != want {
			t.Errorf("%q is kept as %q, want %q", sent, got, want)
		}
	}
}

func TestStorageClasses(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for _, class := range []string{
		"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE",
	} {
		s.want(200, "PUT", "/photos/key", "x", "X-Amz-Storage-Class", class)
		want := class
		if class == "STANDARD" {
			want = "" // which S3 does not name in headers
		}
		if got := s.want(200, "HEAD", "/photos/key", "").header.Get("X-Amz-Storage-Class"); got != want {
			t.Errorf("%s: header %q", class, got)
		}
		if got := s.want(200, "GET", "/photos?list-type=2", "").text("StorageClass"); got != class {
			t.Errorf("%s: listed as %q", class, got)
		}
	}
	for _, class := range []string{"standard", "COLD", "STANDARD "} {
		if a := s.do(admin, "PUT", "/photos/other", "x", "X-Amz-Storage-Class", class); a.status == 200 && strings.TrimSpace(class) == class || a.status == 400 && a.code() != "InvalidStorageClass" {
			t.Errorf("%q: %d %s", class, a.status, a.body)
		}
	}
	s.wantCode(400, "InvalidStorageClass", "POST", "/photos/other?uploads", "", "X-Amz-Storage-Class", "COLD")
}

func TestMetadataHasALimit(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "x", "X-Amz-Meta-A", strings.Repeat("v", 2047))
	s.wantCode(400, "MetadataTooLarge", "PUT", "/photos/key", "x", "X-Amz-Meta-A", strings.Repeat("v", 2048))
	s.wantCode(400, "MetadataTooLarge", "POST", "/photos/key?uploads", "", "X-Amz-Meta-A", strings.Repeat("v", 2048))
}

func TestResponseOverrides(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "hello", "Content-Type", "text/plain", "Cache-Control", "no-store")
	names := map[string]string{
		"response-content-type": "Content-Type", "response-content-language": "Content-Language", "response-expires": "Expires",
		"response-cache-control": "Cache-Control", "response-content-disposition": "Content-Disposition", "response-content-encoding": "Content-Encoding",
	}
	for param, name := range names {
		for _, method := range []string{"GET", "HEAD"} {
			for _, value := range []string{"a/b; c=d", `attachment; filename="x y.txt"`, "Thu, 01 Dec 1994 16:00:00 GMT"} {
				a := s.want(200, method, "/photos/key?"+param+"="+url.QueryEscape(value), "")
				if got := a.header.Get(name); got != value {
					t.Errorf("%s %s: %q, want %q", method, param, got, value)
				}
			}
		}
	}
	if got := s.want(200, "HEAD", "/photos/key", "").header.Get("Content-Type"); got != "text/plain" {
		t.Errorf("the object's own type is now %q", got)
	}
	if got := s.want(206, "GET", "/photos/key?response-content-type=a%2Fb", "", "Range", "bytes=0-1").header.Get("Content-Type"); got != "a/b" {
		t.Errorf("of a range: %q", got)
	}
}

// Every error has the fields of S3's error document; one of a HEAD has no body at all.
func TestErrorDocuments(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	seen := map[string]bool{}
	for _, c := range []struct{ method, path, code, resource, extra string }{
		{"GET", "/photos/a%20b<", "NoSuchKey", "/photos/a b<", "Key=a b<"},
		{"GET", "/missing", "NoSuchBucket", "/missing", "BucketName=missing"},
		{"GET", "/missing/key", "NoSuchBucket", "/missing/key", "BucketName=missing"},
		{"PUT", "/Bad_Name", "InvalidBucketName", "/Bad_Name", ""},
		{"PATCH", "/photos/key", "MethodNotAllowed", "/photos/key", ""},
		{"GET", "/photos?max-keys=x", "InvalidArgument", "/photos", "ArgumentName=max-keys"},
		{"PUT", "/photos?policy", "NotImplemented", "/photos", ""},
		{"DELETE", "/photos/key?uploadId=x", "NoSuchUpload", "/photos/key", ""},
	} {
		a := s.do(admin, c.method, c.path, "")
		id := a.header.Get("X-Amz-Request-Id")
		if a.code() != c.code || a.text("Resource") != c.resource || a.text("Message") == "" || id == "" || a.text("RequestId") != id ||
			a.text("HostId") != a.header.Get("X-Amz-Id-2") || a.text("HostId") == "" || a.header.Get("Content-Type") != "application/xml" {
			t.Errorf("%s %s: %v\n%s", c.method, c.path, a.header, a.body)
		}
		if name, value, ok := strings.Cut(c.extra, "="); ok && a.text(name) != value {
			t.Errorf("%s %s: %s is %q, want %q", c.method, c.path, name, a.text(name), value)
		}
		if seen[id] {
			t.Errorf("request ID %s twice", id)
		}
		seen[id] = true
		if !strings.HasPrefix(a.body, `<?xml version="1.0" encoding="UTF-8"?>`) {
			t.Errorf("%s %s: %s", c.method, c.path, a.body)
		}
	}
	for path, status := range map[string]int{"/photos/missing": 404, "/missing": 404, "/photos/key?partNumber=0": 400, "/Bad_Name": 404} {
		a := s.do(admin, "HEAD", path, "")
		if a.status != status || a.body != "" {
			t.Errorf("HEAD %s: %d %q", path, a.status, a.body)
		}
	}
	for _, who := range []user{nobody, {"NOBODY", "x"}} {
		if a := s.do(who, "HEAD", "/photos/key", ""); a.status != 403 || a.body != "" {
			t.Errorf("HEAD of %v: %d %q", who.access, a.status, a.body)
		}
	}
	// On the wire there is nothing behind the head either.
	text := s.spell(admin, "HEAD", "/photos/missing", "") + s.spell(admin, "GET", "/photos/missing", "")
	if got := fmt.Sprint(s.answers(text)); got != "[404]" && got != "[404 404]" {
		t.Errorf("answers %s", got)
	}
}
