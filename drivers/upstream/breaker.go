package upstream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"sluice/drivers"
)

// probes is how many calls may try at once whether a store is back. One success closes the breaker; only when all of them
// failed does it stay open, so that no client who goes away keeps it open for the others.
const probes = 3

// outcome is what a call tells of its store.
type outcome int

const (
	silent outcome = iota // nothing: the client left, or its body failed
	failed
	answered
)

// breaker leaves a store alone that fails.
type breaker struct {
	config  Breaker
	circuit circuitbreaker.CircuitBreaker[any]
	state   atomic.Int64 // counts the changes of state: what began in one state says nothing in another
	log     *slog.Logger

	mu       sync.Mutex
	watchers []func(open bool) // guarded by mu
}

func newBreaker(c Breaker, log *slog.Logger) *breaker {
	b := &breaker{config: c, log: log}
	b.circuit = circuitbreaker.NewBuilder[any]().
		WithFailureRateThreshold(c.FailureRate, uint(c.MinCalls), c.Window).
		WithSuccessThresholdRatio(1, probes).
		WithDelay(c.OpenTime).
		OnStateChanged(b.changed).
		Build()
	return b
}

func (b *breaker) changed(e circuitbreaker.StateChangedEvent) {
	b.state.Add(1)
	switch {
	case e.NewState == circuitbreaker.ClosedState:
		b.log.Info("store is back")
	case e.OldState == circuitbreaker.ClosedState:
		b.log.Warn("store fails and is left alone", "failures", e.Metrics().Failures(), "calls", e.Metrics().Executions(), "for", b.config.OpenTime)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.watchers {
		f(!b.circuit.IsClosed()) // now: changes may come here in another order than they happened in
	}
}

// watch calls f now and after each change.
func (b *breaker) watch(f func(open bool)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watchers = append(b.watchers, f)
	f(!b.circuit.IsClosed())
}

// refuse returns an error while the store is left alone.
func (b *breaker) refuse() error {
	if left := b.circuit.RemainingDelay(); left > 0 {
		return &drivers.RetryAfter{Err: fmt.Errorf("%w: it failed too often and is left alone", drivers.ErrUnavailable), After: left}
	}
	return nil
}

// call does what do does, and learns from it.
func (b *breaker) call(do func() (outcome, error)) error {
	if !b.circuit.TryAcquirePermit() {
		if err := b.refuse(); err != nil {
			return err
		}
		return fmt.Errorf("%w: it failed too often; other calls try whether it is back", drivers.ErrUnavailable)
	}
	state, is := b.state.Load(), silent
	defer func() {
		if state == b.state.Load() {
			b.learn(is)
		}
	}()
	var err error
	is, err = do()
	return err
}

func (b *breaker) learn(is outcome) {
	switch {
	case is == answered:
		b.circuit.RecordSuccess()
	case is == failed, !b.circuit.IsClosed(): // whoever tried whether the store is back must say something
		b.circuit.RecordFailure()
	}
}

// broke tells of a body that broke off after its call had gone well.
func (b *breaker) broke() {
	if b.circuit.IsClosed() {
		b.circuit.RecordFailure()
	}
}

// judge tells what the error of a call says of its store. A store that asks to slow down has answered, as has one that
// refuses.
func judge(ctx context.Context, err error) outcome {
	if ctx.Err() != nil {
		var timeout interface{ Timeout() bool }
		if errors.As(context.Cause(ctx), &timeout) && timeout.Timeout() {
			return failed
		}
		return silent
	}
	switch {
	case err == nil, errors.Is(err, drivers.ErrSlowDown):
		return answered
	case errors.Is(err, drivers.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return failed
	case errors.Is(err, drivers.ErrUnsupported), errors.Is(err, context.Canceled):
		return silent
	}
	return answered
}
