package sigv4

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(int) { http.DefaultClient.CloseIdleConnections() }))
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// serve runs a server that hands every request to check, and returns its address.
func serve(t *testing.T, check func(*http.Request)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { check(r) }))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		s.Close()
	})
	return s.Listener.Addr().String()
}

// FuzzSignThenVerify: what Sign signs, Verify accepts; and no single bit of what
// was signed can be turned without a refusal.
func FuzzSignThenVerify(f *testing.F) {
	f.Add("GET", "/b/k", "prefix=a%20b", "h", "Range", "bytes=0-9", false, uint(3))
	f.Add("PUT", "/b/ä/../%/+", "a=1&a=&X-id=x;y", "h:9000", "X-Amz-Meta-A", "  x   y ", true, uint(77))
	f.Add("POST", "", "uploads", "", "Content-Length", "5", true, uint(9))
	f.Fuzz(func(t *testing.T, method, path, query, host, key, value string, presign bool, bit uint) {
		path = "/" + strings.TrimPrefix(path, "/")
		if !isToken(lower(key)) || host == "" || strings.ContainsAny(method+host+value, "\r\n") {
			return
		}
		r := &http.Request{Method: method, Host: host, URL: &url.URL{Path: path, RawQuery: query}, Header: http.Header{}}
		r.Header.Set(key, value)
		if !IsAnonymous(r) || isAmz(key) && !strings.EqualFold(key[:min(len(key), 11)], "X-Amz-Meta-") {
			return
		}
		if strings.EqualFold(key, "Date") || strings.EqualFold(key, "Host") {
			return
		}
		var err error
		if presign {
			err = Presign(r, testKeys, "us-east-1", time.Hour, exampleTime)
		} else {
			_, err = Sign(r, testKeys, "us-east-1", UnsignedPayload, exampleTime)
		}
		if err != nil {
			return // the query has a bad escape
		}
		v := exampleVerifier()
		if _, err := v.Verify(r); err != nil {
			if strings.Contains(strings.ToLower(query), "x-amz-content-sha256") {
				return // a declaration of its own
			}
			t.Fatalf("refused what was signed: %v\n%+v", err, r)
		}
		mutateOneBit(t, v, r, http.CanonicalHeaderKey(key), bit)
	})
}

// mutateOneBit turns one bit of each signed part in its turn.
func mutateOneBit(t *testing.T, v *Verifier, r *http.Request, key string, bit uint) {
	flip := func(s string) (string, bool) {
		if s == "" {
			return s, false
		}
		b := []byte(s)
		b[bit/8%uint(len(b))] ^= 1 << (bit % 8)
		return string(b), true
	}
	refused := func(part string, m *http.Request) {
		t.Helper()
		if _, err := v.Verify(m); err == nil {
			t.Fatalf("accepted after a bit of the %s was turned:\n%+v\n%+v", part, r, m)
		}
	}
	clone := func() *http.Request {
		c := *r
		u := *r.URL
		u.RawPath = ""
		c.URL, c.Header = &u, r.Header.Clone()
		return &c
	}
	if s, ok := flip(r.Method); ok {
		m := clone()
		m.Method = s
		refused("method", m)
	}
	if s, ok := flip(r.URL.Path); ok {
		m := clone()
		m.URL.Path = s
		refused("path", m)
	}
	if s, ok := flip(r.Host); ok && string(appendFolded(nil, s)) != string(appendFolded(nil, r.Host)) {
		m := clone()
		m.Host = s
		refused("host", m)
	}
	isSigned := strings.Contains(";"+signedHeaderNames(r)+";", ";"+lower(key)+";")
	if s, ok := flip(r.Header.Get(key)); ok && isSigned && string(appendFolded(nil, s)) != string(appendFolded(nil, r.Header.Get(key))) {
		m := clone()
		m.Header.Set(key, s)
		refused("header "+key, m)
	}
	if s, ok := flip(r.Header.Get("Authorization")); ok && foldAuth(s) != foldAuth(r.Header.Get("Authorization")) {
		m := clone()
		m.Header.Set("Authorization", s)
		refused("Authorization header", m)
	}
	if s, ok := flip(r.URL.RawQuery); ok && spelled(s) != spelled(r.URL.RawQuery) {
		m := clone()
		m.URL.RawQuery = s
		refused("query", m)
	}
}

// foldAuth strips the blanks that may surround the fields of an Authorization header.
func foldAuth(s string) string {
	fields := strings.Split(s, ",")
	for i := range fields {
		fields[i] = strings.Trim(fields[i], " \t")
	}
	return strings.Join(fields, ",")
}

// spelled decodes and encodes a query; two of the same spelling mean the same.
func spelled(q string) string {
	ps, err := appendParams(nil, q)
	if err != nil {
		return q
	}
	sortParams(ps)
	var b strings.Builder
	for _, p := range ps {
		b.WriteString(p.escKey + "=" + p.escValue + "&")
	}
	return b.String()
}

// FuzzVerify: no request that was made without the secret is ever accepted, and
// none makes Verify panic.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nHost: h\r\nAuthorization: AWS4-HMAC-SHA256 " + exampleScope +
		",SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=" + strings.Repeat("0", 64) +
		"\r\nx-amz-date: 20130524T000000Z\r\nx-amz-content-sha256: " + EmptySHA256 + "\r\n\r\n"))
	f.Add([]byte("GET /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=a%2F20130524%2Fus-east-1%2Fs3%2Faws4_request" +
		"&X-Amz-Date=20130524T000000Z&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=0 HTTP/1.1\r\nHost: h\r\n\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
		if err != nil {
			return
		}
		v := exampleVerifier()
		v.Lookup = func(string) (string, bool) { return "a secret that no corpus holds", true }
		if got, err := v.Verify(r); err == nil {
			t.Fatalf("accepted: %+v", got)
		}
		IsAnonymous(r)
	})
}
