package checksum

import (
	"hash"
	"io"
	"runtime"
	"slices"
	"sync"
)

// chunkSize is the unit that Readers hash in: small enough that a chunk is
// still in the cache when the second digest and the write come to it, large
// enough that starting a goroutine (about 1 us) is nothing beside its MD5 (75).
const chunkSize = 64 << 10

// maxChunks is how many chunks a Reader may hold: one being filled or written,
// and enough ahead of the slowest digest that it never waits for the reader to
// be woken.
const maxChunks = 4

// chunk is a piece of a body and how many still use it.
type chunk struct {
	data [chunkSize]byte
	n    int
	refs int // guarded by the mutex of the pipeline that holds it
}

// Pool lends Readers their hash states, buffers and goroutines, so that small
// bodies cost no allocation and large ones use idle processors. The zero Pool
// and the nil Pool lend no goroutines. A Pool is safe for concurrent use.
type Pool struct {
	workers chan struct{} // a token for each goroutine that runs
	states  [algorithms]sync.Pool
	chunks  sync.Pool
}

// NewPool returns a pool that lends at most the given number of goroutines at a
// time to all its Readers together; 0 or less means one less than there are
// processors, as whoever reads occupies one too. With more Readers than
// goroutines the others hash inline, which is then the faster way.
func NewPool(workers int) *Pool {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0) - 1
	}
	return &Pool{workers: make(chan struct{}, workers)}
}

// NewReader returns a Reader of src that computes the digests of the given
// algorithms. sizeHint is the expected length in bytes, -1 if unknown; a wrong
// one costs time only. Repeated algorithms count once. It panics on an unknown
// algorithm: see [Parse].
//
// The caller must Close the Reader; that does not close src.
func (p *Pool) NewReader(src io.Reader, sizeHint int64, algorithms ...Algorithm) *Reader {
	r := &Reader{src: src, large: sizeHint > chunkSize}
	r.pool, r.digests = p, r.space[:0]
	r.changed.L = &r.mu
	for _, a := range algorithms {
		if slices.ContainsFunc(r.digests, func(d digest) bool { return d.algorithm == a }) {
			continue
		}
		r.digests = append(r.digests, digest{algorithm: a, state: p.state(a)})
		r.heavy = r.heavy || a.heavy()
	}
	// The dearest first: they start before the cheap ones run inline.
	slices.SortFunc(r.digests, func(a, b digest) int { return a.algorithm.index() - b.algorithm.index() })
	return r
}

// NewReader returns a Reader that hashes inline and shares nothing: for tools
// and tests. See [Pool.NewReader].
func NewReader(src io.Reader, sizeHint int64, algorithms ...Algorithm) *Reader {
	return (*Pool)(nil).NewReader(src, sizeHint, algorithms...)
}

// idle reports whether a goroutine is free, which may have changed on return.
func (p *Pool) idle() bool { return p != nil && len(p.workers) < cap(p.workers) }

// acquire takes a token to run a goroutine, if one is free.
func (p *Pool) acquire() bool {
	if p == nil {
		return false
	}
	select {
	case p.workers <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p *Pool) release() { <-p.workers }

func (p *Pool) state(a Algorithm) hash.Hash {
	if p != nil && a.index() >= 0 {
		if h, ok := p.states[a.index()].Get().(hash.Hash); ok {
			h.Reset()
			return h
		}
	}
	return a.New()
}

func (p *Pool) putState(a Algorithm, h hash.Hash) {
	if p != nil {
		p.states[a.index()].Put(h)
	}
}

func (p *Pool) chunk() *chunk {
	if p != nil {
		if c, ok := p.chunks.Get().(*chunk); ok {
			return c
		}
	}
	return new(chunk)
}

func (p *Pool) putChunk(c *chunk) {
	if p != nil {
		p.chunks.Put(c)
	}
}
