//go:build unix

package local

import "sync"

// groupCommit makes what many writers have changed durable with one fsync. It is for file systems with an ordered journal:
// there the fsync of a file that was just changed makes every change before it durable, whoever made it. A writer that
// comes while an fsync is under way shares the next one with all others that do; so writers wait for two at most, and the
// device is asked once for all of them.
type groupCommit struct {
	marker file // a file of the driver's own, changed and synced

	mu      sync.Mutex
	running bool
	next    *commit // of the writers that wait for their turn; nil if there are none
}

// commit is one fsync and those who wait for it.
type commit struct {
	done chan struct{}
	lead chan struct{} // holds a token when one of the waiting is to do it
	err  error
}

// sync returns when all that its caller changed before is durable.
func (g *groupCommit) sync() error {
	g.mu.Lock()
	if g.next == nil {
		g.next = &commit{done: make(chan struct{}), lead: make(chan struct{}, 1)}
	}
	mine := g.next
	if !g.running {
		g.running = true
		mine.lead <- struct{}{}
	}
	g.mu.Unlock()
	select {
	case <-mine.done:
	case <-mine.lead:
		g.run(mine)
	}
	return mine.err
}

// run does the fsync for all who wait for c, and lets one of those who came meanwhile do the next.
func (g *groupCommit) run(c *commit) {
	g.mu.Lock()
	g.next = nil // from here on newcomers wait for the next one
	g.mu.Unlock()
	if c.err = g.marker.touch(); c.err == nil {
		c.err = g.marker.sync()
	}
	close(c.done)
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running = g.next != nil; g.running {
		g.next.lead <- struct{}{}
	}
}
