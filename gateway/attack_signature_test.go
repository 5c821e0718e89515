package gateway_test

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/gateway"
	"sluice/gateway/sigv4"
)

// victim is a server with a bucket and an object that no attack may change or see, and the calls that got through.
type victim struct {
	*server
	store drivers.Driver
	calls calls
}

const secretContent = "the content that nobody may see"

func startVictim(t *testing.T, options ...func(*gateway.Options)) *victim {
	t.Helper()
	v := &victim{store: newMem(t, "photos")}
	if _, err := v.store.Bucket("photos").Put(t.Context(), "key", strings.NewReader(secretContent), drivers.PutOptions{Size: -1}); err != nil {
		t.Fatal(err)
	}
	v.server = start(t, spy(v.store, v.calls.hook), options...)
	return v
}

// untouched checks that the answer is a refusal and that nothing reached the driver.
func (v *victim) untouched(what string, a answer, codes ...string) {
	v.t.Helper()
	ok := a.status >= 400 && (a.status < 500 || slices.Contains(codes, "NotImplemented")) && (len(codes) == 0 || slices.Contains(codes, a.code()))
	if !ok {
		v.t.Errorf("%s: %d %s, want %v\n%.500s", what, a.status, a.code(), codes, a.body)
	}
	if strings.Contains(a.body, secretContent) {
		v.t.Errorf("%s: the answer has the object's content", what)
	}
	if got := v.calls.takeAll(); len(got) > 0 {
		v.t.Errorf("%s: reached the driver: %v", what, got)
	}
}

// stream signs and frames an upload; change may spoil the framed body.
func (v *victim) stream(keys sigv4.Credentials, mode, path, body string, change func([]byte) []byte, header ...string) answer {
	v.t.Helper()
	r := v.request("PUT", path, nil, header...)
	r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(len(body)))
	var trailer http.Header
	if mode != sigv4.StreamingPayload {
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		trailer = http.Header{"X-Amz-Checksum-Crc32": {crc32Of(body)}}
	}
	chunks, err := sigv4.Sign(r, keys, "us-east-1", mode, time.Now())
	if err != nil {
		v.t.Fatal(err)
	}
	framed := frame(v.t, modes[mode], chunks, body, 100, trailer)
	if change != nil {
		framed = change(framed)
	}
	return v.send(withBody(r, framed))
}

func TestRow01UnsignedTrailerWithWrongSignature(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, path := range []string{"/photos/key", "/photos/new", "/photos/key?partNumber=1&uploadId=x_0fe", "/photos/key?tagging"} {
		v.untouched(path, v.stream(wrongSecret.keys(), sigv4.StreamingUnsignedTrailer, path, "evil", nil), "SignatureDoesNotMatch")
		v.untouched(path, v.stream(sigv4.Credentials{AccessKey: "NOBODY", SecretKey: "x"}, sigv4.StreamingUnsignedTrailer, path, "evil", nil), "SignatureDoesNotMatch")
	}
}

func TestRow02QueryCredentialsWithStreamingTrailerAreVerified(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, keys := range []sigv4.Credentials{wrongSecret.keys(), {AccessKey: "NOBODY", SecretKey: "x"}} {
		r := v.request("PUT", "/photos/key", nil, "X-Amz-Content-Sha256", sigv4.StreamingUnsignedTrailer,
			"X-Amz-Decoded-Content-Length", "4", "X-Amz-Trailer", "x-amz-checksum-crc32")
		if err := sigv4.Presign(r, keys, "us-east-1", time.Hour, time.Now()); err != nil {
			t.Fatal(err)
		}
		body := frame(t, sigv4.UnsignedChunksTrailer, nil, "evil", 100, http.Header{"X-Amz-Checksum-Crc32": {crc32Of("evil")}})
		v.untouched("presigned", v.send(withBody(r, body)), "SignatureDoesNotMatch")
		// Credentials in the query and nothing that signs: no anonymous request, and no verified one.
		r = v.request("PUT", "/photos/key?X-Amz-Credential="+keys.AccessKey+"%2F20300101%2Fus-east-1%2Fs3%2Faws4_request", nil,
			"X-Amz-Content-Sha256", sigv4.StreamingUnsignedTrailer, "X-Amz-Decoded-Content-Length", "4", "X-Amz-Trailer", "x-amz-checksum-crc32")
		v.untouched("credential only", v.send(withBody(r, body)), "AuthorizationQueryParametersError")
	}
}

func TestRow04StreamingSeedWithWrongSecretOnEveryPut(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, op := range gateway.Operations() {
		if op.Method != http.MethodPut {
			continue
		}
		path, header := target(op, "photos")
		for mode := range modes {
			v.untouched(op.Name+" "+mode, v.stream(wrongSecret.keys(), mode, path, "evil", nil, header...), "SignatureDoesNotMatch")
		}
	}
}

func TestRow05UnsignedAmzHeadersOnPresignedURLs(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	for _, name := range []string{
		"x-amz-acl", "x-amz-copy-source", "x-amz-copy-source-range", "x-amz-meta-a", "x-amz-tagging", "x-amz-tagging-directive",
		"x-amz-metadata-directive", "x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-bypass-governance-retention",
		"x-amz-website-redirect-location", "x-amz-object-lock-mode", "x-amz-grant-full-control", "x-amz-security-token",
		"x-amz-expected-bucket-owner", "x-amz-checksum-crc32", "x-amz-content-sha256", "x-amz-decoded-content-length",
		"x-amz-date", "x-amz-trailer", "x-amz-sdk-checksum-algorithm", "x-amz-anything",
	} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			r := v.request(method, "/photos/key", nil)
			if err := sigv4.Presign(r, right.keys(), "us-east-1", time.Hour, time.Now()); err != nil {
				t.Fatal(err)
			}
			r.Header.Set(name, "/photos/key")
			v.untouched(method+" "+name, v.send(r), "SignatureDoesNotMatch", "InvalidArgument", "AccessDenied")
		}
	}
}

func TestRow06TimesOfSignatures(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	at := func(d time.Duration) answer {
		r := v.request("GET", "/photos/key", nil)
		if _, err := sigv4.Sign(r, right.keys(), "us-east-1", sigv4.UnsignedPayload, time.Now().Add(d)); err != nil {
			t.Fatal(err)
		}
		return v.send(r)
	}
	const limit = 15 * time.Minute
	v.untouched("too old", at(-limit-2*time.Second), "RequestTimeTooSkewed")
	v.untouched("too new", at(limit+2*time.Second), "RequestTimeTooSkewed")
	for _, d := range []time.Duration{-limit + 10*time.Second, limit - 10*time.Second} {
		if a := at(d); a.status != 200 {
			t.Errorf("%v: %d %s", d, a.status, a.body)
		}
	}
	v.calls.takeAll()
	signed := func(change func(*http.Request)) answer {
		r := v.request("GET", "/photos/key", nil)
		sign(admin, r, nil)
		change(r)
		return v.send(r)
	}
	v.untouched("no date", signed(func(r *http.Request) { r.Header.Del("X-Amz-Date") }), "AccessDenied")
	v.untouched("other date", signed(func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") }), "AccessDenied", "RequestTimeTooSkewed")
	v.untouched("Date disagrees", signed(func(r *http.Request) {
		r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}), "AccessDenied")
	v.untouched("scope date differs", signed(func(r *http.Request) {
		a := r.Header.Get("Authorization")
		day := time.Now().UTC().Format("20060102")
		r.Header.Set("Authorization", strings.Replace(a, "/"+day+"/", "/20200101/", 1))
	}), "AccessDenied")
	for _, expires := range []string{"604801", "0", "-1", "99999999999999999999", "1.5", "", "+5"} {
		r := v.request("GET", "/photos/key", nil)
		if err := sigv4.Presign(r, right.keys(), "us-east-1", time.Hour, time.Now()); err != nil {
			t.Fatal(err)
		}
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Expires=3600", "X-Amz-Expires="+expires, 1)
		a := v.send(r)
		v.untouched("expires "+expires, a, "AuthorizationQueryParametersError")
		if a.status != 400 {
			t.Errorf("expires %s: status %d, want 400", expires, a.status)
		}
	}
}

func TestRow07AmbiguousCredentials(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	text := v.spell(admin, "GET", "/photos/key", "")
	auth := text[strings.Index(text, "Authorization: "):]
	auth = auth[:strings.Index(auth, "\r\n")+2]
	date := text[strings.Index(text, "X-Amz-Date: "):]
	date = date[:strings.Index(date, "\r\n")+2]
	sha := "X-Amz-Content-Sha256: " + sigv4.UnsignedPayload + "\r\n"
	_, signature, _ := strings.Cut(auth, "Signature=")
	presigned := v.request("GET", "/photos/key", nil)
	if err := sigv4.Presign(presigned, right.keys(), "us-east-1", time.Hour, time.Now()); err != nil {
		t.Fatal(err)
	}
	uri := presigned.URL.RequestURI()
	get := "GET " + uri + " HTTP/1.1\r\nHost: " + presigned.URL.Host + "\r\n\r\n"
	for what, bad := range map[string]string{
		"two Authorization headers":        strings.Replace(text, auth, auth+auth, 1),
		"two, one of them wrong":           strings.Replace(text, auth, auth+"Authorization: AWS a:b\r\n", 1),
		"lower case beside it":             strings.Replace(text, auth, auth+strings.ToLower(auth), 1),
		"two x-amz-date":                   strings.Replace(text, date, date+date, 1),
		"two x-amz-date, other case":       strings.Replace(text, date, date+strings.ToLower(date), 1),
		"two content hashes":               strings.Replace(text, auth, auth+sha, 1),
		"space before the colon":           strings.Replace(text, "Authorization:", "Authorization :", 1),
		"host not signed":                  strings.Replace(text, "SignedHeaders=host;", "SignedHeaders=", 1),
		"signature twice":                  strings.Replace(text, auth, strings.TrimSuffix(auth, "\r\n")+",Signature="+signature, 1),
		"upper-case signature":             strings.Replace(text, signature, strings.ToUpper(signature), 1),
		"header and query":                 strings.Replace(text, "GET /photos/key", "GET "+uri, 1),
		"duplicate parameter":              strings.Replace(get, "&X-Amz-Date=", "&X-Amz-Date=20200101T000000Z&X-Amz-Date=", 1),
		"duplicate signature":              strings.Replace(get, "&X-Amz-Signature=", "&X-Amz-Signature=00&X-Amz-Signature=", 1),
		"parameter in lower case":          strings.Replace(get, "X-Amz-Expires", "x-amz-expires", 1),
		"parameter in lower case beside":   strings.Replace(get, "X-Amz-Expires=3600", "X-Amz-Expires=3600&x-amz-expires=3600", 1),
		"no signed host in the query":      strings.Replace(get, "X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=", 1),
		"semicolon between the parameters": strings.Replace(get, "&X-Amz-Date", ";X-Amz-Date", 1),
		"another host":                     strings.Replace(get, "Host: ", "Host: x", 1),
	} {
		if bad == text || bad == get {
			t.Fatalf("%s changes nothing", what)
		}
		v.untouched(what, v.raw("GET", bad))
	}
	if a := v.raw("GET", get); a.body != secretContent {
		t.Errorf("the URL itself: %d %s", a.status, a.body)
	}
}

func TestRow08SpoiledChunks(t *testing.T) {
	t.Parallel()
	v := startVictim(t)
	body := strings.Repeat("0123456789", 30)
	for mode := range modes {
		for what, change := range map[string]func([]byte) []byte{
			"truncated":        func(b []byte) []byte { return b[:len(b)-10] },
			"without its end":  func(b []byte) []byte { return b[:200] },
			"empty":            func([]byte) []byte { return nil },
			"one byte changed": func(b []byte) []byte { return bytes.Replace(b, []byte("345"), []byte("346"), 1) },
			"more behind":      func(b []byte) []byte { return append(b, "5\r\nhello\r\n0\r\n\r\n"...) },
			"size changed":     func(b []byte) []byte { return append([]byte("ffffffff"), b[2:]...) },
			"replayed": func(b []byte) []byte {
				n := bytes.Index(b, []byte("0123")) + 102
				return append(bytes.Clone(b[:n]), b...)
			},
			"dropped": func(b []byte) []byte { return b[bytes.Index(b, []byte("0123"))+102:] },
		} {
			a := v.stream(right.keys(), mode, "/photos/new", body, change)
			if a.status < 400 || a.status > 499 {
				t.Errorf("%s %s: %d %s", mode, what, a.status, a.body)
			}
		}
		for _, length := range []int{len(body) - 1, len(body) + 1, 0} {
			v.declared(mode, length, body)
		}
	}
	a := v.do(admin, "PUT", "/photos/new", body, "X-Amz-Decoded-Content-Length", "5")
	a.check(t, "decoded length without framing", 400, "InvalidRequest")
	if a := v.do(admin, "GET", "/photos/new", ""); a.code() != "NoSuchKey" {
		t.Errorf("an object is there: %d", a.status)
	}
}

// declared sends a body under a decoded length that is wrong.
func (v *victim) declared(mode string, length int, body string) {
	v.t.Helper()
	r := v.request("PUT", "/photos/new", nil, "X-Amz-Decoded-Content-Length", fmt.Sprint(length))
	var trailer http.Header
	if mode != sigv4.StreamingPayload {
		r.Header.Set("X-Amz-Trailer", "x-amz-checksum-crc32")
		trailer = http.Header{"X-Amz-Checksum-Crc32": {crc32Of(body)}}
	}
	chunks, err := sigv4.Sign(r, right.keys(), "us-east-1", mode, time.Now())
	if err != nil {
		v.t.Fatal(err)
	}
	a := v.send(withBody(r, frame(v.t, modes[mode], chunks, body, 100, trailer)))
	if a.status < 400 || a.status > 499 {
		v.t.Errorf("%s with decoded length %d of %d: %d %s", mode, length, len(body), a.status, a.body)
	}
}
