package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"sluice/drivers/checksum"
	"sluice/gateway/sigv4"
)

// sumOf returns a checksum as clients send it.
func sumOf(a checksum.Algorithm, body string) string {
	h := a.New()
	h.Write([]byte(body))
	return checksum.Encode(h.Sum(nil))
}

func crc32Of(body string) string { return sumOf(checksum.CRC32, body) }

// trailed uploads a body with headers that follow it.
func (s *server) trailed(mode, path, body string, announced string, trailer http.Header, header ...string) answer {
	s.t.Helper()
	r := s.request("PUT", path, nil, header...)
	r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(len(body)))
	r.Header.Set("Content-Encoding", "aws-chunked")
	if announced != "" {
		r.Header.Set("X-Amz-Trailer", announced)
	}
	chunks, err := sigv4.Sign(r, right.keys(), "us-east-1", mode, time.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return s.send(withBody(r, frame(s.t, modes[mode], chunks, body, 64<<10, trailer)))
}

func TestChecksumsInHeadersAndTrailers(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for _, a := range checksum.Algorithms() {
		for _, body := range []string{"hello", strings.Repeat("0123456789abcdef", 5_000)} {
			name, sum := a.Header(), sumOf(a, body)
			other := sumOf(a, body+"x")
			trailer := func(v string) http.Header { return http.Header{http.CanonicalHeaderKey(name): {v}} }
			uploads := map[string]func(sum string, header ...string) answer{
				"header": func(sum string, header ...string) answer {
					return s.do(admin, "PUT", "/photos/key", body, append(header, name, sum)...)
				},
				"unsigned trailer": func(sum string, header ...string) answer {
					return s.trailed(sigv4.StreamingUnsignedTrailer, "/photos/key", body, name, trailer(sum), header...)
				},
				"signed trailer": func(sum string, header ...string) answer {
					return s.trailed(sigv4.StreamingPayloadTrailer, "/photos/key", body, name, trailer(sum), header...)
				},
			}
			for how, upload := range uploads {
				what := fmt.Sprintf("%s of %d bytes by %s", a, len(body), how)
				got := upload(sum, "X-Amz-Sdk-Checksum-Algorithm", string(a))
				if got.status != 200 || got.header.Get(name) != sum || got.header.Get("X-Amz-Checksum-Type") != "FULL_OBJECT" {
					t.Fatalf("%s: %d %v %s", what, got.status, got.header, got.body)
				}
				head := s.want(200, "HEAD", "/photos/key", "", "X-Amz-Checksum-Mode", "ENABLED")
				if head.header.Get(name) != sum || head.header.Get("X-Amz-Checksum-Type") != "FULL_OBJECT" {
					t.Errorf("%s: HEAD shows %v", what, head.header)
				}
				if plain := s.want(200, "HEAD", "/photos/key", ""); plain.header.Get(name) != "" {
					t.Errorf("%s: shown to who did not ask", what)
				}
				s.want(204, "DELETE", "/photos/key", "")
				upload(other).check(t, what+", wrong", 400, "BadDigest")
				if len(body) > 5 {
					continue // the rest asks nothing of the content
				}
				for _, malformed := range []string{"x", "!!!!", sum + "=", sum[1:], sum + "-1"} {
					if got := upload(malformed); got.status != 400 {
						t.Errorf("%s, malformed %q: %d", what, malformed, got.status)
					}
				}
				mismatch := "CRC32"
				if a == checksum.CRC32 {
					mismatch = "SHA1"
				}
				upload(sum, "X-Amz-Sdk-Checksum-Algorithm", mismatch).check(t, what+", another announced", 400, "InvalidRequest")
				s.want(404, "HEAD", "/photos/key", "")
			}
		}
	}
}

func TestChecksumRules(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	const body = "hello"
	a := s.want(200, "PUT", "/photos/key", body)
	if a.header.Get("X-Amz-Checksum-Crc64nvme") != sumOf(checksum.CRC64NVME, body) || a.header.Get("X-Amz-Checksum-Type") != "FULL_OBJECT" {
		t.Errorf("without a checksum: %v", a.header)
	}
	ranged := s.want(206, "GET", "/photos/key", "", "X-Amz-Checksum-Mode", "ENABLED", "Range", "bytes=0-1")
	if got := ranged.header.Get("X-Amz-Checksum-Crc64nvme"); got != "" {
		t.Errorf("a range has the whole object's checksum %s", got)
	}
	crc, sha := crc32Of(body), sumOf(checksum.SHA1, body)
	for what, header := range map[string][]string{
		"two":                     {"X-Amz-Checksum-Crc32", crc, "X-Amz-Checksum-Sha1", sha},
		"announced and not there": {"X-Amz-Sdk-Checksum-Algorithm", "CRC32"},
		"unknown":                 {"X-Amz-Sdk-Checksum-Algorithm", "CRC16"},
	} {
		s.do(admin, "PUT", "/photos/key", "other", header...).check(t, what, 400, "InvalidRequest")
	}
	two := http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Checksum-Sha1": {sha}}
	mode := sigv4.StreamingUnsignedTrailer
	s.trailed(mode, "/photos/key", body, "x-amz-checksum-crc32,x-amz-checksum-sha1", two).check(t, "two trailers", 400, "InvalidRequest")
	one := http.Header{"X-Amz-Checksum-Crc32": {crc}}
	s.trailed(mode, "/photos/key", body, "x-amz-checksum-crc32", one, "X-Amz-Checksum-Sha1", sha).check(t, "header and trailer", 400, "InvalidRequest")
	s.trailed(mode, "/photos/key", body, "", one).check(t, "not announced", 400, "MalformedTrailerError")
	s.trailed(mode, "/photos/key", body, "x-amz-checksum-crc32", nil).check(t, "announced and not sent", 400, "MalformedTrailerError")
	s.trailed(mode, "/photos/key", body, "x-amz-meta-a", http.Header{"X-Amz-Meta-A": {"1"}}).check(t, "another trailer", 200, "")
	if got := s.want(200, "HEAD", "/photos/key", "").header.Get("X-Amz-Meta-A"); got != "" {
		t.Errorf("a trailer became metadata %q", got)
	}
}

func TestContentMD5(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	good := sumOf(checksum.MD5, "hello")
	s.want(200, "PUT", "/photos/key", "hello", "Content-Md5", good)
	s.wantCode(400, "BadDigest", "PUT", "/photos/key", "other", "Content-Md5", good)
	for _, bad := range []string{"", "x", "5d41402abc4b2a76b9719d911017c592", good + "AA", good[:20], "????"} {
		s.wantCode(400, "InvalidDigest", "PUT", "/photos/key", "other", "Content-Md5", bad)
	}
	if a := s.want(200, "GET", "/photos/key", ""); a.body != "hello" {
		t.Errorf("the object is now %q", a.body)
	}
	for path, doc := range documents("x") {
		method, target, _ := strings.Cut(path, " ")
		if target == "/photos/key?uploadId=x_0fe" {
			continue
		}
		s.wantCode(400, "BadDigest", method, target, doc, "Content-Md5", good)
		s.wantCode(400, "InvalidDigest", method, target, doc, "Content-Md5", "x")
	}
}

func TestPayloadHash(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	r := s.request("PUT", "/photos/key", nil)
	sign(admin, r, []byte("hello"))
	s.send(withBody(r, []byte("other"))).check(t, "another body than was signed", 400, "XAmzContentSHA256Mismatch")
	for _, hash := range []string{"", "x", "STREAMING-SOMETHING", "unsigned-payload", strings.Repeat("g", 64)} {
		r := s.request("PUT", "/photos/key", nil)
		if _, err := sigv4.Sign(r, right.keys(), "us-east-1", hash, time.Now()); err != nil {
			t.Fatal(err)
		}
		s.send(withBody(r, []byte("hello"))).check(t, "payload hash "+hash, 400, "InvalidArgument")
	}
	s.want(404, "HEAD", "/photos/key", "")
	for mode := range modes {
		for _, size := range []int{0, 1, 64 << 10, 200_000} {
			body := strings.Repeat("x", size)
			var trailer http.Header
			announced := ""
			if mode != sigv4.StreamingPayload {
				announced, trailer = "x-amz-checksum-crc32", http.Header{"X-Amz-Checksum-Crc32": {crc32Of(body)}}
			}
			s.trailed(mode, "/photos/streamed", body, announced, trailer, "X-Amz-Meta-Mode", mode).check(t, mode, 200, "")
			a := s.want(200, "GET", "/photos/streamed", "")
			if a.body != body || a.header.Get("X-Amz-Meta-Mode") != mode || a.header.Get("Content-Encoding") != "" {
				t.Errorf("%s of %d bytes: %d bytes, %v", mode, size, len(a.body), a.header)
			}
		}
	}
	text := s.spell(admin, "PUT", "/photos/key", "")
	s.raw("PUT", strings.Replace(text, "Content-Length: 0\r\n", "", 1)).check(t, "no length", 411, "MissingContentLength")
}
