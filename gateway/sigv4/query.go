package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The query parameters that carry credentials; the last two are Signature
// Version 2, which is recognised so that it can be refused.
const (
	queryAlgorithm = iota
	queryCredential
	queryDate
	queryExpires
	querySignedHeaders
	querySignature
	queryToken
	queryContentSHA256
	queryV2AccessKey
	queryV2Signature
	queryCount
)

var authParameters = [queryCount]string{
	"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders",
	"X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "AWSAccessKeyId", "Signature",
}

// param is one query parameter, decoded once and encoded again AWS style.
type param struct{ key, value, escKey, escValue string }

// appendParams parses a raw query. Unlike url.ParseQuery it keeps ";" as an
// ordinary character and fails on a bad escape, so nothing stays unsigned.
func appendParams(dst []param, raw string) ([]param, error) {
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(k)
		if err != nil {
			return dst, badEscape()
		}
		value, err := url.QueryUnescape(v)
		if err != nil {
			return dst, badEscape()
		}
		dst = append(dst, param{key, value, escape(key), escape(value)})
	}
	return dst, nil
}

func badEscape() *Error { return refuse(CodeInvalidURI, "The URI has an invalid percent-encoding.") }

func sortParams(ps []param) {
	slices.SortFunc(ps, func(a, b param) int {
		if c := strings.Compare(a.escKey, b.escKey); c != 0 {
			return c
		}
		return strings.Compare(a.escValue, b.escValue)
	})
}

// authQuery holds the credential parameters of a query.
type authQuery struct {
	value [queryCount]string
	seen  [queryCount]bool
	any   bool // one of them is there, X-Amz-Content-Sha256 not counted
	bad   bool // one of them is there twice or in another letter case
}

func readAuthQuery(ps []param) (q authQuery) {
	for i := range ps {
		n, exact := authParameter(ps[i].key)
		if n < 0 {
			continue
		}
		// Some SDKs move this header into the query under its own spelling.
		anyCase := n == queryContentSHA256
		q.any = q.any || !anyCase
		q.bad = q.bad || q.seen[n] || !exact && !anyCase
		q.seen[n], q.value[n] = true, ps[i].value
	}
	return q
}

func authParameter(key string) (n int, exact bool) {
	for i, name := range authParameters {
		if len(name) == len(key) && strings.EqualFold(name, key) {
			return i, name == key
		}
	}
	return -1, false
}

// v4 reports whether all that makes a presigned URL is there.
func (q *authQuery) v4() bool {
	return q.seen[queryAlgorithm] && q.seen[queryCredential] && q.seen[queryDate] &&
		q.seen[queryExpires] && q.seen[querySignedHeaders] && q.seen[querySignature]
}

// IsAnonymous reports whether the request carries nothing that looks like a
// credential of any kind, right or wrong: no Authorization header, security
// token or signature parameter of version 4 or 2, in any letter case. Only such
// a request may be treated as anonymous; all others have to pass Verify. The
// fields of a POST form are in the body and not looked at.
func IsAnonymous(r *http.Request) bool {
	if len(r.Header[headerAuthorization]) > 0 || len(r.Header[headerToken]) > 0 {
		return false
	}
	if r.URL.RawQuery == "" {
		return true
	}
	ps, err := appendParams(nil, r.URL.RawQuery)
	if err != nil {
		return false
	}
	q := readAuthQuery(ps)
	return !q.any
}
