package gateway_test

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// big is a part of the least size that is allowed.
var big = strings.Repeat("0123456789abcdef", drivers.MinPartSize/16)

func (s *server) createUpload(path string, header ...string) (id string) {
	s.t.Helper()
	return s.want(200, "POST", path+"?uploads", "", header...).text("UploadId")
}

func partPath(path, id string, n int) string {
	return fmt.Sprintf("%s?partNumber=%d&uploadId=%s", path, n, id)
}

func multipartETag(parts ...string) string {
	var all []byte
	for _, p := range parts {
		sum := md5.Sum([]byte(p))
		all = append(all, sum[:]...)
	}
	sum := md5.Sum(all)
	return fmt.Sprintf("%q", fmt.Sprintf("%s-%d", hex.EncodeToString(sum[:]), len(parts)))
}

func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	id := s.createUpload("/photos/key", "Content-Type", "text/plain", "X-Amz-Tagging", "a=b")
	second := s.want(200, "PUT", partPath("/photos/key", id, 2), "tail").header.Get("Etag")
	s.want(200, "PUT", partPath("/photos/key", id, 1), "replaced")
	first := s.want(200, "PUT", partPath("/photos/key", id, 1), big).header.Get("Etag")
	s.want(200, "PUT", partPath("/photos/key", id, 9), "not listed")
	s.want(404, "HEAD", "/photos/key", "")
	a := s.want(200, "POST", "/photos/key?uploadId="+id, completeXML(first, second))
	etag := multipartETag(big, "tail")
	if a.text("ETag") != etag || a.text("Bucket") != "photos" || a.text("Key") != "key" || !strings.HasSuffix(a.text("Location"), "/photos/key") ||
		a.text("ChecksumCRC64NVME") != sumOf(checksum.CRC64NVME, big+"tail") || a.text("ChecksumType") != "FULL_OBJECT" {
		t.Errorf("%s, want ETag %s", a.body, etag)
	}
	get := s.want(200, "GET", "/photos/key", "", "X-Amz-Checksum-Mode", "ENABLED")
	if get.body != big+"tail" || get.header.Get("Etag") != etag || get.header.Get("X-Amz-Tagging-Count") != "1" || get.header.Get("Content-Type") != "text/plain" {
		t.Errorf("%d bytes, %v", len(get.body), get.header)
	}
	for n, want := range map[int]string{1: fmt.Sprintf("bytes 0-%d/%d", len(big)-1, len(big)+4), 2: fmt.Sprintf("bytes %d-%d/%d", len(big), len(big)+3, len(big)+4)} {
		for _, method := range []string{"GET", "HEAD"} {
			p := s.want(206, method, fmt.Sprintf("/photos/key?partNumber=%d", n), "")
			if p.header.Get("Content-Range") != want || p.header.Get("X-Amz-Mp-Parts-Count") != "2" {
				t.Errorf("%s of part %d: %v", method, n, p.header)
			}
		}
	}
	s.wantCode(416, "InvalidPartNumber", "GET", "/photos/key?partNumber=3", "")
	for _, n := range []string{"0", "-1", "10001", "x", ""} {
		s.wantCode(400, "InvalidArgument", "GET", "/photos/key?partNumber="+n, "")
	}
	s.want(200, "PUT", "/photos/plain", "plain")
	if p := s.want(206, "GET", "/photos/plain?partNumber=1", ""); p.body != "plain" || p.header.Get("X-Amz-Mp-Parts-Count") != "" {
		t.Errorf("the only part: %q %v", p.body, p.header)
	}
	s.wantCode(416, "InvalidPartNumber", "GET", "/photos/plain?partNumber=2", "")
}

// Parts need not be numbered from 1 on; reading one by its number must not depend on that.
func TestPartsWithGapsInTheirNumbers(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	id := s.createUpload("/photos/key")
	etags := map[int]string{}
	for n, body := range map[int]string{3: big, 7: "tail"} {
		etags[n] = s.want(200, "PUT", partPath("/photos/key", id, n), body).header.Get("Etag")
	}
	s.want(200, "POST", "/photos/key?uploadId="+id, fmt.Sprintf("<CompleteMultipartUpload><Part><PartNumber>3</PartNumber><ETag>%s</ETag></Part>"+
		"<Part><PartNumber>7</PartNumber><ETag>%s</ETag></Part></CompleteMultipartUpload>", etags[3], etags[7]))
	for n := 1; n <= 8; n++ {
		get := s.do(admin, "GET", fmt.Sprintf("/photos/key?partNumber=%d", n), "", "X-Amz-Checksum-Mode", "ENABLED")
		head := s.do(admin, "HEAD", fmt.Sprintf("/photos/key?partNumber=%d", n), "", "X-Amz-Checksum-Mode", "ENABLED")
		if get.status != head.status || get.status == 206 && (get.header.Get("Content-Range") != head.header.Get("Content-Range") ||
			get.header.Get("Content-Length") != head.header.Get("Content-Length")) || get.status != 206 && get.code() != "InvalidPartNumber" {
			t.Errorf("part %d: GET %d %s, HEAD %d %s", n, get.status, get.header.Get("Content-Range"), head.status, head.header.Get("Content-Range"))
		}
	}
}

func TestMultipartErrors(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	id := s.createUpload("/photos/key")
	e1 := s.want(200, "PUT", partPath("/photos/key", id, 1), "small").header.Get("Etag")
	e2 := s.want(200, "PUT", partPath("/photos/key", id, 2), "tail").header.Get("Etag")
	complete := "/photos/key?uploadId=" + id
	part := func(n, etag string) string {
		return "<Part><PartNumber>" + n + "</PartNumber><ETag>" + etag + "</ETag></Part>"
	}
	for _, c := range []struct{ what, doc, code string }{
		{"too small", part("1", e1) + part("2", e2), "EntityTooSmall"},
		{"wrong order", part("2", e2) + part("1", e1), "InvalidPartOrder"},
		{"the same part twice", part("1", e1) + part("1", e1), "InvalidPartOrder"},
		{"a part that is not there", part("3", e1), "InvalidPart"},
		{"wrong ETag", part("1", e2), "InvalidPart"},
		{"no ETag", "<Part><PartNumber>1</PartNumber></Part>", "InvalidPart"},
		{"no parts", "", "MalformedXML"},
		{"part 0", part("0", e1), "InvalidPart"},
		{"no number", part("x", e1), "MalformedXML"},
		{"too many", strings.Repeat(part("1", e1), 10_001), "MalformedXML"},
	} {
		s.do(admin, "POST", complete, "<CompleteMultipartUpload>"+c.doc+"</CompleteMultipartUpload>").check(t, c.what, 400, c.code)
	}
	s.wantCode(400, "MalformedXML", "POST", complete, "")
	s.wantCode(400, "MalformedXML", "POST", complete, "<Delete/>")
	for _, n := range []string{"0", "10001", "-1", "x", ""} {
		s.wantCode(400, "InvalidArgument", "PUT", "/photos/key?partNumber="+n+"&uploadId="+id, "x")
	}
	s.wantCode(400, "InvalidRequest", "POST", complete, completeXML(e1), "X-Amz-Mp-Object-Size", "x")
	s.wantCode(400, "BadDigest", "POST", complete, completeXML(e1), "X-Amz-Checksum-Crc64nvme", sumOf(checksum.CRC64NVME, "other"))
	if a := s.do(admin, "POST", complete, completeXML(e1), "X-Amz-Mp-Object-Size", "6"); a.status != 400 {
		t.Errorf("another size: %d %s", a.status, a.body)
	}
	s.want(404, "HEAD", "/photos/key", "")
	for _, bad := range []string{"x", "", "_0fe", id + "x", "x" + id, strings.Repeat("x", 5000), "..%2F..%2Fetc_0fe", "%00_0fe"} {
		for _, request := range []string{"PUT /photos/key?partNumber=1&uploadId=", "DELETE /photos/key?uploadId=", "GET /photos/key?uploadId="} {
			method, path, _ := strings.Cut(request, " ")
			s.wantCode(404, "NoSuchUpload", method, path+bad, "x")
		}
		s.wantCode(404, "NoSuchUpload", "POST", "/photos/key?uploadId="+bad, completeXML(e1))
	}
	for _, request := range []string{"PUT /photos/other?partNumber=1&uploadId=", "DELETE /photos/other?uploadId=", "GET /photos/other?uploadId="} {
		method, path, _ := strings.Cut(request, " ")
		s.wantCode(404, "NoSuchUpload", method, path+id, "x") // of another key
	}
	s.want(200, "POST", complete, completeXML(e1), "X-Amz-Mp-Object-Size", "5", "X-Amz-Checksum-Crc64nvme", sumOf(checksum.CRC64NVME, "small"))
	s.wantCode(404, "NoSuchUpload", "PUT", partPath("/photos/key", id, 1), "x")
}

func TestAbortMultipartUpload(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "before")
	id := s.createUpload("/photos/key")
	s.want(200, "PUT", partPath("/photos/key", id, 1), "part")
	s.want(204, "DELETE", "/photos/key?uploadId="+id, "")
	s.wantCode(404, "NoSuchUpload", "GET", "/photos/key?uploadId="+id, "")
	if a := s.want(200, "GET", "/photos/key", ""); a.body != "before" {
		t.Errorf("the object is now %q", a.body)
	}
	s.wantCode(404, "NoSuchBucket", "POST", "/missing/key?uploads", "")
}

func TestMultipartChecksums(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for _, a := range checksum.Algorithms() {
		for _, kind := range []checksum.Type{checksum.Composite, checksum.FullObject} {
			what := fmt.Sprintf("%s %s", a, kind)
			create := []string{"X-Amz-Checksum-Algorithm", string(a), "X-Amz-Checksum-Type", string(kind)}
			if !a.Supports(kind) {
				s.do(admin, "POST", "/photos/key?uploads", "", create...).check(t, what, 400, "InvalidRequest")
				continue
			}
			made := s.want(200, "POST", "/photos/key?uploads", "", create...)
			if made.header.Get("X-Amz-Checksum-Algorithm") != string(a) || made.header.Get("X-Amz-Checksum-Type") != string(kind) {
				t.Errorf("%s: %v", what, made.header)
			}
			id, name := made.text("UploadId"), http.CanonicalHeaderKey(a.Header())
			put := s.want(200, "PUT", partPath("/photos/key", id, 1), "hello", name, sumOf(a, "hello"))
			if put.header.Get(name) != sumOf(a, "hello") {
				t.Errorf("%s: part has %v", what, put.header)
			}
			s.do(admin, "PUT", partPath("/photos/key", id, 1), "hello", name, sumOf(a, "x")).check(t, what, 400, "BadDigest")
			if other := checksum.Algorithms()[(slices.Index(checksum.Algorithms(), a)+1)%10]; true {
				s.do(admin, "PUT", partPath("/photos/key", id, 1), "hello", other.Header(), sumOf(other, "hello")).check(t, what+", "+string(other), 400, "InvalidRequest")
			}
			parts := s.want(200, "GET", "/photos/key?uploadId="+id, "")
			if parts.text("ChecksumAlgorithm") != string(a) || parts.text("ChecksumType") != string(kind) || parts.text("Checksum"+string(a)) != sumOf(a, "hello") {
				t.Errorf("%s: %s", what, parts.body)
			}
			wrong := strings.Replace(completeXML(put.header.Get("Etag")), "</Part>", "<Checksum"+string(a)+">"+sumOf(a, "x")+"</Checksum"+string(a)+"></Part>", 1)
			s.do(admin, "POST", "/photos/key?uploadId="+id, wrong).check(t, what+", wrong part", 400, "InvalidPart")
			right := strings.Replace(wrong, sumOf(a, "x"), sumOf(a, "hello"), 1)
			done := s.want(200, "POST", "/photos/key?uploadId="+id, right, "X-Amz-Checksum-Type", string(kind))
			want := sumOf(a, "hello")
			if kind == checksum.Composite {
				h := a.New()
				digest := a.New()
				digest.Write([]byte("hello"))
				h.Write(digest.Sum(nil))
				want = checksum.Encode(h.Sum(nil)) + "-1"
			}
			head := s.want(200, "HEAD", "/photos/key", "", "X-Amz-Checksum-Mode", "ENABLED")
			if done.text("Checksum"+string(a)) != want || head.header.Get(name) != want || head.header.Get("X-Amz-Checksum-Type") != string(kind) {
				t.Errorf("%s: want %s\n%s\n%v", what, want, done.body, head.header)
			}
		}
	}
	s.wantCode(400, "InvalidRequest", "POST", "/photos/key?uploads", "", "X-Amz-Checksum-Algorithm", "CRC16")
	s.wantCode(400, "InvalidRequest", "POST", "/photos/key?uploads", "", "X-Amz-Checksum-Type", "COMPOSITE")
}
