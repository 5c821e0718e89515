package fault_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/fault"
	"sluice/drivers/mem"
)

func TestConformanceWithoutRules(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver { return fault.New(mem.New()) })
}

func TestConformanceWithShortAndEmptyPagesAndLatency(t *testing.T) {
	t.Parallel()
	short := &fault.Rule{Op: "List", MaxKeys: 3}
	empty := &fault.Rule{Op: "List", Every: 3, EmptyPage: true}
	slow := &fault.Rule{Probability: 0.01, Latency: time.Millisecond}
	drivertest.Run(t, func(*testing.T) drivers.Driver { return fault.New(mem.New(), short, empty, slow) })
	t.Cleanup(func() {
		for _, r := range []*fault.Rule{short, empty, slow} {
			if r.Surfaced() == 0 {
				t.Errorf("a rule never surfaced: %+v", r)
			}
		}
	})
}

func TestConformanceOfStagingOverShortAndEmptyPages(t *testing.T) {
	t.Parallel()
	short := &fault.Rule{Op: "List", MaxKeys: 2}
	empty := &fault.Rule{Op: "List", Every: 2, EmptyPage: true}
	drivertest.Run(t, func(*testing.T) drivers.Driver {
		return drivers.Staging(fault.New(drivertest.Plain(mem.New()), short, empty))
	}, drivertest.Staged())
}

// open makes a faulty driver with one bucket, and what is behind it.
func open(t *testing.T, rules ...*fault.Rule) (faulty, behind drivers.Bucket) {
	t.Helper()
	child := mem.New()
	if err := child.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return fault.New(child, rules...).Bucket("b"), child.Bucket("b")
}

func put(ctx context.Context, b drivers.Bucket, key, body string) error {
	_, err := b.Put(ctx, key, strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
	return err
}

func TestRulesHitTheCallsTheyName(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule *fault.Rule
		want string // of 8 puts, x for a hit
	}{
		"each":         {&fault.Rule{Op: "Put"}, "xxxxxxxx"},
		"another call": {&fault.Rule{Op: "Get"}, "........"},
		"nth":          {&fault.Rule{Op: "Put", Nth: 3}, "..x....."},
		"every":        {&fault.Rule{Every: 3}, "..x..x.."},
		"bucket":       {&fault.Rule{Bucket: "other"}, "........"},
		"prefix":       {&fault.Rule{Prefix: "odd"}, "x.x.x.x."},
		"seed 1":       {&fault.Rule{Probability: 0.5, Seed: 1}, ""},
		"seed 1 again": {&fault.Rule{Probability: 0.5, Seed: 1}, ""},
	} {
		c.rule.Err = drivers.ErrUnavailable
		b, behind := open(t, c.rule)
		got, hits := "", int64(0)
		for i := range 8 {
			key := []string{"odd", "even"}[i%2]
			switch err := put(t.Context(), b, key, "x"); {
			case err == nil:
				got += "."
			case errors.Is(err, drivers.ErrUnavailable):
				got += "x"
				hits++
			default:
				t.Fatal(err)
			}
		}
		if c.want == "" {
			c.want = "x...x..."
		}
		if got != c.want || c.rule.Surfaced() != hits {
			t.Errorf("%s: %s, surfaced %d times; want %s", name, got, c.rule.Surfaced(), c.want)
		}
		if page, err := behind.List(t.Context(), drivers.ListOptions{}); err != nil || (len(page.Objects) == 0) != (hits == 8) {
			t.Errorf("%s: behind are %v, %v", name, page, err)
		}
	}
}

func TestALateFaultHidesWhatWasDone(t *testing.T) {
	t.Parallel()
	b, behind := open(t, &fault.Rule{Op: "Put", Err: drivers.ErrUnavailable, Late: true}, &fault.Rule{Op: "Get", Err: drivers.ErrSlowDown, Late: true})
	if err := put(t.Context(), b, "key", "x"); !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
	if _, err := behind.Head(t.Context(), "key", drivers.GetOptions{}); err != nil {
		t.Errorf("behind: %v", err)
	}
	if obj, err := b.Get(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrSlowDown) || obj.Body != nil {
		t.Errorf("Get: %v, %v", obj, err)
	}
}

func TestBodiesBreakOffBothWays(t *testing.T) {
	t.Parallel()
	at := int64(5)
	in := &fault.Rule{Op: "Put", Err: drivers.ErrUnavailable, BodyBytes: &at}
	out := &fault.Rule{Op: "Get", Err: drivers.ErrUnavailable, BodyBytes: &at}
	b, behind := open(t, in, out)
	if err := put(t.Context(), b, "key", "longer than that"); !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
	if _, err := behind.Head(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
		t.Errorf("the broken Put left something: %v", err)
	}
	if err := put(t.Context(), behind, "key", "longer than that"); err != nil {
		t.Fatal(err)
	}
	obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Body.Close()
	got, err := io.ReadAll(obj.Body)
	if string(got) != "longe" || !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("Get: %q, %v", got, err)
	}
	if in.Surfaced() != 1 || out.Surfaced() != 1 {
		t.Errorf("surfaced %d and %d times", in.Surfaced(), out.Surfaced())
	}
}

func TestLatencyEndsWithTheContext(t *testing.T) {
	t.Parallel()
	b, _ := open(t, &fault.Rule{Latency: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := put(ctx, b, "key", "x"); !errors.Is(err, context.Canceled) {
		t.Errorf("Put: %v", err)
	}
}

func TestARuleIsSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	r := &fault.Rule{Err: drivers.ErrUnavailable}
	b, _ := open(t, r)
	for _, on := range []bool{true, false, true} {
		r.Enable(on)
		if err := put(t.Context(), b, "key", "x"); (err != nil) != on {
			t.Errorf("switched on: %t, error: %v", on, err)
		}
	}
}

func TestOpenRefusesWhatMakesNoSense(t *testing.T) {
	t.Parallel()
	env := drivers.Env{Node: "shaky", Child: func(name string) (drivers.Driver, error) {
		if name != "disk" {
			return nil, drivers.ErrInvalid
		}
		return mem.New(), nil
	}}
	minus := int64(-1)
	for name, c := range map[string]struct {
		config fault.Config
		ok     bool
	}{
		"good":             {fault.Config{Child: "disk", Rules: []fault.RuleConfig{{Op: "Put", Error: "unavailable"}, {MaxKeys: 2}}}, true},
		"no child":         {fault.Config{}, false},
		"unknown error":    {fault.Config{Child: "disk", Rules: []fault.RuleConfig{{Error: "boom"}}}, false},
		"probability":      {fault.Config{Child: "disk", Rules: []fault.RuleConfig{{Probability: 2, Error: "unavailable"}}}, false},
		"negative":         {fault.Config{Child: "disk", Rules: []fault.RuleConfig{{BodyBytes: &minus, Error: "unavailable"}}}, false},
		"late, no error":   {fault.Config{Child: "disk", Rules: []fault.RuleConfig{{Late: true}}}, false},
		"breaks, no error": {fault.Config{Child: "disk", Rules: []fault.RuleConfig{{BodyBytes: new(int64)}}}, false},
	} {
		d, err := fault.Open(t.Context(), c.config, env)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil {
			_, err = d.Bucket("b").Put(t.Context(), "k", strings.NewReader("x"), drivers.PutOptions{Size: 1})
			if err == nil || !strings.HasPrefix(err.Error(), "shaky: Put b/k: ") {
				t.Errorf("error %v", err)
			}
		}
	}
}
