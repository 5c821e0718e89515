package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strconv"
	"strings"

	"sluice/drivers"
	"sluice/gateway/s3xml"
	"sluice/gateway/sigv4"
)

// s3Error is an S3 error code with its status and message, and the further elements of its document.
// Source: "Error responses" of the Amazon S3 API reference.
type s3Error struct {
	status  int
	code    string
	message string
	details []s3xml.Detail
}

func (e *s3Error) Error() string { return e.code + ": " + e.message }

func (e *s3Error) with(name, value string) *s3Error {
	c := *e
	c.details = append(append([]s3xml.Detail(nil), e.details...), s3xml.Detail{Name: name, Value: value})
	return &c
}

func withBucket(e *s3Error, bucket string) *s3Error { return e.with("BucketName", bucket) }

func invalidArgument(name, value, message string) *s3Error {
	e := &s3Error{status: 400, code: "InvalidArgument", message: message}
	return e.with("ArgumentName", name).with("ArgumentValue", value)
}

func invalidRequest(format string, args ...any) *s3Error {
	return &s3Error{status: 400, code: "InvalidRequest", message: fmt.Sprintf(format, args...)}
}

func notImplemented(what string) *s3Error {
	return &s3Error{status: 501, code: "NotImplemented", message: what + " is not implemented"}
}

// The gateway's own errors, which never leave it.
var (
	errAccessDenied       = &s3Error{status: 403, code: "AccessDenied", message: "Access Denied"}
	errInvalidToken       = &s3Error{status: 400, code: "InvalidToken", message: "The provided token is malformed or otherwise not valid"}
	errMethodNotAllowed   = &s3Error{status: 405, code: "MethodNotAllowed", message: "The specified method is not allowed against this resource"}
	errInvalidURI         = &s3Error{status: 400, code: "InvalidURI", message: "Couldn't parse the specified URI"}
	errInvalidBucketName  = &s3Error{status: 400, code: "InvalidBucketName", message: "The specified bucket is not valid"}
	errNoSuchBucket       = &s3Error{status: 404, code: "NoSuchBucket", message: "The specified bucket does not exist"}
	errNoSuchKey          = &s3Error{status: 404, code: "NoSuchKey", message: "The specified key does not exist"}
	errMalformedXML       = &s3Error{status: 400, code: "MalformedXML", message: "The XML you provided was not well-formed or did not validate against our published schema"}
	errMissingLength      = &s3Error{status: 411, code: "MissingContentLength", message: "You must provide the Content-Length HTTP header"}
	errIncompleteBody     = &s3Error{status: 400, code: "IncompleteBody", message: "You did not provide the number of bytes specified by the Content-Length HTTP header"}
	errEntityTooLarge     = &s3Error{status: 400, code: "EntityTooLarge", message: "Your proposed upload exceeds the maximum allowed object size"}
	errBadDigest          = &s3Error{status: 400, code: "BadDigest", message: "The Content-MD5 or checksum value that you specified did not match what the server received"}
	errInvalidDigest      = &s3Error{status: 400, code: "InvalidDigest", message: "The Content-MD5 or checksum value that you specified is not valid"}
	errSHA256Mismatch     = &s3Error{status: 400, code: "XAmzContentSHA256Mismatch", message: "The provided 'x-amz-content-sha256' header does not match what was computed"}
	errInvalidPartNumber  = &s3Error{status: 416, code: "InvalidPartNumber", message: "The requested partnumber is not satisfiable"}
	errBucketExists       = &s3Error{status: 409, code: "BucketAlreadyExists", message: "The requested bucket name is not available. Please select a different name and try again"}
	errMetadataTooLarge   = &s3Error{status: 400, code: "MetadataTooLarge", message: "Your metadata headers exceed the maximum allowed metadata size"}
	errInvalidTag         = &s3Error{status: 400, code: "InvalidTag", message: "The tag provided was not a valid tag"}
	errNoSuchTagSet       = &s3Error{status: 404, code: "NoSuchTagSet", message: "The TagSet does not exist"}
	errInternal           = &s3Error{status: 500, code: "InternalError", message: "We encountered an internal error. Please try again"}
	errRequestTimeout     = &s3Error{status: 400, code: "RequestTimeout", message: "Your socket connection to the server was not read from or written to within the timeout period"}
	errInvalidStorage     = &s3Error{status: 400, code: "InvalidStorageClass", message: "The storage class you specified is not valid"}
	errACLNotSupported    = &s3Error{status: 400, code: "AccessControlListNotSupported", message: "The bucket does not allow ACLs"}
	errMissingContentMD5  = &s3Error{status: 400, code: "InvalidRequest", message: "Missing required header for this request: Content-MD5 or a checksum"}
	errChecksumAlgorithm  = invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]")
	errNotModified        = &s3Error{status: 304, code: "NotModified", message: "Not Modified"}
	errPreconditionFailed = &s3Error{status: 412, code: "PreconditionFailed", message: "At least one of the pre-conditions you specified did not hold"}
)

// sentinels is the one table from what drivers return to what S3 answers.
var sentinels = []struct {
	err error
	s3  *s3Error
}{
	{drivers.ErrNotFound, errNoSuchKey},
	{drivers.ErrNoBucket, errNoSuchBucket},
	{drivers.ErrNoVersion, &s3Error{status: 404, code: "NoSuchVersion", message: "The specified version does not exist"}},
	{drivers.ErrBucketExists, errBucketExists},
	{drivers.ErrNotEmpty, &s3Error{status: 409, code: "BucketNotEmpty", message: "The bucket you tried to delete is not empty"}},
	{drivers.ErrNoUpload, &s3Error{status: 404, code: "NoSuchUpload", message: "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed"}},
	{drivers.ErrInvalidPart, &s3Error{status: 400, code: "InvalidPart", message: "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag"}},
	{drivers.ErrPartOrder, &s3Error{status: 400, code: "InvalidPartOrder", message: "The list of parts was not in ascending order"}},
	{drivers.ErrPartTooSmall, &s3Error{status: 400, code: "EntityTooSmall", message: "Your proposed upload is smaller than the minimum allowed size"}},
	{drivers.ErrPartNumber, errInvalidPartNumber},
	{drivers.ErrPrecondition, errPreconditionFailed},
	{drivers.ErrNotModified, errNotModified},
	{drivers.ErrConflict, &s3Error{status: 409, code: "ConditionalRequestConflict", message: "A conflicting operation occurred during your request. Please try again"}},
	{drivers.ErrInvalidRange, &s3Error{status: 416, code: "InvalidRange", message: "The requested range is not satisfiable"}},
	{drivers.ErrKeyTooLong, &s3Error{status: 400, code: "KeyTooLongError", message: "Your key is too long"}},
	{drivers.ErrDigestMismatch, errBadDigest},
	{drivers.ErrTooLarge, errEntityTooLarge},
	{drivers.ErrDenied, errAccessDenied},
	{drivers.ErrReadOnly, &s3Error{status: 403, code: "AccessDenied", message: "The store is read-only"}},
	{drivers.ErrNoSpace, &s3Error{status: 507, code: "InsufficientStorage", message: "The store is out of space"}},
	{drivers.ErrSlowDown, &s3Error{status: 503, code: "SlowDown", message: "Please reduce your request rate"}},
	{drivers.ErrUnavailable, &s3Error{status: 503, code: "ServiceUnavailable", message: "The store is unavailable. Please try again"}},
	{drivers.ErrInvalid, &s3Error{status: 400, code: "InvalidArgument", message: "Invalid argument"}},
	{drivers.ErrUnsupported, &s3Error{status: 501, code: "NotImplemented", message: "The store of this bucket does not support this operation"}},
}

// classify turns any error into what the client is told.
func classify(err error) *s3Error {
	var own *s3Error
	if errors.As(err, &own) {
		return own
	}
	var sig *sigv4.Error
	if errors.As(err, &sig) {
		return fromSigV4(sig)
	}
	for _, row := range sentinels {
		if errors.Is(err, row.err) {
			return row.s3
		}
	}
	var timeout net.Error
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, s3xml.ErrMalformed):
		return errMalformedXML
	case errors.Is(err, context.Canceled):
		return errIncompleteBody
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return errRequestTimeout
	case errors.As(err, &tooLarge):
		return errEntityTooLarge
	}
	return errInternal
}

// fromSigV4 adds the status to an error of package sigv4.
func fromSigV4(e *sigv4.Error) *s3Error {
	status := http.StatusBadRequest
	switch e.Code {
	case sigv4.CodeAccessDenied, sigv4.CodeSignatureDoesNotMatch, sigv4.CodeRequestTimeTooSkewed:
		status = http.StatusForbidden
	case sigv4.CodeMissingContentLength:
		status = http.StatusLengthRequired
	}
	out := &s3Error{status: status, code: e.Code, message: e.Message}
	for _, d := range e.Details {
		out = out.with(d.Name, d.Value)
	}
	return out
}

// fail writes the error document; the only place that does.
func (q *request) fail(err error) {
	e := classify(err)
	gone := q.ctx().Err() != nil // a client that went away is no fault of ours
	if stalled := net.Error(nil); errors.As(context.Cause(q.ctx()), &stalled) && stalled.Timeout() {
		e, gone = classify(drivers.ErrUnavailable), false // but a store that moved nothing for too long is
	}
	q.errorCode = e.code
	if (e.status >= 500 && e.code != "NotImplemented" || deniedByStore(err)) && !gone {
		level := slog.LevelError
		if errors.Is(err, drivers.ErrUnavailable) && drivers.After(err) > 0 { // a store that is left alone: that was logged once
			level = slog.LevelDebug
		}
		q.s.o.Log.Log(q.ctx(), level, "request failed", "request_id", q.id, "operation", q.operationName(), "bucket", q.bucket, "key", q.key, "error", err)
	}
	if q.w.status != 0 { // the head is gone: only a broken connection tells the client
		panic(http.ErrAbortHandler)
	}
	q.cleanHeaders(e)
	q.releaseWaiting()
	if e.status == http.StatusNotModified {
		q.w.WriteHeader(e.status)
		return
	}
	if e.status == http.StatusServiceUnavailable {
		q.w.Header().Set("Retry-After", strconv.FormatInt(retryAfter(err), 10))
	}
	doc := s3xml.Error{Code: e.code, Message: e.message, Resource: q.resource(), RequestID: q.id, HostID: q.s.hostID, Details: e.details}
	if e == errNoSuchKey {
		doc.Details = append(doc.Details, s3xml.Detail{Name: "Key", Value: q.key})
	}
	if e == errNoSuchBucket {
		doc.Details = append(doc.Details, s3xml.Detail{Name: "BucketName", Value: q.bucket})
	}
	_ = q.writeDocument(e.status, &doc)
}

// deniedByStore tells whether a store has refused what the client may do. To the client that looks like a want of its own rights, so
// only the log tells whoever can mend the gateway's.
func deniedByStore(err error) bool {
	at, ok := errors.AsType[*drivers.Error](err)
	return ok && at.Node != "" && errors.Is(at, drivers.ErrDenied)
}

// retryAfter is the store's own wish in whole seconds, where it has one; at least 1.
func retryAfter(err error) int64 {
	return max(1, int64(math.Ceil(drivers.After(err).Seconds())))
}

// releaseWaiting closes the connection of a client that waits for "100 Continue" before it sends its body: net/http would
// wait for that body before it answers.
func (q *request) releaseWaiting() {
	if q.header("Expect") != "" && q.received.n == 0 && q.r.ContentLength != 0 && q.r.ProtoMajor == 1 {
		q.w.Header().Set("Connection", "close")
	}
}

// cleanHeaders takes back what a handler had set for its success; a 304 keeps the object's ETag.
func (q *request) cleanHeaders(e *s3Error) {
	if e.status == http.StatusNotModified {
		return
	}
	h := q.w.Header()
	for name := range h {
		if !strings.HasPrefix(name, "x-amz-") && name != "Server" && name != "Connection" {
			h.Del(name)
		}
	}
}

func (q *request) resource() string {
	switch {
	case q.bucket == "":
		return "/"
	case q.key == "":
		return "/" + q.bucket
	}
	return "/" + q.bucket + "/" + q.key
}

func (q *request) operationName() string {
	if q.op == nil {
		return ""
	}
	return q.op.name
}
