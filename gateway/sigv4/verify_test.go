package sigv4

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestCanonicalQueryDecodesOnceAndSorts(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                      "",
		"acl":                   "acl=",
		"&&acl&":                "acl=",
		"b=2&a=1":               "a=1&b=2",
		"a=2&a=1&a=":            "a=&a=1&a=2",
		"a-=1&a=2":              "a=2&a-=1",
		"prefix=a+b":            "prefix=a%20b",
		"prefix=a%20b":          "prefix=a%20b",
		"prefix=a%2Bb":          "prefix=a%2Bb",
		"prefix=a/b;c":          "prefix=a%2Fb%3Bc",
		"prefix=%7e~%c3%a9":     "prefix=~~%C3%A9",
		"k=v=w":                 "k=v%3Dw",
		"%5B=1&A=2":             "%5B=1&A=2",
		"X-Amz-Signature=0&b=1": "b=1",
	} {
		params, err := appendParams(nil, raw)
		if err != nil {
			t.Fatal(err)
		}
		sortParams(params)
		if got := string(appendQuery(nil, params)); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
}

func TestCanonicalPathIsEncodedOnceAndNotNormalised(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"/":                   "/",
		"/b//k/":              "/b//k/",
		"/b/../x/./y":         "/b/../x/./y",
		"/b/%2e%2e/x":         "/b/../x",
		"/b/a%2Fb":            "/b/a/b",
		"/b/a%252Fb":          "/b/a%252Fb",
		"/b/a+b c":            "/b/a%2Bb%20c",
		"/b/%00%5C%7e":        "/b/%00%5C~",
		"/b/é%ff":             "/b/%C3%A9%FF",
		"/b/!'()*;:@&=,$?x=1": "/b/%21%27%28%29%2A%3B%3A%40%26%3D%2C%24",
	} {
		u, err := url.ParseRequestURI(raw)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendPath(nil, u.Path)); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
		if err := checkURL(u); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	}
	if got := string(appendPath(nil, "")); got != "/" {
		t.Errorf("empty path: %q", got)
	}
}

func TestCanonicalHeaders(t *testing.T) {
	t.Parallel()
	r := parseRequest(t, "PUT /b/k HTTP/1.1\nHost: h:9000\nContent-Length: 7\nX-Amz-Meta-A:  a   b  \nX-Amz-Meta-A: \tc\n"+
		"X-Amz-Meta-Empty:\nExpect: 100-continue\nX-Amz-Meta-"+strings.Repeat("long", 20)+": 1")
	for name, want := range map[string]string{
		"host": "h:9000", "content-length": "7", "x-amz-meta-a": "a b,c", "x-amz-meta-empty": "", "missing": "",
		"expect": "100-continue", "x-amz-meta-" + strings.Repeat("long", 20): "1",
	} {
		if got := string(appendHeader(nil, r, name)); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	r.Header.Del("Content-Length")
	if got := string(appendHeader(nil, r, "content-length")); got != "7" {
		t.Errorf("content-length from the field: got %q", got)
	}
	r.TransferEncoding = []string{"chunked"}
	if got := string(appendHeader(nil, r, "transfer-encoding")); got != "chunked" {
		t.Errorf("transfer-encoding: got %q", got)
	}
}

func TestIsAnonymous(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]bool{
		"/": true, "/b/k?list-type=2&prefix=x": true, "/b/k?Expires=1": true, "/b/k?X-Amz-Content-Sha256=x": true,
		"/?X-Amz-Signature=": false, "/?x-amz-signature=1": false, "/?X-Amz-Algorithm": false, "/?X-AMZ-CREDENTIAL=a": false,
		"/?X-Amz-Security-Token=t": false, "/?AWSAccessKeyId=a": false, "/?awsaccesskeyid=a": false, "/?Signature=s": false,
		"/?%58-Amz-Signature=1": false, "/?a=%": false,
	} {
		r := &http.Request{Method: http.MethodGet, Host: "h", Header: http.Header{}, URL: &url.URL{Path: "/"}}
		_, r.URL.RawQuery, _ = strings.Cut(target, "?")
		if got := IsAnonymous(r); got != want {
			t.Errorf("%s: got %v", target, got)
		}
		if _, err := exampleVerifier().Verify(r); err == nil {
			t.Errorf("%s is verified", target)
		}
	}
	for _, h := range []string{"Authorization", "X-Amz-Security-Token"} {
		r := parseRequest(t, "GET / HTTP/1.1\nHost: h\n"+h+":")
		if IsAnonymous(r) {
			t.Errorf("anonymous although %s is there", h)
		}
		_, err := exampleVerifier().Verify(r)
		wantCode(t, err, CodeAccessDenied)
	}
}

func TestSessionTokenIsSignedAndReturned(t *testing.T) {
	t.Parallel()
	c := testKeys
	c.SessionToken = "to/ken+="
	r := parseRequest(t, putObject)
	if _, err := Sign(r, c, "us-east-1", UnsignedPayload, exampleTime); err != nil {
		t.Fatal(err)
	}
	p := parseRequest(t, putObject)
	if err := Presign(p, c, "us-east-1", time.Minute, exampleTime); err != nil {
		t.Fatal(err)
	}
	for _, r := range []*http.Request{r, p} {
		got, err := exampleVerifier().Verify(r)
		if err != nil || got.SessionToken != c.SessionToken {
			t.Fatalf("got %+v, %v", got, err)
		}
	}
	r.Header.Set("X-Amz-Security-Token", "other")
	_, err := exampleVerifier().Verify(r)
	wantCode(t, err, CodeSignatureDoesNotMatch)
	p.Header.Set("X-Amz-Security-Token", "other")
	_, err = exampleVerifier().Verify(p)
	wantCode(t, err, CodeAccessDenied)
}

// TestVerifyAcceptsWhatTheHTTPStackDelivers sends signed requests through a real
// client and server, with every field that net/http moves out of the headers.
func TestVerifyAcceptsWhatTheHTTPStackDelivers(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	addr := serve(t, func(r *http.Request) {
		_, err := exampleVerifier().Verify(r)
		failed <- err
	})
	for _, path := range []string{"/b/k", "/b/a%20b+c%2Fd//é/../x?prefix=a%20b&delimiter=%2F&x=%2B", "/?lifecycle", "/b/~!'()*"} {
		for _, presign := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://"+addr+path, strings.NewReader("hello"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Amz-Meta-Note", "  a   b ")
			r.Header.Set("Content-Type", "text/plain")
			if presign {
				err = Presign(r, testKeys, "us-east-1", time.Minute, exampleTime)
			} else {
				_, err = Sign(r, testKeys, "us-east-1", UnsignedPayload, exampleTime)
			}
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if err := <-failed; err != nil {
				t.Errorf("%s (presigned %v): %v", path, presign, err)
			}
		}
	}
}

func TestRow13_PolicyForms(t *testing.T) {
	t.Parallel()
	policy := base64.StdEncoding.EncodeToString([]byte(`{"expiration":"2013-05-25T00:00:00Z"}`))
	c := newClaim(Form, testKeys, "us-east-1", exampleTime)
	key := deriveKey(exampleSecret, c.date, "us-east-1", service)
	mac := key.sign([]byte(policy))
	good := PolicyForm{
		Algorithm: algorithm, Credential: exampleKey + "/" + c.scope, Date: c.amzDate, Policy: policy,
		Signature: hexOf(mac[:]),
	}
	got, err := exampleVerifier().VerifyForm(good)
	if err != nil || got.AccessKey != exampleKey || got.Kind != Form {
		t.Fatalf("got %+v, %v", got, err)
	}
	for name, tt := range map[string]struct {
		change func(*PolicyForm)
		code   string
	}{
		"policy changed":   {func(f *PolicyForm) { f.Policy += "A" }, CodeSignatureDoesNotMatch},
		"unknown key":      {func(f *PolicyForm) { f.Credential = "X" + f.Credential }, CodeSignatureDoesNotMatch},
		"no signature":     {func(f *PolicyForm) { f.Signature = "" }, CodeSignatureDoesNotMatch},
		"no credential":    {func(f *PolicyForm) { f.Credential = "" }, CodeInvalidArgument},
		"no date":          {func(f *PolicyForm) { f.Date = "" }, CodeAccessDenied},
		"another day":      {func(f *PolicyForm) { f.Date = "20130525T000000Z" }, CodeAccessDenied},
		"wrong algorithm":  {func(f *PolicyForm) { f.Algorithm = "none" }, CodeInvalidRequest},
		"other service":    {func(f *PolicyForm) { f.Credential = strings.Replace(f.Credential, "/s3/", "/sts/", 1) }, CodeAccessDenied},
		"signature longer": {func(f *PolicyForm) { f.Signature += "00" }, CodeSignatureDoesNotMatch},
	} {
		f := good
		tt.change(&f)
		_, err := exampleVerifier().VerifyForm(f)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantCode(t, err, tt.code)
	}
}

func TestRow13_Version2PolicyForms(t *testing.T) {
	t.Parallel()
	// HMAC-SHA1 of "cG9saWN5" under the example secret, from another implementation.
	const policy, signature = "cG9saWN5", "eL3OlIgXlaEdW8YOBw30RYKlweI="
	v := exampleVerifier()
	if got, err := v.VerifyFormV2(exampleKey, policy, signature); err != nil || got.AccessKey != exampleKey {
		t.Fatalf("got %+v, %v", got, err)
	}
	for _, f := range [][3]string{
		{exampleKey, policy + "A", signature}, {exampleKey, policy, ""}, {"unknown", policy, signature}, {"", "", ""},
	} {
		_, err := v.VerifyFormV2(f[0], f[1], f[2])
		wantCode(t, err, CodeSignatureDoesNotMatch)
	}
}
