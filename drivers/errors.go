package drivers

import (
	"errors"
	"strings"
	"time"
)

// The sentinels: a closed list, which the gateway turns into S3's codes. Test for them with errors.Is.
var (
	ErrNotFound       = errors.New("no such object")
	ErrNoVersion      = errors.New("no such version")
	ErrNoBucket       = errors.New("no such bucket")
	ErrBucketExists   = errors.New("bucket exists already")
	ErrNotEmpty       = errors.New("bucket is not empty")
	ErrNoUpload       = errors.New("no such multipart upload")
	ErrInvalidPart    = errors.New("part is missing, or not the one that was named")
	ErrPartOrder      = errors.New("parts are not in ascending order")
	ErrPartTooSmall   = errors.New("part is smaller than 5 MiB and not the last one")
	ErrPartNumber     = errors.New("object has no such part")
	ErrPrecondition   = errors.New("precondition failed")
	ErrNotModified    = errors.New("not modified")
	ErrConflict       = errors.New("another write of the same key got in the way")
	ErrInvalidRange   = errors.New("range is outside of the object")
	ErrInvalid        = errors.New("invalid argument")
	ErrKeyTooLong     = errors.New("key is longer than 1024 bytes")
	ErrDenied         = errors.New("store denied the access")
	ErrTooLarge       = errors.New("object is larger than the store takes")
	ErrDigestMismatch = errors.New("content does not match the digest that was given")
	ErrNoSpace        = errors.New("store is out of space")
	ErrUnavailable    = errors.New("store is unavailable")
	ErrSlowDown       = errors.New("store asks to slow down")
	ErrReadOnly       = errors.New("store is read-only")
	// ErrUnsupported is errors.ErrUnsupported: what the store below cannot do.
	ErrUnsupported = errors.ErrUnsupported
)

// Error says where an error happened. Err is, or wraps, one of the sentinels, or is a context's or body's error.
type Error struct {
	Node   string // the node of the config: "aws", "disk"
	Op     string // the method: "Put", "PutPart"
	Bucket string
	Key    string
	Err    error
}

// Error joins the fields that are set: "disk: Put photos/a.jpg: no space".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Node != "" {
		b.WriteString(e.Node + ": ")
	}
	b.WriteString(e.Op)
	if e.Bucket != "" {
		b.WriteString(" " + e.Bucket)
	}
	if e.Key != "" {
		b.WriteString("/" + e.Key)
	}
	b.WriteString(": " + e.Err.Error())
	return b.String()
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// RetryAfter is an ErrSlowDown or ErrUnavailable that says when to come again.
type RetryAfter struct { //nolint:errname // a wish that goes with an error
	Err   error
	After time.Duration // more than 0
}

// Error returns Err's text.
func (e *RetryAfter) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *RetryAfter) Unwrap() error { return e.Err }

// After returns how long err asks to wait ([RetryAfter]), 0 where it says nothing.
func After(err error) time.Duration {
	if e, ok := errors.AsType[*RetryAfter](err); ok {
		return e.After
	}
	return 0
}
