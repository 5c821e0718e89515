package cdk_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
	"gocloud.dev/blob"

	"sluice/drivers"
	"sluice/drivers/cdk"
)

// inMemory opens a driver with the bucket "b".
func inMemory(t *testing.T) drivers.Driver {
	t.Helper()
	d, err := cdk.Open(t.Context(), cdk.Config{URL: "mem://"}, drivers.Env{})
	must(t, err)
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	return d
}

func TestLocksOfAKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := inMemory(t)
		lock := func(ctx context.Context, key string, write bool) func() {
			t.Helper()
			unlock, err := cdk.Lock(ctx, d, "b", key, write)
			must(t, err)
			return unlock
		}
		reader, other := lock(t.Context(), "key", false), lock(t.Context(), "key", false)
		elsewhere := lock(t.Context(), "other", true)

		var order []string
		var mu sync.Mutex
		var wg sync.WaitGroup
		later := func(name string, write bool) {
			wg.Go(func() {
				unlock := lock(t.Context(), "key", write)
				mu.Lock()
				order = append(order, name)
				mu.Unlock()
				unlock()
			})
			synctest.Wait()
		}
		later("writer", true)
		later("reader", false) // comes later, and so waits for the writer
		if n := cdk.Waiting(d, "b", "key"); n != 4 || len(order) > 0 {
			t.Errorf("%d hold or wait, done: %v", n, order)
		}
		ctx, cancel := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := cdk.Lock(ctx, d, "b", "key", true); !errors.Is(err, context.Canceled) {
				t.Errorf("a lock of an ended context says %v", err)
			}
		})
		synctest.Wait()
		cancel()
		reader()
		other()
		wg.Wait()
		if len(order) != 2 || order[0] != "writer" {
			t.Errorf("order is %v", order)
		}
		elsewhere()
		for _, key := range []string{"key", "other"} {
			if n := cdk.Waiting(d, "b", key); n != 0 {
				t.Errorf("%d are left at %s", n, key)
			}
		}
	})
}

func TestABlockedWriteEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := inMemory(t)
		put(t, d.Bucket("b"), "key", "old", drivers.PutOptions{})
		unlock, err := cdk.Lock(t.Context(), d, "b", "key", true)
		must(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				_, err := d.Bucket("b").Delete(ctx, "key", drivers.DeleteOptions{})
				if err != context.Canceled {
					t.Errorf("error is %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		wg.Wait()
		unlock()
		if body, _ := get(t, d.Bucket("b"), "key", drivers.GetOptions{}); body != "old" {
			t.Errorf("body is %q", body)
		}
	})
}

func TestMain(m *testing.M) {
	blob.DefaultURLMux().RegisterBucket("far", linked)
	goleak.VerifyTestMain(m)
}
