package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/fault"
	"sluice/drivers/mem"
	"sluice/drivers/upstream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quick() upstream.Config {
	return upstream.Config{
		Attempts: 20, MinDelay: time.Microsecond, MaxDelay: time.Millisecond, RetryBudget: 5, Breaker: upstream.Breaker{FailureRate: 1},
	}
}

func wrap(d drivers.Driver, c upstream.Config) drivers.Driver {
	return upstream.Wrap(d, c, drivers.Env{Node: "up"})
}

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver { return wrap(mem.New(), upstream.Config{}) })
}

func TestConformanceUnderStaging(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver {
		return drivers.Staging(wrap(drivertest.Plain(mem.New()), upstream.Config{}))
	}, drivertest.Staged())
}

func TestConformanceOverAFaultyStore(t *testing.T) {
	t.Parallel()
	at := int64(10_000)
	rules := []*fault.Rule{
		{Probability: 0.1, Seed: 1, Err: drivers.ErrSlowDown},
		{Op: "Get", Probability: 0.3, Seed: 2, Err: drivers.ErrUnavailable},
		{Op: "Get", Probability: 0.5, Seed: 3, Err: io.ErrUnexpectedEOF, BodyBytes: &at},
		{Op: "Get", Every: 10, Err: drivers.ErrUnavailable, Late: true},
	}
	drivertest.Run(t, func(*testing.T) drivers.Driver { return wrap(fault.New(mem.New(), rules...), quick()) })
	t.Cleanup(func() {
		for i, r := range rules {
			if r.Surfaced() == 0 {
				t.Errorf("rule %d never surfaced", i)
			}
		}
	})
}

// store is what is behind: it notes the bodies of Puts, and whether it was closed.
type store struct {
	drivers.Driver
	closed bool
	mu     sync.Mutex
	bodies []io.Reader
	mask   bool // errors of Puts lose what caused them, as an SDK's do
}

func newStore(t *testing.T) *store {
	t.Helper()
	s := &store{Driver: mem.New()}
	if err := s.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *store) Close() error { s.closed = true; return nil }

// under returns the store behind rules.
func (s *store) under(rules ...*fault.Rule) drivers.Driver {
	return drivers.Intercept(fault.New(s.Driver, rules...), func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		if c.Body != nil {
			s.mu.Lock()
			s.bodies = append(s.bodies, c.Body)
			s.mu.Unlock()
		}
		err := next(ctx)
		if s.mask && err != nil {
			err = errors.New("operation error PutObject: " + err.Error())
		}
		return err
	})
}

func unseekable(body string) io.Reader { return struct{ io.Reader }{strings.NewReader(body)} }

// failing is a body that fails after some bytes.
func failing(body string, err error) io.Reader {
	return io.MultiReader(strings.NewReader(body), errReader{err})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

var large = strings.Repeat("x", drivers.SmallBody+1)

func put(ctx context.Context, b drivers.Bucket, key string, body io.Reader, size int) error {
	_, err := b.Put(ctx, key, body, drivers.PutOptions{Size: int64(size)})
	return err
}

func content(t *testing.T, b drivers.Bucket, key string) string {
	t.Helper()
	obj, err := b.Get(t.Context(), key, drivers.GetOptions{})
	if err != nil {
		return err.Error()
	}
	defer obj.Body.Close()
	body, err := io.ReadAll(obj.Body)
	if err != nil {
		t.Error(err)
	}
	return string(body)
}

func TestASmallBodyIsBufferedAndSentAgain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	rule := &fault.Rule{Op: "Put", Nth: 1, Err: drivers.ErrUnavailable, Late: true}
	d := wrap(s.under(rule), quick())
	if err := put(t.Context(), d.Bucket("b"), "key", unseekable("body"), 4); err != nil {
		t.Fatal(err)
	}
	if got := content(t, s.Bucket("b"), "key"); got != "body" || rule.Surfaced() != 1 || len(s.bodies) != 2 {
		t.Errorf("stored %q, failed %d times, sent %d bodies", got, rule.Surfaced(), len(s.bodies))
	}
	readers := map[*bytes.Reader]bool{}
	for _, body := range s.bodies {
		b, ok := body.(*drivers.Buffered)
		if !ok {
			t.Fatalf("the store gets a %T", body)
		}
		readers[b.Reader] = true
	}
	if len(readers) != 2 {
		t.Error("two tries share a reader")
	}
}

func TestALargeBodyFailsOnceWithItsCause(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	cause := errors.New("connection reset by peer")
	d := wrap(s.under(&fault.Rule{Op: "Put", Err: fmt.Errorf("%w: %w", drivers.ErrUnavailable, cause), Late: true}), quick())
	err := put(t.Context(), d.Bucket("b"), "key", unseekable(large), len(large))
	if !errors.Is(err, drivers.ErrUnavailable) || !errors.Is(err, cause) || len(s.bodies) != 1 {
		t.Errorf("%v, sent %d times", err, len(s.bodies))
	}
}

func TestABodyErrorComesBackAsItIs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		size int
		sent int
	}{
		"small":             {"bo", 4, 0},
		"small, at its end": {"body", 4, 0},
		"large":             {large[1:], len(large), 1},
		"large, at its end": {large, len(large), 1},
		"of unknown length": {"body", -1, 1},
		"empty, at its end": {"", 0, 0},
	} {
		s := newStore(t)
		s.mask = true
		d := wrap(s.under(), quick())
		failure := &drivers.Error{Op: "Get", Err: drivers.ErrUnavailable} // of the store that a copy reads from
		err := put(t.Context(), d.Bucket("b"), "key", failing(c.body, failure), c.size)
		if err != error(failure) || len(s.bodies) != c.sent {
			t.Errorf("%s: %v, sent %d bodies, want %d", name, err, len(s.bodies), c.sent)
		}
		if got := content(t, s.Bucket("b"), "key"); !strings.Contains(got, drivers.ErrNotFound.Error()) {
			t.Errorf("%s: stored %.10q", name, got)
		}
	}
}

func TestABodyOfAnotherLengthIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body string
		size int
		want error
	}{
		"short, small": {"bod", 4, io.ErrUnexpectedEOF}, "long, small": {"bodyy", 4, drivers.ErrInvalid},
		"short, large": {large, len(large) + 1, io.ErrUnexpectedEOF}, "long, large": {large + "y", len(large), drivers.ErrInvalid},
	} {
		s := newStore(t)
		d := wrap(s.under(), quick())
		if err := put(t.Context(), d.Bucket("b"), "key", unseekable(c.body), c.size); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestWhileBuffersAreScarceBodiesStream(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	d := wrap(s.under(), quick())
	upstream.LimitBuffers(d, 4)
	for _, body := range []string{"body", "bodies", "next"} {
		if err := put(t.Context(), d.Bucket("b"), body, unseekable(body), len(body)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, s.Bucket("b"), body); got != body {
			t.Errorf("stored %q", got)
		}
	}
	for i, want := range []bool{true, false, true} {
		if _, got := s.bodies[i].(*drivers.Buffered); got != want {
			t.Errorf("body %d: buffered %t", i, got)
		}
	}
}

func TestItOwnsTheLeafAndHidesNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	d := wrap(s, upstream.Config{})
	if drivers.Base(d) != drivers.Driver(s) {
		t.Error("the leaf is not the base")
	}
	if err := d.Close(); err != nil || !s.closed {
		t.Errorf("closed %t, %v", s.closed, err)
	}
}

func TestChecksOfTheConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]upstream.Config{
		"attempts": {Attempts: -1}, "retry_budget": {RetryBudget: -1}, "breaker.window": {Breaker: upstream.Breaker{Window: -1}},
		"failure_rate": {Breaker: upstream.Breaker{FailureRate: 1.1}}, "min_delay": {MinDelay: time.Minute},
	} {
		if err := c.Check(); !errors.Is(err, drivers.ErrInvalid) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (upstream.Config{}).Check(); err != nil {
		t.Error(err)
	}
}
