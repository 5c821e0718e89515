package sigv4

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"sync"
	"time"
)

// MaxSkew is how far the time of a request may lie from the server's, either
// way; Amazon S3's value.
const MaxSkew = 15 * time.Minute

// Kind says where a request carried its signature.
type Kind uint8

// The places of a signature.
const (
	// Header: the Authorization header.
	Header Kind = iota + 1
	// Presigned: X-Amz-Signature and its companions in the query.
	Presigned
	// Form: the fields of a POST policy form.
	Form
)

// Verified tells who signed a request. It is returned only when the signature
// was right.
type Verified struct {
	AccessKey string
	// SessionToken is as the client sent it, "" without one. It is signed, but
	// whether it belongs to the access key is for the caller to check.
	SessionToken string
	Kind         Kind
	Region       string
	// Time is when the client signed; Expires, of presigned URLs only, how long
	// from then on the URL is good.
	Time    time.Time
	Expires time.Duration
	// Payload is how the body is declared. The body itself is not verified yet.
	Payload Payload
	// Chunks verifies the body's chunk signatures; nil unless Payload.Signed.
	Chunks *ChunkSigner
}

// Verifier checks signatures. Set the exported fields before the first use; from
// then on it may be used by many goroutines and must not be copied.
type Verifier struct {
	// Region is the only region that clients may sign for; "" accepts any.
	Region string
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// Lookup returns the secret key of an access key. It should take about the
	// same time whether the key exists or not, and is called for every request.
	Lookup func(accessKey string) (secret string, ok bool)

	keys    keyCache
	scratch sync.Pool
	once    sync.Once
	dummy   string
}

// maxKeptScratch bounds the buffers that are kept for the next request.
const maxKeptScratch = 16 << 10

// Verify checks the signature over the request line and the headers. It wants
// the request as it came in: Method, URL, Host and Header not rewritten. The
// body is not touched. Errors are of type *Error.
func (v *Verifier) Verify(r *http.Request) (*Verified, error) {
	if err := checkURL(r.URL); err != nil {
		return nil, err
	}
	s := v.getScratch()
	defer v.putScratch(s)
	var err error
	if s.params, err = appendParams(s.params[:0], r.URL.RawQuery); err != nil {
		return nil, err
	}
	c, err := readClaim(r, s.params)
	if err != nil {
		return nil, err
	}
	if err := v.checkScope(&c); err != nil {
		return nil, err
	}
	if err := v.checkTime(&c); err != nil {
		return nil, err
	}
	if err := checkSignedHeaders(r.Header, &c); err != nil {
		return nil, err
	}
	payload, err := parsePayload(c.payload, r.Header)
	if err != nil {
		return nil, err
	}
	sortParams(s.params)
	s.buf = appendCanonical(s.buf[:0], r, s.params, c.signedHeaders, c.payload)
	s.buf = appendStringToSign(s.buf[:0], &c, sha256.Sum256(s.buf))
	key, err := v.check(&c, s.buf)
	if err != nil {
		return nil, err
	}
	out := c.verified(payload)
	if payload.Signed() {
		out.Chunks = newChunkSigner(key, c.amzDate, c.scope, Signature([]byte(c.signature)))
	}
	return out, nil
}

// check compares the claimed signature with the true one. For an unknown key it
// does the same work with a secret that nobody knows, and fails.
func (v *Verifier) check(c *claim, stringToSign []byte) (signingKey, error) {
	id, known := c.accessKey, false
	var secret string
	if v.Lookup != nil {
		secret, known = v.Lookup(c.accessKey)
	}
	if !known || secret == "" {
		id, secret, known = "", v.dummySecret(), false
	}
	key := v.keys.get(id, secret, c.date, c.region)
	want := key.sign(stringToSign)
	var sum [sha256.Size]byte
	if !decodeSignature(&sum, c.signature) || subtle.ConstantTimeCompare(sum[:], want[:]) != 1 || !known {
		return signingKey{}, mismatch()
	}
	return key.key, nil
}

// decodeSignature accepts 64 lower-case hex digits and nothing else, so that one
// signature has one spelling.
func decodeSignature(dst *[sha256.Size]byte, s string) bool {
	if len(s) != 2*len(dst) {
		return false
	}
	for i := range len(s) {
		if 'A' <= s[i] && s[i] <= 'F' {
			return false
		}
	}
	_, err := hex.Decode(dst[:], []byte(s))
	return err == nil
}

func (v *Verifier) dummySecret() string {
	v.once.Do(func() { v.dummy = rand.Text() + rand.Text() })
	return v.dummy
}

func (v *Verifier) now() time.Time {
	if v.Now == nil {
		return time.Now()
	}
	return v.Now()
}

func (v *Verifier) getScratch() *scratch {
	if s, ok := v.scratch.Get().(*scratch); ok {
		return s
	}
	return &scratch{buf: make([]byte, 0, 1024)}
}

func (v *Verifier) putScratch(s *scratch) {
	clear(s.params[:cap(s.params)]) // hold no part of the request
	if cap(s.buf) <= maxKeptScratch && cap(s.params) <= 64 {
		v.scratch.Put(s)
	}
}

func (c *claim) verified(p Payload) *Verified {
	return &Verified{
		AccessKey: c.accessKey, SessionToken: c.token, Kind: c.kind, Region: c.region,
		Time: c.time, Expires: c.expires, Payload: p,
	}
}

// appendStringToSign writes the string to sign over b, whose hash it was given.
func appendStringToSign(b []byte, c *claim, canonical [sha256.Size]byte) []byte {
	b = append(b, algorithm...)
	b = append(b, '\n')
	b = append(b, c.amzDate...)
	b = append(b, '\n')
	b = append(b, c.scope...)
	b = append(b, '\n')
	return hex.AppendEncode(b, canonical[:])
}
