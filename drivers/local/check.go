//go:build unix

package local

import (
	"context"
	"fmt"
	"sync"
)

// check asks whether the folder can be written to. A disk may hang for ever, and with it whoever asks it; so the question
// is put in a goroutine, at most one at a time, and all who want to know meanwhile wait for the same answer.
type check struct {
	ask func() error

	mu    sync.Mutex
	asked *question // nil if none is open
}

type question struct {
	answered chan struct{}
	err      error
}

// Check tells whether the folder can be written to, or fails when ctx ends first.
func (d *Driver) Check(ctx context.Context) error {
	q := d.check.question(d.done.Go)
	select {
	case <-q.answered:
		return d.fail("Check", "", q.err)
	case <-ctx.Done():
		return d.fail("Check", "", fmt.Errorf("the disk has not answered: %w", context.Cause(ctx)))
	}
}

// question returns the one that is open, or puts it.
func (c *check) question(run func(func())) *question {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked != nil {
		return c.asked
	}
	q := &question{answered: make(chan struct{})}
	c.asked = q
	run(func() {
		q.err = c.ask()
		c.mu.Lock()
		c.asked = nil
		c.mu.Unlock()
		close(q.answered)
	})
	return q
}

// tryToWrite makes a file and removes it.
func (d *Driver) tryToWrite() error {
	temp := d.tempName()
	f, err := d.session.create(temp)
	if err != nil {
		return err
	}
	f.close()
	return d.session.remove(temp)
}
