package upstream_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// stuck is a body that yields some bytes and then nothing, until its context ends.
type stuck struct {
	io.Reader
	ctx context.Context
	io.Closer
}

func (s stuck) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err == io.EOF {
		<-s.ctx.Done()
		return 0, s.ctx.Err()
	}
	return n, err
}

// stalling makes the first bodies of Gets stop after three bytes, and calls of other kinds never answer.
func stalling(d drivers.Driver, bodies int) drivers.Driver {
	return drivers.Intercept(d, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		if c.Op == "Head" {
			<-ctx.Done()
			return ctx.Err()
		}
		err := next(ctx)
		if c.Op == "Get" && err == nil && bodies > 0 {
			bodies--
			c.Object.Body = stuck{io.LimitReader(c.Object.Body, 3), ctx, c.Object.Body}
		}
		return err
	})
}

func TestAStalledDownloadGoesOnAtTheSameWrite(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		overwrite bool
		want      string
		err       error
	}{
		"same write":    {false, "0123456789", nil},
		"another write": {true, "012", drivers.ErrUnavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newStore(t)
			if err := put(t.Context(), s.Bucket("b"), "key", strings.NewReader("0123456789"), 10); err != nil {
				t.Fatal(err)
			}
			d := wrap(stalling(s, 2), upstream.Config{RetryBudget: 1})
			obj, err := d.Bucket("b").Get(t.Context(), "key", drivers.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if c.overwrite {
				if err := put(t.Context(), s.Bucket("b"), "key", strings.NewReader("abcdefghij"), 10); err != nil {
					t.Fatal(err)
				}
			}
			began := time.Now()
			body, err := io.ReadAll(obj.Body)
			if string(body) != c.want || !errors.Is(err, c.err) {
				t.Errorf("%s: %q, %v", name, body, err)
			}
			if e := (*drivers.Error)(nil); err != nil && (!errors.As(err, &e) || e.Node != "up" || e.Bucket != "b" || e.Key != "key") {
				t.Errorf("%s: %v does not say where", name, err)
			}
			if took := time.Since(began); took < 30*time.Second || took > 62*time.Second {
				t.Errorf("%s: took %v", name, took)
			}
			if err := obj.Body.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestASlowReaderIsNoStall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		if err := put(t.Context(), s.Bucket("b"), "key", strings.NewReader("0123456789"), 10); err != nil {
			t.Fatal(err)
		}
		obj, err := wrap(s, upstream.Config{Attempts: 1}).Bucket("b").Get(t.Context(), "key", drivers.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer obj.Body.Close()
		for range 10 {
			time.Sleep(time.Hour)
			if _, err := io.ReadFull(obj.Body, make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAStoreThatDoesNotAnswerIsUnavailable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := wrap(stalling(newStore(t), 0), upstream.Config{Attempts: 1})
		began := time.Now()
		if err := head(t, d.Bucket("b")); !errors.Is(err, drivers.ErrUnavailable) || time.Since(began) != 90*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := d.Bucket("b").Head(ctx, "key", drivers.GetOptions{})
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, drivers.ErrUnavailable) {
			t.Errorf("the caller's own time: %v", err)
		}
	})
}

func TestCallsWaitForAPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := wrap(stalling(newStore(t), 0), upstream.Config{Attempts: 1, MaxConnections: 1})
		go func() { _, _ = d.Bucket("b").Head(t.Context(), "key", drivers.GetOptions{}) }()
		synctest.Wait()
		began := time.Now()
		if err := head(t, d.Bucket("b")); !errors.Is(err, drivers.ErrSlowDown) || time.Since(began) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}
