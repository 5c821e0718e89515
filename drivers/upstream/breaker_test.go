package upstream_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/drivers"
	"sluice/drivers/fault"
	"sluice/drivers/upstream"
)

func head(t *testing.T, b drivers.Bucket) error {
	t.Helper()
	_, err := b.Head(t.Context(), "key", drivers.GetOptions{})
	return err
}

func TestTheBreakerOpensProbesAndCloses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &fault.Rule{Err: drivers.ErrUnavailable}
		var log bytes.Buffer
		d := upstream.Wrap(newStore(t).under(down), upstream.Config{Attempts: 1}, drivers.Env{Log: slog.New(slog.NewTextHandler(&log, nil))})
		var states []bool
		drivers.OnBreaker(d, func(open bool) { states = append(states, open) })
		b := d.Bucket("b")
		for range 20 {
			if err := head(t, b); !errors.Is(err, drivers.ErrUnavailable) || drivers.After(err) != 0 {
				t.Fatal(err)
			}
		}
		began := time.Now()
		err := head(t, b)
		if down.Surfaced() != 20 || !errors.Is(err, drivers.ErrUnavailable) || drivers.After(err) != 5*time.Second || time.Since(began) != 0 {
			t.Errorf("while open: %v after %v, the store was asked %d times", err, time.Since(began), down.Surfaced())
		}
		time.Sleep(5 * time.Second)
		for range 3 { // all probes fail
			_ = head(t, b)
		}
		if err := head(t, b); down.Surfaced() != 23 || drivers.After(err) == 0 {
			t.Errorf("after failed probes: %v, the store was asked %d times", err, down.Surfaced())
		}
		time.Sleep(5 * time.Second)
		down.Enable(false)
		for range 10 { // a missing key is an answer
			if err := head(t, b); !errors.Is(err, drivers.ErrNotFound) {
				t.Fatal(err)
			}
		}
		if want := []bool{false, true, true, true, true, false}; !equal(states, want) {
			t.Errorf("states %v, want %v", states, want)
		}
		if text := log.String(); strings.Count(text, "left alone") != 1 || strings.Count(text, "store is back") != 1 {
			t.Errorf("log:\n%s", text)
		}
	})
}

func equal(a, b []bool) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestRetriesEndWhenTheBreakerOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &fault.Rule{Err: drivers.ErrUnavailable}
		d := wrap(newStore(t).under(down), upstream.Config{Attempts: 100, MaxDelay: 50 * time.Millisecond, Breaker: upstream.Breaker{OpenTime: time.Minute}})
		if err := head(t, d.Bucket("b")); !errors.Is(err, drivers.ErrUnavailable) || down.Surfaced() != 20 {
			t.Errorf("%v, the store was asked %d times", err, down.Surfaced())
		}
	})
}

func TestOnlyAFailingStoreOpensTheBreaker(t *testing.T) {
	t.Parallel()
	sourceDown := &drivers.Error{Op: "Get", Err: drivers.ErrUnavailable}
	gone, leave := context.WithCancel(t.Context())
	leave()
	stuck, cancel := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancel()
	at := int64(2)
	for name, c := range map[string]struct {
		rule *fault.Rule
		ctx  context.Context
		call func(ctx context.Context, b drivers.Bucket) error
		open bool
	}{
		"unavailable":  {&fault.Rule{Err: drivers.ErrUnavailable}, nil, nil, true},
		"timed out":    {&fault.Rule{Err: context.DeadlineExceeded}, nil, nil, true},
		"our time-out": {nil, stuck, nil, true},
		"a broken download": {&fault.Rule{Op: "Get", Err: io.ErrUnexpectedEOF, BodyBytes: &at}, nil, func(ctx context.Context, b drivers.Bucket) error {
			obj, err := b.Get(ctx, "full", drivers.GetOptions{})
			if err != nil {
				return err
			}
			defer obj.Body.Close()
			_, err = io.Copy(io.Discard, obj.Body)
			return err
		}, true},
		"slow down":     {&fault.Rule{Err: drivers.ErrSlowDown}, nil, nil, false},
		"denied":        {&fault.Rule{Err: drivers.ErrDenied}, nil, nil, false},
		"a client left": {nil, gone, nil, false},
		"a client's body": {nil, nil, func(ctx context.Context, b drivers.Bucket) error {
			return put(ctx, b, "key", failing("x", sourceDown), len(large))
		}, false},
		"what is not there": {nil, nil, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			if err := put(t.Context(), s.Bucket("b"), "full", strings.NewReader("0123456789"), 10); err != nil {
				t.Fatal(err)
			}
			if c.rule == nil {
				c.rule = &fault.Rule{Op: "none"}
			}
			if c.ctx == nil {
				c.ctx = t.Context()
			}
			if c.call == nil {
				c.call = func(ctx context.Context, b drivers.Bucket) error {
					_, err := b.Head(ctx, "key", drivers.GetOptions{})
					return err
				}
			}
			d := wrap(s.under(c.rule), upstream.Config{Attempts: 1, Breaker: upstream.Breaker{Window: time.Hour, OpenTime: time.Hour}})
			for i := range 50 {
				if err := c.call(c.ctx, d.Bucket("b")); err == nil {
					t.Fatalf("call %d went well", i)
				}
			}
			open := false
			drivers.OnBreaker(d, func(is bool) { open = is })
			if open != c.open {
				t.Errorf("open %t, want %t", open, c.open)
			}
		})
	}
}

// A probe that tells nothing must not take the place of the others for ever.
func TestProbesThatTellNothingGiveWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		down := &fault.Rule{Err: drivers.ErrUnavailable}
		d := wrap(newStore(t).under(down), upstream.Config{Attempts: 1})
		for range 20 {
			_ = head(t, d.Bucket("b"))
		}
		down.Enable(false)
		time.Sleep(5 * time.Second)
		gone, leave := context.WithCancel(t.Context())
		leave()
		for range 10 {
			if _, err := d.Bucket("b").Head(gone, "key", drivers.GetOptions{}); err == nil {
				t.Fatal("a call that was cancelled went well")
			}
		}
		time.Sleep(5 * time.Second)
		if err := head(t, d.Bucket("b")); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("the breaker is stuck: %v", err)
		}
	})
}
