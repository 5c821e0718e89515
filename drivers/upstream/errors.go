package upstream

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"syscall"
	"time"

	"sluice/drivers"
)

// maxRetryAfter bounds what a store may ask for.
const maxRetryAfter = time.Hour

// FromTransport classifies an error that came instead of a store's answer. When ctx has ended, it is ctx's error. A failed
// connection or TLS handshake, an unknown host, a time-out, and an answer that broke off are drivers.ErrUnavailable with the
// cause in the chain, less the URL, which may hold a signature. Any other error, and a *drivers.Error, comes back as it is.
func FromTransport(ctx context.Context, err error) error {
	if _, classified := errors.AsType[*drivers.Error](err); err == nil || classified || errors.Is(err, drivers.ErrUnavailable) {
		return err
	}
	if cerr := ctx.Err(); cerr != nil {
		return cerr
	}
	if requested, ok := errors.AsType[*url.Error](err); ok {
		return unavailable(requested.Err)
	}
	if isTransport(err) {
		return unavailable(err)
	}
	return err
}

func isTransport(err error) bool {
	for _, target := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EPIPE,
		context.DeadlineExceeded, context.Canceled, // of an inner context: the caller's is alive
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	var network net.Error
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var cert *tls.CertificateVerificationError
	var unknown x509.UnknownAuthorityError
	return errors.As(err, &network) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &cert) || errors.As(err, &unknown)
}

func unavailable(cause error) error { return fmt.Errorf("%w: %w", drivers.ErrUnavailable, cause) }

// byStatus are the classes of what stores answer alike; a leaf asks for the store's own error codes first.
var byStatus = map[int]error{
	http.StatusNotModified:                  drivers.ErrNotModified,
	http.StatusBadRequest:                   drivers.ErrInvalid,
	http.StatusUnauthorized:                 drivers.ErrDenied,
	http.StatusForbidden:                    drivers.ErrDenied,
	http.StatusNotFound:                     drivers.ErrNotFound,
	http.StatusRequestTimeout:               drivers.ErrUnavailable,
	http.StatusConflict:                     drivers.ErrConflict,
	http.StatusPreconditionFailed:           drivers.ErrPrecondition,
	http.StatusRequestEntityTooLarge:        drivers.ErrTooLarge,
	http.StatusRequestedRangeNotSatisfiable: drivers.ErrInvalidRange,
	http.StatusTooManyRequests:              drivers.ErrSlowDown,
	http.StatusNotImplemented:               drivers.ErrUnsupported,
	http.StatusInsufficientStorage:          drivers.ErrNoSpace,
}

// FromStatus classifies an answer by its status alone, with err in the chain: 429 is drivers.ErrSlowDown, other statuses from
// 500 on drivers.ErrUnavailable. The Retry-After of those two comes along ([drivers.RetryAfter]). A status that says nothing
// leaves err as it is.
func FromStatus(status int, h http.Header, err error) error {
	class := byStatus[status]
	if class == nil && status >= 500 {
		class = drivers.ErrUnavailable
	}
	if class == nil {
		return err
	}
	return WithRetryAfter(h, fmt.Errorf("%w: %w", class, err))
}

// WithRetryAfter adds to err, which is drivers.ErrSlowDown or drivers.ErrUnavailable, when the answer's header says to come
// again. Other errors, and those of an answer that says nothing, come back as they are.
func WithRetryAfter(h http.Header, err error) error {
	if !errors.Is(err, drivers.ErrSlowDown) && !errors.Is(err, drivers.ErrUnavailable) {
		return err
	}
	if after := retryAfter(h); after > 0 {
		return &drivers.RetryAfter{Err: err, After: min(after, maxRetryAfter)}
	}
	return err
}

// retryAfter reads Retry-After (RFC 9110, section 10.2.3: seconds or a date) and Azure's x-ms-retry-after-ms.
func retryAfter(h http.Header) time.Duration {
	if ms, err := strconv.ParseUint(h.Get("X-Ms-Retry-After-Ms"), 10, 31); err == nil {
		return time.Duration(ms) * time.Millisecond
	}
	v := h.Get("Retry-After")
	if s, err := strconv.ParseUint(v, 10, 31); err == nil {
		return time.Duration(s) * time.Second
	}
	at, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date")) // by the store's own clock, where it tells
	if err != nil {
		now = time.Now()
	}
	return at.Sub(now)
}
