package retry_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/fault"
	"sluice/drivers/mem"
	"sluice/drivers/retry"
)

func quick() retry.Config {
	return retry.Config{Attempts: 20, MinDelay: time.Microsecond, MaxDelay: time.Millisecond, Budget: 5}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver { return retry.New(mem.New(), retry.Config{}) })
}

func TestConformanceOverAFaultyChild(t *testing.T) {
	t.Parallel()
	at := int64(10_000)
	rules := []*fault.Rule{
		{Probability: 0.1, Seed: 1, Err: drivers.ErrSlowDown},
		{Op: "Get", Probability: 0.3, Seed: 2, Err: drivers.ErrUnavailable},
		{Op: "Get", Probability: 0.5, Seed: 3, Err: drivers.ErrUnavailable, BodyBytes: &at},
		{Op: "Get", Every: 10, Err: drivers.ErrUnavailable, Late: true},
	}
	drivertest.Run(t, func(*testing.T) drivers.Driver { return retry.New(fault.New(mem.New(), rules...), quick()) })
	t.Cleanup(func() {
		for i, r := range rules {
			if r.Surfaced() == 0 {
				t.Errorf("rule %d never surfaced", i)
			}
		}
	})
}

// open makes a driver with a bucket that holds "key", and what is behind the faults.
func open(t *testing.T, c retry.Config, rules ...*fault.Rule) (b, behind drivers.Bucket) {
	t.Helper()
	child := mem.New()
	if err := child.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	behind = child.Bucket("b")
	if _, err := behind.Put(t.Context(), "key", strings.NewReader("0123456789"), drivers.PutOptions{Size: 10}); err != nil {
		t.Fatal(err)
	}
	return retry.New(fault.New(child, rules...), c).Bucket("b"), behind
}

// unseekable hides what else a reader can do.
func unseekable(s string) io.Reader { return struct{ io.Reader }{strings.NewReader(s)} }

func TestOnlySafeCallsAreRepeated(t *testing.T) {
	t.Parallel()
	first := drivers.Conditions{IfNoneMatch: []string{"*"}}
	put := func(body func() io.Reader, o drivers.PutOptions) func(context.Context, drivers.Bucket) error {
		return func(ctx context.Context, b drivers.Bucket) error {
			o.Size = 4
			_, err := b.Put(ctx, "new", body(), o)
			return err
		}
	}
	stream, seeker := func() io.Reader { return unseekable("body") }, func() io.Reader { return strings.NewReader("body") }
	at := int64(2)
	slow, down := drivers.ErrSlowDown, drivers.ErrUnavailable
	for name, c := range map[string]struct {
		rule *fault.Rule
		call func(context.Context, drivers.Bucket) error
		ok   bool
	}{
		"a read": {&fault.Rule{Err: down}, func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Head(ctx, "key", drivers.GetOptions{})
			return err
		}, true},
		"a listing": {&fault.Rule{Err: down}, func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.List(ctx, drivers.ListOptions{})
			return err
		}, true},
		"a delete": {&fault.Rule{Err: down, Late: true}, func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Delete(ctx, "key", drivers.DeleteOptions{})
			return err
		}, true},
		"a conditional delete": {&fault.Rule{Err: down, Late: true}, func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Delete(ctx, "key", drivers.DeleteOptions{Conditions: drivers.Conditions{IfMatch: []string{"*"}}})
			return err
		}, false},
		"a put, untouched":                      {&fault.Rule{Err: down}, put(stream, drivers.PutOptions{}), true},
		"a put, touched":                        {&fault.Rule{Err: down, Late: true}, put(stream, drivers.PutOptions{}), false},
		"a put, broken off":                     {&fault.Rule{Err: down, BodyBytes: &at}, put(stream, drivers.PutOptions{}), false},
		"a put, seekable":                       {&fault.Rule{Err: down, Late: true}, put(seeker, drivers.PutOptions{}), true},
		"a conditional put, unavailable":        {&fault.Rule{Err: down}, put(stream, drivers.PutOptions{Conditions: first}), false},
		"a conditional put, asked to slow down": {&fault.Rule{Err: slow}, put(stream, drivers.PutOptions{Conditions: first}), true},
		"a new upload": {&fault.Rule{Err: down}, func(ctx context.Context, b drivers.Bucket) error {
			_, err := drivers.Multiparts(b).CreateUpload(ctx, "k", drivers.CreateUploadOptions{})
			return err
		}, false},
		"another error": {&fault.Rule{Err: drivers.ErrDenied}, put(stream, drivers.PutOptions{}), false},
	} {
		rule := c.rule
		rule.Nth = 1
		b, behind := open(t, quick(), rule)
		err := c.call(t.Context(), b)
		if (err == nil) != c.ok || rule.Surfaced() != 1 {
			t.Errorf("%s: error %v, surfaced %d times", name, err, rule.Surfaced())
		}
		if obj, gerr := behind.Get(t.Context(), "new", drivers.GetOptions{}); gerr == nil {
			if body, _ := io.ReadAll(obj.Body); string(body) != "body" {
				t.Errorf("%s: stored %q", name, body)
			}
		} else if strings.HasPrefix(name, "a put") && c.ok {
			t.Errorf("%s: not stored", name)
		}
	}
}

func TestABrokenBodyGoesOnAtTheSameWrite(t *testing.T) {
	t.Parallel()
	at := int64(3)
	rule := &fault.Rule{Op: "Get", Err: drivers.ErrUnavailable, BodyBytes: &at}
	b, behind := open(t, quick(), rule)
	for _, r := range []struct {
		drivers.Range
		want string
	}{{drivers.Range{}, "0123456789"}, {drivers.Range{Start: 1, Length: 8}, "12345678"}, {drivers.Range{Start: -5}, "56789"}} {
		obj, err := b.Get(t.Context(), "key", drivers.GetOptions{Range: r.Range})
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(obj.Body); string(body) != r.want || err != nil {
			t.Errorf("%+v: %q, %v", r, body, err)
		}
		obj.Body.Close()
		obj, err = b.Get(t.Context(), "key", drivers.GetOptions{Range: r.Range})
		if err != nil {
			t.Fatal(err)
		}
		var to strings.Builder
		if _, err := obj.Body.(io.WriterTo).WriteTo(&to); to.String() != r.want || err != nil {
			t.Errorf("%+v: %q, %v", r, to.String(), err)
		}
		obj.Body.Close()
	}
	obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Body.Close()
	if _, err := behind.Put(t.Context(), "key", strings.NewReader("abcdefghij"), drivers.PutOptions{Size: 10}); err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(obj.Body); string(body) != "012" || !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("after an overwrite: %q, %v", body, err)
	}
}

func TestTheBudgetBoundsRetries(t *testing.T) {
	t.Parallel()
	rule := &fault.Rule{Err: drivers.ErrUnavailable}
	c := quick()
	c.Budget = 0.1
	b, _ := open(t, c, rule)
	const calls = 200
	for range calls {
		if _, err := b.Head(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrUnavailable) {
			t.Fatal(err)
		}
	}
	if retries := rule.Surfaced() - calls; retries > 20+calls/10 || retries < calls/10 {
		t.Errorf("%d retries of %d calls", retries, calls)
	}
}

func TestAWaitEndsWithTheContext(t *testing.T) {
	t.Parallel()
	rule := &fault.Rule{Err: drivers.ErrUnavailable}
	b, _ := open(t, retry.Config{MinDelay: time.Hour, MaxDelay: time.Hour}, rule)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := b.Head(ctx, "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrUnavailable) || !errors.Is(err, ctx.Err()) {
		t.Errorf("error %v, want the last one of the child and the context's", err)
	}
	if rule.Surfaced() != 1 {
		t.Errorf("tried %d times", rule.Surfaced())
	}
}

func TestTheStoresWishIsWaitedFor(t *testing.T) {
	t.Parallel()
	for after, tried := range map[time.Duration]int64{time.Second: 2, time.Minute: 1} {
		synctest.Test(t, func(t *testing.T) {
			wish := &drivers.RetryAfter{Err: drivers.ErrSlowDown, After: after}
			rule := &fault.Rule{Op: "Head", Err: wish}
			b, _ := open(t, retry.Config{Attempts: 2, MaxDelay: 5 * time.Second}, rule)
			began := time.Now()
			_, err := b.Head(t.Context(), "key", drivers.GetOptions{})
			if took := time.Since(began); drivers.After(err) != after || rule.Surfaced() != tried || tried > 1 && took < after || tried == 1 && took > 0 {
				t.Errorf("after %v: %v, tried %d times in %v", after, err, rule.Surfaced(), took)
			}
		})
	}
}

// tokenless is a store whose objects have no identity.
func tokenless(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	err := next(ctx)
	if c.Op == "Get" && err == nil {
		c.Object.Token = ""
	}
	return err
}

func TestABodyOfNoKnownWriteIsNotResumed(t *testing.T) {
	t.Parallel()
	at := int64(3)
	child := mem.New()
	if err := child.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := child.Bucket("b").Put(t.Context(), "key", strings.NewReader("0123456789"), drivers.PutOptions{Size: 10}); err != nil {
		t.Fatal(err)
	}
	broken := fault.New(drivers.Intercept(child, tokenless), &fault.Rule{Op: "Get", Err: drivers.ErrUnavailable, BodyBytes: &at})
	obj, err := retry.New(broken, quick()).Bucket("b").Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Body.Close()
	if body, err := io.ReadAll(obj.Body); string(body) != "012" || !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("%q, %v", body, err)
	}
}

// A store that hangs until its time-out must not hold a client for as many time-outs as there are tries.
func TestAHangingStoreIsNotTriedAgainForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := &fault.Rule{Op: "Head", Latency: time.Minute, Err: drivers.ErrUnavailable}
		b, _ := open(t, retry.Config{}, hangs)
		began := time.Now()
		_, err := b.Head(t.Context(), "key", drivers.GetOptions{})
		if took := time.Since(began); !errors.Is(err, drivers.ErrUnavailable) || took != time.Minute {
			t.Errorf("%v after %v", err, took)
		}
	})
}

func TestADownloadOutlivesAnOutageOfSeconds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		outage time.Duration
		whole  bool
	}{"of seconds": {10 * time.Second, true}, "for good": {time.Hour, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				at := int64(4)
				breaks := &fault.Rule{Op: "Get", Nth: 1, Err: drivers.ErrUnavailable, BodyBytes: &at}
				down := &fault.Rule{Op: "Get", Err: drivers.ErrUnavailable}
				down.Enable(false)
				b, _ := open(t, retry.Config{}, breaks, down)
				obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
				if err != nil {
					t.Fatal(err)
				}
				defer obj.Body.Close()
				down.Enable(true)
				time.AfterFunc(c.outage, func() { down.Enable(false) })
				began := time.Now()
				body, err := io.ReadAll(obj.Body)
				if whole := string(body) == "0123456789" && err == nil; whole != c.whole {
					t.Errorf("%q, %v", body, err)
				}
				if took := time.Since(began); took > 40*time.Second {
					t.Errorf("given up after %v", took)
				}
				time.Sleep(c.outage) // for the timer
			})
		})
	}
}
