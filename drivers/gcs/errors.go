package gcs

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"cloud.google.com/go/auth"
	"google.golang.org/api/googleapi"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// throttled are the reasons and codes of answers that ask to slow down, whatever their status is. See
// https://cloud.google.com/storage/docs/json_api/v1/status-codes and, for the XML API,
// https://cloud.google.com/storage/docs/xml-api/reference-status.
var throttled = map[string]bool{
	"rateLimitExceeded": true, "userRateLimitExceeded": true, "dailyLimitExceeded": true, "quotaExceeded": true, "SlowDown": true,
}

// classify turns an error of the client into one of the contract's. It leaves all others as they are.
func classify(ctx context.Context, err error) error {
	answer, ok := errors.AsType[*googleapi.Error](err)
	refused, isAuth := errors.AsType[*auth.Error](err)
	switch {
	case isAuth && !refused.Temporary(): // no token for the credentials
		return fmt.Errorf("%w: %w", drivers.ErrDenied, refused)
	case !ok:
		return upstream.FromTransport(ctx, err)
	case isSentinel(err):
		return err
	case throttled[reason(err)]:
		return upstream.WithRetryAfter(answer.Header, fmt.Errorf("%w: %w", drivers.ErrSlowDown, err))
	case answer.Code == http.StatusBadRequest && strings.Contains(answer.Error(), "doesn't match calculated"): // damaged on its way
		return fmt.Errorf("%w: %w", drivers.ErrUnavailable, err)
	}
	return upstream.FromStatus(answer.Code, answer.Header, err)
}

// isSentinel tells whether the place where the error happened has classified it.
func isSentinel(err error) bool {
	for _, s := range []error{
		drivers.ErrNotFound, drivers.ErrNoBucket, drivers.ErrBucketExists, drivers.ErrNotEmpty, drivers.ErrPrecondition, drivers.ErrConflict,
		drivers.ErrUnavailable, drivers.ErrInvalidRange,
	} {
		if errors.Is(err, s) {
			return true
		}
	}
	return false
}

// reason returns the reason of an answer of the JSON API, or the code of one of the XML API; "" where there is none.
func reason(err error) string {
	if answer, ok := errors.AsType[*googleapi.Error](err); ok && len(answer.Errors) > 0 {
		return answer.Errors[0].Reason
	}
	return ""
}

// hasStatus tells whether an error is an answer of one of the statuses.
func hasStatus(err error, statuses ...int) bool {
	answer, ok := errors.AsType[*googleapi.Error](err)
	return ok && slices.Contains(statuses, answer.Code)
}

// bucketError is that of a call about a bucket alone.
func bucketError(err error) error {
	if hasStatus(err, http.StatusNotFound) {
		return fmt.Errorf("%w: %w", drivers.ErrNoBucket, err)
	}
	return err
}

// maxErrorBody bounds what is read of an answer that tells of an error.
const maxErrorBody = 64 << 10

// xmlError makes the error of an answer of the XML API, and closes its body.
func xmlError(res *http.Response) error {
	defer res.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxErrorBody)) // as much as there is
	var doc struct{ Code, Message, Details string }
	_ = xml.Unmarshal(text, &doc) // an emulator's is none
	e := &googleapi.Error{Code: res.StatusCode, Header: res.Header, Message: doc.Message}
	if doc.Code != "" {
		e.Errors = []googleapi.ErrorItem{{Reason: doc.Code, Message: doc.Message}}
	}
	return e
}

// missing tells what it was that a call about an object did not find. An answer that does not say costs a call about the bucket.
func (b *bucket) missing(ctx context.Context, err error) error {
	answer, ok := errors.AsType[*googleapi.Error](err)
	if !ok || answer.Code != http.StatusNotFound {
		return err
	}
	switch text := answer.Error(); {
	case reason(err) == "NoSuchKey" || strings.Contains(text, "No such object"):
		return fmt.Errorf("%w: %w", drivers.ErrNotFound, err)
	case reason(err) == "NoSuchBucket" || strings.Contains(text, "bucket does not exist"):
		return fmt.Errorf("%w: %w", drivers.ErrNoBucket, err)
	}
	if _, stat := b.d.statBucket(ctx, b.name); stat != nil {
		return stat
	}
	return fmt.Errorf("%w: %w", drivers.ErrNotFound, err)
}

// fail says where an error happened. Errors of contexts and bodies pass as they are.
func (b *bucket) fail(ctx context.Context, op, key string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*drivers.Error](err); ok {
		return err
	}
	if body, ok := errors.AsType[*bodyError](err); ok {
		return body.error
	}
	err = classify(ctx, err)
	if errors.Is(err, drivers.ErrInvalid) && b.name != "" && checkBucketName(b.name) != nil && op != "CreateBucket" {
		err = fmt.Errorf("%w: %w", drivers.ErrNoBucket, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return &drivers.Error{Node: b.d.node, Op: op, Bucket: b.name, Key: key, Err: err}
}

// bodyError marks the error of a body, which passes to the caller as it is.
type bodyError struct{ error }

func (e *bodyError) Unwrap() error { return e.error }
