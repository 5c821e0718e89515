package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeForever(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

func open(t *testing.T, c Config) Store {
	t.Helper()
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// everyEngine runs a test on each engine.
func everyEngine(t *testing.T, test func(t *testing.T, s Store)) {
	for _, engine := range []string{EngineEmbedded, EngineMemory} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, Config{Engine: engine, Dir: filepath.Join(t.TempDir(), "odd ?#%20name", "state")}))
		})
	}
}

func bucket(name string) Bucket {
	return Bucket{Name: name, Account: "acme", Created: time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestBucketRecordsComeBackAsPut(t *testing.T) {
	t.Parallel()
	everyEngine(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if _, err := s.Bucket(ctx, "photos"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a bucket without a record: %v, want ErrNotFound", err)
		}
		must(t, s.PutBucket(ctx, bucket("photos")))
		must(t, s.PutBucket(ctx, bucket("Zebra")))
		must(t, s.PutBucket(ctx, bucket("a'); DROP TABLE buckets; --")))
		got, err := s.Bucket(ctx, "photos")
		must(t, err)
		if diff := cmp.Diff(bucket("photos"), got); diff != "" {
			t.Errorf("Bucket (-want +got):\n%s", diff)
		}
		all, err := s.Buckets(ctx)
		must(t, err)
		want := []Bucket{bucket("Zebra"), bucket("a'); DROP TABLE buckets; --"), bucket("photos")}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Errorf("Buckets (-want +got):\n%s", diff)
		}
		must(t, s.DeleteBucket(ctx, "photos"))
		must(t, s.DeleteBucket(ctx, "never-there"))
		if _, err := s.Bucket(ctx, "photos"); !errors.Is(err, ErrNotFound) {
			t.Errorf("a deleted bucket: %v, want ErrNotFound", err)
		}
	})
}

func TestSettingsBelongToTheirBucket(t *testing.T) {
	t.Parallel()
	everyEngine(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		has := func(bucket, name, want string, wantOK bool) {
			t.Helper()
			got, ok, err := s.Setting(ctx, bucket, name)
			if err != nil || ok != wantOK || string(got) != want {
				t.Errorf("Setting(%s, %s) = %q, %v, %v; want %q, %v", bucket, name, got, ok, err, want, wantOK)
			}
		}
		has("photos", "cors", "", false)
		must(t, s.PutSetting(ctx, "photos", "cors", []byte("one"))) // also without a record
		must(t, s.PutSetting(ctx, "photos", "tagging", nil))
		must(t, s.PutSetting(ctx, "films", "cors", []byte("two")))
		has("photos", "cors", "one", true)
		has("photos", "tagging", "", true)
		has("films", "cors", "two", true)
		must(t, s.PutSetting(ctx, "photos", "cors", []byte("three")))
		has("photos", "cors", "three", true)
		must(t, s.DeleteSetting(ctx, "photos", "cors"))
		must(t, s.DeleteSetting(ctx, "photos", "cors"))
		has("photos", "cors", "", false)
		must(t, s.DeleteBucket(ctx, "films"))
		has("films", "cors", "", false)
	})
}

func TestNewBucketInheritsNoSettings(t *testing.T) {
	t.Parallel()
	everyEngine(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		must(t, s.PutSetting(ctx, "photos", "policy", []byte("open to all")))
		must(t, s.PutBucket(ctx, bucket("photos")))
		if _, ok, err := s.Setting(ctx, "photos", "policy"); ok || err != nil {
			t.Errorf("a new bucket has the policy of an earlier one (%v)", err)
		}
	})
}

func TestFirstValueStays(t *testing.T) {
	t.Parallel()
	everyEngine(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if _, ok, err := s.Value(ctx, "key"); ok || err != nil {
			t.Errorf("a value that was never set: %v, %v", ok, err)
		}
		for _, v := range []string{"first", "second"} {
			got, err := s.AddValue(ctx, "key", []byte(v))
			if err != nil || string(got) != "first" {
				t.Errorf("AddValue(%s) = %q, %v; want the first", v, got, err)
			}
		}
		if got, ok, err := s.Value(ctx, "key"); string(got) != "first" || !ok || err != nil {
			t.Errorf("Value = %q, %v, %v", got, ok, err)
		}
	})
}

func TestConcurrentWritersSeeTheirOwnWrites(t *testing.T) {
	t.Parallel()
	everyEngine(t, func(t *testing.T, s Store) {
		var wg sync.WaitGroup
		for w := range 8 {
			wg.Go(func() {
				for i := range 20 {
					name := fmt.Sprintf("bucket-%d-%d", w, i)
					doc := fmt.Sprintf("document %d", i)
					if err := s.PutBucket(t.Context(), bucket(name)); err != nil {
						t.Errorf("PutBucket: %v", err)
					}
					if _, err := s.Bucket(t.Context(), name); err != nil {
						t.Errorf("Bucket after PutBucket: %v", err)
					}
					if err := s.PutSetting(t.Context(), "shared", fmt.Sprint(w), []byte(doc)); err != nil {
						t.Errorf("PutSetting: %v", err)
					}
					if got, _, err := s.Setting(t.Context(), "shared", fmt.Sprint(w)); string(got) != doc || err != nil {
						t.Errorf("Setting after PutSetting = %q, %v; want %q", got, err, doc)
					}
				}
			})
		}
		wg.Wait()
		if all, err := s.Buckets(t.Context()); len(all) != 160 || err != nil {
			t.Errorf("%d buckets, %v; want 160", len(all), err)
		}
	})
}

func TestRecordsOutliveTheStore(t *testing.T) {
	t.Parallel()
	c := Config{Engine: EngineEmbedded, Dir: t.TempDir()}
	s, err := Open(t.Context(), c)
	must(t, err)
	must(t, s.PutBucket(t.Context(), bucket("photos")))
	must(t, s.PutSetting(t.Context(), "photos", "cors", []byte("doc")))
	must(t, s.Close())
	again := open(t, c)
	if _, err := again.Bucket(t.Context(), "photos"); err != nil {
		t.Errorf("Bucket after reopening: %v", err)
	}
	if doc, _, err := again.Setting(t.Context(), "photos", "cors"); string(doc) != "doc" || err != nil {
		t.Errorf("Setting after reopening: %q, %v", doc, err)
	}
}

func TestWritesByAnotherStoreAreSeenInTime(t *testing.T) {
	t.Parallel()
	c := Config{Engine: EngineEmbedded, Dir: t.TempDir()}
	here, there := open(t, c), open(t, c)
	ctx := t.Context()
	for i := range 5 {
		name, doc := "photos", fmt.Sprint(i)
		_, _, err := here.Setting(ctx, name, "cors") // now in memory
		must(t, err)
		must(t, there.PutSetting(ctx, name, "cors", []byte(doc)))
		deadline := time.Now().Add(Staleness)
		for {
			asked := time.Now()
			got, _, err := here.Setting(ctx, name, "cors")
			must(t, err)
			if string(got) == doc {
				break
			}
			if asked.After(deadline) {
				t.Fatalf("%v after the bound the other store's write is not seen", time.Since(deadline))
			}
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	loads := 0
	c := newCache(func(context.Context, string) (*record, error) { loads++; return &record{}, nil }, nil)
	for i := range 3*maxCached + 1 {
		if _, err := c.get(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(c.records) > maxCached || loads != 3*maxCached+1 {
		t.Errorf("%d records in memory after %d loads, at most %d are allowed", len(c.records), loads, maxCached)
	}
}

func TestLoadThatAWriteOvertookIsNotKept(t *testing.T) {
	t.Parallel()
	var c *cache
	old := &record{bucket: Bucket{Account: "old"}}
	c = newCache(func(context.Context, string) (*record, error) {
		c.forget("photos") // a write ends while the old record is on its way
		return old, nil
	}, nil)
	_, err := c.get(t.Context(), "photos")
	must(t, err)
	if c.records["photos"] != nil {
		t.Error("a record from before the write is in memory")
	}
}

func BenchmarkBucket(b *testing.B) {
	s, err := Open(b.Context(), Config{Engine: EngineEmbedded, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.PutBucket(b.Context(), bucket("photos")); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := s.Bucket(b.Context(), "photos"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkPutBucket(b *testing.B) {
	s, err := Open(b.Context(), Config{Engine: EngineEmbedded, Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for b.Loop() {
		if err := s.PutBucket(b.Context(), bucket("photos")); err != nil {
			b.Fatal(err)
		}
	}
}
