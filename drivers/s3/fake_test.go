package s3_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/s3"
)

// request is one that the fake has got, with its body.
type request struct {
	*http.Request
	body string
	err  error // of reading the body
}

// is tells whether it is a request of that method for that path and query, which may be left out.
func (r request) is(method, uri string) bool {
	return r.Method == method && (r.URL.Path == uri || r.URL.RequestURI() == uri)
}

// fake is a store that answers as a test says. It reads a request's body before it answers, unless unread is set: then it reads
// so many bytes of it.
type fake struct {
	*httptest.Server
	unread   bool
	first    int64
	mu       sync.Mutex
	requests []request
}

// answer is what the fake says: headers as "Name: value".
type answer struct {
	status int
	header []string
	body   string
}

// startFake starts a fake; respond may be called by several goroutines.
func startFake(t *testing.T, respond func(r request) answer) *fake {
	t.Helper()
	f := &fake{}
	f.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := request{Request: r}
		if f.unread {
			_, _ = io.CopyN(io.Discard, r.Body, f.first)
		} else {
			var body []byte
			body, got.err = io.ReadAll(r.Body)
			got.body = string(body)
		}
		f.mu.Lock()
		f.requests = append(f.requests, got)
		f.mu.Unlock()
		a := respond(got)
		for _, h := range a.header {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Add(name, value)
		}
		if a.status == 0 {
			a.status = http.StatusOK
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	}))
	f.Config.ErrorLog = log.New(io.Discard, "", 0)
	f.StartTLS()
	t.Cleanup(f.Close)
	return f
}

// always answers every request alike.
func always(a answer) func(request) answer { return func(request) answer { return a } }

// seen are the requests so far.
func (f *fake) seen() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.requests)
}

// only is the one request that there must have been.
func (f *fake) only(t *testing.T) request {
	t.Helper()
	all := f.seen()
	if len(all) != 1 {
		for _, r := range all {
			t.Logf("%s %s", r.Method, r.URL)
		}
		t.Fatalf("%d requests, want one", len(all))
	}
	return all[0]
}

// client reaches the fake under every name.
func (f *fake) client(t *testing.T) *http.Client {
	t.Helper()
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, f.Listener.Addr().String())
		},
		TLSClientConfig:       &tls.Config{InsecureSkipVerify: true},
		DisableCompression:    true,
		ExpectContinueTimeout: time.Minute, // a store that waits for nothing says so
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// open opens the fake as AWS itself, or as another store where c has an endpoint.
func (f *fake) open(t *testing.T, c s3.Config) *s3.Driver {
	t.Helper()
	if c.AccessKey == "" && c.WebIdentity == (s3.WebIdentity{}) {
		c.AccessKey, c.SecretKey = "AKIDEXAMPLE", "verysecret"
	}
	if c.Region == "" {
		c.Region = "eu-west-1"
	}
	c.PathStyle = true
	d, err := s3.New(t.Context(), c, s3.Options{Node: "aws", HTTP: f.client(t)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func (f *fake) bucket(t *testing.T) drivers.Bucket {
	t.Helper()
	return f.open(t, s3.Config{}).Bucket("photos")
}

// other is a config of a store that is not AWS.
func other() s3.Config { return s3.Config{Endpoint: "https://store.example.com"} }

func errorDocument(code, message string) string {
	return "<?xml version=\"1.0\"?>\n<Error><Code>" + code + "</Code><Message>" + message + "</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>"
}

func textLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
