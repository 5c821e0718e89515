package checksum

import (
	"errors"
	"hash"
	"io"
	"sync"
)

var (
	_ io.ReadCloser = (*Reader)(nil)
	_ io.WriterTo   = (*Reader)(nil)
)

// ErrClosed is what reading from a Reader after Close returns.
var ErrClosed = errors.New("checksum: read from a closed Reader")

// Reader yields the bytes of another reader unchanged and computes their
// digests. It returns io.EOF only when all digests are final and Verify has
// agreed; every error, and io.EOF, is returned again by later calls.
//
// A body of up to 64 KiB is hashed inline in the caller's own buffer. Of a
// larger one the dear digests run in goroutines while the next bytes are read
// and written, as far as the [Pool] has some to lend, with at most two chunks of
// 64 KiB per Reader. A goroutine lives for one chunk only, so an abandoned
// Reader leaves none behind.
//
// A Reader is for one goroutine at a time, Close included.
type Reader struct {
	// Verify, if set, is called once, when src has ended and the digests are
	// final. Its error is returned in place of io.EOF.
	Verify func(*Reader) error

	src     io.Reader
	pool    *Pool
	digests []digest
	space   [3]digest // room for digests: MD5, SHA-256 and one checksum
	heavy   bool      // some digest deserves a goroutine
	large   bool      // the body is longer than a chunk
	seen    int       // bytes so far, while not large

	chunk  *chunk // being filled
	filled int    // bytes in chunk
	busy   *chunk // being hashed by goroutines
	wg     sync.WaitGroup
	err    error // sticky
}

type digest struct {
	algorithm Algorithm
	state     hash.Hash // nil after the end
	sum       []byte    // set at io.EOF
}

// Sum returns the digest of all bytes by a. It is nil before src has ended
// without an error, and for an algorithm that the Reader was not made with. It
// stays valid after Close; the caller must not change it.
func (r *Reader) Sum(a Algorithm) []byte {
	for i := range r.digests {
		if r.digests[i].algorithm == a {
			return r.digests[i].sum
		}
	}
	return nil
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.src.Read(p)
	r.collect(p[:n])
	if err != nil {
		r.end(err)
	}
	return n, r.err
}

// WriteTo implements io.WriterTo: it writes the rest of the body to w, while
// its digests are computed. A nil error means what io.EOF means for Read.
func (r *Reader) WriteTo(w io.Writer) (int64, error) {
	if r.err == nil && r.filled > 0 { // left by Read, already with the caller
		r.flush()
	}
	var written int64
	for r.err == nil {
		if r.chunk == nil {
			r.chunk = r.pool.chunk()
		}
		n, err := readFull(r.src, r.chunk[:])
		data := r.chunk[:n]
		r.grow(n)
		r.filled = n
		r.flush() // data stays as it is until the next flush
		m, werr := writeFull(w, data)
		written += int64(m)
		if werr != nil {
			err = werr
		}
		if err != nil {
			r.end(err)
		}
	}
	if r.err == io.EOF {
		return written, nil
	}
	return written, r.err
}

// Close ends the Reader: it waits for the chunk being hashed (at most some
// 100 us) and gives everything back to the pool. It does not close src and
// always returns nil; closing twice is fine.
func (r *Reader) Close() error {
	if r.err == nil {
		r.end(ErrClosed)
	}
	return nil
}

// collect hashes p, inline or by way of a chunk.
func (r *Reader) collect(p []byte) {
	r.grow(len(p))
	for len(p) > 0 {
		if r.chunk == nil {
			if !r.large || !r.heavy || !r.pool.idle() {
				r.inline(p)
				return
			}
			r.chunk = r.pool.chunk()
		}
		n := copy(r.chunk[r.filled:], p)
		r.filled += n
		p = p[n:]
		if r.filled == chunkSize && !r.flush() {
			r.giveChunks() // all processors are busy: no more copying for now
		}
	}
}

func (r *Reader) grow(n int) {
	if !r.large {
		r.seen += n
		r.large = r.seen > chunkSize
	}
}

// inline hashes p before it returns.
func (r *Reader) inline(p []byte) {
	r.wg.Wait()
	for i := range r.digests {
		r.digests[i].state.Write(p)
	}
}

// flush hashes the chunk that has been filled, after the one before it. It
// reports whether goroutines are still at it; then the chunk is in r.busy.
func (r *Reader) flush() (async bool) {
	r.wg.Wait()
	data := r.chunk[:r.filled]
	r.filled = 0
	for i := range r.digests {
		d := &r.digests[i]
		if r.large && d.algorithm.heavy() && r.pool.acquire() {
			async = true
			r.wg.Go(func() {
				defer r.pool.release()
				d.state.Write(data)
			})
			continue
		}
		d.state.Write(data)
	}
	if async {
		r.chunk, r.busy = r.busy, r.chunk
	}
	return async
}

// end makes the digests final when err is io.EOF, asks Verify, gives everything
// back to the pool, and keeps err or Verify's error.
func (r *Reader) end(err error) {
	if err == io.EOF && r.filled > 0 {
		r.flush()
	}
	r.wg.Wait()
	r.filled = 0
	r.giveChunks()
	var sums []byte
	for i := range r.digests {
		d := &r.digests[i]
		if err == io.EOF {
			if sums == nil {
				sums = make([]byte, 0, 128)
			}
			n := len(sums)
			sums = d.state.Sum(sums)
			d.sum = sums[n:len(sums):len(sums)]
		}
		r.pool.putState(d.algorithm, d.state)
		d.state = nil
	}
	r.err = err
	if err == io.EOF && r.Verify != nil {
		if verr := r.Verify(r); verr != nil {
			r.err = verr
		}
	}
}

// giveChunks gives the chunks back to the pool, after their hashing.
func (r *Reader) giveChunks() {
	r.wg.Wait()
	r.pool.putChunk(r.chunk)
	r.pool.putChunk(r.busy)
	r.chunk, r.busy = nil, nil
}

// readFull fills p as far as src goes, and returns src's own error.
func readFull(src io.Reader, p []byte) (n int, err error) {
	idle := 0
	for n < len(p) && err == nil {
		var m int
		m, err = src.Read(p[n:])
		n += m
		if m > 0 {
			idle = 0
		} else if idle++; idle == 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// writeFull writes p to w. Its error is never io.EOF, which would pass for the
// end of the body.
func writeFull(w io.Writer, p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	n, err = w.Write(p)
	switch {
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	case err == nil && n != len(p):
		err = io.ErrShortWrite
	}
	return max(n, 0), err
}
