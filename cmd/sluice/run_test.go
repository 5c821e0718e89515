package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sluice/gateway/sigv4"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// output collects what a command writes, and can be waited on.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
	more chan struct{} // closed and replaced at each write
}

func newOutput() *output { return &output{more: make(chan struct{})} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	close(o.more)
	o.more = make(chan struct{})
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await returns the first match of a pattern's group, when it has been written.
func (o *output) await(t *testing.T, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	giveUp := time.After(30 * time.Second)
	for {
		o.mu.Lock()
		text, more := o.text.String(), o.more
		o.mu.Unlock()
		if m := re.FindStringSubmatch(text); m != nil {
			return m[len(m)-1]
		}
		select {
		case <-more:
		case <-giveUp:
			t.Fatalf("nothing matches %s in:\n%s", pattern, text)
		}
	}
}

// server is a gateway under test.
type server struct {
	t              *testing.T
	stdout, stderr *output
	hangup         chan os.Signal
	stop           func() error // tells it to end, and waits
	url            string
	key            sigv4.Credentials
}

var testKey = sigv4.Credentials{AccessKey: "TESTKEY", SecretKey: "test-secret-key"}

// start runs the gateway until the test ends.
func start(t *testing.T, env map[string]string, args ...string) *server {
	t.Helper()
	s := &server{t: t, stdout: newOutput(), stderr: newOutput(), hangup: make(chan os.Signal), key: testKey}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, args...), host{
			stdout: s.stdout, stderr: s.stderr, hangup: s.hangup,
			env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		})
	}()
	s.stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Errorf("serve: %v", err)
		}
		if t.Failed() {
			t.Logf("its log:\n%s", s.stderr)
		}
	})
	s.url = s.stdout.await(t, `S3 at (https?://\S+)`)
	return s
}

func (s *server) admin() string {
	return "http://" + s.stderr.await(s.t, `admin=(\S+)`)
}

// request makes a signed request.
func (s *server) request(method, path string, body io.Reader) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := sigv4.Sign(r, s.key, "us-east-1", sigv4.UnsignedPayload, time.Now()); err != nil {
		s.t.Fatal(err)
	}
	return r
}

// do makes a signed request and returns its status and body.
func (s *server) do(method, path, body string) (int, string) {
	s.t.Helper()
	return s.send(http.DefaultClient, s.request(method, path, strings.NewReader(body)))
}

func (s *server) send(c *http.Client, r *http.Request) (int, string) {
	s.t.Helper()
	resp, err := c.Do(r)
	if err != nil {
		s.t.Error(err)
		return 0, ""
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Error(err)
	}
	return resp.StatusCode, string(got)
}

func (s *server) want(method, path, body string, status int, answer string) {
	s.t.Helper()
	if code, got := s.do(method, path, body); code != status || answer != "" && got != answer {
		s.t.Errorf("%s %s: %d %q, want %d %q", method, path, code, got, status, answer)
	}
}

// write writes a file into a new folder and returns its name.
func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// call runs a command that ends by itself.
func call(t *testing.T, env map[string]string, args ...string) (stdout string, err error) {
	t.Helper()
	out := newOutput()
	err = run(t.Context(), args, host{
		stdout: out, stderr: t.Output(),
		env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
	})
	return out.String(), err
}
