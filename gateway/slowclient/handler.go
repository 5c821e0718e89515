package slowclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	readUnit  = 64 << 10
	writeUnit = 1 << 20
)

// Limits say how slow is too slow. All are more than 0.
type Limits struct {
	Stall   time.Duration // for a client that neither sends nor takes anything
	MinRate int64         // bytes per second
	Handler time.Duration // for the handler, while no byte moves: its context then ends with ErrNoProgress
}

// ErrNoProgress is the cause that ends the context of a request in which nothing moved for Limits.Handler.
var ErrNoProgress error = noProgressError{}

type noProgressError struct{}

func (noProgressError) Error() string   { return "nothing moved for too long" }
func (noProgressError) Timeout() bool   { return true }
func (noProgressError) Temporary() bool { return true }

// Handler returns next with the limits around each request.
func Handler(next http.Handler, l Limits) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancelCause(r.Context())
		defer cancel(nil)
		c := &client{l: l, rc: http.NewResponseController(w)} // one allocation for all
		c.writer = writer{ResponseWriter: w, c: c}
		c.watch = time.AfterFunc(l.Handler, func() { cancel(ErrNoProgress) })
		defer c.watch.Stop()
		r = r.WithContext(ctx)
		hasBody := r.Body != nil && r.Body != http.NoBody
		if hasBody {
			// Deadlines outlive a request on a connection that is used again, and net/http may have to write
			// "100 Continue". An error is of a ResponseWriter without deadlines: a test's.
			_ = c.rc.SetWriteDeadline(time.Time{})
			c.body = body{ReadCloser: r.Body, c: c, left: l.allowance(readUnit)}
			r.Body = &c.body
		}
		next.ServeHTTP(&c.writer, r)
		// What is left to net/http: to drain what it will of the body, and to flush its buffer.
		if hasBody && !c.body.ended {
			_ = c.rc.SetReadDeadline(time.Now().Add(min(l.Stall, drainLimit)))
		}
		c.writer.extend()
	})
}

// drainLimit is for the rest of a body that nobody wants, which net/http reads to keep the connection.
const drainLimit = 5 * time.Second

// client is the other end of one request.
type client struct {
	l      Limits
	rc     *http.ResponseController
	watch  *time.Timer
	moves  time.Time // when watch was last put off
	body   body
	writer writer
}

// allowance is how long a client may take for n bytes.
func (l Limits) allowance(n int64) time.Duration {
	return l.Stall + time.Duration(float64(n)/float64(l.MinRate)*float64(time.Second))
}

// grain is how exact the limits are. Timers are put off no more often, which small requests would feel.
const grain = time.Second

func (c *client) moved(now time.Time) {
	if now.Sub(c.moves) > grain {
		c.moves = now
		c.watch.Reset(c.l.Handler)
	}
}

// body is a request's body that must keep coming.
type body struct {
	io.ReadCloser
	c     *client
	left  time.Duration // of the present unit
	got   int64         // of the present unit
	ended bool
}

func (b *body) Read(p []byte) (n int, err error) {
	start := time.Now()
	_ = b.c.rc.SetReadDeadline(start.Add(b.left))
	n, err = b.ReadCloser.Read(p)
	now := time.Now()
	b.left -= now.Sub(start)
	b.got += int64(n)
	if b.got >= readUnit {
		b.got, b.left = 0, b.c.l.allowance(readUnit)
	}
	if n > 0 {
		b.c.moved(now)
	}
	if errors.Is(err, io.EOF) {
		// net/http now watches the connection for its end, for as long as the handler takes.
		b.ended = true
		_ = b.c.rc.SetReadDeadline(time.Time{})
	}
	return n, err
}

// writer is a response that must keep going.
type writer struct {
	http.ResponseWriter
	c        *client
	extended time.Time // when the deadline was last put off
}

var _ io.ReaderFrom = (*writer)(nil)

// Unwrap serves http.ResponseController.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *writer) extend() {
	now := time.Now()
	w.c.moved(now)
	if now.Sub(w.extended) > min(grain, w.c.l.Stall/4) {
		w.extended = now
		_ = w.c.rc.SetWriteDeadline(now.Add(grain + w.c.l.allowance(writeUnit)))
	}
}

func (w *writer) Write(p []byte) (n int, err error) {
	for {
		w.extend()
		m, err := w.ResponseWriter.Write(p[:min(len(p), writeUnit)])
		n += m
		if p = p[m:]; err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// ReadFrom sends a unit at a time. net/http hands each to the connection, which sends an *os.File, or one inside of a single
// *io.LimitedReader, by sendfile; so the limit of a reader that has one is kept here and not wrapped again.
func (w *writer) ReadFrom(src io.Reader) (n int64, err error) {
	rf, ok := w.ResponseWriter.(io.ReaderFrom)
	if !ok {
		return io.Copy(struct{ io.Writer }{w}, src) // HTTP/2
	}
	limited, ok := src.(*io.LimitedReader)
	if !ok {
		limited = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	for {
		unit := &io.LimitedReader{R: limited.R, N: min(limited.N, writeUnit)}
		asked := unit.N
		w.extend()
		m, err := rf.ReadFrom(unit)
		n += m
		limited.N -= m
		if err != nil || m < asked || limited.N <= 0 {
			return n, err
		}
	}
}
