package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Credentials are the keys of one identity.
type Credentials struct {
	AccessKey, SecretKey string
	// SessionToken goes with temporary credentials; "" for lasting ones.
	SessionToken string
}

// Sign puts X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token where needed
// and Authorization on r. payloadHash is the body's SHA-256 in hexadecimal or
// one of this package's constants. Headers set later are not covered, and those
// under x-amz- would be refused. The URL is brought into the very spelling that
// was signed. The returned signer goes on with the chunks of a streaming body.
func Sign(r *http.Request, c Credentials, region, payloadHash string, t time.Time) (*ChunkSigner, error) {
	cl := newClaim(Header, c, region, t)
	cl.payload = payloadHash
	r.Header.Del(headerAuthorization)
	r.Header.Set(headerAmzDate, cl.amzDate)
	r.Header.Set(headerContentSHA256, payloadHash)
	if c.SessionToken != "" {
		r.Header.Set(headerToken, c.SessionToken)
	}
	key, err := cl.sign(r, c)
	if err != nil {
		return nil, err
	}
	r.Header.Set(headerAuthorization, algorithm+" Credential="+c.AccessKey+"/"+cl.scope+
		",SignedHeaders="+cl.signedHeaders+",Signature="+cl.signature)
	return newChunkSigner(key, cl.amzDate, cl.scope, Signature([]byte(cl.signature))), nil
}

// Presign turns r.URL into a presigned URL that is good for expires (1 s to
// 7 days) from t on. The headers that r has now must be sent with it. The body
// is not covered unless r has an X-Amz-Content-Sha256 header.
func Presign(r *http.Request, c Credentials, region string, expires time.Duration, t time.Time) error {
	cl := newClaim(Presigned, c, region, t)
	cl.signedHeaders = signedHeaderNames(r)
	cl.payload = UnsignedPayload
	if p := r.Header.Get(headerContentSHA256); p != "" {
		cl.payload = p
	}
	add := []string{
		authParameters[queryAlgorithm], algorithm,
		authParameters[queryCredential], c.AccessKey + "/" + cl.scope,
		authParameters[queryDate], cl.amzDate,
		authParameters[queryExpires], strconv.FormatInt(int64(expires/time.Second), 10),
		authParameters[querySignedHeaders], cl.signedHeaders,
	}
	if c.SessionToken != "" {
		add = append(add, authParameters[queryToken], c.SessionToken)
	}
	q := []byte(r.URL.RawQuery)
	for i := 0; i < len(add); i += 2 {
		if len(q) > 0 {
			q = append(q, '&')
		}
		q = append(append(append(q, add[i]...), '='), escape(add[i+1])...)
	}
	r.URL.RawQuery = string(q)
	if _, err := cl.sign(r, c); err != nil {
		return err
	}
	r.URL.RawQuery += "&" + authParameters[querySignature] + "=" + cl.signature
	return nil
}

func newClaim(k Kind, c Credentials, region string, t time.Time) *claim {
	t = t.UTC()
	date := t.Format(amzDateFormat)
	return &claim{
		kind: k, accessKey: c.AccessKey, amzDate: date, date: date[:scopeDateLen], region: region, service: service,
		scope: date[:scopeDateLen] + "/" + region + "/" + service + "/" + terminator, time: t,
	}
}

// sign fills in the signature and spells the URL as it was signed.
func (c *claim) sign(r *http.Request, cred Credentials) (signingKey, error) {
	if r.Host == "" {
		r.Host = r.URL.Host
	}
	c.signedHeaders = signedHeaderNames(r)
	if err := spellCanonically(r.URL); err != nil {
		return signingKey{}, err
	}
	params, err := appendParams(nil, r.URL.RawQuery)
	if err != nil {
		return signingKey{}, err
	}
	sortParams(params)
	b := appendCanonical(nil, r, params, c.signedHeaders, c.payload)
	b = appendStringToSign(nil, c, sha256.Sum256(b))
	key := deriveKey(cred.SecretKey, c.date, c.region, c.service)
	mac := key.sign(b)
	c.signature = hex.EncodeToString(mac[:])
	return key, nil
}

func spellCanonically(u *url.URL) error {
	params, err := appendParams(nil, u.RawQuery)
	if err != nil {
		return err
	}
	sortParams(params)
	u.RawQuery = string(appendQuery(nil, params))
	if u.Path == "" {
		u.Path = "/"
	}
	u.RawPath = string(appendPath(nil, u.Path))
	return nil
}

// signedHeaderNames lists host and all headers but those that the HTTP stack or
// a proxy on the way may add or change.
func signedHeaderNames(r *http.Request) string {
	names := []string{"host"}
	for key := range r.Header {
		name := lower(key)
		switch name {
		case "host", "authorization", "user-agent", "expect", "accept-encoding", "connection", "te", "trailer",
			"transfer-encoding", "content-length", "x-amzn-trace-id", "x-forwarded-for", "traceparent", "tracestate":
			continue
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ";")
}
