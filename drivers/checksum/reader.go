package checksum

import (
	"errors"
	"io"
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
// and written, as far as the [Pool] has some to lend, with at most four chunks
// of 64 KiB per Reader. A goroutine ends when it has nothing left to hash, so
// an abandoned Reader leaves none behind.
//
// A Reader is for one goroutine at a time, Close included.
type Reader struct {
	// Verify, if set, is called once, when src has ended and the digests are
	// final. Its error is returned in place of io.EOF.
	Verify func(*Reader) error

	src   io.Reader
	large bool   // the body is longer than a chunk
	seen  int    // bytes so far, while not large
	chunk *chunk // what Read collects for the goroutines
	err   error  // sticky
	pipeline
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
func (r *Reader) WriteTo(w io.Writer) (written int64, err error) {
	if r.err == nil {
		r.flush() // what Read has collected is already with the caller
	}
	for r.err == nil {
		c := r.take()
		c.n, err = readFull(r.src, c.data[:])
		r.grow(c.n)
		r.hash(c, r.large)
		n, werr := writeFull(w, c.data[:c.n])
		r.drop(c)
		written += int64(n)
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

// Close ends the Reader: it waits for the chunks being hashed (some 100 us) and
// gives everything back to the pool. It does not close src and always returns
// nil; closing twice is fine.
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
			if !r.large || !r.parallel() {
				r.inline(p)
				return
			}
			r.chunk = r.take()
		}
		n := copy(r.chunk.data[r.chunk.n:], p)
		r.chunk.n += n
		p = p[n:]
		if r.chunk.n == chunkSize {
			r.flush()
		}
	}
}

// flush hashes what collect has left.
func (r *Reader) flush() {
	if r.chunk != nil {
		r.hash(r.chunk, true)
		r.drop(r.chunk)
		r.chunk = nil
	}
}

func (r *Reader) grow(n int) {
	if !r.large {
		r.seen += n
		r.large = r.seen > chunkSize
	}
}

// end makes the digests final when err is io.EOF, asks Verify, gives everything
// back to the pool, and keeps err or Verify's error.
func (r *Reader) end(err error) {
	r.flush()
	r.finish(err == io.EOF)
	r.err = err
	if err == io.EOF && r.Verify != nil {
		if verr := r.Verify(r); verr != nil {
			r.err = verr
		}
	}
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
