package limit

import (
	"context"
	"io"
	"sync"

	"golang.org/x/time/rate"
)

// slowReader yields no more bytes than the rate allows.
type slowReader struct {
	ctx   context.Context
	src   io.Reader
	bytes *rate.Limiter
}

func (r *slowReader) Read(p []byte) (int, error) {
	n, err := r.src.Read(p[:min(len(p), r.bytes.Burst())])
	if n > 0 {
		if werr := r.bytes.WaitN(r.ctx, n); werr != nil {
			return n, werr
		}
	}
	return n, err
}

type slowBody struct {
	slowReader
	io.Closer
}

// leavingBody gives the call's place back when it is closed.
type leavingBody struct {
	io.ReadCloser
	places chan struct{}
	once   sync.Once
}

// WriteTo keeps what the body does by itself, as sendfile.
func (b *leavingBody) WriteTo(w io.Writer) (int64, error) { return io.Copy(w, b.ReadCloser) }

func (b *leavingBody) Close() error {
	defer b.once.Do(func() { leave(b.places) })
	return b.ReadCloser.Close()
}
