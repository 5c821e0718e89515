package gateway_test

import (
	"strings"
	"testing"

	"sluice/drivers/checksum"
)

func TestCopyObject(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos", "other"))
	s.want(200, "PUT", "/photos/key", "hello", "Content-Type", "text/plain", "X-Amz-Meta-A", "1", "X-Amz-Tagging", "t=1", "X-Amz-Storage-Class", "STANDARD_IA",
		"X-Amz-Checksum-Sha256", sumOf(checksum.SHA256, "hello"), "X-Amz-Website-Redirect-Location", "/elsewhere")
	const source = "X-Amz-Copy-Source"
	a := s.want(200, "PUT", "/other/copy", "", source, "/photos/key")
	if a.text("ETag") != `"5d41402abc4b2a76b9719d911017c592"` || a.text("LastModified") == "" || a.text("ChecksumSHA256") != sumOf(checksum.SHA256, "hello") {
		t.Errorf("%s", a.body)
	}
	get := s.want(200, "GET", "/other/copy", "", "X-Amz-Checksum-Mode", "ENABLED")
	for name, want := range map[string]string{
		"Content-Type": "text/plain", "X-Amz-Meta-A": "1", "X-Amz-Tagging-Count": "1", "X-Amz-Storage-Class": "", "X-Amz-Website-Redirect-Location": "",
		"X-Amz-Checksum-Sha256": sumOf(checksum.SHA256, "hello"),
	} {
		if got := get.header.Get(name); got != want {
			t.Errorf("%s of the copy: %q, want %q", name, got, want)
		}
	}
	s.want(200, "PUT", "/other/copy", "", source, "photos/key", "X-Amz-Metadata-Directive", "REPLACE", "Content-Type", "text/html", "X-Amz-Meta-B", "2",
		"X-Amz-Tagging-Directive", "REPLACE", "X-Amz-Tagging", "x=1&y=2", "X-Amz-Storage-Class", "GLACIER_IR", "X-Amz-Checksum-Algorithm", "crc32")
	get = s.want(200, "GET", "/other/copy", "", "X-Amz-Checksum-Mode", "ENABLED")
	for name, want := range map[string]string{
		"Content-Type": "text/html", "X-Amz-Meta-A": "", "X-Amz-Meta-B": "2", "X-Amz-Tagging-Count": "2", "X-Amz-Storage-Class": "GLACIER_IR",
		"X-Amz-Checksum-Crc32": crc32Of("hello"),
	} {
		if got := get.header.Get(name); got != want {
			t.Errorf("%s of the changed copy: %q, want %q", name, got, want)
		}
	}
	s.want(200, "PUT", "/other/copy", "", source, "photos/key", "X-Amz-Meta-B", "2") // without the directive it does not count
	if got := s.want(200, "HEAD", "/other/copy", "").header; got.Get("X-Amz-Meta-B") != "" || got.Get("X-Amz-Meta-A") != "1" {
		t.Errorf("metadata without the directive: %v", got)
	}
}

func TestCopyOntoItself(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "hello", "X-Amz-Meta-A", "1")
	const source = "X-Amz-Copy-Source"
	s.wantCode(400, "InvalidRequest", "PUT", "/photos/key", "", source, "/photos/key")
	s.wantCode(400, "InvalidRequest", "PUT", "/photos/key", "", source, "/photos/%6bey", "X-Amz-Metadata-Directive", "COPY")
	for _, header := range [][]string{
		{"X-Amz-Metadata-Directive", "REPLACE", "X-Amz-Meta-A", "2"}, {"X-Amz-Storage-Class", "STANDARD_IA"}, {"X-Amz-Checksum-Algorithm", "SHA1"},
		{"X-Amz-Tagging-Directive", "REPLACE", "X-Amz-Tagging", "a=b"},
	} {
		s.want(200, "PUT", "/photos/key", "", append(header, source, "/photos/key")...)
		if a := s.want(200, "GET", "/photos/key", ""); a.body != "hello" || a.header.Get("X-Amz-Meta-A") != "2" {
			t.Errorf("%v: %q %v", header, a.body, a.header)
		}
	}
}

func TestCopyErrors(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	etag := s.want(200, "PUT", "/photos/key", "hello").header.Get("Etag")
	const source = "X-Amz-Copy-Source"
	for _, c := range []struct {
		header string
		status int
		code   string
	}{
		{source + "=/photos/missing", 404, "NoSuchKey"},
		{source + "=/missing/key", 404, "NoSuchBucket"},
		{source + "=/photos/key?versionId=x", 404, "NoSuchVersion"},
		{source + "=/photos/key?versionId=null", 200, ""},
		{source + "=/photos/key X-Amz-Metadata-Directive=replace", 400, "InvalidArgument"},
		{source + "=/photos/key X-Amz-Tagging-Directive=x", 400, "InvalidArgument"},
		{source + "=/photos/key X-Amz-Checksum-Algorithm=CRC16", 400, "InvalidRequest"},
		{source + "=/photos/key X-Amz-Storage-Class=COLD", 400, "InvalidStorageClass"},
		{source + "=/photos/key X-Amz-Tagging-Directive=REPLACE X-Amz-Tagging=a=1&a=2", 400, "InvalidTag"},
		{source + "=/photos/key X-Amz-Source-Expected-Bucket-Owner=elsewhere", 403, "AccessDenied"},
		{source + "=/photos/key X-Amz-Copy-Source-If-Match=" + etag, 200, ""},
		{source + `=/photos/key X-Amz-Copy-Source-If-Match="a"`, 412, "PreconditionFailed"},
		{source + "=/photos/key X-Amz-Copy-Source-If-None-Match=" + etag, 412, "PreconditionFailed"},
		{source + `=/photos/key X-Amz-Copy-Source-If-None-Match="a"`, 200, ""},
	} {
		var header []string
		for h := range strings.FieldsSeq(c.header) {
			name, value, _ := strings.Cut(h, "=")
			header = append(header, name, value)
		}
		s.do(admin, "PUT", "/photos/copy", "", header...).check(t, c.header, c.status, c.code)
	}
	for _, c := range [][]string{{"Modified-Since", past, "200"}, {"Modified-Since", future, "412"}, {"Unmodified-Since", past, "412"}, {"Unmodified-Since", future, "200"}} {
		a := s.do(admin, "PUT", "/photos/copy", "", source, "/photos/key", "X-Amz-Copy-Source-If-"+c[0], c[1])
		if (a.status == 200) != (c[2] == "200") {
			t.Errorf("%v: %d %s", c, a.status, a.body)
		}
	}
	s.wantCode(404, "NoSuchBucket", "PUT", "/missing/key", "", source, "/photos/key")
}

func TestUploadPartCopyRanges(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/source", "0123456789")
	id := s.createUpload("/photos/key")
	copyRange := func(r string) answer {
		return s.do(admin, "PUT", partPath("/photos/key", id, 1), "", "X-Amz-Copy-Source", "/photos/source", "X-Amz-Copy-Source-Range", r)
	}
	for _, bad := range []string{"0-4", "bytes=-4", "bytes=4-", "bytes=4-2", "bytes=0-1,3-4", "bytes=a-b", "x"} {
		copyRange(bad).check(t, bad, 400, "InvalidArgument")
	}
	for _, beyond := range []string{"bytes=0-10", "bytes=10-11", "bytes=5-99"} {
		if a := copyRange(beyond); a.status != 416 && a.status != 400 {
			t.Errorf("%s: %d %s", beyond, a.status, a.body)
		}
	}
	a := copyRange("bytes=2-4")
	a.check(t, "bytes=2-4", 200, "")
	s.want(200, "POST", "/photos/key?uploadId="+id, completeXML(a.text("ETag")))
	if a := s.want(200, "GET", "/photos/key", ""); a.body != "234" {
		t.Errorf("%q", a.body)
	}
}
