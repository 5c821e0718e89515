package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// request asks a server and classifies what came of it.
func request(ctx context.Context, c *http.Client, method, url string, body io.Reader, size int64) error {
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	r.ContentLength = size
	res, err := c.Do(r)
	if err != nil {
		return upstream.FromTransport(ctx, err)
	}
	defer res.Body.Close()
	if res.StatusCode >= 300 {
		return upstream.FromStatus(res.StatusCode, res.Header, errors.New(res.Status))
	}
	_, err = io.Copy(io.Discard, res.Body)
	return upstream.FromTransport(ctx, err)
}

func client(t *testing.T, c upstream.Config) *http.Client {
	t.Helper()
	h := upstream.Client(c)
	t.Cleanup(h.CloseIdleConnections)
	return h
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestTransportErrorsAreUnavailableAndTellNoURL(t *testing.T) {
	t.Parallel()
	closed := serve(t, func(http.ResponseWriter, *http.Request) {})
	closed.Close()
	tls := httptest.NewUnstartedServer(http.NotFoundHandler())
	tls.Config.ErrorLog = log.New(io.Discard, "", 0)
	tls.StartTLS()
	t.Cleanup(tls.Close)
	broken := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		_, _ = io.WriteString(w, "half")
	})
	silent := make(chan struct{})
	mute := serve(t, func(http.ResponseWriter, *http.Request) { <-silent })
	t.Cleanup(func() { close(silent) })
	deaf := listen(t)
	for name, c := range map[string]struct {
		method, url string
		body        io.Reader
	}{
		"refused":              {"GET", closed.URL, nil},
		"unknown certificate":  {"GET", tls.URL, nil},
		"not TLS":              {"GET", strings.Replace(mute.URL, "http:", "https:", 1), nil},
		"unknown host":         {"GET", "http://store.invalid", nil},
		"broken off":           {"GET", broken.URL, nil},
		"no answer":            {"GET", mute.URL, nil},
		"a body that is stuck": {"PUT", deaf, io.LimitReader(zeros{}, 1<<30)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := client(t, upstream.Config{ConnectTimeout: time.Second, ResponseTimeout: 50 * time.Millisecond, StallTimeout: 50 * time.Millisecond})
			err := request(t.Context(), h, c.method, c.url+"/key?sig=secret", c.body, 1<<30)
			if !errors.Is(err, drivers.ErrUnavailable) || strings.Contains(fmt.Sprint(err), "secret") {
				t.Errorf("%v", err)
			}
		})
	}
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// listen returns a server that takes connections and reads nothing.
func listen(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String()
}

func TestTheCallersContextIsNoFaultOfTheStore(t *testing.T) {
	t.Parallel()
	entered, done := make(chan struct{}), make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) { close(entered); <-r.Context().Done(); close(done) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-entered; cancel() }()
	if err := request(ctx, client(t, upstream.Config{}), "GET", s.URL, nil, 0); !errors.Is(err, context.Canceled) || errors.Is(err, drivers.ErrUnavailable) {
		t.Error(err)
	}
	<-done
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			t.Errorf("followed to %s", r.URL)
		}
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	if err := request(t.Context(), client(t, upstream.Config{}), "GET", s.URL, nil, 0); err == nil || err.Error() != "307 Temporary Redirect" {
		t.Error(err)
	}
}

func TestStatusesHaveTheirClass(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		304: drivers.ErrNotModified, 400: drivers.ErrInvalid, 401: drivers.ErrDenied, 403: drivers.ErrDenied, 404: drivers.ErrNotFound,
		408: drivers.ErrUnavailable, 409: drivers.ErrConflict, 412: drivers.ErrPrecondition, 413: drivers.ErrTooLarge,
		416: drivers.ErrInvalidRange, 429: drivers.ErrSlowDown, 500: drivers.ErrUnavailable, 501: drivers.ErrUnsupported,
		502: drivers.ErrUnavailable, 503: drivers.ErrUnavailable, 504: drivers.ErrUnavailable, 507: drivers.ErrNoSpace,
	} {
		cause := errors.New("cause")
		if err := upstream.FromStatus(status, http.Header{}, cause); !errors.Is(err, want) || !errors.Is(err, cause) {
			t.Errorf("%d: %v", status, err)
		}
	}
	plain := errors.New("teapot")
	if err := upstream.FromStatus(418, http.Header{}, plain); err != plain {
		t.Error(err)
	}
}

func TestTheStoreSaysWhenToComeAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status int
		header http.Header
		want   time.Duration
	}{
		"seconds":         {503, http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		"a date":          {429, http.Header{"Retry-After": {"Wed, 21 Oct 2015 07:28:10 GMT"}, "Date": {"Wed, 21 Oct 2015 07:28:00 GMT"}}, 10 * time.Second},
		"milliseconds":    {503, http.Header{"Retry-After": {"7"}, "X-Ms-Retry-After-Ms": {"1500"}}, 1500 * time.Millisecond},
		"an age":          {503, http.Header{"Retry-After": {"99999999"}}, time.Hour},
		"a past date":     {503, http.Header{"Retry-After": {"Wed, 21 Oct 2015 07:28:10 GMT"}}, 0},
		"nonsense":        {503, http.Header{"Retry-After": {"-3"}}, 0},
		"nothing":         {503, nil, 0},
		"of another kind": {403, http.Header{"Retry-After": {"7"}}, 0},
	} {
		if got := drivers.After(upstream.FromStatus(c.status, c.header, errors.New("x"))); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// BenchmarkDownloads compares the protocols; Transport takes HTTP/1.1.
func BenchmarkDownloads(b *testing.B) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 8<<20/16)
	for _, h2 := range []bool{false, true} {
		b.Run(fmt.Sprintf("http2=%t", h2), func(b *testing.B) {
			s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }))
			s.EnableHTTP2 = h2
			s.StartTLS()
			defer s.Close()
			t := upstream.Transport(upstream.Config{})
			t.TLSClientConfig.RootCAs = s.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			if h2 {
				t.Protocols.SetHTTP2(true)
			}
			defer t.CloseIdleConnections()
			c := &http.Client{Transport: t}
			b.SetBytes(int64(len(data)))
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					res, err := c.Get(s.URL)
					if err != nil {
						b.Error(err)
						return
					}
					if res.ProtoMajor == 2 != h2 {
						b.Errorf("HTTP/%d", res.ProtoMajor)
					}
					_, err = io.Copy(io.Discard, res.Body)
					if err = errors.Join(err, res.Body.Close()); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}
