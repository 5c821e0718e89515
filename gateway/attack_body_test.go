package gateway_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/gateway"
	"sluice/gateway/access"
	"sluice/gateway/sigv4"
)

func TestRow14ConditionsRevealNothingBeforeAuthorization(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	etag := v.want(200, "HEAD", "/photos/key", "").header.Get("Etag")
	v.calls.takeAll()
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
		for _, path := range []string{"/photos/key", "/photos/missing", "/unmade/key", "/photos/key?partNumber=9", "/photos/key?versionId=x"} {
			for _, condition := range [][]string{
				nil, {"If-Match", etag}, {"If-Match", `"other"`}, {"If-None-Match", etag}, {"If-None-Match", "*"}, {"Range", "bytes=999-"},
				{"If-Modified-Since", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)}, {"If-Unmodified-Since", "Mon, 02 Jan 2006 15:04:05 GMT"},
			} {
				a := v.do(nobody, method, path, "", condition...)
				v.untouched(fmt.Sprint(method, path, condition), a)
				var names []string
				for name := range a.header {
					names = append(names, name)
				}
				slices.Sort(names)
				want := "[Content-Length Content-Type Date Server X-Amz-Id-2 X-Amz-Request-Id]"
				if a.status != 403 || method != "HEAD" && a.code() != "AccessDenied" || fmt.Sprint(names) != want {
					t.Errorf("%s %s %v: %d %s %v", method, path, condition, a.status, a.code(), names)
				}
			}
		}
	}
}

func TestRow18SignaturesForAnotherService(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, scope := range []string{"/us-east-1/sts/", "/us-east-1/iam/", "/us-east-1/s3express/", "/us-east-1/S3/", "/eu-west-1/s3/", "/us-east-1//", "//s3/"} {
		text := v.spell(admin, "GET", "/photos/key", "")
		v.untouched(scope, v.raw("GET", strings.Replace(text, "/us-east-1/s3/", scope, 1)), "AccessDenied", "AuthorizationHeaderMalformed")
	}
}

func TestRow18IdentitiesWithoutPoliciesMayDoNothing(t *testing.T) {
	t.Parallel()
	v := startVictim(t, func(o *gateway.Options) {
		c := identityConfig()
		c.Identities = append(c.Identities, access.IdentityConfig{Name: "bare", AccessKey: limited.access, SecretKey: access.NewSecret(limited.secret)})
		set, err := access.NewSet(c)
		if err != nil {
			t.Fatal(err)
		}
		o.Tree.Identities = set
	})
	for _, op := range gateway.Operations() {
		if op.DecidesByItself {
			continue
		}
		path, header := target(op, "photos")
		v.untouched(op.Name, v.do(limited, op.Method, path, "", header...))
	}
}

// endless yields bytes without end.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = "<a>"[(int(e.n)+i)%3]
	}
	e.n += int64(len(p))
	return len(p), nil
}

func TestRow36UnboundedBodiesAreNotReadToTheirEnd(t *testing.T) {
	t.Parallel()
	read := make(chan int64, 1)
	v := startVictim(t, observe(func(e gateway.Event) { read <- e.BytesIn }))
	for _, path := range []string{"/photos?delete", "/photos?tagging", "/photos/key?tagging", "/photos/key?uploadId=x_0fe", "/unmade", "/photos?cors", "/photos?policy"} {
		method := "PUT"
		if strings.Contains(path, "delete") || strings.Contains(path, "uploadId") {
			method = "POST"
		}
		r := v.request(method, path, nil)
		r.Body, r.ContentLength = io.NopCloser(io.LimitReader(&endless{}, 1<<30)), 1<<30
		if _, err := sigv4.Sign(r, right.keys(), "us-east-1", sigv4.UnsignedPayload, time.Now()); err != nil {
			t.Fatal(err)
		}
		resp, err := v.client.Do(r)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode < 400 || resp.StatusCode > 501 {
				t.Errorf("%s: %d", path, resp.StatusCode)
			}
		}
		if n := <-read; n > 4<<20+64<<10 { // a document's limit and a buffer
			t.Errorf("%s: the gateway read %d bytes", path, n)
		}
	}
	if got := v.calls.takeAll(); len(got) > 0 {
		t.Errorf("reached the driver: %v", got)
	}
}

func TestRow36UnboundedLines(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	long := strings.Repeat("a", 2<<20)
	for what, text := range map[string]string{
		"request line": "GET /photos/" + long + " HTTP/1.1\r\nHost: a\r\n\r\n",
		"query":        "GET /photos?prefix=" + long + " HTTP/1.1\r\nHost: a\r\n\r\n",
		"header":       "GET /photos/key HTTP/1.1\r\nHost: a\r\nAuthorization: " + long + "\r\n\r\n",
		"headers":      "GET /photos/key HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("X-Amz-Meta-A: b\r\n", 100000) + "\r\n",
	} {
		c := v.dial()
		go func() { _, _ = io.WriteString(c, text) }()
		b := make([]byte, 64)
		n, _ := io.ReadFull(c, b)
		if !strings.HasPrefix(string(b[:n]), "HTTP/1.1 4") {
			t.Errorf("%s: %q", what, b[:n])
		}
		_ = c.Close()
	}
}

func TestRow37DocumentsWithDTDsAndEntities(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">`
	for i := range 9 {
		bomb += fmt.Sprintf(`<!ENTITY %c "%s">`, 'b'+i, strings.Repeat(fmt.Sprintf("&%c;", 'a'+i), 10))
	}
	bomb += "]>"
	for what, prolog := range map[string]string{
		"billion laughs":  bomb,
		"external entity": `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`,
		"parameter":       `<!DOCTYPE x [<!ENTITY % a SYSTEM "http://169.254.169.254/"> %a;]>`,
		"empty DTD":       `<!DOCTYPE Delete>`,
		"stylesheet":      `<?xml-stylesheet href="http://169.254.169.254/"?>`,
		"other encoding":  `<?xml version="1.0" encoding="UTF-16"?>`,
	} {
		for _, text := range []string{"&a;", "a"} {
			for path, doc := range documents(text) {
				method, target, _ := strings.Cut(path, " ")
				begin := time.Now()
				a := v.do(admin, method, target, prolog+doc)
				a.check(t, what+" "+path, 400, "MalformedXML")
				if took := time.Since(begin); took > 2*time.Second { // 10 ms where nothing else runs
					t.Errorf("%s %s took %v", what, path, took)
				}
			}
		}
	}
	if got := v.calls.takeAll(); len(got) > 0 {
		t.Errorf("reached the driver: %v", got)
	}
	for path, doc := range documents("a") { // without any of this they are well-formed
		method, target, _ := strings.Cut(path, " ")
		if a := v.do(admin, method, target, doc); a.code() == "MalformedXML" {
			t.Errorf("%s: %s", path, a.body)
		}
	}
}

// documents are the bodies of all routes that read one, with text in them.
func documents(text string) map[string]string {
	return map[string]string{
		"POST /photos?delete":              "<Delete><Object><Key>" + text + "</Key></Object></Delete>",
		"PUT /photos?tagging":              "<Tagging><TagSet><Tag><Key>a</Key><Value>" + text + "</Value></Tag></TagSet></Tagging>",
		"PUT /photos/key?tagging":          "<Tagging><TagSet><Tag><Key>a</Key><Value>" + text + "</Value></Tag></TagSet></Tagging>",
		"POST /photos/key?uploadId=x_0fe":  "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + text + "</ETag></Part></CompleteMultipartUpload>",
		"PUT /some-bucket-that-is-not-yet": "<CreateBucketConfiguration><LocationConstraint>" + text + "</LocationConstraint></CreateBucketConfiguration>",
	}
}

func TestRow38DeepDocuments(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for path := range documents("") {
		method, target, _ := strings.Cut(path, " ")
		for _, n := range []int{9, 1000, 500_000} {
			v.wantCode(400, "MalformedXML", method, target, strings.Repeat("<a>", n))
		}
	}
	doc := "<Delete>" + strings.Repeat("<a>", 20) + strings.Repeat("</a>", 20) + "<Object><Key>key</Key></Object></Delete>"
	v.wantCode(400, "MalformedXML", "POST", "/photos?delete", doc)
	if got := v.calls.takeAll(); len(got) > 0 {
		t.Errorf("reached the driver: %v", got)
	}
}

func TestRow44InternalMetadataOfClientsIsNotTaken(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, name := range []string{
		"X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "X-Amz-Server-Side-Encryption-Context",
		"X-Amz-Server-Side-Encryption-Bucket-Key-Enabled", "X-Amz-Server-Side-Encryption-Customer-Algorithm",
		"X-Amz-Server-Side-Encryption-Customer-Key", "X-Amz-Server-Side-Encryption-Customer-Key-Md5",
		"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key",
	} {
		a := v.do(admin, "PUT", "/photos/sse", "x", name, "true")
		v.untouched(name, a, "NotImplemented", "InvalidArgument", "InvalidRequest")
	}
	for _, name := range []string{
		"X-Amz-Replication-Status", "X-Amz-Version-Id", "X-Amz-Delete-Marker", "X-Amz-Restore", "X-Amz-Expiration", "X-Amz-Mp-Parts-Count",
		"X-Amz-Tagging-Count", "X-Amz-Request-Id", "X-Amz-Id-2", "X-Amz-Request-Charged", "X-Sluice-Token", "X-Sluice-Meta-Sealed",
		"X-Minio-Internal-Compression", "X-Minio-Source-Etag", "X-Amz-Missing-Meta", "Etag", "Last-Modified", "Server", "Accept-Ranges", "Content-Range",
	} {
		v.want(200, "PUT", "/photos/internal", "x", name, "planted")
		for _, method := range []string{"GET", "HEAD"} {
			a := v.want(200, method, "/photos/internal", "")
			if got := strings.Join(a.header[http.CanonicalHeaderKey(name)], ","); strings.Contains(got, "planted") {
				t.Errorf("%s came back as %q", name, got)
			}
		}
	}
}

func TestRow45UploadPartCopyAsksForSourceAndDestination(t *testing.T) {
	t.Parallel()
	v := startVictim(t, withPolicy(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
		{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/key"},
		{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::photos/locked"}]}`))
	v.want(200, "PUT", "/photos/free", "free")
	etag := v.want(200, "HEAD", "/photos/key", "").header.Get("Etag")
	id := map[string]string{}
	for _, key := range []string{"target", "locked"} {
		id[key] = v.want(200, "POST", "/photos/"+key+"?uploads", "").text("UploadId")
	}
	v.calls.takeAll()
	copyTo := func(u user, key string, header ...string) answer {
		return v.do(u, "PUT", "/photos/"+key+"?partNumber=1&uploadId="+id[key], "", header...)
	}
	v.untouched("source denied", copyTo(limited, "target", "X-Amz-Copy-Source", "/photos/key"), "AccessDenied")
	v.untouched("destination denied", copyTo(limited, "locked", "X-Amz-Copy-Source", "/photos/free"), "AccessDenied")
	v.untouched("reader", copyTo(reader, "target", "X-Amz-Copy-Source", "/photos/key"), "AccessDenied")
	v.untouched("anonymous", copyTo(nobody, "target", "X-Amz-Copy-Source", "/photos/key"), "AccessDenied")
	v.untouched("source owner", copyTo(admin, "target", "X-Amz-Copy-Source", "/photos/key", "X-Amz-Source-Expected-Bucket-Owner", "elsewhere"), "AccessDenied")
	v.untouched("owner", copyTo(admin, "target", "X-Amz-Copy-Source", "/photos/key", "X-Amz-Expected-Bucket-Owner", "elsewhere"), "AccessDenied")
	if a := copyTo(stranger, "target", "X-Amz-Copy-Source", "/photos/key"); a.status != 403 {
		t.Errorf("stranger: %d %s", a.status, a.body)
	}
	const past, future = "Mon, 02 Jan 2006 15:04:05 GMT", "Tue, 02 Jan 2035 15:04:05 GMT"
	for _, c := range []struct {
		name, value string
		status      int
	}{
		{"If-Match", etag, 200}, {"If-Match", `"x"`, 412}, {"If-None-Match", etag, 412}, {"If-None-Match", `"x"`, 200},
		{"If-Modified-Since", past, 200}, {"If-Modified-Since", future, 412}, {"If-Unmodified-Since", past, 412}, {"If-Unmodified-Since", future, 200},
	} {
		a := copyTo(admin, "target", "X-Amz-Copy-Source", "/photos/key", "X-Amz-Copy-Source-"+c.name, c.value)
		if a.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.name, c.value, a.status, a.body, c.status)
		}
	}
}
