package gateway

import (
	"errors"

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
	if q.query.Has("versionId") && bucket == q.bucket {
		action = versionAction(action)
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
