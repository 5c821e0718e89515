package slowclient

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// spyListener notes what is given to the connections' ReadFrom.
type spyListener struct {
	net.Listener
	files, others atomic.Int64 // bytes
}

type spyConn struct {
	*net.TCPConn
	l *spyListener
}

func (l *spyListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &spyConn{c.(*net.TCPConn), l}, nil
}

// ReadFrom is what net/http calls where sendfile is possible.
func (c *spyConn) ReadFrom(r io.Reader) (int64, error) {
	count := &c.l.others
	if lr, ok := r.(*io.LimitedReader); ok {
		if _, ok := lr.R.(*os.File); ok {
			count = &c.l.files
		}
	}
	n, err := c.TCPConn.ReadFrom(r)
	count.Add(n)
	return n, err
}

func serve(t *testing.T, l Limits, h http.HandlerFunc) (*httptest.Server, *spyListener) {
	t.Helper()
	s := httptest.NewUnstartedServer(Handler(h, l))
	spy := &spyListener{Listener: s.Listener}
	s.Listener = spy
	s.Start()
	t.Cleanup(s.Close)
	return s, spy
}

// patient never ends a request of these tests.
var patient = Limits{Stall: time.Minute, MinRate: 1 << 10, Handler: time.Minute}

func TestFilesAreStillSentBySendfile(t *testing.T) {
	t.Parallel()
	const size = 5*writeUnit + 7
	name := filepath.Join(t.TempDir(), "object")
	content := make([]byte, size)
	rand.Read(content)
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, limited := range []bool{true, false} {
		s, spy := serve(t, patient, func(w http.ResponseWriter, _ *http.Request) {
			f, err := os.Open(name)
			if err != nil {
				panic(err)
			}
			defer f.Close()
			w.Header().Set("Content-Length", fmt.Sprint(size))
			w.Header().Set("Content-Type", "text/plain")
			var src io.Reader = struct{ io.Reader }{f}
			if limited {
				src = &io.LimitedReader{R: f, N: size}
			}
			if n, err := w.(io.ReaderFrom).ReadFrom(src); n != size || err != nil {
				t.Errorf("ReadFrom = %d, %v", n, err)
			}
		})
		resp, err := s.Client().Get(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || string(got) != string(content) {
			t.Errorf("got %d bytes, %v", len(got), err)
		}
		const sniffed = 512 // net/http itself writes the first bytes from its buffer
		if limited && spy.files.Load() != size-sniffed {
			t.Errorf("%d bytes went to sendfile, %d past it; want %d", spy.files.Load(), spy.others.Load(), size)
		}
	}
}

func TestWritesArriveWhole(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("0123456789abcdef", writeUnit/8)
	s, _ := serve(t, patient, func(w http.ResponseWriter, r *http.Request) {
		got, err := io.ReadAll(r.Body)
		if err != nil || string(got) != content {
			t.Errorf("body: %d bytes, %v", len(got), err)
		}
		if n, err := io.WriteString(w, content); n != len(content) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
	})
	resp, err := s.Client().Post(s.URL, "text/plain", strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != content {
		t.Errorf("got %d bytes, %v", len(got), err)
	}
}

// dial sends text to a server, over a connection of the test's own.
func dial(t *testing.T, s *httptest.Server, text string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestSilentUploadIsDropped(t *testing.T) {
	t.Parallel()
	result := make(chan error, 1)
	s, _ := serve(t, Limits{Stall: 50 * time.Millisecond, MinRate: 1 << 30, Handler: time.Minute}, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		result <- err
	})
	dial(t, s, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc")
	var timeout net.Error
	if err := <-result; !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("the body's error is %v, want a time-out", err)
	}
}

func TestTricklingUploadIsDropped(t *testing.T) {
	t.Parallel()
	result := make(chan error, 1)
	s, _ := serve(t, Limits{Stall: 200 * time.Millisecond, MinRate: 1 << 30, Handler: time.Minute}, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		result <- err
	})
	c := dial(t, s, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
	tick := time.NewTicker(10 * time.Millisecond) // always well within Stall
	defer tick.Stop()
	giveUp := time.After(10 * time.Second)
	for {
		select {
		case err := <-result:
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the body's error is %v, want a time-out", err)
			}
			return
		case <-tick.C:
			_, _ = c.Write([]byte("x"))
		case <-giveUp:
			t.Fatal("a client of 100 bytes per second is still there")
		}
	}
}

func TestSlowStoreCostsTheClientNothing(t *testing.T) {
	t.Parallel()
	const stall = 50 * time.Millisecond
	result := make(chan error, 1)
	s, _ := serve(t, Limits{Stall: stall, MinRate: 1 << 30, Handler: time.Minute}, func(_ http.ResponseWriter, r *http.Request) {
		var err error
		for buf := make([]byte, 2); err == nil; {
			_, err = r.Body.Read(buf)
			<-time.After(stall) // the store at work
		}
		result <- err
	})
	dial(t, s, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789")
	if err := <-result; !errors.Is(err, io.EOF) {
		t.Errorf("the body's error is %v, want io.EOF", err)
	}
}

func TestContextOutlivesTheBodysDeadline(t *testing.T) {
	t.Parallel()
	const stall = 50 * time.Millisecond
	result := make(chan error, 1)
	s, _ := serve(t, Limits{Stall: stall, MinRate: 1 << 30, Handler: time.Minute}, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select { // the store goes on after the last byte
		case <-r.Context().Done():
		case <-time.After(3 * stall):
		}
		result <- r.Context().Err()
	})
	dial(t, s, "PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
	if err := <-result; err != nil {
		t.Errorf("the request ended (%v), though all of its body had come", err)
	}
}

func TestClientThatTakesNothingIsDropped(t *testing.T) {
	t.Parallel()
	result := make(chan error, 1)
	s, _ := serve(t, Limits{Stall: 100 * time.Millisecond, MinRate: 1 << 30, Handler: time.Minute}, func(w http.ResponseWriter, _ *http.Request) {
		var err error
		for err == nil {
			_, err = w.Write(make([]byte, 1<<20))
		}
		result <- err
	})
	dial(t, s, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-result; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Write fails with %v, want a time-out", err)
	}
}

func TestHandlerWithoutProgressIsEnded(t *testing.T) {
	t.Parallel()
	result := make(chan error, 1)
	s, _ := serve(t, Limits{Stall: time.Minute, MinRate: 1, Handler: 50 * time.Millisecond}, func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		result <- context.Cause(r.Context())
	})
	resp, err := s.Client().Get(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if err := <-result; !errors.Is(err, ErrNoProgress) {
		t.Errorf("the context ended with %v, want ErrNoProgress", err)
	}
}

func TestConnectionIsUsedAgainAfterALongPause(t *testing.T) {
	t.Parallel()
	const stall = 50 * time.Millisecond
	s, _ := serve(t, Limits{Stall: stall, MinRate: 1 << 30, Handler: time.Minute}, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, r.RemoteAddr)
	})
	addrs := map[string]bool{}
	for range 3 {
		resp, err := s.Client().Post(s.URL, "text/plain", strings.NewReader("abc"))
		if err != nil {
			t.Fatal(err)
		}
		addr, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		addrs[string(addr)] = true
		<-time.After(2 * stall)
	}
	if len(addrs) != 1 {
		t.Errorf("%d connections for three requests", len(addrs))
	}
}

func BenchmarkHandler(b *testing.B) {
	nothing := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	for name, h := range map[string]http.Handler{"plain": nothing, "slowclient": Handler(nothing, patient)} {
		b.Run(name, func(b *testing.B) {
			s := httptest.NewServer(h)
			defer s.Close()
			b.ReportAllocs()
			for b.Loop() {
				resp, err := s.Client().Get(s.URL)
				if err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
			}
		})
	}
}
