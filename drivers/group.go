package drivers

import (
	"context"
	"sync"
)

// Group runs functions side by side, a bounded number at once, and ends them all when one fails. It never outlives the
// call that made it: Wait returns only after every function has.
type Group struct {
	ctx    context.Context
	cancel context.CancelCauseFunc
	slots  chan struct{}
	wg     sync.WaitGroup
	once   sync.Once
	err    error
}

// NewGroup makes a group of at most width running functions. Wait must be called.
func NewGroup(ctx context.Context, width int) *Group {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{ctx: ctx, cancel: cancel, slots: make(chan struct{}, width)}
}

// Go runs f, after waiting for a free place. f must return soon after its context ends.
func (g *Group) Go(f func(ctx context.Context) error) {
	g.slots <- struct{}{}
	g.wg.Go(func() {
		defer func() { <-g.slots }()
		if err := f(g.ctx); err != nil {
			g.once.Do(func() {
				g.err = err
				g.cancel(err)
			})
		}
	})
}

// Wait waits for all functions and returns the first error.
func (g *Group) Wait() error {
	g.wg.Wait()
	g.cancel(nil)
	return g.err
}
