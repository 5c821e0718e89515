// Package limit holds back what a store, or its bill, should not have to take: calls per second, bytes per second, and
// calls at the same time.
//
//	drivers:
//	  disk: {type: local, config: {dir: /srv/objects}}
//	  calm:
//	    type: limit
//	    config: {child: disk, requests_per_second: 100, bytes_per_second: 50000000, max_concurrent: 32, max_wait: 2s}
//
// A call waits for its turn, at most max_wait; then it fails with drivers.ErrSlowDown, before anything has been done.
// Bodies flow at the byte rate, both ways together, for as long as they take. Of calls at the same time, the bodies of Gets,
// until they are closed, count apart from all else, so that a copy, which reads while it writes, cannot stand in its own
// way. A limit that is 0 or absent is none.
package limit

import (
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/time/rate"

	"sluice/drivers"
)

// Config is the node's config.
type Config struct {
	Child             string        `yaml:"child" jsonschema:"the node whose calls are limited"`
	RequestsPerSecond float64       `yaml:"requests_per_second" jsonschema:"calls that begin; a second's worth may come at once"`
	BytesPerSecond    int64         `yaml:"bytes_per_second" jsonschema:"bytes of bodies, both ways together"`
	MaxConcurrent     int           `yaml:"max_concurrent" jsonschema:"calls at the same time, and as many open bodies"`
	MaxWait           time.Duration `yaml:"max_wait" jsonschema:"how long a call waits for its turn; 1s if absent"`
}

// Open opens the node.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	if c.RequestsPerSecond < 0 || c.BytesPerSecond < 0 || c.MaxConcurrent < 0 || c.MaxWait < 0 {
		return nil, fmt.Errorf("limit: a number is negative: %w", drivers.ErrInvalid)
	}
	child, err := env.Child(c.Child)
	if err != nil {
		return nil, err
	}
	return newDriver(env.Node, child, c), nil
}

// New returns a driver that does what child does, within the limits. c.Child is of no account. Closing it does not close
// child.
func New(child drivers.Driver, c Config) drivers.Driver { return newDriver("limit", child, c) }

// chunk is how many bytes of a body flow at once, where the rate allows so many.
const chunk = 64 << 10

// limiter is what all calls of a driver share. Its fields are nil where there is no limit.
type limiter struct {
	node     string
	maxWait  time.Duration
	requests *rate.Limiter
	bytes    *rate.Limiter
	calls    chan struct{} // a token for each call under way
	bodies   chan struct{} // a token for each Get, until its body is closed
}

func newDriver(node string, child drivers.Driver, c Config) drivers.Driver {
	l := &limiter{node: node, maxWait: c.MaxWait}
	if l.maxWait == 0 {
		l.maxWait = time.Second
	}
	if c.RequestsPerSecond > 0 {
		l.requests = rate.NewLimiter(rate.Limit(c.RequestsPerSecond), max(1, int(c.RequestsPerSecond)))
	}
	if c.BytesPerSecond > 0 {
		l.bytes = rate.NewLimiter(rate.Limit(c.BytesPerSecond), int(min(c.BytesPerSecond, chunk)))
	}
	if c.MaxConcurrent > 0 {
		l.calls, l.bodies = make(chan struct{}, c.MaxConcurrent), make(chan struct{}, c.MaxConcurrent)
	}
	return drivers.Intercept(child, l.around)
}

func (l *limiter) around(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	places := l.calls
	switch c.Op {
	case "CopySource": // a part of the call Copy
		return next(ctx)
	case "Get":
		places = l.bodies
	}
	if err := l.enter(ctx, places); err != nil {
		return &drivers.Error{Node: l.node, Op: c.Op, Bucket: c.Bucket, Key: c.Key, Err: err}
	}
	if c.Body != nil && l.bytes != nil {
		c.Body = &slowReader{ctx: ctx, src: c.Body, bytes: l.bytes}
	}
	held := true
	defer func() {
		if held {
			leave(places)
		}
	}()
	if err := next(ctx); err != nil || c.Op != "Get" {
		return err
	}
	held = false // the body's from here on
	c.Object.Body = l.limitBody(ctx, c.Object.Body)
	return nil
}

// enter waits for the call's turn and takes a place, which is nil for no limit.
func (l *limiter) enter(ctx context.Context, places chan struct{}) error {
	deadline := time.Now().Add(l.maxWait)
	if places != nil {
		if err := l.takePlace(ctx, places); err != nil {
			return err
		}
	}
	if l.requests == nil {
		return nil
	}
	r := l.requests.Reserve()
	err := sleep(ctx, r.Delay(), deadline)
	if err != nil {
		r.Cancel()
		leave(places)
	}
	return err
}

func leave(places chan struct{}) {
	if places != nil {
		<-places
	}
}

func (l *limiter) takePlace(ctx context.Context, places chan struct{}) error {
	select {
	case places <- struct{}{}:
		return nil
	default:
	}
	t := time.NewTimer(l.maxWait)
	defer t.Stop()
	select {
	case places <- struct{}{}:
		return nil
	case <-t.C:
		return drivers.ErrSlowDown
	case <-ctx.Done():
		return ctx.Err()
	}
}

// sleep waits, unless that would take longer than to the deadline.
func sleep(ctx context.Context, d time.Duration, deadline time.Time) error {
	switch {
	case d <= 0:
		return nil
	case d > time.Until(deadline):
		return drivers.ErrSlowDown
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// limitBody wraps what a Get has got, as far as there is something to limit.
func (l *limiter) limitBody(ctx context.Context, body io.ReadCloser) io.ReadCloser {
	if l.bodies != nil {
		body = &leavingBody{ReadCloser: body, places: l.bodies}
	}
	if l.bytes != nil {
		body = &slowBody{slowReader{ctx: ctx, src: body, bytes: l.bytes}, body}
	}
	return body
}
