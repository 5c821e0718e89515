package drivers

import (
	"slices"
	"time"
)

// Conditions are the preconditions of a request, by S3 ETag, by date, and by the store's own token. The zero value
// always holds. A store that can judge them natively does so; Check serves the stores that cannot.
type Conditions struct {
	IfMatch           []string // ETags without quotes, or "*" for any object
	IfNoneMatch       []string
	IfModifiedSince   time.Time // whole seconds, as HTTP dates are; reads only
	IfUnmodifiedSince time.Time
	IfToken           string // Info.Token: pins a read, fences a write
}

// IsZero tells whether there is nothing to judge.
func (c Conditions) IsZero() bool {
	return len(c.IfMatch) == 0 && len(c.IfNoneMatch) == 0 && c.IfModifiedSince.IsZero() &&
		c.IfUnmodifiedSince.IsZero() && c.IfToken == ""
}

// CheckRead judges a read of an object that exists: nil, ErrPrecondition or ErrNotModified, in the order of RFC 9110,
// section 13.2.2: a date counts only where its ETag twin is absent.
func (c Conditions) CheckRead(info Info) error {
	if err := c.checkMatch(info); err != nil {
		return err
	}
	if len(c.IfNoneMatch) > 0 {
		if matches(c.IfNoneMatch, info.ETag) {
			return ErrNotModified
		}
		return nil
	}
	if !c.IfModifiedSince.IsZero() && !info.LastModified.Truncate(time.Second).After(c.IfModifiedSince) {
		return ErrNotModified
	}
	return nil
}

// CheckWrite judges a Put, Complete, Copy or Delete against the current object, nil when there is none: nil,
// ErrPrecondition, or ErrNotFound where a match was asked of an object that does not exist (as S3 answers).
func (c Conditions) CheckWrite(current *Info) error {
	if current == nil {
		if len(c.IfMatch) > 0 || c.IfToken != "" || !c.IfUnmodifiedSince.IsZero() {
			return ErrNotFound
		}
		return nil
	}
	if err := c.checkMatch(*current); err != nil {
		return err
	}
	if len(c.IfNoneMatch) > 0 && matches(c.IfNoneMatch, current.ETag) {
		return ErrPrecondition
	}
	return nil
}

// CheckCopySource judges the conditions of a copy's source, where S3 answers 412 also for what a read calls 304.
func (c Conditions) CheckCopySource(info Info) error {
	if err := c.CheckRead(info); err != nil {
		return ErrPrecondition
	}
	return nil
}

func (c Conditions) checkMatch(info Info) error {
	if c.IfToken != "" && c.IfToken != info.Token {
		return ErrPrecondition
	}
	if len(c.IfMatch) > 0 {
		if !matches(c.IfMatch, info.ETag) {
			return ErrPrecondition
		}
		return nil
	}
	if !c.IfUnmodifiedSince.IsZero() && info.LastModified.Truncate(time.Second).After(c.IfUnmodifiedSince) {
		return ErrPrecondition
	}
	return nil
}

func matches(etags []string, etag string) bool {
	return slices.Contains(etags, "*") || slices.Contains(etags, etag)
}
