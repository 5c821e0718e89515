package retry

import (
	"context"
	"errors"
	"io"
	"time"

	"sluice/drivers"
)

// resuming is a body that is opened again where it breaks off.
type resuming struct {
	io.ReadCloser
	ctx    context.Context
	call   *drivers.Call
	policy *policy
	length int64
	done   int64
	tries  int       // since the last byte
	broke  time.Time // when it first broke off since the last byte; zero while it goes on
}

func (r *resuming) Read(p []byte) (int, error) {
	for {
		n, err := r.ReadCloser.Read(p)
		r.got(int64(n))
		if err == nil || err == io.EOF || !r.resume(err) {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// WriteTo keeps what the body does by itself, as sendfile, as long as nothing goes wrong.
func (r *resuming) WriteTo(w io.Writer) (total int64, err error) {
	for {
		n, err := io.Copy(w, r.ReadCloser)
		r.got(n)
		total += n
		if err == nil || !r.resume(err) {
			return total, err
		}
	}
}

func (r *resuming) got(n int64) {
	if r.done += n; n > 0 {
		r.tries, r.broke = 0, time.Time{}
	}
}

// resume opens the rest of the body, where err is one that passes. What is left of the broken one goes first: it holds a
// connection.
func (r *resuming) resume(err error) bool {
	if !errors.Is(err, drivers.ErrUnavailable) && !errors.Is(err, drivers.ErrSlowDown) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	_ = r.ReadCloser.Close()
	r.ReadCloser = broken{err}
	if r.policy.Attempts < 2 || r.done >= r.length || !r.policy.spend() {
		return false
	}
	if r.broke.IsZero() {
		r.broke = time.Now()
	}
	for r.tries++; time.Since(r.broke) < r.policy.Patience; r.tries++ {
		if !r.policy.wait(r.ctx, r.tries, err) {
			return false
		}
		var body io.ReadCloser
		if body, err = r.call.Reopen(r.ctx, r.done); err == nil {
			r.ReadCloser = body
			return true
		}
		if !passing(r.call, err) {
			return false
		}
	}
	return false
}

// broken is what is left of a body that could not be opened again.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }
func (broken) Close() error               { return nil }
