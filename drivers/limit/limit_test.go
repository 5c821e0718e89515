package limit_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/limit"
	"sluice/drivers/mem"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver {
		return limit.New(mem.New(), limit.Config{RequestsPerSecond: 1e6, BytesPerSecond: 4 << 30, MaxConcurrent: 50, MaxWait: time.Minute})
	})
}

func TestConformanceOfStagingOverALimit(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver {
		return drivers.Staging(limit.New(drivertest.Plain(mem.New()), limit.Config{MaxConcurrent: 200, MaxWait: time.Minute}))
	}, drivertest.Staged())
}

// open makes a bucket that holds "key", of 1 MiB.
func open(t *testing.T, c limit.Config) drivers.Bucket {
	t.Helper()
	child := mem.New()
	if err := child.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	body := strings.Repeat("x", 1<<20)
	if _, err := child.Bucket("b").Put(t.Context(), "key", strings.NewReader(body), drivers.PutOptions{Size: 1 << 20}); err != nil {
		t.Fatal(err)
	}
	return limit.New(child, c).Bucket("b")
}

func TestACallWithoutAPlaceIsToldToSlowDown(t *testing.T) {
	t.Parallel()
	b := open(t, limit.Config{MaxConcurrent: 1, MaxWait: time.Millisecond})
	obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrSlowDown) {
		t.Errorf("a second Get beside an open body: %v", err)
	}
	if _, err := b.Head(t.Context(), "key", drivers.GetOptions{}); err != nil {
		t.Errorf("a Head beside an open body: %v", err)
	}
	for range 2 { // closing twice gives one place back
		if err := obj.Body.Close(); err != nil {
			t.Error(err)
		}
	}
	for range 3 { // a call that fails gives its place back
		if _, err := b.Get(t.Context(), "missing", drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("a Get after it was closed: %v", err)
		}
	}
}

func TestACopyInOnePlaceWorks(t *testing.T) {
	t.Parallel()
	b := open(t, limit.Config{MaxConcurrent: 1, MaxWait: time.Millisecond})
	if _, err := drivers.Copy(t.Context(), b, "copy", b, "key", drivers.CopyOptions{}); err != nil {
		t.Error(err)
	}
}

func TestRequestsComeAtTheirRate(t *testing.T) {
	t.Parallel()
	b := open(t, limit.Config{RequestsPerSecond: 2, MaxWait: time.Millisecond})
	for i := range 5 {
		_, err := b.Head(t.Context(), "key", drivers.GetOptions{})
		if i < 2 && err != nil || i >= 2 && !errors.Is(err, drivers.ErrSlowDown) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}

func TestBytesFlowAtTheirRate(t *testing.T) {
	t.Parallel()
	b := open(t, limit.Config{BytesPerSecond: 4 << 20})
	began := time.Now()
	obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := io.Copy(io.Discard, obj.Body)
	if err = errors.Join(err, obj.Body.Close()); err != nil || n != 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("1 MiB at 4 MiB/s took %v", took)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	body := struct{ io.Reader }{strings.NewReader(strings.Repeat("x", 1<<20))}
	if _, err := b.Put(ctx, "new", body, drivers.PutOptions{Size: 1 << 20}); err == nil {
		t.Error("a body came faster than its rate")
	}
	if _, err := b.Head(t.Context(), "new", drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
		t.Errorf("it left something: %v", err)
	}
}
