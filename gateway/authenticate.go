package gateway

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sluice/drivers"
	"sluice/gateway/access"
	"sluice/gateway/sigv4"
	"sluice/state"
)

// authenticate finds out who signed the request and how its body is declared. Only a request that carries nothing that
// looks like a credential is anonymous.
func (q *request) authenticate() (err error) {
	if sigv4.IsAnonymous(q.r) {
		q.identity = q.t.Identities.Anonymous()
		q.payload, err = sigv4.DeclaredPayload(q.r.Header)
		if err == nil && q.payload.Signed() {
			return errAccessDenied // signed chunks need a signer
		}
		return err
	}
	if q.auth, err = q.t.verifier.Verify(q.r); err != nil {
		return err
	}
	if q.auth.SessionToken != "" {
		return errInvalidToken // no identity here has one
	}
	id, ok := q.t.Identities.Lookup(q.auth.AccessKey)
	if !ok {
		return errAccessDenied
	}
	q.identity, q.payload, q.signer = id, q.auth.Payload, q.auth.Chunks
	return nil
}

// loadRecord fetches what is remembered of the request's bucket.
func (q *request) loadRecord() (err error) {
	if q.bucket == "" {
		return nil
	}
	if q.record, err = q.recordOf(q.bucket); err != nil {
		return err
	}
	if want := q.header("X-Amz-Expected-Bucket-Owner"); want != "" && want != q.record.Account {
		return errAccessDenied
	}
	return nil
}

// recordOf returns what is remembered of a bucket: its account above all. One that was not made through Sluice belongs to
// the default account.
func (q *request) recordOf(bucket string) (state.Bucket, error) {
	record, err := q.s.o.State.Bucket(q.ctx(), bucket)
	if errors.Is(err, state.ErrNotFound) {
		return state.Bucket{Name: bucket, Account: access.DefaultAccount}, nil
	}
	return record, err
}

// authorize asks whether the identity may do the action on the request's bucket or on a key in it. An empty action leaves
// it to the handler.
func (q *request) authorize(action, bucket, key string) error {
	return q.authorizeIn(q.record, action, bucket, key)
}

func (q *request) authorizeIn(record state.Bucket, action, bucket, key string) error {
	if action == "" {
		return nil
	}
	account := record.Account
	if bucket == "" || action == "s3:CreateBucket" {
		account = q.account()
	}
	if q.allowed(account, action, bucket, key) {
		return nil
	}
	return q.denied(record, action, bucket, key)
}

func (q *request) allowed(account, action, bucket, key string) bool {
	resource := bucket
	if key != "" {
		resource += "/" + key
	}
	return access.Authorize(access.Request{
		Identity: q.identity, Action: action, Resource: resource, ResourceAccount: account, Context: conditionKeys{q},
	}, nil).Allowed()
}

// denied answers AccessDenied, or NoSuchBucket to who might do this in a bucket of their own: that a name is free is no
// secret to those who can create buckets.
func (q *request) denied(record state.Bucket, action, bucket, key string) error {
	if bucket == "" || record.Account == q.account() || !record.Created.IsZero() || !q.allowed(q.account(), action, bucket, key) {
		return errAccessDenied
	}
	if q.free == nil || q.free.bucket != bucket { // DeleteObjects asks for each of its keys
		_, err := q.t.Driver.StatBucket(q.ctx(), bucket)
		q.free = &freeName{bucket: bucket, is: errors.Is(err, drivers.ErrNoBucket)}
	}
	if q.free.is {
		return errNoSuchBucket
	}
	return errAccessDenied
}

// freeName remembers whether a bucket of that name could be made.
type freeName struct {
	bucket string
	is     bool
}

// account is whose buckets the caller makes and lists.
func (q *request) account() string {
	if q.identity == nil {
		return ""
	}
	return q.identity.Account
}

// conditionKeys answers a policy's conditions from the request. Source of the names: "Actions, resources, and condition
// keys for Amazon S3" in the Service Authorization Reference, and "AWS global condition context keys" in the IAM guide.
type conditionKeys struct{ q *request }

func (c conditionKeys) Value(key string) ([]string, bool) {
	q := c.q
	switch key {
	case "aws:sourceip":
		host, _, err := net.SplitHostPort(q.r.RemoteAddr)
		return []string{host}, err == nil
	case "aws:securetransport":
		return []string{strconv.FormatBool(q.r.TLS != nil)}, true
	case "aws:useragent":
		return present(q.r.Header, "User-Agent")
	case "aws:referer":
		return present(q.r.Header, "Referer")
	case "aws:currenttime":
		return []string{q.start.UTC().Format(time.RFC3339)}, true
	case "aws:epochtime":
		return []string{strconv.FormatInt(q.start.Unix(), 10)}, true
	case "s3:prefix", "s3:delimiter", "s3:max-keys":
		return queryValue(q, strings.TrimPrefix(key, "s3:"))
	case "s3:versionid":
		return queryValue(q, "versionId")
	case "s3:signatureversion", "s3:authtype", "s3:signatureage":
		return c.signature(key)
	case "s3:resourceaccount":
		return []string{q.record.Account}, q.record.Account != ""
	case "s3:if-match":
		return present(q.r.Header, "If-Match")
	case "s3:if-none-match":
		return present(q.r.Header, "If-None-Match")
	}
	if tag, ok := strings.CutPrefix(key, "s3:requestobjecttag/"); ok {
		return c.requestTag(tag)
	}
	if key == "s3:requestobjecttagkeys" {
		return c.requestTagKeys()
	}
	if name, ok := strings.CutPrefix(key, "s3:x-amz-"); ok {
		return present(q.r.Header, "X-Amz-"+name)
	}
	return nil, false
}

func (c conditionKeys) signature(key string) ([]string, bool) {
	auth := c.q.auth
	switch {
	case auth == nil:
		return nil, false
	case key == "s3:signatureversion":
		return []string{"AWS4-HMAC-SHA256"}, true
	case key == "s3:authtype" && auth.Kind == sigv4.Presigned:
		return []string{"REST-QUERY-STRING"}, true
	case key == "s3:authtype":
		return []string{"REST-HEADER"}, true
	}
	return []string{strconv.FormatInt(c.q.start.Sub(auth.Time).Milliseconds(), 10)}, true
}

func (c conditionKeys) requestTag(name string) ([]string, bool) {
	tags, err := parseTagHeader(c.q.header("X-Amz-Tagging"))
	if err != nil {
		return nil, false
	}
	for _, t := range tags {
		if t.Key == name {
			return []string{t.Value}, true
		}
	}
	return nil, false
}

func (c conditionKeys) requestTagKeys() ([]string, bool) {
	tags, err := parseTagHeader(c.q.header("X-Amz-Tagging"))
	if err != nil || len(tags) == 0 {
		return nil, false
	}
	keys := make([]string, len(tags))
	for i, t := range tags {
		keys[i] = t.Key
	}
	return keys, true
}

func present(h http.Header, name string) ([]string, bool) {
	v := h.Values(name)
	return v, len(v) > 0
}

func queryValue(q *request, name string) ([]string, bool) {
	v, ok := q.query[name]
	return v, ok
}
