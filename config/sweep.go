package config

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"sluice/drivers"
)

const (
	// sweepAge is how old what a crash has left must be: older than any call takes.
	sweepAge = 24 * time.Hour
	// sweepEvery is the time between sweeps, random around it so that several gateways do not sweep at once. The first comes
	// after as long a time: a process that is restarted again and again does not sweep.
	sweepEvery = 6 * time.Hour
)

// startSweeping sweeps the tree's nodes now and then, until stop is called, which waits for a sweep that is under way to end.
func (t *Tree) startSweeping(log *slog.Logger) {
	ctx, cancel := context.WithCancel(context.Background()) // the tree's own: it ends with Close
	done := make(chan struct{})
	go func() {
		defer close(done)
		for pause(ctx, sweepEvery/2+rand.N(sweepEvery)) { //nolint:gosec // no secret: it only spreads the sweeps
			t.sweep(ctx, log)
		}
	}()
	t.stopSweeping = func() {
		cancel()
		<-done
	}
}

func (t *Tree) sweep(ctx context.Context, log *slog.Logger) {
	for _, n := range t.Nodes {
		s, ok := n.inner.(drivers.Sweeper)
		if !ok {
			continue
		}
		if err := s.Sweep(ctx, sweepAge); err != nil && ctx.Err() == nil {
			log.Warn("sweeping leftovers", "driver", n.Name, "error", err)
		}
	}
}

// pause waits; false when ctx ends first.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
