package upstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"sluice/drivers"
)

// send is one try of a call with a body. The transport's time-outs are its own.
func (u *upstream) send(ctx context.Context, c *drivers.Call, next func(context.Context) error) (outcome, error) {
	if _, ok := c.Body.(*drivers.Buffered); ok { // good already, and the leaf must see what it is
		err := FromTransport(ctx, next(ctx))
		return judge(ctx, err), err
	}
	body := NewBody(c.Body, c.Size)
	c.Body = body
	err := FromTransport(ctx, next(ctx))
	if failed := body.End(nil); failed != nil {
		return silent, failed
	}
	return judge(ctx, err), err
}

// exchange is one try of a call that moves no body: it has the time of an answer and of a stall.
func (u *upstream) exchange(ctx context.Context, next func(context.Context) error) (outcome, error) {
	limit := u.config.ResponseTimeout + u.config.StallTimeout
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := next(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		err = fmt.Errorf("%w: no answer within %v", drivers.ErrUnavailable, limit)
	}
	err = FromTransport(ctx, err)
	return judge(ctx, err), err
}

// receive is one try of a Get. Its body lives on, with a context of its own to end it.
func (u *upstream) receive(ctx context.Context, c *drivers.Call, next func(context.Context) error) (outcome, error) {
	limited, cancel := context.WithCancel(ctx)
	limit := u.config.ResponseTimeout + u.config.StallTimeout
	timer := time.AfterFunc(limit, cancel)
	err := next(limited)
	late := !timer.Stop()
	if err == nil {
		c.Object.Body = &incoming{
			ReadCloser: c.Object.Body, ctx: ctx, cancel: cancel, left: c.Object.Length, stall: u.config.StallTimeout, broke: u.breaker.broke,
			place: func(err error) error { return u.place(c, err) },
		}
		return answered, nil
	}
	cancel()
	if late && ctx.Err() == nil {
		err = fmt.Errorf("%w: no answer within %v", drivers.ErrUnavailable, limit)
	}
	err = FromTransport(ctx, err)
	return judge(ctx, err), err
}

// incoming is the body of a Get, of which bytes must keep coming, and all of them.
type incoming struct {
	io.ReadCloser
	ctx    context.Context // the caller's
	cancel context.CancelFunc
	left   int64
	stall  time.Duration
	timer  *time.Timer
	stale  atomic.Bool // the timer has fired
	broke  func()
	place  func(error) error // says which store broke off, for the log
}

func (b *incoming) Read(p []byte) (int, error) {
	if b.timer == nil {
		b.timer = time.AfterFunc(b.stall, func() {
			b.stale.Store(true)
			b.cancel()
		})
	} else {
		b.timer.Reset(b.stall)
	}
	n, err := b.ReadCloser.Read(p)
	b.timer.Stop()
	b.left -= int64(n)
	switch {
	case err == nil, err == io.EOF && b.left <= 0:
		return n, err
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	if b.stale.Load() && b.ctx.Err() == nil {
		err = fmt.Errorf("%w: nothing came for %v", drivers.ErrUnavailable, b.stall)
	}
	err = FromTransport(b.ctx, err)
	if errors.Is(err, drivers.ErrUnavailable) {
		if b.broke != nil {
			b.broke()
			b.broke = nil
		}
		err = b.place(err)
	}
	return n, err
}

func (b *incoming) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
