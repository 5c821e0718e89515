package gateway_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sluice/drivers/checksum"
	"sluice/gateway"
)

// Nobody of another account gets at a bucket or what is in it, whatever they may do at home.
func TestAnotherAccountSeesNothing(t *testing.T) {
	t.Parallel()
	var c calls
	s := start(t, spy(newMem(t), c.hook))
	s.want(200, "PUT", "/photos", "")
	s.want(200, "PUT", "/photos/key", secretContent)
	s.want(204, "PUT", "/photos?tagging", taggingXML("a", "b"))
	id := s.createUpload("/photos/key")
	s.do(stranger, "PUT", "/theirs", "").check(t, "create", 200, "")
	c.takeAll()
	for _, op := range gateway.Operations() {
		if !op.Bucket || op.Method == http.MethodOptions || op.Name == "CreateBucket" {
			continue
		}
		path, header := target(op, "photos")
		path = strings.Replace(path, "uploadId", "uploadId="+id, 1)
		body := ""
		if op.DecidesByItself {
			body = "<Delete><Object><Key>key</Key></Object></Delete>"
			header = append(header, "Content-Md5", sumOf(checksum.MD5, body))
		}
		for _, u := range []user{stranger, nobody} {
			a := s.do(u, op.Method, path, body, header...)
			if a.status != 403 && !(op.DecidesByItself && a.status == 200 && a.code() == "AccessDenied") || strings.Contains(a.body, secretContent) {
				t.Errorf("%s of %s: %d %s", op.Name, u.access, a.status, a.body)
			}
		}
	}
	if got := c.takeAll(); len(got) > 0 {
		t.Errorf("reached the driver: %v", got)
	}
	s.do(stranger, "PUT", "/photos", "").check(t, "the same name", 409, "BucketAlreadyExists")
	s.do(stranger, "PUT", "/theirs/copy", "", "X-Amz-Copy-Source", "/photos/key").check(t, "copy out", 403, "AccessDenied")
	s.do(stranger, "PUT", "/theirs/key", "x").check(t, "at home", 200, "")
	s.do(admin, "GET", "/theirs/key", "").check(t, "admin elsewhere", 403, "AccessDenied")
	s.do(stranger, "GET", "/nowhere/key", "").check(t, "no bucket at all", 404, "NoSuchBucket")
	s.do(nobody, "GET", "/nowhere/key", "").check(t, "anonymous, no bucket at all", 403, "AccessDenied")
	if a := s.want(200, "GET", "/photos/key", ""); a.body != secretContent {
		t.Errorf("the object is now %q", a.body)
	}
}

func TestReaderReadsAndNothingElse(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "hello")
	id := s.createUpload("/photos/key")
	for _, op := range gateway.Operations() {
		if op.Method == http.MethodOptions || op.DecidesByItself {
			continue
		}
		path, header := target(op, "photos")
		path = strings.Replace(path, "uploadId", "uploadId="+id, 1)
		a := s.do(reader, op.Method, path, "", header...)
		reads := op.Method == http.MethodGet || op.Method == http.MethodHead
		if op.Name == "CreateSession" {
			reads = false
		}
		if op.Name == "SelectObjectContent" {
			reads = true // a POST that reads
		}
		if reads != (a.status != 403) {
			t.Errorf("%s: %d %s", op.Name, a.status, a.code())
		}
	}
	s.deleteObjects(reader, "/photos", "key").check(t, "DeleteObjects", 200, "AccessDenied")
	if a := s.do(reader, "GET", "/photos/key", ""); a.body != "hello" {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestExpectedBucketOwner(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, op := range gateway.Operations() {
		if !op.Bucket || op.Method == http.MethodOptions {
			continue
		}
		path, header := target(op, "photos")
		a := v.do(admin, op.Method, path, "", append(header, "X-Amz-Expected-Bucket-Owner", "elsewhere")...)
		v.untouched(op.Name, a)
		if a.status != 403 {
			t.Errorf("%s: %d", op.Name, a.status)
		}
	}
	v.want(200, "GET", "/photos/key", "", "X-Amz-Expected-Bucket-Owner", "sluice")
}

func TestDeleteObjects(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"), withPolicy(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "arn:aws:s3:::photos/kept*"}]}`))
	for _, k := range []string{"a", "b", "kept", "c"} {
		s.want(200, "PUT", "/photos/"+k, k)
	}
	a := s.deleteObjects(limited, "/photos", "a", "kept", "missing")
	if !slices.Equal(a.texts("Key"), []string{"a", "missing", "kept"}) || !slices.Equal(a.texts("Code"), []string{"AccessDenied"}) || len(a.texts("Deleted")) != 2 {
		t.Errorf("%s", a.body)
	}
	a = s.do(limited, "POST", "/photos?delete", "<Delete><Object><Key>b</Key></Object><Object><Key>kept2</Key></Object><Quiet>true</Quiet></Delete>")
	if len(a.texts("Deleted")) > 0 || !slices.Equal(a.texts("Key"), []string{"kept2"}) {
		t.Errorf("quiet: %s", a.body)
	}
	if a := s.want(200, "GET", "/photos", ""); !slices.Equal(a.texts("Key"), []string{"c", "kept"}) {
		t.Errorf("left: %q", a.texts("Key"))
	}
	keys := make([]string, 1001)
	for i := range keys {
		keys[i] = fmt.Sprint(i)
	}
	s.deleteObjects(admin, "/photos", keys...).check(t, "1001 keys", 400, "MalformedXML")
	if a := s.deleteObjects(admin, "/photos", keys[:1000]...); a.status != 200 || len(a.texts("Deleted")) != 1000 {
		t.Errorf("1000 keys: %d %.300s", a.status, a.body)
	}
	s.deleteObjects(admin, "/photos").check(t, "no keys", 400, "MalformedXML")
	s.deleteObjects(admin, "/missing", "a").check(t, "no bucket", 404, "NoSuchBucket")
	object := func(inner string) string { return "<Delete><Object><Key>c</Key>" + inner + "</Object></Delete>" }
	for inner, code := range map[string]string{
		"<VersionId>x</VersionId>": "NoSuchVersion", "<ETag>x</ETag>": "PreconditionFailed", "<Size>1</Size>": "NotImplemented", "<LastModifiedTime>" + past + "</LastModifiedTime>": "NotImplemented",
	} {
		s.do(admin, "POST", "/photos?delete", object(inner)).check(t, inner, 200, code)
	}
	r := s.request("POST", "/photos?delete", nil)
	applyHeader(t, r, right)
	s.send(withBody(r, []byte(object("")))).check(t, "without a digest", 400, "InvalidRequest")
	s.do(admin, "POST", "/photos?delete", object("<VersionId>null</VersionId>")).check(t, "null", 200, "")
	s.want(404, "HEAD", "/photos/c", "")
}
