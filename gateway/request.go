package gateway

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"sluice/drivers"
	"sluice/gateway/access"
	"sluice/gateway/sigv4"
	"sluice/state"
)

// request is one S3 request on its way through the handlers. It lives in one goroutine.
type request struct {
	s     *Server
	t     *tree
	w     *response
	r     *http.Request
	id    string
	start time.Time

	bucket, key string
	query       url.Values
	op          *operation
	payload     sigv4.Payload
	signer      *sigv4.ChunkSigner // of signed chunks, else nil
	auth        *sigv4.Verified    // nil for an anonymous request
	identity    *access.Identity
	record      state.Bucket  // what is remembered of the bucket; zero where it is not
	tags        []drivers.Tag // of a Tagging document, once it is read
	free        *freeName     // what denied found out last
	received    countingBody
	out         response
	errorCode   string
}

func (s *Server) newRequest(w http.ResponseWriter, r *http.Request, t *tree) *request {
	q := &request{s: s, t: t, r: r, id: newID(8), start: s.o.Now(), out: response{ResponseWriter: w}}
	q.w = &q.out
	h := w.Header()
	h["Server"] = []string{"Sluice"}
	h["x-amz-request-id"] = []string{q.id} // as S3 spells them
	h["x-amz-id-2"] = []string{s.hostID}
	if len(r.TransferEncoding) > 0 { // net/http hides whether a length was there too, after which the connection must end: RFC 9112, 6.1
		h.Set("Connection", "close")
	}
	if r.Body != nil && r.Body != http.NoBody {
		q.r = r.WithContext(r.Context()) // a copy: net/http looks at its own Body to answer without waiting for the rest of it
		q.received.ReadCloser = r.Body
		q.r.Body = &q.received
	}
	return q
}

func (q *request) ctx() context.Context { return q.r.Context() }

// serve takes the steps of the package comment.
func (q *request) serve() (err error) {
	if q.bucket, q.key, err = target(q.r, q.s.o.Domains); err != nil {
		return err
	}
	if q.query, err = url.ParseQuery(q.r.URL.RawQuery); err != nil {
		return errInvalidURI
	}
	if q.op, err = route(q.r.Method, q.bucket, q.key, q.query, q.r.Header); err != nil {
		return err
	}
	if err := q.authenticate(); err != nil {
		return err
	}
	if err := q.refuseAmbiguous(); err != nil {
		return err
	}
	if err := q.checkNames(); err != nil {
		return err
	}
	if err := q.loadRecord(); err != nil {
		return err
	}
	if err := q.authorize(q.op.action, q.bucket, q.key); err != nil {
		return err
	}
	if q.op.handler == nil {
		return notImplemented(q.op.name)
	}
	if err := q.refuseUnbuilt(); err != nil {
		return err
	}
	return q.op.handler(q)
}

// store returns the bucket that the request is about.
func (q *request) store() drivers.Bucket { return q.t.Driver.Bucket(q.bucket) }

// header returns a header's value, "" where it is absent.
func (q *request) header(name string) string { return q.r.Header.Get(name) }

// end reports the request.
func (q *request) end() {
	if q.s.o.Observe == nil {
		return
	}
	e := Event{
		RequestID: q.id, RemoteAddr: q.r.RemoteAddr, Bucket: q.bucket, Key: q.key, Status: q.w.status, ErrorCode: q.errorCode,
		BytesIn: q.received.n, BytesOut: q.w.n, Start: q.start, Duration: q.s.o.Now().Sub(q.start),
	}
	if q.op != nil {
		e.Operation = q.op.name
	}
	if q.identity != nil {
		e.Identity = q.identity.Name
	}
	q.s.o.Observe(q.ctx(), e)
}
