package observe

import (
	"context"
	"errors"

	"sluice/drivers"
)

// Outcome names the class of an error, for a label: "ok", "canceled", "timeout", "not_found", "condition", "slow_down",
// "unavailable", "invalid", "denied", "unsupported", or "error" for any other.
func Outcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case is(err, drivers.ErrNotFound, drivers.ErrNoVersion, drivers.ErrNoBucket, drivers.ErrNoUpload, drivers.ErrPartNumber):
		return "not_found"
	case is(err, drivers.ErrPrecondition, drivers.ErrNotModified, drivers.ErrConflict, drivers.ErrBucketExists, drivers.ErrNotEmpty):
		return "condition"
	case is(err, context.Canceled):
		return "canceled"
	case is(err, context.DeadlineExceeded):
		return "timeout"
	case is(err, drivers.ErrSlowDown):
		return "slow_down"
	case is(err, drivers.ErrUnavailable, drivers.ErrNoSpace):
		return "unavailable"
	case isInvalid(err):
		return "invalid"
	case is(err, drivers.ErrDenied, drivers.ErrReadOnly):
		return "denied"
	case is(err, drivers.ErrUnsupported):
		return "unsupported"
	}
	return "error"
}

func isInvalid(err error) bool {
	return is(err, drivers.ErrInvalid, drivers.ErrInvalidRange, drivers.ErrKeyTooLong, drivers.ErrInvalidPart, drivers.ErrPartOrder,
		drivers.ErrPartTooSmall, drivers.ErrDigestMismatch, drivers.ErrTooLarge)
}

func is(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
