//go:build unix

package local

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// classify turns an error of the file system into one of the contract's. It leaves all others as they are.
func classify(err error) error {
	var errno unix.Errno
	if err == nil || !errors.As(err, &errno) {
		return err
	}
	return fmt.Errorf("%w: %w", sentinel(errno), err)
}

func sentinel(errno unix.Errno) error {
	switch errno {
	case unix.ENOSPC, unix.EDQUOT:
		return drivers.ErrNoSpace
	case unix.EMFILE, unix.ENFILE, unix.ENOMEM, unix.EAGAIN:
		return drivers.ErrSlowDown
	case unix.EROFS:
		return drivers.ErrReadOnly
	case unix.EACCES, unix.EPERM, unix.ELOOP:
		return drivers.ErrDenied
	case unix.EFBIG:
		return drivers.ErrTooLarge
	case unix.ENAMETOOLONG, unix.EINVAL, unix.EILSEQ:
		return drivers.ErrInvalid
	case unix.EXDEV, unix.ENOTSUP:
		return drivers.ErrUnsupported
	}
	return drivers.ErrUnavailable
}

// absent tells whether nothing is at a path, nor can be as the tree is now.
func absent(err error) bool {
	return err == unix.ENOENT || err == unix.ENOTDIR || err == unix.ELOOP
}

// bodyError marks the error of a body, which passes to the caller as it is.
type bodyError struct{ error }

// fail says where an error happened. Errors of contexts and bodies pass as they are.
func (b *bucket) fail(op, key string, err error) error {
	if err == nil {
		return nil
	}
	if body := (*bodyError)(nil); errors.As(err, &body) {
		return body.error
	}
	var e *drivers.Error
	if errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return &drivers.Error{Node: b.d.node, Op: op, Bucket: b.name, Key: key, Err: classify(err)}
}
