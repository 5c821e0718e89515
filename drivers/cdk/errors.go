package cdk

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"gocloud.dev/gcerrors"

	"sluice/drivers"
)

// bodyError marks the error of a body, which passes to the caller as it is.
type bodyError struct{ error }

// fail says where an error happened. Errors of contexts and bodies pass as they are.
func (b *bucket) fail(op, key string, err error) error {
	if body := (bodyError{}); errors.As(err, &body) {
		return body.error
	}
	var e *drivers.Error
	if err == nil || errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &drivers.Error{Node: b.driver.node, Op: op, Bucket: b.name, Key: key, Err: classify(err)}
}

// classify turns an error of the Go CDK or of a file system into one of the contract's. It leaves the contract's own as they are.
func classify(err error) error {
	var errno syscall.Errno
	code := gcerrors.Code(err)
	switch {
	case errors.As(err, &errno):
		if s := ofSystem(errno); s != nil {
			return fmt.Errorf("%w: %w", s, err)
		}
		return fmt.Errorf("%w: %w", ofCode(code), err)
	case code == gcerrors.Unknown && ours(err):
		return err
	}
	return fmt.Errorf("%w: %w", ofCode(code), err)
}

// ofCode gives the sentinel for a code of the Go CDK (https://pkg.go.dev/gocloud.dev/gcerrors#ErrorCode).
func ofCode(code gcerrors.ErrorCode) error {
	switch code {
	case gcerrors.NotFound:
		return drivers.ErrNotFound
	case gcerrors.AlreadyExists, gcerrors.FailedPrecondition:
		return drivers.ErrPrecondition
	case gcerrors.InvalidArgument:
		return drivers.ErrInvalid
	case gcerrors.Unimplemented:
		return drivers.ErrUnsupported
	case gcerrors.PermissionDenied:
		return drivers.ErrDenied
	case gcerrors.ResourceExhausted:
		return drivers.ErrSlowDown
	}
	return drivers.ErrUnavailable
}

// ofSystem gives the sentinel for an error of the system, or nil.
func ofSystem(errno syscall.Errno) error {
	switch errno {
	case syscall.ENOSPC, syscall.EDQUOT:
		return drivers.ErrNoSpace
	case syscall.EMFILE, syscall.ENFILE:
		return drivers.ErrSlowDown
	case syscall.EROFS:
		return drivers.ErrReadOnly
	case syscall.EACCES, syscall.EPERM:
		return drivers.ErrDenied
	case syscall.EFBIG:
		return drivers.ErrTooLarge
	case syscall.ENAMETOOLONG, syscall.EINVAL:
		return drivers.ErrInvalid
	case syscall.ENOTDIR, syscall.EISDIR, syscall.ENOTEMPTY, syscall.EEXIST:
		return errFolder
	}
	return nil
}

// errFolder is about keys that cannot both be files.
var errFolder = fmt.Errorf("an object and what looks like its folder cannot both be in a folder: %w", drivers.ErrInvalid)

// ours tells whether an error is a sentinel already.
func ours(err error) bool {
	for _, s := range []error{
		drivers.ErrNotFound, drivers.ErrNoVersion, drivers.ErrNoBucket, drivers.ErrBucketExists, drivers.ErrNotEmpty,
		drivers.ErrPartNumber, drivers.ErrPrecondition, drivers.ErrNotModified, drivers.ErrConflict, drivers.ErrInvalidRange,
		drivers.ErrInvalid, drivers.ErrKeyTooLong, drivers.ErrTooLarge, drivers.ErrUnavailable, drivers.ErrUnsupported,
	} {
		if errors.Is(err, s) {
			return true
		}
	}
	return false
}

// missing tells whether an error says that there is no such object. A path through a file leads to none, and a folder is none.
func missing(err error) bool {
	if gcerrors.Code(err) == gcerrors.NotFound {
		return true
	}
	for _, errno := range []syscall.Errno{syscall.ENOENT, syscall.ENOTDIR, syscall.EISDIR, syscall.ENOTEMPTY, syscall.ENAMETOOLONG} {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}
