package sigv4

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// The headers that this package reads, as net/http spells their map keys.
const (
	headerAuthorization = "Authorization"
	headerContentSHA256 = "X-Amz-Content-Sha256"
	headerDate          = "Date"
	headerAmzDate       = "X-Amz-Date"
	headerDecodedLength = "X-Amz-Decoded-Content-Length"
	headerToken         = "X-Amz-Security-Token" //nolint:gosec // a name
	headerTrailer       = "X-Amz-Trailer"
)

const amzPrefix = "x-amz-"

// scratch is the working memory of one verification.
type scratch struct {
	buf    []byte
	params []param
}

// appendCanonical writes the canonical request. params must be sorted; the
// signature parameter of a presigned URL is left out.
func appendCanonical(b []byte, r *http.Request, params []param, signedHeaders, payload string) []byte {
	b = append(b, r.Method...)
	b = append(b, '\n')
	b = appendPath(b, r.URL.Path)
	b = append(b, '\n')
	b = appendQuery(b, params)
	b = append(b, '\n')
	for name := range strings.SplitSeq(signedHeaders, ";") {
		b = append(b, name...)
		b = append(b, ':')
		b = appendHeader(b, r, name)
		b = append(b, '\n')
	}
	b = append(b, '\n')
	b = append(b, signedHeaders...)
	b = append(b, '\n')
	return append(b, payload...)
}

func appendPath(b []byte, path string) []byte {
	if path == "" {
		return append(b, '/')
	}
	return appendEscaped(b, path, true)
}

func appendQuery(b []byte, params []param) []byte {
	first := true
	for i := range params {
		if params[i].key == authParameters[querySignature] {
			continue
		}
		if !first {
			b = append(b, '&')
		}
		first = false
		b = append(b, params[i].escKey...)
		b = append(b, '=')
		b = append(b, params[i].escValue...)
	}
	return b
}

// appendHeader writes the value of one header; an absent header is empty. The
// fields that net/http keeps outside of Header are taken from where they are.
func appendHeader(b []byte, r *http.Request, name string) []byte {
	values := headerValues(r.Header, name)
	if len(values) == 0 {
		switch {
		case name == "content-length" && r.ContentLength >= 0:
			return strconv.AppendInt(b, r.ContentLength, 10)
		case name == "transfer-encoding":
			values = r.TransferEncoding
		}
	}
	if name == "host" {
		return appendFolded(b, r.Host)
	}
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendFolded(b, v)
	}
	return b
}

// headerValues looks a lower-case name up without allocating.
func headerValues(h http.Header, name string) []string {
	var key [64]byte
	if len(name) > len(key) {
		return h[http.CanonicalHeaderKey(name)]
	}
	upper := true
	for i := range len(name) {
		c := name[i]
		if upper && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		upper = c == '-'
		key[i] = c
	}
	return h[string(key[:len(name)])]
}

// single returns a header that may come only once.
func single(h http.Header, key string) (value string, ok bool, err error) {
	switch values := h[key]; len(values) {
	case 0:
		return "", false, nil
	case 1:
		return values[0], true, nil
	default:
		return "", false, refuse(CodeInvalidRequest, "The header "+key+" may be given only once.")
	}
}

// appendFolded trims v and folds runs of spaces into one.
func appendFolded(b []byte, v string) []byte {
	v = strings.Trim(v, " \t")
	if !strings.Contains(v, "  ") {
		return append(b, v...)
	}
	space := false
	for i := range len(v) {
		if v[i] != ' ' || !space {
			b = append(b, v[i])
		}
		space = v[i] == ' '
	}
	return b
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}

// appendEscaped encodes as AWS's UriEncode does.
func appendEscaped(b []byte, s string, keepSlash bool) []byte {
	const digits = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if unreserved(c) || c == '/' && keepSlash {
			b = append(b, c)
		} else {
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return b
}

// escape encodes a query key or value; it allocates only where it must.
func escape(s string) string {
	for i := range len(s) {
		if !unreserved(s[i]) {
			return string(appendEscaped(make([]byte, 0, len(s)+16), s, false))
		}
	}
	return s
}

// checkURL refuses URLs whose decoded and raw paths disagree, which net/http
// never produces but a rewriting layer might.
func checkURL(u *url.URL) error {
	if u.Opaque != "" {
		return refuse(CodeInvalidURI, "The request target must be a path.")
	}
	if u.RawPath == "" {
		return nil
	}
	if p, err := url.PathUnescape(u.RawPath); err != nil || p != u.Path {
		return badEscape()
	}
	return nil
}
