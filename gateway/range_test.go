package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "0123456789")
	s.want(200, "PUT", "/photos/empty", "")
	for _, c := range []struct {
		object, header string
		status         int
		body, span     string
	}{
		{"key", "bytes=0-0", 206, "0", "bytes 0-0/10"},
		{"key", "bytes=2-4", 206, "234", "bytes 2-4/10"},
		{"key", "bytes=2-", 206, "23456789", "bytes 2-9/10"},
		{"key", "bytes=-3", 206, "789", "bytes 7-9/10"},
		{"key", "bytes=-100", 206, "0123456789", "bytes 0-9/10"},
		{"key", "bytes=0-9", 206, "0123456789", "bytes 0-9/10"},
		{"key", "bytes=5-999", 206, "56789", "bytes 5-9/10"},
		{"key", "bytes=9-9223372036854775807", 206, "9", "bytes 9-9/10"},
		{"key", "bytes=0-99999999999999999999", 206, "0123456789", "bytes 0-9/10"},
		{"key", "bytes=10-", 416, "", ""},
		{"key", "bytes=10-12", 416, "", ""},
		{"key", "bytes=-0", 416, "", ""},
		{"key", "bytes=99999999999999999999-", 416, "", ""},
		{"key", "bytes=4-2", 200, "0123456789", ""},
		{"key", "bytes=0-1,3-4", 200, "0123456789", ""},
		{"key", "bytes=a-b", 200, "0123456789", ""},
		{"key", "bytes=", 200, "0123456789", ""},
		{"key", "bytes=-", 200, "0123456789", ""},
		{"key", "bytes=--1", 200, "0123456789", ""},
		{"key", "bytes=1", 200, "0123456789", ""},
		{"key", "octets=0-1", 200, "0123456789", ""},
		{"key", "0-1", 200, "0123456789", ""},
		{"empty", "bytes=0-", 416, "", ""},
		{"empty", "bytes=-1", 416, "", ""},
		{"empty", "bytes=0-0", 416, "", ""},
		{"empty", "x", 200, "", ""},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := s.do(admin, method, "/photos/"+c.object, "", "Range", c.header)
			what := fmt.Sprintf("%s %s of %s", method, c.header, c.object)
			if a.status != c.status || a.header.Get("Content-Range") != c.span {
				t.Errorf("%s: %d %q, want %d %q", what, a.status, a.header.Get("Content-Range"), c.status, c.span)
			}
			if c.status != 416 && a.header.Get("Content-Length") != fmt.Sprint(len(c.body)) {
				t.Errorf("%s: Content-Length %s", what, a.header.Get("Content-Length"))
			}
			switch {
			case method == "HEAD":
				if a.body != "" {
					t.Errorf("%s: a body", what)
				}
			case c.status == 416:
				a.check(t, what, 416, "InvalidRange")
				if a.text("RangeRequested") != c.header || a.text("ActualObjectSize") != map[string]string{"key": "10", "empty": "0"}[c.object] {
					t.Errorf("%s: %s", what, a.body)
				}
			case a.body != c.body:
				t.Errorf("%s: %q", what, a.body)
			}
		}
	}
	s.wantCode(400, "InvalidRequest", "GET", "/photos/key?partNumber=1", "", "Range", "bytes=0-1")
}

const (
	past   = "Mon, 02 Jan 2006 15:04:05 GMT"
	future = "Tue, 02 Jan 2035 15:04:05 GMT"
)

func TestConditionsOfReads(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	put := s.want(200, "PUT", "/photos/key", "hello")
	etag := put.header.Get("Etag")
	bare := strings.Trim(etag, `"`)
	modified := s.want(200, "HEAD", "/photos/key", "").header.Get("Last-Modified")
	for _, c := range []struct {
		header []string
		status int
	}{
		{[]string{"If-Match", etag}, 200},
		{[]string{"If-Match", bare}, 200},
		{[]string{"If-Match", "*"}, 200},
		{[]string{"If-Match", `"a", ` + etag}, 200},
		{[]string{"If-Match", `"a"`}, 412},
		{[]string{"If-None-Match", etag}, 304},
		{[]string{"If-None-Match", "W/" + etag}, 304},
		{[]string{"If-None-Match", bare}, 304},
		{[]string{"If-None-Match", "*"}, 304},
		{[]string{"If-None-Match", `"a"`}, 200},
		{[]string{"If-Modified-Since", past}, 200},
		{[]string{"If-Modified-Since", modified}, 304},
		{[]string{"If-Modified-Since", future}, 304},
		{[]string{"If-Modified-Since", "yesterday"}, 200},
		{[]string{"If-Unmodified-Since", past}, 412},
		{[]string{"If-Unmodified-Since", modified}, 200},
		{[]string{"If-Unmodified-Since", future}, 200},
		{[]string{"If-Unmodified-Since", "yesterday"}, 200},
		{[]string{"If-Match", etag, "If-Unmodified-Since", past}, 200},       // as the S3 API reference says
		{[]string{"If-None-Match", etag, "If-Modified-Since", past}, 304},    // so, too
		{[]string{"If-None-Match", `"a"`, "If-Modified-Since", future}, 200}, // RFC 9110, 13.2.2
		{[]string{"If-Match", `"a"`, "If-None-Match", etag}, 412},
		{[]string{"If-None-Match", etag, "Range", "bytes=100-"}, 304},
		{[]string{"If-Match", `"a"`, "Range", "bytes=100-"}, 412},
		{[]string{"If-Match", etag, "Range", "bytes=1-2"}, 206},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := s.do(admin, method, "/photos/key", "", c.header...)
			if a.status != c.status {
				t.Errorf("%s %v: %d, want %d", method, c.header, a.status, c.status)
			}
			switch {
			case a.status == 304 && (a.body != "" || a.header.Get("Etag") != etag || a.header.Get("Last-Modified") != modified):
				t.Errorf("%s %v: %v %q", method, c.header, a.header, a.body)
			case a.status == 412 && method == "GET" && (a.code() != "PreconditionFailed" || !strings.HasPrefix(a.text("Condition"), "If-")):
				t.Errorf("%v: %s", c.header, a.body)
			}
			if missing := s.do(admin, method, "/photos/missing", "", c.header...); missing.status != 404 {
				t.Errorf("%s %v of no object: %d", method, c.header, missing.status)
			}
		}
	}
}

func TestConditionsOfWrites(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/source", "new")
	etag := s.want(200, "PUT", "/photos/key", "old").header.Get("Etag")
	complete := func(path string, header ...string) answer {
		id := s.want(200, "POST", path+"?uploads", "").text("UploadId")
		part := s.want(200, "PUT", path+"?partNumber=1&uploadId="+id, "new").header.Get("Etag")
		a := s.do(admin, "POST", path+"?uploadId="+id, completeXML(part), header...)
		if a.status != 200 {
			s.want(204, "DELETE", path+"?uploadId="+id, "") // it stays as it was
		}
		return a
	}
	writes := map[string]func(path string, header ...string) answer{
		"PutObject": func(path string, header ...string) answer { return s.do(admin, "PUT", path, "new", header...) },
		"CopyObject": func(path string, header ...string) answer {
			return s.do(admin, "PUT", path, "", append(header, "X-Amz-Copy-Source", "/photos/source")...)
		},
		"CompleteMultipartUpload": complete,
	}
	for name, write := range writes {
		for _, c := range []struct {
			key, header, value string
			status             int
			code               string
		}{
			{"key", "If-None-Match", "*", 412, "PreconditionFailed"},
			{"key", "If-None-Match", etag, 412, "PreconditionFailed"},
			{"key", "If-Match", `"a"`, 412, "PreconditionFailed"},
			{"missing", "If-Match", etag, 404, "NoSuchKey"},
			{"missing", "If-Match", "*", 404, "NoSuchKey"},
		} {
			a := write("/photos/"+c.key, c.header, c.value)
			what := fmt.Sprintf("%s of %s, %s %s", name, c.key, c.header, c.value)
			a.check(t, what, c.status, c.code)
			if c.status == 412 && a.text("Condition") != c.header {
				t.Errorf("%s: condition %q", what, a.text("Condition"))
			}
			if a := s.want(200, "GET", "/photos/key", ""); a.body != "old" {
				t.Errorf("%s: the object is %q", what, a.body)
			}
			s.want(404, "HEAD", "/photos/missing", "")
		}
		for _, header := range []string{"If-None-Match", "If-Match"} {
			value := map[string]string{"If-None-Match": "*", "If-Match": etag}[header]
			if header == "If-Match" {
				s.want(200, "PUT", "/photos/target", "old")
			}
			write("/photos/target", header, value).check(t, name+" "+header, 200, "")
			if a := s.want(200, "GET", "/photos/target", ""); a.body != "new" {
				t.Errorf("%s %s: %q", name, header, a.body)
			}
			s.want(204, "DELETE", "/photos/target", "")
		}
	}
	s.wantCode(412, "PreconditionFailed", "DELETE", "/photos/key", "", "If-Match", `"a"`)
	s.wantCode(404, "NoSuchKey", "DELETE", "/photos/missing", "", "If-Match", etag)
	s.wantCode(501, "NotImplemented", "DELETE", "/photos/key", "", "If-None-Match", "*")
	s.wantCode(501, "NotImplemented", "DELETE", "/photos/key", "", "X-Amz-If-Match-Size", "3")
	s.want(204, "DELETE", "/photos/key", "", "If-Match", etag)
}

func TestDatesAreThoseOfHTTP(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	before := time.Now().Truncate(time.Second)
	s.want(200, "PUT", "/photos/key", "hello")
	modified, err := http.ParseTime(s.want(200, "HEAD", "/photos/key", "").header.Get("Last-Modified"))
	if err != nil || modified.Before(before) || modified.After(time.Now()) {
		t.Errorf("Last-Modified %v (%v)", modified, err)
	}
}
