package drivers

import (
	"context"
	"sync"
	"time"
)

const (
	cleanWidth = 4               // purges at once
	cleanQueue = 1024            // purges that wait; what is more is left to the sweep
	cleanLimit = 5 * time.Minute // for one purge
	cleanGrace = 5 * time.Second // for those under way, when the driver is closed
)

// cleaner deletes what has become useless, such as the parts of an upload that is complete, after the call that made it so. A purge
// that fails or does not come to its turn leaves to the sweep what it has not deleted.
type cleaner struct {
	mu     sync.Mutex
	closed bool
	queue  chan func(context.Context)
	cancel context.CancelFunc
	ctx    context.Context // of all purges: it ends with the driver
	wg     sync.WaitGroup
	idle   chan struct{} // a token for each worker that may still be started
}

func newCleaner() *cleaner {
	ctx, cancel := context.WithCancel(context.Background())
	c := &cleaner{ctx: ctx, cancel: cancel, queue: make(chan func(context.Context), cleanQueue), idle: make(chan struct{}, cleanWidth)}
	for range cleanWidth {
		c.idle <- struct{}{}
	}
	return c
}

// later purges the objects under a prefix soon.
func (c *cleaner) later(b Bucket, prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return
	}
	select {
	case c.queue <- func(ctx context.Context) { _ = purge(ctx, b, prefix) }:
	default:
		return
	}
	select {
	case <-c.idle:
		c.wg.Go(c.work)
	default: // enough are at work
	}
}

// work purges until nothing waits.
func (c *cleaner) work() {
	for {
		select {
		case purge := <-c.queue:
			ctx, cancel := context.WithTimeout(c.ctx, cleanLimit)
			purge(ctx)
			cancel()
		default:
			if c.rest() {
				return
			}
		}
	}
}

// rest ends a worker, unless something has come to the queue meanwhile.
func (c *cleaner) rest() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.queue) > 0 {
		return false
	}
	c.idle <- struct{}{}
	return true
}

// close waits for what is queued, a moment, then ends it.
func (c *cleaner) close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	timer := time.AfterFunc(cleanGrace, c.cancel)
	c.wg.Wait()
	timer.Stop()
	c.cancel()
}
