package observe_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/limit"
	"sluice/drivers/mem"
	"sluice/drivers/observe"
	"sluice/drivers/retry"
)

func metrics(t testing.TB) (*observe.Metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	m, err := observe.NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	return m, registry
}

func TestConformance(t *testing.T) {
	t.Parallel()
	m, _ := metrics(t)
	drivertest.Run(t, func(*testing.T) drivers.Driver { return observe.New(mem.New(), "mem", m) })
}

func TestConformanceOfWrappersInWrappers(t *testing.T) {
	t.Parallel()
	m, _ := metrics(t)
	drivertest.Run(t, func(*testing.T) drivers.Driver {
		d := limit.New(mem.New(), limit.Config{RequestsPerSecond: 1e6, MaxConcurrent: 100, MaxWait: time.Minute})
		return observe.New(retry.New(d, retry.Config{}), "mem", m)
	})
}

// gather reads all metrics: "name{label values}" to the value, of histograms the count.
func gather(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetValue())
			}
			v := m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount())
			all[fmt.Sprintf("%s%v", strings.TrimPrefix(f.GetName(), "sluice_driver_"), labels)] = v
		}
	}
	return all
}

func TestCallsOutcomesAndBytesAreCounted(t *testing.T) {
	t.Parallel()
	m, registry := metrics(t)
	d := observe.New(mem.New(), "disk", m)
	ctx := t.Context()
	if err := d.CreateBucket(ctx, "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	b := d.Bucket("b")
	for range 3 { // of a length that nobody knows beforehand
		if _, err := b.Put(ctx, "key", strings.NewReader("0123456789"), drivers.PutOptions{Size: -1}); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = b.Head(ctx, "missing", drivers.GetOptions{})
	_, _ = b.Head(ctx, "key", drivers.GetOptions{Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}})
	obj, err := b.Get(ctx, "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := gather(t, registry)["open_bodies[disk]"]; got != 1 {
		t.Errorf("%v bodies are open", got)
	}
	_, _ = io.CopyN(io.Discard, obj.Body, 4)
	obj.Body.Close()
	obj.Body.Close()
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	_, _ = b.Put(canceled, "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
	got := gather(t, registry)
	for name, want := range map[string]float64{
		"call_seconds[disk CreateBucket ok]": 1, "call_seconds[disk Put ok]": 3, "call_seconds[disk Put canceled]": 1,
		"call_seconds[disk Head not_found]": 1, "call_seconds[disk Head condition]": 1, "call_seconds[disk Get ok]": 1,
		"bytes_total[disk Put]": 30, "bytes_total[disk Get]": 4, "bytes_total[disk PutPart]": 0, "open_bodies[disk]": 0,
	} {
		// the labels come sorted by name: node, op, outcome
		if v, ok := got[name]; !ok || v != want {
			t.Errorf("%s is %v, want %v; all: %v", name, v, want, got)
		}
	}
}

func TestEverySentinelHasAClass(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		drivers.ErrNotFound, drivers.ErrNoVersion, drivers.ErrNoBucket, drivers.ErrBucketExists, drivers.ErrNotEmpty, drivers.ErrNoUpload,
		drivers.ErrInvalidPart, drivers.ErrPartOrder, drivers.ErrPartTooSmall, drivers.ErrPartNumber, drivers.ErrPrecondition,
		drivers.ErrNotModified, drivers.ErrConflict, drivers.ErrInvalidRange, drivers.ErrInvalid, drivers.ErrKeyTooLong, drivers.ErrDenied,
		drivers.ErrTooLarge, drivers.ErrDigestMismatch, drivers.ErrNoSpace, drivers.ErrUnavailable, drivers.ErrSlowDown, drivers.ErrReadOnly,
		drivers.ErrUnsupported, context.Canceled, context.DeadlineExceeded,
	} {
		if got := observe.Outcome(&drivers.Error{Err: err}); got == "error" || got == "ok" {
			t.Errorf("%v is %q", err, got)
		}
	}
	if got := observe.Outcome(io.ErrShortWrite); got != "error" {
		t.Errorf("an unknown error is %q", got)
	}
}

// writerTo is a body that sends itself.
type writerTo struct {
	io.Reader
	sent *bool
}

func (w writerTo) WriteTo(io.Writer) (int64, error) { *w.sent = true; return 7, nil }
func (writerTo) Close() error                       { return nil }

func TestABodyThatSendsItselfStillDoes(t *testing.T) {
	t.Parallel()
	m, registry := metrics(t)
	child := mem.New()
	if err := child.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := child.Bucket("b").Put(t.Context(), "key", strings.NewReader(""), drivers.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	sent := false
	child = drivers.Intercept(child, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		err := next(ctx)
		c.Object.Body = writerTo{c.Object.Body, &sent}
		return err
	})
	d := limit.New(child, limit.Config{MaxConcurrent: 1})
	obj, err := observe.New(retry.New(d, retry.Config{}), "disk", m).Bucket("b").Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, obj.Body); n != 7 || err != nil || !sent {
		t.Errorf("%d bytes, %v, sent by itself: %t", n, err, sent)
	}
	obj.Body.Close()
	if got := gather(t, registry)["bytes_total[disk Get]"]; got != 7 {
		t.Errorf("%v bytes counted", got)
	}
}

func BenchmarkHead(b *testing.B) {
	m, _ := metrics(b)
	for name, wrap := range map[string]func(drivers.Driver) drivers.Driver{
		"bare": func(d drivers.Driver) drivers.Driver { return d },
		"intercept": func(d drivers.Driver) drivers.Driver {
			return drivers.Intercept(d, func(ctx context.Context, _ *drivers.Call, next func(context.Context) error) error { return next(ctx) })
		},
		"observe": func(d drivers.Driver) drivers.Driver { return observe.New(d, "mem", m) },
		"retry":   func(d drivers.Driver) drivers.Driver { return retry.New(d, retry.Config{}) },
		"limit": func(d drivers.Driver) drivers.Driver {
			return limit.New(d, limit.Config{RequestsPerSecond: 1e9, MaxConcurrent: 100})
		},
	} {
		b.Run(name, func(b *testing.B) {
			d := wrap(mem.New())
			if err := d.CreateBucket(b.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
				b.Fatal(err)
			}
			bucket := d.Bucket("b")
			if _, err := bucket.Put(b.Context(), "key", strings.NewReader(""), drivers.PutOptions{}); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := bucket.Head(b.Context(), "key", drivers.GetOptions{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// breaking is a driver with a breaker.
type breaking struct {
	drivers.Driver
	tell func(open bool)
}

func (b *breaking) OnBreaker(f func(open bool)) { b.tell = f; f(false) }

func TestABreakerIsSeenThroughWrappers(t *testing.T) {
	t.Parallel()
	m, registry := metrics(t)
	store := &breaking{Driver: mem.New()}
	observe.New(retry.New(store, retry.Config{}), "cloud", m)
	observe.New(mem.New(), "mem", m)
	for _, open := range []bool{false, true, false} {
		store.tell(open)
		all := gather(t, registry)
		if got, there := all["breaker_open[cloud]"]; !there || got == 1 != open {
			t.Errorf("%v, there %t; want %t", got, there, open)
		}
		if _, there := all["breaker_open[mem]"]; there {
			t.Error("a driver without a breaker has one")
		}
	}
}
