package checksum

import (
	"hash"
	"sync"
)

// pipeline hands chunks to digests: the dear ones take them in goroutines of
// their own, as far as the pool lends some, the others at once.
type pipeline struct {
	pool    *Pool
	digests []digest
	space   [3]digest // room for digests: MD5, SHA-256 and one checksum
	heavy   bool      // some digest deserves a goroutine

	mu      sync.Mutex
	changed sync.Cond // running or held went down
	running int       // goroutines
	held    int       // chunks
}

type digest struct {
	algorithm Algorithm
	state     hash.Hash // nil after the end
	sum       []byte    // set at the end

	// Guarded by the pipeline's mutex. While running, only the goroutine
	// touches state.
	running bool
	queue   [maxChunks]*chunk
	queued  int
}

// parallel reports whether a chunk would probably go to a goroutine.
func (p *pipeline) parallel() bool {
	if !p.heavy {
		return false
	}
	if p.pool.idle() {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running > 0
}

// inline hashes data before it returns.
func (p *pipeline) inline(data []byte) {
	p.wait()
	for i := range p.digests {
		p.digests[i].state.Write(data)
	}
}

// take returns an empty chunk with one reference, after waiting for one if
// maxChunks are in use.
func (p *pipeline) take() *chunk {
	p.mu.Lock()
	for p.held == maxChunks {
		p.changed.Wait()
	}
	p.held++
	p.mu.Unlock()
	c := p.pool.chunk()
	c.n, c.refs = 0, 1
	return c
}

// drop gives up a reference that take or hash has made.
func (p *pipeline) drop(c *chunk) {
	p.mu.Lock()
	p.dropLocked(c)
	p.mu.Unlock()
}

func (p *pipeline) dropLocked(c *chunk) {
	if c.refs--; c.refs == 0 {
		p.pool.putChunk(c)
		p.held--
		p.changed.Signal()
	}
}

// hash gives c to all digests; those that are still at it on return hold a
// reference of their own. Without parallel no goroutine is started.
func (p *pipeline) hash(c *chunk, parallel bool) {
	for i := range p.digests {
		d := &p.digests[i]
		if !d.algorithm.heavy() || !p.enqueue(d, c, parallel) {
			d.state.Write(c.data[:c.n])
		}
	}
}

// enqueue gives c to d's goroutine, and starts one if there is none, parallel
// holds and the pool lends one. Otherwise it returns false: d is idle then.
func (p *pipeline) enqueue(d *digest, c *chunk, parallel bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !d.running {
		if !parallel || !p.pool.acquire() {
			return false
		}
		d.running = true
		p.running++
		go p.run(d)
	}
	c.refs++
	d.queue[d.queued] = c
	d.queued++
	return true
}

// run hashes what is queued for d and ends.
func (p *pipeline) run(d *digest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for d.queued > 0 {
		c := d.queue[0]
		p.mu.Unlock()
		d.state.Write(c.data[:c.n])
		p.mu.Lock()
		copy(d.queue[:], d.queue[1:d.queued])
		d.queued--
		p.dropLocked(c)
	}
	d.running = false
	p.running--
	p.pool.release()
	p.changed.Signal()
}

// wait returns when no goroutine runs.
func (p *pipeline) wait() {
	p.mu.Lock()
	for p.running > 0 {
		p.changed.Wait()
	}
	p.mu.Unlock()
}

// finish waits for the goroutines, keeps the digests if they are valid, and
// gives the hash states back.
func (p *pipeline) finish(valid bool) {
	p.wait()
	var sums []byte
	if valid {
		sums = make([]byte, 0, 128)
	}
	for i := range p.digests {
		d := &p.digests[i]
		if valid {
			n := len(sums)
			sums = d.state.Sum(sums)
			d.sum = sums[n:len(sums):len(sums)]
		}
		p.pool.putState(d.algorithm, d.state)
		d.state = nil
	}
}
