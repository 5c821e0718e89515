package sigv4

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testKeys = Credentials{AccessKey: exampleKey, SecretKey: exampleSecret}

const putObject = "PUT /bucket/a%20key/%C3%A9?x=1&partNumber=2 HTTP/1.1\nHost: s3.example.com\nContent-Type: text/plain\nx-amz-acl: private"

func signed(t testing.TB, text, payload string) *http.Request {
	t.Helper()
	r := parseRequest(t, text)
	if _, err := Sign(r, testKeys, "us-east-1", payload, exampleTime); err != nil {
		t.Fatal(err)
	}
	return r
}

func presigned(t testing.TB, text string) *http.Request {
	t.Helper()
	r := parseRequest(t, text)
	if err := Presign(r, testKeys, "us-east-1", time.Hour, exampleTime); err != nil {
		t.Fatal(err)
	}
	return r
}

// resign signs what is in c, whatever it is, and puts it in the header.
func resign(r *http.Request, c *claim) {
	if _, err := c.sign(r, testKeys); err != nil {
		panic(err)
	}
	r.Header.Set("Authorization", algorithm+" Credential="+c.accessKey+"/"+c.scope+
		",SignedHeaders="+c.signedHeaders+",Signature="+c.signature)
}

func wantCode(t *testing.T, err error, codes ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error with code %v", err, codes)
	}
	for _, c := range codes {
		if e.Code == c {
			return
		}
	}
	t.Fatalf("got %v, want code %v", err, codes)
}

func streaming(mode string) func(t testing.TB) *http.Request {
	return func(t testing.TB) *http.Request {
		text := putObject + "\nx-amz-decoded-content-length: 5"
		if strings.HasSuffix(mode, "TRAILER") {
			text += "\nx-amz-trailer: x-amz-checksum-crc32"
		}
		return signed(t, text, mode)
	}
}

func TestRows1And4_StreamingSeedWithWrongSecretIsRefused(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{UnsignedPayload, StreamingPayload, StreamingPayloadTrailer, StreamingUnsignedTrailer} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			request := streaming(mode)
			if mode == UnsignedPayload {
				request = func(t testing.TB) *http.Request { return signed(t, putObject, mode) }
			}
			v := exampleVerifier()
			if _, err := v.Verify(request(t)); err != nil {
				t.Fatalf("the right secret: %v", err)
			}
			v.Lookup = func(string) (string, bool) { return "another", true }
			_, err := v.Verify(request(t))
			wantCode(t, err, CodeSignatureDoesNotMatch)
		})
	}
}

func TestRow2_QueryCredentialsWithStreamingPayloadAreVerified(t *testing.T) {
	t.Parallel()
	head := putObject + "\nx-amz-decoded-content-length: 5\nx-amz-trailer: x-amz-checksum-crc32\nx-amz-content-sha256: "
	for _, mode := range []string{StreamingPayloadTrailer, StreamingUnsignedTrailer} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			r := presigned(t, head+mode)
			got, err := exampleVerifier().Verify(r)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Payload.Streaming() || (got.Chunks != nil) != (mode == StreamingPayloadTrailer) {
				t.Errorf("got %+v", got)
			}
			r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "X-Amz-Signature=", "X-Amz-Signature=0", 1)
			_, err = exampleVerifier().Verify(r)
			wantCode(t, err, CodeSignatureDoesNotMatch)
		})
	}
	t.Run("switched on after signing", func(t *testing.T) {
		t.Parallel()
		r := presigned(t, "PUT /b/k HTTP/1.1\nHost: h\nx-amz-decoded-content-length: 5")
		r.Header.Set("X-Amz-Content-Sha256", StreamingUnsignedTrailer)
		_, err := exampleVerifier().Verify(r)
		wantCode(t, err, CodeSignatureDoesNotMatch)
	})
}

func TestRow5_UnsignedAmzHeadersAreRefused(t *testing.T) {
	t.Parallel()
	for _, h := range []string{
		"x-amz-acl", "x-amz-copy-source", "x-amz-meta-a", "x-amz-tagging", "x-amz-security-token", "x-amz-date",
		"x-amz-storage-class", "x-amz-server-side-encryption", "x-amz-bypass-governance-retention",
		"x-amz-website-redirect-location", "x-amz-object-lock-mode", "x-amz-grant-read", "x-amz-trailer",
		"x-amz-decoded-content-length", "x-amz-content-sha256", "x-amz-user-agent", "x-amz-cf-id", "x-amz-",
	} {
		t.Run(h, func(t *testing.T) {
			t.Parallel()
			r := presigned(t, "PUT /b/k HTTP/1.1\nHost: h")
			r.Header.Set(h, "1")
			_, err := exampleVerifier().Verify(r)
			wantCode(t, err, CodeAccessDenied, CodeSignatureDoesNotMatch, CodeInvalidArgument)
			if h == "x-amz-content-sha256" {
				r.Header.Set(h, EmptySHA256)
				_, err := exampleVerifier().Verify(r)
				wantCode(t, err, CodeSignatureDoesNotMatch)
				return
			}
			wantCode(t, err, CodeAccessDenied)
			var e *Error
			if errors.As(err, &e) && e.Detail("HeadersNotSigned") != h {
				t.Errorf("details %v", e.Details)
			}
			r = signed(t, "PUT /b/k HTTP/1.1\nHost: h", UnsignedPayload)
			if _, there := r.Header[http.CanonicalHeaderKey(h)]; !there {
				r.Header.Set(h, "1")
				_, err = exampleVerifier().Verify(r)
				wantCode(t, err, CodeAccessDenied)
			}
		})
	}
	t.Run("harmless ones pass", func(t *testing.T) {
		t.Parallel()
		r := presigned(t, "PUT /b/k HTTP/1.1\nHost: h")
		r.Header.Set("X-Amz-Content-Sha256", UnsignedPayload)
		r.Header.Set("X-Amzn-Trace-Id", "1")
		r.Header.Set("Amz-Sdk-Invocation-Id", "1")
		r.Header.Set("Content-Type", "text/plain")
		if _, err := exampleVerifier().Verify(r); err != nil {
			t.Error(err)
		}
	})
}

func replaceAuth(part, by string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), part, by, 1))
	}
}

func TestRow7_AmbiguousHeadersAreRefused(t *testing.T) {
	t.Parallel()
	twice := func(key string) func(*http.Request) {
		return func(r *http.Request) { r.Header[key] = append(r.Header[key], r.Header[key]...) }
	}
	for name, tt := range map[string]struct {
		change func(r *http.Request)
		code   string
	}{
		"two Authorization headers":    {twice("Authorization"), CodeInvalidArgument},
		"two dates":                    {twice("X-Amz-Date"), CodeInvalidRequest},
		"two payload hashes":           {twice("X-Amz-Content-Sha256"), CodeInvalidRequest},
		"header and query":             {func(r *http.Request) { r.URL.RawQuery += "&X-Amz-Algorithm=AWS4-HMAC-SHA256" }, CodeInvalidArgument},
		"header and version 2 query":   {func(r *http.Request) { r.URL.RawQuery += "&Signature=x" }, CodeInvalidArgument},
		"lower-case algorithm":         {replaceAuth("AWS4-HMAC", "aws4-hmac"), CodeInvalidRequest},
		"lower-case field":             {replaceAuth("Credential", "credential"), CodeHeaderMalformed},
		"space before =":               {replaceAuth("Signature=", "Signature ="), CodeHeaderMalformed},
		"space after =":                {replaceAuth("Signature=", "Signature= "), CodeSignatureDoesNotMatch},
		"two spaces":                   {replaceAuth("SHA256 C", "SHA256  C"), ""},
		"field twice":                  {replaceAuth(",Signature=", ",Signature=0,Signature="), CodeHeaderMalformed},
		"unknown field":                {replaceAuth(",Signature=", ",Other=1,Signature="), CodeHeaderMalformed},
		"upper-case signed header":     {replaceAuth("=content-type;host", "=Content-Type;host"), CodeHeaderMalformed},
		"unsorted signed headers":      {replaceAuth("=content-type;host", "=host;content-type"), CodeHeaderMalformed},
		"signed header twice":          {replaceAuth(";host;", ";host;host;"), CodeHeaderMalformed},
		"empty signed header":          {replaceAuth(";host;", ";;host;"), CodeHeaderMalformed},
		"host not signed":              {replaceAuth(";host;", ";"), CodeAccessDenied},
		"no signed headers":            {replaceAuth("SignedHeaders=", "SignedHeaders=,x="), CodeHeaderMalformed},
		"upper-case signature":         {upperSignature, CodeSignatureDoesNotMatch},
		"short signature":              {func(r *http.Request) { trimAuth(r, 1) }, CodeSignatureDoesNotMatch},
		"no signature":                 {func(r *http.Request) { trimAuth(r, 64) }, CodeHeaderMalformed},
		"empty header":                 {func(r *http.Request) { r.Header.Set("Authorization", "") }, CodeAccessDenied},
		"version 2":                    {func(r *http.Request) { r.Header.Set("Authorization", "AWS K:c2ln") }, CodeInvalidRequest},
		"bearer":                       {func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, CodeInvalidRequest},
		"other signing algorithm":      {replaceAuth("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), CodeInvalidRequest},
		"short credential":             {replaceAuth("/us-east-1/", "/"), CodeHeaderMalformed},
		"wrong terminator":             {replaceAuth("/aws4_request", "/aws5_request"), CodeHeaderMalformed},
		"huge region":                  {replaceAuth("/us-east-1/", "/"+strings.Repeat("r", 65)+"/"), CodeHeaderMalformed},
		"no payload hash":              {func(r *http.Request) { r.Header.Del("X-Amz-Content-Sha256") }, CodeInvalidRequest},
		"unknown payload form":         {func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "STREAMING-X") }, CodeInvalidArgument},
		"bad escape in the query":      {func(r *http.Request) { r.URL.RawQuery += "&a=%zz" }, CodeInvalidURI},
		"row 25: raw path disagreeing": {func(r *http.Request) { r.URL.RawPath = "/bucket/other" }, CodeInvalidURI},
		"row 25: raw path bad escape":  {func(r *http.Request) { r.URL.RawPath = "/%zz" }, CodeInvalidURI},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, putObject, UnsignedPayload)
			tt.change(r)
			if IsAnonymous(r) {
				t.Error("counts as anonymous")
			}
			_, err := exampleVerifier().Verify(r)
			if tt.code == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantCode(t, err, tt.code)
		})
	}
}

func upperSignature(r *http.Request) {
	auth := r.Header.Get("Authorization")
	r.Header.Set("Authorization", auth[:len(auth)-64]+strings.ToUpper(auth[len(auth)-64:]))
}

func trimAuth(r *http.Request, n int) {
	auth := r.Header.Get("Authorization")
	r.Header.Set("Authorization", auth[:len(auth)-n])
}

func TestRow7_AmbiguousQueriesAreRefused(t *testing.T) {
	t.Parallel()
	for _, name := range authParameters[:queryToken] {
		r := presigned(t, "GET /b/k HTTP/1.1\nHost: h")
		q := r.URL.Query()
		value := q.Get(name)
		for what, raw := range map[string]string{
			"twice":      r.URL.RawQuery + "&" + name + "=" + url.QueryEscape(value),
			"both cases": r.URL.RawQuery + "&" + strings.ToLower(name) + "=" + url.QueryEscape(value),
			"lower case": strings.Replace(r.URL.RawQuery, name+"=", strings.ToLower(name)+"=", 1),
			"missing":    strings.Replace(r.URL.RawQuery, name+"=", "other=", 1),
			"escaped":    r.URL.RawQuery + "&%58" + name[1:] + "=" + url.QueryEscape(value),
		} {
			bad := *r
			bad.URL = &url.URL{Path: r.URL.Path, RawQuery: raw}
			if IsAnonymous(&bad) {
				t.Errorf("%s %s counts as anonymous", name, what)
			}
			_, err := exampleVerifier().Verify(&bad)
			if err == nil {
				t.Fatalf("%s %s is accepted", name, what)
			}
			wantCode(t, err, CodeQueryParameters)
		}
	}
	r := presigned(t, "GET /b/k HTTP/1.1\nHost: h\nx-amz-content-sha256: "+UnsignedPayload)
	r.URL.RawQuery += "&X-Amz-Content-Sha256=" + EmptySHA256
	_, err := exampleVerifier().Verify(r)
	wantCode(t, err, CodeAccessDenied)
}

func TestRow8_DecodedLengthNeedsAStreamingPayload(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ headers, payload, code string }{
		"beside a plain body":   {"\nx-amz-decoded-content-length: 5", UnsignedPayload, CodeInvalidRequest},
		"beside a hashed body":  {"\nx-amz-decoded-content-length: 5", EmptySHA256, CodeInvalidRequest},
		"missing":               {"", StreamingPayload, CodeMissingContentLength},
		"negative":              {"\nx-amz-decoded-content-length: -1", StreamingPayload, CodeInvalidArgument},
		"signed":                {"\nx-amz-decoded-content-length: +1", StreamingPayload, CodeInvalidArgument},
		"too large":             {"\nx-amz-decoded-content-length: 9223372036854775808", StreamingPayload, CodeInvalidArgument},
		"given twice":           {"\nx-amz-decoded-content-length: 1\nx-amz-decoded-content-length: 2", StreamingPayload, CodeInvalidRequest},
		"trailer not announced": {"\nx-amz-decoded-content-length: 1\nx-amz-trailer: x-amz-checksum-crc32", StreamingPayload, CodeMalformedTrailer},
		"trailer, plain body":   {"\nx-amz-trailer: x-amz-checksum-crc32", UnsignedPayload, CodeMalformedTrailer},
		"trailer not ASCII":     {"\nx-amz-decoded-content-length: 1\nx-amz-trailer: x-amz-chec\u212asum-a", StreamingUnsignedTrailer, CodeMalformedTrailer},
		"trailer not a name":    {"\nx-amz-decoded-content-length: 1\nx-amz-trailer: a b", StreamingUnsignedTrailer, CodeMalformedTrailer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, putObject+tt.headers, tt.payload)
			_, err := exampleVerifier().Verify(r)
			wantCode(t, err, tt.code)
			_, err = DeclaredPayload(r.Header)
			wantCode(t, err, tt.code)
		})
	}
	p, err := DeclaredPayload(http.Header{})
	if err != nil || p.Mode != Unsigned || p.DecodedLength != -1 {
		t.Errorf("no declaration: %+v, %v", p, err)
	}
}

func TestRow11_UnknownKeyIsAnsweredLikeAWrongSecret(t *testing.T) {
	t.Parallel()
	v := exampleVerifier()
	wrong := signed(t, putObject, UnsignedPayload)
	trimAuth(wrong, 1)
	wrong.Header.Set("Authorization", wrong.Header.Get("Authorization")+"x")
	_, wrongErr := v.Verify(wrong)
	for i := range 10 {
		unknown := signed(t, putObject, UnsignedPayload)
		replaceAuth(exampleKey, "UNKNOWN"+string(rune('A'+i)))(unknown)
		_, err := v.Verify(unknown)
		if diff := cmp.Diff(wrongErr, err); diff != "" {
			t.Fatal(diff)
		}
	}
	if len(v.keys.keys) != 2 {
		t.Errorf("%d cached keys; want one of the known access key and one for all unknown ones", len(v.keys.keys))
	}
	v.Lookup = func(string) (string, bool) { return "", true }
	_, err := v.Verify(signed(t, putObject, UnsignedPayload))
	wantCode(t, err, CodeSignatureDoesNotMatch)
	v.Lookup = nil
	_, err = v.Verify(signed(t, putObject, UnsignedPayload))
	wantCode(t, err, CodeSignatureDoesNotMatch)
}

func TestRow18_OtherServicesAreRefused(t *testing.T) {
	t.Parallel()
	for _, service := range []string{"sts", "iam", "S3", "s3express", ""} {
		r := signed(t, putObject, UnsignedPayload)
		c := newClaim(Header, testKeys, "us-east-1", exampleTime)
		c.service, c.payload = service, UnsignedPayload
		c.scope = c.date + "/us-east-1/" + service + "/aws4_request"
		resign(r, c)
		_, err := exampleVerifier().Verify(r)
		wantCode(t, err, CodeAccessDenied)
	}
}

func TestWrongRegionIsNamed(t *testing.T) {
	t.Parallel()
	v := exampleVerifier()
	v.Region = "eu-west-1"
	for _, tt := range []struct {
		r    *http.Request
		code string
	}{
		{signed(t, putObject, UnsignedPayload), CodeHeaderMalformed},
		{presigned(t, putObject), CodeQueryParameters},
	} {
		_, err := v.Verify(tt.r)
		wantCode(t, err, tt.code)
		var e *Error
		errors.As(err, &e)
		if e.Detail("Region") != "eu-west-1" || !strings.HasSuffix(e.Message, "the region 'us-east-1' is wrong; expecting 'eu-west-1'") {
			t.Errorf("got %+v", e)
		}
	}
	v.Region = ""
	if _, err := v.Verify(signed(t, putObject, UnsignedPayload)); err != nil {
		t.Errorf("any region: %v", err)
	}
}

func TestRow36_CachedKeysAreBoundedAndFollowTheSecret(t *testing.T) {
	t.Parallel()
	var c keyCache
	for i := range 3 * maxKeys {
		c.get("k", "secret", "20130524", strings.Repeat("r", i%64)+string(rune(i)))
	}
	if len(c.keys) > maxKeys {
		t.Errorf("%d keys are cached", len(c.keys))
	}
	for _, secret := range []string{"new", "newer"} {
		got, want := c.get("k", secret, "20130524", "r"), deriveKey(secret, "20130524", "r", service)
		if got.key != want {
			t.Error("a changed secret does not take effect")
		}
		for _, text := range []string{"one", "another", "one"} { // also with a state that was used before
			if mac := got.sign([]byte(text)); mac != want.sign([]byte(text)) {
				t.Errorf("secret %q signs %q as %x", secret, text, mac)
			}
		}
	}
}
