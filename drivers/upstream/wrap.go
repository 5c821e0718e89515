package upstream

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"sluice/drivers"
	"sluice/drivers/limit"
	"sluice/drivers/retry"
)

// maxWait is how long a call waits for a place.
const maxWait = 10 * time.Second

// Wrap returns a driver that asks d, a leaf, as c says; see the package comment. It owns d: closing it closes d.
func Wrap(d drivers.Driver, c Config, env drivers.Env) drivers.Driver {
	c = c.withDefaults()
	log := env.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	u := &upstream{config: c, node: env.Node, breaker: newBreaker(c.Breaker, log), maxBuffered: maxBuffered}
	asked := drivers.Intercept(d, u.ask)
	repeated := retry.New(asked, retry.Config{Attempts: c.Attempts, MinDelay: c.MinDelay, MaxDelay: c.MaxDelay, Patience: c.Patience, Budget: c.RetryBudget})
	bounded := limit.New(repeated, limit.Config{MaxConcurrent: c.MaxConnections, MaxWait: maxWait})
	return &driver{Driver: drivers.Intercept(bounded, u.admit), leaf: d, upstream: u}
}

// driver is a leaf with all that is around it.
type driver struct {
	drivers.Driver
	leaf     drivers.Driver
	upstream *upstream
}

var (
	_ drivers.Driver    = (*driver)(nil)
	_ drivers.Checker   = (*driver)(nil)
	_ drivers.Unwrapper = (*driver)(nil)
	_ drivers.Breaker   = (*driver)(nil)
)

func (d *driver) Unwrap() drivers.Driver          { return d.Driver }
func (d *driver) Check(ctx context.Context) error { return drivers.Check(ctx, d.Driver) }
func (d *driver) Close() error                    { return d.leaf.Close() }
func (d *driver) OnBreaker(f func(open bool))     { d.upstream.breaker.watch(f) }

// upstream is what all calls of one store share.
type upstream struct {
	config      Config
	node        string
	breaker     *breaker
	buffered    atomic.Int64 // bytes of bodies in memory
	maxBuffered int64
}

// admit turns a call away while the store is left alone, and buffers a small body.
func (u *upstream) admit(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	if c.Op == "CopySource" { // a part of the call Copy
		return next(ctx)
	}
	if err := u.breaker.refuse(); err != nil {
		return u.place(c, err)
	}
	size := c.Size
	if c.Body == nil || size < 0 || !u.takeBuffer(size) {
		return next(ctx)
	}
	defer u.buffered.Add(-size)
	body, err := buffer(c.Body, size)
	if err != nil {
		return err
	}
	c.Body = body
	return next(ctx)
}

// ask is one try of a call.
func (u *upstream) ask(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	if c.Op == "CopySource" {
		return next(ctx)
	}
	err := u.breaker.call(func() (outcome, error) {
		switch {
		case c.Body != nil:
			return u.send(ctx, c, next)
		case c.Op == "Get":
			return u.receive(ctx, c, next)
		case moves[c.Op]:
			err := FromTransport(ctx, next(ctx))
			return judge(ctx, err), err
		}
		return u.exchange(ctx, next)
	})
	return err
}

// moves are the calls without a body that may take a store as long as the bytes that it moves inside.
var moves = map[string]bool{"Copy": true, "CopyPart": true, "Join": true, "CompleteUpload": true, "DeleteAll": true, "DeleteBucket": true}

func (u *upstream) place(c *drivers.Call, err error) error {
	return &drivers.Error{Node: u.node, Op: c.Op, Bucket: c.Bucket, Key: c.Key, Err: err}
}
