package gcs

import (
	"context"
	"errors"
	"net/http"
	"time"

	"sluice/drivers"
)

// precondition is what the store judges of a write: that the current object is of a generation, which is 0 where there must be
// none (https://cloud.google.com/storage/docs/request-preconditions).
type precondition struct {
	set        bool
	generation int64
}

// absent tells that there must be no object.
func (p precondition) absent() bool { return p.set && p.generation == 0 }

// resolve turns the conditions of a write into the store's. What the store does not know, such as S3's ETags, is judged now; the
// object that was found must then still be the current one when the write is made.
func (b *bucket) resolve(ctx context.Context, name string, c drivers.Conditions) (precondition, error) {
	c.IfModifiedSince = time.Time{} // of reads only
	first, token := c, c
	first.IfNoneMatch, token.IfToken = nil, ""
	generation, notOurs := generationOf(c.IfToken)
	switch {
	case c.IsZero():
		return precondition{}, nil
	case first.IsZero() && len(c.IfNoneMatch) == 1 && c.IfNoneMatch[0] == "*":
		return precondition{set: true}, nil
	case token.IsZero() && notOurs == nil:
		return precondition{true, generation}, nil
	}
	current, err := b.current(ctx, name)
	if err == nil {
		err = c.CheckWrite(current.info())
	}
	return precondition{true, current.generation}, err
}

// current is the object that a write meets; its zero value is none.
type current struct{ stored }

func (c current) info() *drivers.Info {
	if c.generation == 0 {
		return nil
	}
	info := c.stored.info("", c.attrs(), false)
	return &info
}

func (b *bucket) current(ctx context.Context, name string) (current, error) {
	s, err := b.stat(ctx, name)
	if errors.Is(err, drivers.ErrNotFound) {
		return current{}, nil
	}
	return current{s}, err
}

// unmet tells why a write failed with a precondition that was not met: because its conditions are not, or because another write
// got in between.
func (b *bucket) unmet(ctx context.Context, name string, c drivers.Conditions, err error) error {
	if !hasStatus(err, http.StatusPreconditionFailed) {
		return err
	}
	now, err := b.current(ctx, name)
	if err == nil {
		err = c.CheckWrite(now.info())
	}
	if err == nil {
		err = drivers.ErrConflict
	}
	return err
}
