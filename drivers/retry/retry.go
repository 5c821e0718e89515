// Package retry repeats calls that failed for a passing reason, where a second try can do no harm.
//
//	drivers:
//	  nas:    {type: local, config: {dir: /mnt/nas}}
//	  steady: {type: retry, config: {child: nas, attempts: 4, min_delay: 50ms, max_delay: 5s, patience: 30s, budget: 0.2}}
//
// A store that asked to slow down (drivers.ErrSlowDown) has done nothing, so that any call is repeated. One that is
// unavailable (drivers.ErrUnavailable) may have done it all the same, so that only such calls are repeated as may be done
// twice: reads, listings, and writes without conditions. A body is sent again where none of it had been read yet, or where
// it is an io.Seeker. A body that breaks off on its way out is opened again where it broke, at the same write of the object.
//
// A call that hung until its time-out is not tried again for long: no try begins later than patience allows. A download that has
// begun is worth more of it: it is opened again until patience ends, however often that fails, and counts once for the budget.
//
// Delays grow twofold and are random between zero and that (full jitter), on top of what the store asks for
// (drivers.RetryAfter); one that asks for more than max_delay is not asked again. The budget is a share of all calls: when a store
// is down for good, retries add no more load than that.
package retry

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"time"

	"sluice/drivers"
)

// Config is the node's config. Zeros are the defaults that the package comment shows.
type Config struct {
	Child    string        `yaml:"child" jsonschema:"the node whose calls are repeated"`
	Attempts int           `yaml:"attempts" jsonschema:"how often a call is tried in all; 4 if absent"`
	MinDelay time.Duration `yaml:"min_delay" jsonschema:"the longest wait before the second try; 50ms if absent"`
	MaxDelay time.Duration `yaml:"max_delay" jsonschema:"the longest wait before any try; 5s if absent"`
	Patience time.Duration `yaml:"patience" jsonschema:"no try begins later than so long after the first; 30s if absent"`
	Budget   float64       `yaml:"budget" jsonschema:"how many retries there may be for each call; 0.2 if absent; bursts of 20 are free"`
}

// Open opens the node.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	if c.Attempts < 0 || c.MinDelay < 0 || c.MaxDelay < 0 || c.Patience < 0 || c.Budget < 0 {
		return nil, fmt.Errorf("retry: a number is negative: %w", drivers.ErrInvalid)
	}
	child, err := env.Child(c.Child)
	if err != nil {
		return nil, err
	}
	return New(child, c), nil
}

// burst is how many retries the budget saves up at most.
const burst = 20

// policy is what all calls of a driver share.
type policy struct {
	Config
	mu     sync.Mutex
	tokens float64 // guarded by mu
}

// New returns a driver that repeats what child failed to do. c.Child is of no account. Closing it does not close child.
func New(child drivers.Driver, c Config) drivers.Driver {
	if c.Attempts == 0 {
		c.Attempts = 4
	}
	if c.MinDelay == 0 {
		c.MinDelay = 50 * time.Millisecond
	}
	if c.MaxDelay == 0 {
		c.MaxDelay = 5 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 30 * time.Second
	}
	if c.Budget == 0 {
		c.Budget = 0.2
	}
	p := &policy{Config: c, tokens: burst}
	return drivers.Intercept(child, p.around)
}

func (p *policy) around(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	p.earn()
	err := p.repeat(ctx, c, next)
	switch {
	case err == nil && c.Op == "Get":
		c.Object.Body = &resuming{ReadCloser: c.Object.Body, ctx: ctx, call: c, policy: p, length: c.Object.Length}
	case err != nil && ctx.Err() != nil && passing(c, err): // both are true: what the store said last, and why that is the last
		err = fmt.Errorf("%w; %w", err, ctx.Err())
	}
	return err
}

func (p *policy) repeat(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	rewind, began := rewinder(c), time.Now()
	err := next(ctx)
	for try := 1; err != nil && try < p.Attempts && passing(c, err) && time.Since(began) < p.Patience; try++ {
		if !rewind() || !p.spend() || !p.wait(ctx, try, err) {
			return err
		}
		err = next(ctx)
	}
	return err
}

// passing tells whether another try may go well, and does no harm.
func passing(c *drivers.Call, err error) bool {
	return errors.Is(err, drivers.ErrSlowDown) || c.Repeatable && errors.Is(err, drivers.ErrUnavailable)
}

func (p *policy) earn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tokens = min(burst, p.tokens+p.Budget)
}

func (p *policy) spend() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tokens < 1 {
		return false
	}
	p.tokens--
	return true
}

// wait waits before the next try; false if the context ends first, or if the store wants to be left alone for longer than
// anyone should wait here.
func (p *policy) wait(ctx context.Context, try int, err error) bool {
	after := drivers.After(err)
	if after > p.MaxDelay {
		return false
	}
	limit := p.MaxDelay
	if try < 32 && p.MinDelay < limit>>(try-1) {
		limit = p.MinDelay << (try - 1)
	}
	t := time.NewTimer(after + rand.N(limit+1))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// rewinder watches the call's body, and returns what puts it back to its beginning, or tells that this cannot be done.
func rewinder(c *drivers.Call) func() bool {
	if c.Body == nil {
		return func() bool { return true }
	}
	if b, ok := c.Body.(*drivers.Buffered); ok { // each try has a reader of its own: an HTTP client may still be at the last one
		first := *b.Reader
		return func() bool {
			again := first
			c.Body = &drivers.Buffered{Reader: &again}
			return true
		}
	}
	if s, ok := c.Body.(io.Seeker); ok {
		start, err := s.Seek(0, io.SeekCurrent)
		return func() bool {
			if err != nil {
				return false
			}
			_, err := s.Seek(start, io.SeekStart)
			return err == nil
		}
	}
	w := &watched{src: c.Body}
	c.Body = w
	return func() bool { return !w.touched }
}

// watched notes whether a body was touched. One call reads it at a time, and none after it returned.
type watched struct {
	src     io.Reader
	touched bool
}

func (w *watched) Read(p []byte) (int, error) {
	w.touched = true
	return w.src.Read(p)
}

// WriteTo keeps what the body does by itself.
func (w *watched) WriteTo(to io.Writer) (int64, error) {
	w.touched = true
	return io.Copy(to, w.src)
}
