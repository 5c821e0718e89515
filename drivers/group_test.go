package drivers_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"sluice/drivers"
)

func TestGroupRunsNoMoreThanItsWidthAtOnce(t *testing.T) {
	t.Parallel()
	var now, most, done atomic.Int32
	g := drivers.NewGroup(t.Context(), 3)
	for range 50 {
		g.Go(func(context.Context) error {
			n := now.Add(1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			now.Add(-1)
			done.Add(1)
			return nil
		})
	}
	if err := g.Wait(); err != nil || done.Load() != 50 || most.Load() > 3 {
		t.Errorf("%d done, %d at once, %v", done.Load(), most.Load(), err)
	}
}

func TestGroupEndsAllWithTheFirstError(t *testing.T) {
	t.Parallel()
	first := errors.New("first")
	g := drivers.NewGroup(t.Context(), 4)
	for range 3 {
		g.Go(func(ctx context.Context) error {
			<-ctx.Done() // as a call that waits
			if cause := context.Cause(ctx); cause != first {
				t.Errorf("ended for %v", cause)
			}
			return ctx.Err()
		})
	}
	g.Go(func(context.Context) error { return first })
	if err := g.Wait(); err != first {
		t.Errorf("error %v", err)
	}
}

func TestGroupEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	g := drivers.NewGroup(ctx, 1)
	g.Go(func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	cancel()
	if err := g.Wait(); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestErrorTellsWhereAndWhat(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]*drivers.Error{
		"disk: Put photos/a.jpg: store is out of space": {Node: "disk", Op: "Put", Bucket: "photos", Key: "a.jpg", Err: drivers.ErrNoSpace},
		"ListBuckets: store denied the access":          {Op: "ListBuckets", Err: drivers.ErrDenied},
		"aws: StatBucket x: no such bucket":             {Node: "aws", Op: "StatBucket", Bucket: "x", Err: drivers.ErrNoBucket},
	} {
		if e.Error() != want {
			t.Errorf("%q, want %q", e, want)
		}
		if !errors.Is(e, e.Err) {
			t.Errorf("%q hides its reason", e)
		}
	}
}
