package upstream

import (
	"errors"
	"fmt"
	"io"
	"sync"

	"sluice/drivers"
)

// Body is a body on its way out through an SDK. It is good for four things:
//
// It keeps the source's error, which SDKs wrap or mask: [Body.End] returns that very error. It holds the last byte back until
// the source has ended well, because a store may publish an object as soon as it has as many bytes as were announced, before
// anyone could tell it that the content is wrong. It makes sure of the length. And it is the last reader of the source: an
// HTTP client may read on for a while after its call has returned; End waits for a Read under way and lets no other begin.
//
//	body := upstream.NewBody(src, o.Size)
//	_, err := client.PutObject(ctx, &s3.PutObjectInput{Body: body, ContentLength: &o.Size})
//	if err = body.End(err); err != nil {
//		return drivers.Info{}, classify(err)
//	}
//
// Close does nothing but satisfy SDKs.
type Body struct {
	mu    sync.Mutex
	src   io.Reader
	size  int64 // -1 if unknown
	n     int64 // read from the source
	held  byte
	holds bool // held is one that was read and not given out
	eof   bool
	err   error // the source's
	done  bool
}

var (
	_ io.ReadCloser     = (*Body)(nil)
	_ io.ReadSeekCloser = (*seekingBody)(nil)
)

var (
	errEnded = errors.New("upstream: the body is read after its call has ended")
	errTwice = errors.New("upstream: the body cannot be sent twice")
)

// NewBody makes a Body of a source of size bytes, -1 if unknown.
func NewBody(src io.Reader, size int64) *Body { return &Body{src: src, size: size} }

// Read reads from the source; see [Body].
func (b *Body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(p) > 0 {
		switch {
		case b.done:
			return 0, errEnded
		case b.err != nil:
			return 0, b.err
		case b.eof && b.holds:
			p[0], b.holds = b.held, false
			return 1, nil
		case b.eof:
			return 0, io.EOF
		}
		if n := b.fill(p); n > 0 {
			return n, nil
		}
	}
	return 0, nil
}

// fill reads once, and returns how many bytes of p may go out.
func (b *Body) fill(p []byte) int {
	if len(p) == 1 { // no room for a byte that is held and another
		var one [1]byte
		if b.source(one[:]) == 0 || b.err != nil {
			return 0
		}
		p[0], b.held = b.held, one[0]
		before := b.holds
		b.holds = true
		if before {
			return 1
		}
		return 0
	}
	n := 0
	if b.holds {
		p[0], n = b.held, 1
	}
	n += b.source(p[n:])
	b.holds = false
	if n > 0 && !b.eof {
		n--
		b.held, b.holds = p[n], true
	}
	if b.err != nil {
		return 0
	}
	return n
}

// source reads from the source, and judges length and error.
func (b *Body) source(p []byte) int {
	n, err := b.src.Read(p)
	b.n += int64(n)
	switch {
	case b.size >= 0 && b.n > b.size:
		b.err = fmt.Errorf("body is longer than the %d bytes that were announced: %w", b.size, drivers.ErrInvalid)
	case err == io.EOF && b.n < b.size:
		b.err = io.ErrUnexpectedEOF
	case err == io.EOF:
		b.eof = true
	case err != nil:
		b.err = err
	}
	return n
}

// Close does nothing: the source is not the Body's.
func (b *Body) Close() error { return nil }

// Err returns the source's error, nil where it had none so far; io.EOF is none.
func (b *Body) Err() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// End ends the use of the source, and returns its error, or else err. It must be called when the call that sends the body has
// returned, before the leaf returns.
func (b *Body) End(err error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
	if b.err != nil {
		return b.err
	}
	return err
}

// Seeker returns the Body for an SDK that insists on an io.Seeker. It tells the length, which must be known, and goes back to
// the beginning as long as nothing was read, or where the source can.
func (b *Body) Seeker() io.ReadSeekCloser { return &seekingBody{Body: b} }

// seekingBody is a Body with a Seek of its own, which SDKs must not find on one that they stream.
type seekingBody struct {
	*Body
	atEnd bool // the SDK is asking for the length
}

func (s *seekingBody) Seek(offset int64, whence int) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.n // what has been given out
	if s.holds {
		at--
	}
	if s.atEnd && whence == io.SeekCurrent {
		at = s.size
	}
	switch {
	case s.done:
		return 0, errEnded
	case offset == 0 && whence == io.SeekCurrent:
		return at, nil
	case offset == 0 && whence == io.SeekEnd && s.size >= 0:
		s.atEnd = true
		return s.size, nil
	case offset == at && whence == io.SeekStart:
		s.atEnd = false
		return at, nil
	case offset == 0 && whence == io.SeekStart:
		return 0, s.rewind()
	}
	return 0, fmt.Errorf("upstream: a body cannot seek to %d (%d)", offset, whence)
}

// rewind goes back to the beginning. A source that has failed stays so.
func (s *seekingBody) rewind() error {
	seeker, ok := s.src.(io.Seeker)
	if !ok {
		return errTwice
	}
	if _, err := seeker.Seek(-s.n, io.SeekCurrent); err != nil {
		return err
	}
	s.atEnd, s.n, s.holds, s.eof = false, 0, false, false
	return nil
}
