package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/gateway"
)

// failing is a driver whose objects' bodies break after some bytes.
type failing struct {
	drivers.Driver
	after int64
	err   error
}

func (f failing) Bucket(name string) drivers.Bucket { return failingBucket{f.Driver.Bucket(name), f} }

type failingBucket struct {
	drivers.Bucket
	f failing
}

func (b failingBucket) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	obj, err := b.Bucket.Get(ctx, key, o)
	if err == nil {
		body := obj.Body
		tail := io.Reader(brokenReader{b.f.err})
		if b.f.err == io.EOF {
			tail = strings.NewReader("")
		}
		obj.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(io.LimitReader(body, b.f.after), tail), body}
	}
	return obj, err
}

type brokenReader struct{ err error }

func (r brokenReader) Read([]byte) (int, error) { return 0, r.err }

func TestBodyThatBreaksOnTheWayBreaksTheConnection(t *testing.T) {
	t.Parallel()
	for _, size := range []int{100, 200_000} {
		for _, cause := range []error{errors.New("disk on fire"), io.EOF, io.ErrUnexpectedEOF} {
			for _, after := range []int{0, size / 2, size - 1} {
				events := make(chan gateway.Event, 8)
				d := newMem(t, "photos")
				s := start(t, failing{d, int64(after), cause}, observe(func(e gateway.Event) { events <- e }))
				s.want(200, "PUT", "/photos/key", strings.Repeat("x", size))
				<-events
				for _, header := range [][]string{nil, {"Range", "bytes=0-"}} {
					r := s.request("GET", "/photos/key", nil, header...)
					sign(admin, r, nil)
					resp, err := s.client.Do(r)
					if err == nil {
						var b []byte
						b, err = io.ReadAll(resp.Body)
						resp.Body.Close()
						if len(b) > after {
							t.Errorf("%d bytes of %d came", len(b), after)
						}
					}
					if err == nil {
						t.Errorf("size %d, %v after %d: the client saw no error", size, cause, after)
					}
					if e := <-events; e.ErrorCode == "" {
						t.Errorf("size %d, %v after %d: event %+v", size, cause, after, e)
					}
				}
			}
		}
	}
}

func TestUploadsOfAnotherLengthThanDeclaredLeaveNothing(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	body := strings.Repeat("x", 1000)
	text := s.spell(admin, "PUT", "/photos/key", body)
	for _, cut := range []int{1, 500, 1000} {
		c := s.dial()
		_, _ = io.WriteString(c, text[:len(text)-cut])
		_ = c.Close()
	}
	// What comes behind the declared length is another request, and no part of this one.
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	short := strings.Replace(head, "Content-Length: 1000", "Content-Length: 999", 1) + "\r\n\r\n" + body
	if got := s.answers(short); len(got) == 0 || slices.Max(got) != 400 || slices.Min(got) != 400 {
		t.Errorf("shorter Content-Length: %v", got)
	}
	if a := s.want(200, "GET", "/photos", ""); len(a.texts("Key")) > 0 {
		t.Errorf("there are %q", a.texts("Key"))
	}
	s.want(200, "PUT", "/photos/key", body)
	if a := s.want(200, "GET", "/photos/key", ""); a.body != body {
		t.Errorf("%d bytes", len(a.body))
	}
}

func TestClientThatGoesAwayInTheMiddleLeavesNothing(t *testing.T) {
	t.Parallel()
	ended := make(chan gateway.Event, 1)
	s := start(t, newMem(t, "photos"), observe(func(e gateway.Event) { ended <- e }))
	id := s.want(200, "POST", "/photos/parts?uploads", "").text("UploadId")
	<-ended
	for _, path := range []string{"/photos/key", "/photos/parts?partNumber=1&uploadId=" + id} {
		text := s.spell(admin, "PUT", path, strings.Repeat("x", 1<<20))
		c := s.dial()
		_, _ = io.WriteString(c, text[:100_000])
		_ = c.Close()
		if e := <-ended; e.Status == 200 || e.ErrorCode == "" {
			t.Errorf("event %+v", e)
		}
	}
	if a := s.want(200, "GET", "/photos", ""); len(a.texts("Key")) > 0 {
		t.Errorf("there are %q", a.texts("Key"))
	}
	<-ended
	if a := s.want(200, "GET", "/photos/parts?uploadId="+id, ""); len(a.texts("PartNumber")) > 0 {
		t.Errorf("there are parts: %s", a.body)
	}
}

// logged collects what is logged.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// option makes the gateway log to l.
func (l *logged) option(o *gateway.Options) {
	o.Log = slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

func TestErrorsOfDriversBecomeCodesOfS3(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		code   string
		logged bool
	}{
		{drivers.ErrNotFound, 404, "NoSuchKey", false},
		{drivers.ErrNoBucket, 404, "NoSuchBucket", false},
		{drivers.ErrNoVersion, 404, "NoSuchVersion", false},
		{drivers.ErrConflict, 409, "ConditionalRequestConflict", false},
		{drivers.ErrPrecondition, 412, "PreconditionFailed", false},
		{drivers.ErrDenied, 403, "AccessDenied", false},
		{drivers.ErrReadOnly, 403, "AccessDenied", false},
		{drivers.ErrTooLarge, 400, "EntityTooLarge", false},
		{drivers.ErrInvalid, 400, "InvalidArgument", false},
		{drivers.ErrDigestMismatch, 400, "BadDigest", false},
		{drivers.ErrUnsupported, 501, "NotImplemented", false},
		{drivers.ErrNoSpace, 507, "InsufficientStorage", true},
		{drivers.ErrSlowDown, 503, "SlowDown", true},
		{drivers.ErrUnavailable, 503, "ServiceUnavailable", true},
		{errors.New("password=hunter2 at 10.0.0.7"), 500, "InternalError", true},
	} {
		for _, wrapped := range []error{c.err, &drivers.Error{Node: "disk", Op: "Op", Err: c.err}, fmt.Errorf("here: %w", c.err)} {
			var log logged
			s := start(t, spy(newMem(t, "photos"), func(op, _, _ string) error { return wrapped }), log.option)
			for _, request := range []string{"PUT /photos/key", "GET /photos/key", "HEAD /photos/key", "GET /photos?list-type=2", "GET /photos/key?tagging", "POST /photos/key?uploads"} {
				method, path, _ := strings.Cut(request, " ")
				a := s.do(admin, method, path, "")
				if a.status != c.status || method != "HEAD" && a.code() != c.code {
					t.Errorf("%s, %v: %d %s, want %d %s", request, wrapped, a.status, a.code(), c.status, c.code)
				}
				if strings.Contains(a.body, "hunter2") || strings.Contains(a.body, "disk") {
					t.Errorf("%s: the client is told %s", request, a.body)
				}
				if retry := a.header.Get("Retry-After") != ""; retry != (c.status == 503) {
					t.Errorf("%s: Retry-After is there: %v", c.code, retry)
				}
				id := a.header.Get("X-Amz-Request-Id")
				_, byNode := wrapped.(*drivers.Error) //nolint:errorlint // as it was made above
				tells := c.logged || c.err == drivers.ErrDenied && byNode
				if n := strings.Count(log.String(), "request_id="+id); n != map[bool]int{true: 1}[tells] {
					t.Errorf("%s, %v: logged %d times\n%s", request, wrapped, n, log.String())
				}
			}
		}
	}
}

func TestTheStoresRetryAfterReachesTheClient(t *testing.T) {
	t.Parallel()
	for after, want := range map[time.Duration]string{0: "1", time.Millisecond: "1", 1500 * time.Millisecond: "2", time.Minute: "60"} {
		err := &drivers.Error{Op: "Put", Err: &drivers.RetryAfter{Err: drivers.ErrSlowDown, After: after}}
		s := start(t, spy(newMem(t, "photos"), func(string, string, string) error { return err }))
		if a := s.do(admin, "PUT", "/photos/key", "x"); a.code() != "SlowDown" || a.header.Get("Retry-After") != want {
			t.Errorf("after %v: %s, Retry-After %q, want %q", after, a.code(), a.header.Get("Retry-After"), want)
		}
	}
}

func TestPanicOfADriverEndsOneConnectionOnly(t *testing.T) {
	t.Parallel()
	s := start(t, spy(newMem(t, "photos"), func(_, _, key string) error {
		if key == "bad" {
			panic("a bug")
		}
		return nil
	}))
	r := s.request("GET", "/photos/bad", nil)
	sign(admin, r, nil)
	if resp, err := s.client.Do(r); err == nil {
		resp.Body.Close()
		if resp.StatusCode != http.StatusInternalServerError {
			t.Errorf("status %d", resp.StatusCode)
		}
	}
	s.want(200, "PUT", "/photos/good", "x")
	if unused := s.gateway.Swap(s.tree); unused != nil {
		select {
		case <-unused:
		case <-time.After(10 * time.Second):
			t.Error("the tree is still in use")
		}
	}
}
