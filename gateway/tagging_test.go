package gateway_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// taggingXML is a Tagging document of keys and values by turns.
func taggingXML(tags ...string) string {
	var b strings.Builder
	for i := 0; i < len(tags); i += 2 {
		fmt.Fprintf(&b, "<Tag><Key>%s</Key><Value>%s</Value></Tag>", escapeXML(tags[i]), escapeXML(tags[i+1]))
	}
	return "<Tagging><TagSet>" + b.String() + "</TagSet></Tagging>"
}

func manyTags(n int) (tags []string) {
	for i := range n {
		tags = append(tags, fmt.Sprintf("key%02d", n-i), fmt.Sprint(i))
	}
	return tags
}

func TestTags(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "x")
	for _, c := range []struct {
		path     string
		limit    int
		put, del int
	}{{"/photos/key?tagging", 10, 200, 204}, {"/photos?tagging", 50, 204, 204}} {
		if a := s.do(admin, "GET", c.path, ""); a.status == 200 && len(a.texts("Tag")) > 0 {
			t.Errorf("%s at first: %s", c.path, a.body)
		}
		tags := manyTags(c.limit)
		s.want(c.put, "PUT", c.path, taggingXML(tags...))
		a := s.want(200, "GET", c.path, "")
		if len(a.texts("Key")) != c.limit || !slices.IsSorted(a.texts("Key")) {
			t.Errorf("%s: %s", c.path, a.body)
		}
		for what, doc := range map[string]string{
			"duplicate":  taggingXML("a", "1", "a", "2"),
			"empty key":  taggingXML("", "1"),
			"long key":   taggingXML(strings.Repeat("k", 129), "1"),
			"long value": taggingXML("k", strings.Repeat("v", 257)),
			"of AWS":     taggingXML("aws:x", "1"),
		} {
			s.do(admin, "PUT", c.path, doc).check(t, what, 400, "InvalidTag")
		}
		s.do(admin, "PUT", c.path, taggingXML(manyTags(c.limit+1)...)).check(t, "too many", 400, "BadRequest")
		for _, doc := range []string{"", "<Tagging>", "<Other/>", "x", "<Tagging/><Tagging/>"} {
			s.do(admin, "PUT", c.path, doc).check(t, doc, 400, "MalformedXML")
		}
		if again := s.want(200, "GET", c.path, ""); again.body != a.body {
			t.Errorf("%s changed by what was refused: %s", c.path, again.body)
		}
		limits := taggingXML(strings.Repeat("ä", 128), strings.Repeat("ö", 256))
		s.want(c.put, "PUT", c.path, limits)
		s.want(c.del, "DELETE", c.path, "")
	}
	s.wantCode(404, "NoSuchTagSet", "GET", "/photos?tagging", "")
	if a := s.want(200, "GET", "/photos/key?tagging", ""); len(a.texts("Tag")) > 0 {
		t.Errorf("after the deletion: %s", a.body)
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		s.wantCode(404, "NoSuchKey", method, "/photos/missing?tagging", taggingXML("a", "b"))
		s.wantCode(404, "NoSuchBucket", method, "/missing/key?tagging", taggingXML("a", "b"))
		s.wantCode(404, "NoSuchBucket", method, "/missing?tagging", taggingXML("a", "b"))
	}
}

func TestTagHeader(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "x", "X-Amz-Tagging", "b=2&a=1&sp%20ace=%C3%A4&plus=a+b&empty=&bare")
	a := s.want(200, "GET", "/photos/key?tagging", "")
	if !slices.Equal(a.texts("Key"), []string{"a", "b", "bare", "empty", "plus", "sp ace"}) || !slices.Equal(a.texts("Value"), []string{"1", "2", "", "", "a b", "ä"}) {
		t.Errorf("%s", a.body)
	}
	if got := s.want(200, "HEAD", "/photos/key", "").header.Get("X-Amz-Tagging-Count"); got != "6" {
		t.Errorf("count %s", got)
	}
	for header, code := range map[string]string{
		"a=1&a=2": "InvalidTag", "=1": "InvalidTag", "a=%zz": "InvalidArgument", "aws:a=1": "InvalidTag", "%ff=1": "InvalidTag",
		strings.Repeat("k", 129) + "=1": "InvalidTag", "k=" + strings.Repeat("v", 257): "InvalidTag", "a&b&c&d&e&f&g&h&i&j&k": "BadRequest",
	} {
		s.wantCode(400, code, "PUT", "/photos/other", "x", "X-Amz-Tagging", header)
		s.wantCode(400, code, "POST", "/photos/other?uploads", "", "X-Amz-Tagging", header)
	}
	s.want(200, "PUT", "/photos/key", "x") // a new object has no tags of the old one
	if a := s.want(200, "GET", "/photos/key?tagging", ""); len(a.texts("Tag")) > 0 {
		t.Errorf("tags of the replaced object: %s", a.body)
	}
}

func TestTagsNeedTheirOwnPermission(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"), withPolicy(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:PutObjectTagging", "Resource": "*"}]}`))
	s.do(limited, "PUT", "/photos/key", "x").check(t, "without tags", 200, "")
	s.do(limited, "PUT", "/photos/key", "x", "X-Amz-Tagging", "a=b").check(t, "with tags", 403, "AccessDenied")
	s.do(limited, "POST", "/photos/key?uploads", "", "X-Amz-Tagging", "a=b").check(t, "upload", 403, "AccessDenied")
	s.do(limited, "PUT", "/photos/copy", "", "X-Amz-Copy-Source", "/photos/key", "X-Amz-Tagging-Directive", "REPLACE", "X-Amz-Tagging", "a=b").check(t, "copy", 403, "AccessDenied")
}

func TestGetObjectAttributes(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "hello", "X-Amz-Checksum-Crc32", crc32Of("hello"))
	const all = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize"
	a := s.want(200, "GET", "/photos/key?attributes", "", "X-Amz-Object-Attributes", all)
	if a.text("ETag") != "5d41402abc4b2a76b9719d911017c592" || a.text("ObjectSize") != "5" || a.text("StorageClass") != "STANDARD" ||
		a.text("ChecksumCRC32") != crc32Of("hello") || a.text("ChecksumType") != "FULL_OBJECT" || len(a.texts("ObjectParts")) > 0 || a.header.Get("Last-Modified") == "" {
		t.Errorf("%v\n%s", a.header, a.body)
	}
	if a = s.want(200, "GET", "/photos/key?attributes", "", "X-Amz-Object-Attributes", "ObjectSize"); len(a.texts("ETag"))+len(a.texts("Checksum")) > 0 {
		t.Errorf("more than was asked for: %s", a.body)
	}
	id := s.createUpload("/photos/parts", "X-Amz-Checksum-Algorithm", "SHA256")
	var doc strings.Builder
	for n, body := range []string{big, big, "tail"} {
		etag := s.want(200, "PUT", partPath("/photos/parts", id, n+1), body, "X-Amz-Sdk-Checksum-Algorithm", "").header.Get("Etag")
		sum := s.want(200, "GET", "/photos/parts?uploadId="+id, "").texts("ChecksumSHA256")[n]
		fmt.Fprintf(&doc, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag><ChecksumSHA256>%s</ChecksumSHA256></Part>", n+1, etag, sum)
	}
	s.want(200, "POST", "/photos/parts?uploadId="+id, "<CompleteMultipartUpload>"+doc.String()+"</CompleteMultipartUpload>")
	a = s.want(200, "GET", "/photos/parts?attributes", "", "X-Amz-Object-Attributes", all)
	if a.text("PartsCount") != "3" || !slices.Equal(a.texts("PartNumber"), []string{"1", "2", "3"}) || strings.Contains(a.text("ChecksumSHA256"), "-") {
		t.Errorf("%s", a.body)
	}
	a = s.want(200, "GET", "/photos/parts?attributes", "", "X-Amz-Object-Attributes", "ObjectParts", "X-Amz-Max-Parts", "1", "X-Amz-Part-Number-Marker", "1")
	if !slices.Equal(a.texts("PartNumber"), []string{"2"}) || a.text("IsTruncated") != "true" || a.text("NextPartNumberMarker") != "2" {
		t.Errorf("a page: %s", a.body)
	}
	for _, bad := range [][]string{{}, {"X-Amz-Object-Attributes", ""}, {"X-Amz-Object-Attributes", "Size"}, {"X-Amz-Object-Attributes", all, "X-Amz-Max-Parts", "x"},
		{"X-Amz-Object-Attributes", all, "X-Amz-Part-Number-Marker", "-1"}} {
		s.wantCode(400, "InvalidArgument", "GET", "/photos/key?attributes", "", bad...)
	}
	s.wantCode(404, "NoSuchKey", "GET", "/photos/missing?attributes", "", "X-Amz-Object-Attributes", all)
}
