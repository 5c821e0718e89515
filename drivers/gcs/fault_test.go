package gcs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/gcs/gcstest"
	"sluice/drivers/upstream"
)

// failing1 fails the first request of an operation.
func failing1(op string, answer func() int) func(string, *http.Request) int {
	var done atomic.Bool
	return func(got string, _ *http.Request) int {
		if got != op || done.Swap(true) {
			return 0
		}
		return answer()
	}
}

func TestFaultsAreClassified(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		want   error
		after  time.Duration
	}{
		{http.StatusTooManyRequests, drivers.ErrSlowDown, 9 * time.Second},
		{http.StatusServiceUnavailable, drivers.ErrUnavailable, 9 * time.Second},
		{http.StatusInternalServerError, drivers.ErrUnavailable, 9 * time.Second},
		{http.StatusRequestTimeout, drivers.ErrUnavailable, 9 * time.Second},
		{http.StatusForbidden, drivers.ErrDenied, 0},
		{http.StatusUnauthorized, drivers.ErrDenied, 0},
		{http.StatusRequestEntityTooLarge, drivers.ErrTooLarge, 0},
		{gcstest.Drop, drivers.ErrUnavailable, 0},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			t.Parallel()
			var on atomic.Bool
			w := newWorld(t, func(s *gcstest.Server) {
				s.RetryAfter = "9"
				s.Fail = func(string, *http.Request) int {
					if on.Load() {
						return c.status
					}
					return 0
				}
			})
			w.put("key", "x", "", nil)
			on.Store(true)
			for name, call := range w.calls() {
				err := call(t.Context())
				if name == "Check" && c.status == http.StatusForbidden {
					if err != nil {
						t.Errorf("a project whose buckets may not be listed is not usable: %v", err)
					}
					continue
				}
				var at *drivers.Error
				if !errors.Is(err, c.want) || !errors.As(err, &at) || at.Node != "gcp" {
					t.Errorf("%s: error is %v, want %v", name, err, c.want)
				}
				if got := drivers.After(err); got != c.after {
					t.Errorf("%s: come again after %v, want %v", name, got, c.after)
				}
			}
		})
	}
}

// calls are one of each kind.
func (w *world) calls() map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"Put": func(ctx context.Context) error {
			body, o := options(strings.NewReader("y"), 1, "")
			_, err := w.b.Put(ctx, "key", body, o)
			return err
		},
		"Put of much": func(ctx context.Context) error {
			body, o := options(strings.NewReader(large), len(large), "")
			_, err := w.b.Put(ctx, "key", body, o)
			return err
		},
		"Get": func(ctx context.Context) error {
			_, err := w.b.Get(ctx, "key", drivers.GetOptions{})
			return err
		},
		"Head": func(ctx context.Context) error {
			_, err := w.b.Head(ctx, "key", drivers.GetOptions{})
			return err
		},
		"Delete": func(ctx context.Context) error {
			_, err := w.b.Delete(ctx, "key", drivers.DeleteOptions{})
			return err
		},
		"List": func(ctx context.Context) error {
			_, err := w.b.List(ctx, drivers.ListOptions{})
			return err
		},
		"Copy": func(ctx context.Context) error {
			_, err := drivers.Copy(ctx, w.b, "copy", w.b, "key", drivers.CopyOptions{})
			return err
		},
		"SetTags":    func(ctx context.Context) error { return drivers.SetTags(ctx, w.b, "key", "", nil) },
		"StatBucket": func(ctx context.Context) error { _, err := w.d.StatBucket(ctx, bucketName); return err },
		"Check":      func(ctx context.Context) error { return drivers.Check(ctx, w.d) },
	}
}

func TestAFailureInTheMiddleLeavesNoScratch(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusServiceUnavailable, gcstest.Drop} {
		w := newWorld(t, func(s *gcstest.Server) { s.Fail = failing1("objects.compose", func() int { return status }) })
		body, o := options(strings.NewReader(large), len(large), "")
		if _, err := w.b.Put(t.Context(), "key", body, o); !errors.Is(err, drivers.ErrUnavailable) {
			t.Errorf("error is %v", err)
		}
		if live, _ := w.server.Objects(bucketName); len(live) > 0 {
			t.Errorf("the store has %q", live)
		}
	}
}

func TestTheEndOfAWriteWaitsUntilTheStoreTakesIt(t *testing.T) {
	t.Parallel()
	for name, op := range map[string]string{"key": "objects.compose", drivers.StagingPrefix + "u/part-00001": "objects.patch"} {
		var refused atomic.Int32
		w := newWorld(t, func(s *gcstest.Server) {
			s.Fail = func(got string, _ *http.Request) int {
				if got == op && refused.Add(1) < 4 {
					return http.StatusTooManyRequests
				}
				return 0
			}
		})
		w.leaf.SetPause(time.Millisecond)
		w.put(name, large, "", nil)
		if got := w.get(name, drivers.GetOptions{}); got != large {
			t.Errorf("%s: the object has %d bytes", name, len(got))
		}
		w.leaf.SetPause(time.Hour)
		refused.Store(0)
		body, o := options(strings.NewReader(large), len(large), "")
		if _, err := w.b.Put(t.Context(), name, body, o); !errors.Is(err, drivers.ErrSlowDown) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// A part of an upload may be sent twice at the same time, its upload may end meanwhile, and its client may leave.
func TestAPartIsStoredWhateverHappensToItNext(t *testing.T) {
	t.Parallel()
	const name = drivers.StagingPrefix + "u/part-00001"
	for what, happens := range map[string]func(w *world, leave func()){
		"it is sent again": func(w *world, _ func()) { w.must(w.server.Store(bucketName, storage.Object{Name: name}, "again")) },
		"its upload ends": func(w *world, _ func()) {
			_, err := w.leaf.Bucket(bucketName).Delete(w.Context(), name, drivers.DeleteOptions{})
			w.must(err)
		},
		"its client leaves": func(_ *world, leave func()) { leave() },
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			var w *world
			once := failing1("objects.patch", func() int { happens(w, leave); return 0 })
			w = newWorld(t, func(s *gcstest.Server) { s.Fail = once })
			body, o := options(strings.NewReader(large), len(large), "")
			info, err := w.b.Put(ctx, name, body, o)
			if w.must(err); info.ETag != o.Digest().ETag || info.Checksum != o.Digest().Checksum {
				t.Errorf("the part is %+v", info)
			}
			if now, err := w.b.Head(t.Context(), name, drivers.GetOptions{}); what == "its client leaves" && (err != nil || now.Checksum != info.Checksum) {
				t.Errorf("the part is %+v, error %v: the upload can never be completed", now, err)
			}
		})
	}
}

func TestAStoreThatDeletesNoSourcesIsCleanedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *gcstest.Server) { s.LeavesSources = true })
	for range 2 {
		w.put("key", large, "", nil)
		w.asked("objects.insert", "objects.compose", "objects.delete")
	}
	if live, _ := w.server.Objects(bucketName); !slices.Equal(live, []string{"key"}) {
		t.Errorf("the store has %q", live)
	}
}

func TestAnotherWriteGetsInBetween(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		cond func(drivers.Info) drivers.Conditions
		want error
	}{
		{"of an ETag that is gone", func(i drivers.Info) drivers.Conditions { return drivers.Conditions{IfMatch: []string{i.ETag}} }, drivers.ErrPrecondition},
		{"of any object", func(drivers.Info) drivers.Conditions { return drivers.Conditions{IfMatch: []string{"*"}} }, drivers.ErrConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var w *world
			w = newWorld(t, func(s *gcstest.Server) {
				s.Fail = func(op string, r *http.Request) int {
					if op == "objects.insert" && r.URL.Query().Get("ifGenerationMatch") != "" {
						w.must(w.server.Store(bucketName, storage.Object{Name: "key"}, "in between"))
					}
					return 0
				}
			})
			info := w.put("key", "x", "", nil)
			body, o := options(strings.NewReader("y"), 1, "")
			o.Conditions = c.cond(info)
			if _, err := w.b.Put(t.Context(), "key", body, o); !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
			if got := w.get("key", drivers.GetOptions{}); got != "in between" {
				t.Errorf("the object is %q", got)
			}
		})
	}
}

func TestTagsAreSetAgainstOtherChanges(t *testing.T) {
	t.Parallel()
	var w *world
	fail := failing1("objects.patch", func() int {
		w.must(w.server.Store(bucketName, storage.Object{Name: "key", Metadata: map[string]string{"a": "b"}}, "in between"))
		return 0
	})
	w = newWorld(t, func(s *gcstest.Server) { s.Fail = fail })
	w.put("key", "x", "", nil)
	w.must(drivers.SetTags(t.Context(), w.b, "key", "", []drivers.Tag{{Key: "k", Value: "v"}}))
	info, err := w.b.Head(t.Context(), "key", drivers.GetOptions{})
	w.must(err)
	if info.TagCount != 1 || info.Header.Metadata["a"] != "b" || info.Size != int64(len("in between")) {
		t.Errorf("the object is %+v", info)
	}
}

func TestACopyFollowsItsSource(t *testing.T) {
	t.Parallel()
	var w *world
	fail := failing1("objects.rewrite", func() int {
		w.must(w.server.Store(bucketName, storage.Object{Name: "source", Md5Hash: "XrY7u+Ae7tCTyyK7j1rNww=="}, "hello world"))
		return 0
	})
	w = newWorld(t, func(s *gcstest.Server) {
		s.Fail = fail
		s.RewriteBytes = 4
	})
	w.put("source", "x", "", nil)
	w.server.Requests()
	_, err := drivers.Copy(t.Context(), w.b, "copy", w.b, "source", drivers.CopyOptions{})
	w.must(err)
	w.asked("objects.get", "objects.rewrite", "objects.get", "objects.get", "objects.rewrite", "objects.rewrite", "objects.rewrite")
	if got := w.get("copy", drivers.GetOptions{}); got != "hello world" {
		t.Errorf("the copy is %q", got)
	}
}

// A client takes an answer for whole that has as many bytes as were announced, so it must not get the last of them.
func TestDamagedContentIsNoObject(t *testing.T) {
	t.Parallel()
	for _, attempts := range []int{1, 4} { // and what is left of it is not asked for again
		leaf, server := newDriver(t, nil)
		d := upstream.Wrap(leaf, upstream.Config{Attempts: attempts}, drivers.Env{Node: "gcp"})
		w := &world{T: t, server: server, leaf: leaf, d: d, b: d.Bucket(bucketName)}
		w.must(d.CreateBucket(t.Context(), bucketName, drivers.CreateBucketOptions{}))
		w.put("key", large, "", nil)
		server.Damage(bucketName, "key")
		obj, err := w.b.Get(t.Context(), "key", drivers.GetOptions{})
		w.must(err)
		defer obj.Body.Close()
		content, err := io.ReadAll(obj.Body)
		if err == nil || errors.Is(err, drivers.ErrUnavailable) || len(content) >= len(large) {
			t.Errorf("%d bytes of damaged content are read, of %d: %v", len(content), len(large), err)
		}
	}
}

// flipping changes one byte of what goes through it.
type flipping struct{ io.ReadCloser }

func (f flipping) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if i := strings.Index(string(p[:n]), "0123456789abcde"); i >= 0 {
		p[i] = 'x'
	}
	return n, err
}

func TestContentThatIsDamagedOnItsWayReplacesNothing(t *testing.T) {
	t.Parallel()
	h := checksum.CRC32C.New()
	_, _ = io.WriteString(h, large)
	sum := checksum.New(checksum.CRC32C, h.Sum(nil))
	w := newWorld(t, func(s *gcstest.Server) {
		s.Fail = func(op string, r *http.Request) int {
			r.Body = flipping{r.Body}
			return 0
		}
	})
	w.put("key", "before", "", nil)
	for name, announced := range map[string]checksum.Checksum{"announced": sum, "known at the end": {Algorithm: checksum.CRC32C, Type: checksum.FullObject}} {
		body := drivers.NewDigestReader(strings.NewReader(large), int64(len(large)), checksum.CRC32C)
		_, err := w.b.Put(t.Context(), "key", body, drivers.PutOptions{Size: int64(len(large)), Digest: body.Digest, Checksum: announced})
		if !errors.Is(err, drivers.ErrUnavailable) {
			t.Errorf("%s: error is %v", name, err)
		}
		if w.server.Object(bucketName, "key") == nil {
			t.Fatalf("%s: the object from before is gone", name)
		}
	}
}
