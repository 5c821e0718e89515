package drivers_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

// recorder notes the calls that pass it.
type recorder struct {
	mu    sync.Mutex
	calls []string
}

func (r *recorder) around(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	r.mu.Lock()
	r.calls = append(r.calls, strings.TrimRight(fmt.Sprint(c.Op, " ", c.Bucket, "/", c.Key), "/"))
	r.mu.Unlock()
	return next(ctx)
}

func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

// stageable hides multipart uploads alone, so that the other abilities show through drivers.Staging.
type stageable struct{ drivers.Driver }

func (d stageable) Bucket(name string) drivers.Bucket {
	b := d.Driver.Bucket(name)
	return struct {
		drivers.Bucket
		drivers.Copier
		drivers.Tagger
	}{b, copierOnly{b.(drivers.Copier)}, b.(drivers.Tagger)}
}

// copierOnly finds the store's own bucket in a stageable one.
type copierOnly struct{ drivers.Copier }

func (c copierOnly) CopyFrom(ctx context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	if s, ok := src.(struct {
		drivers.Bucket
		drivers.Copier
		drivers.Tagger
	}); ok {
		src = s.Bucket
	}
	return c.Copier.CopyFrom(ctx, key, src, srcKey, o)
}

func TestAStoreCopiesByItselfThroughWrappers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		wrap     func(d drivers.Driver, r *recorder) (dst, src drivers.Driver)
		want     []string
		uploads  bool
		streamed bool
	}{
		"both": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			w := drivers.Intercept(d, r.around)
			return w, w
		}, []string{"CopySource b/key", "Copy b/copy"}, true, false},
		"destination": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			return drivers.Intercept(d, r.around), d
		}, []string{"Copy b/copy"}, true, false},
		"source": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			return d, drivers.Intercept(d, r.around)
		}, []string{"CopySource b/key"}, true, false},
		"wrappers in wrappers, unlike": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			return drivers.Intercept(drivers.Intercept(d, straight), r.around), drivers.Intercept(drivers.Intercept(d, r.around), straight)
		}, []string{"CopySource b/key", "Copy b/copy"}, true, false},
		"with staging outside": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			w := drivers.Staging(drivers.Intercept(stageable{d}, r.around))
			return w, w
		}, []string{"CopySource b/key", "Copy b/copy"}, false, false},
		"with staging inside": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			w := drivers.Intercept(drivers.Staging(stageable{d}), r.around)
			return w, w
		}, []string{"CopySource b/key", "Copy b/copy"}, false, false},
		"of a store that does not copy": {func(d drivers.Driver, r *recorder) (drivers.Driver, drivers.Driver) {
			w := drivers.Intercept(drivertest.Plain(d), r.around)
			return w, w
		}, []string{"Get b/key", "Put b/copy"}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, r := mem.New(), &recorder{}
			must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
			_, err := d.Bucket("b").Put(t.Context(), "key", strings.NewReader("body"), drivers.PutOptions{Size: 4})
			must(t, err)
			dst, src := c.wrap(d, r)
			_, err = drivers.Copy(t.Context(), dst.Bucket("b"), "copy", src.Bucket("b"), "key", drivers.CopyOptions{})
			must(t, err)
			if calls := r.take(); !slices.Equal(calls, c.want) {
				t.Errorf("calls %q, want %q", calls, c.want)
			}
			if !c.uploads {
				return
			}
			u, err := drivers.Multiparts(dst.Bucket("b")).CreateUpload(t.Context(), "copy", drivers.CreateUploadOptions{})
			must(t, err)
			r.take()
			_, err = drivers.CopyPart(t.Context(), dst.Bucket("b"), "copy", u.ID, 1, src.Bucket("b"), "key", drivers.CopyPartOptions{})
			must(t, err)
			if calls := r.take(); slices.ContainsFunc(calls, func(s string) bool { return strings.HasPrefix(s, "Get") || strings.HasPrefix(s, "Put") }) {
				t.Errorf("a part is streamed: %q", calls)
			}
		})
	}
}

func TestAbilitiesStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]drivers.Driver{"mem": mem.New(), "plain": drivertest.Plain(mem.New())} {
		wrapped := drivers.Intercept(drivers.Intercept(d, straight), straight)
		if got, want := drivers.Abilities(wrapped), drivers.Abilities(d); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
		_, want := d.Bucket("b").(drivers.Multipart)
		if _, got := wrapped.Bucket("b").(drivers.Multipart); got != want {
			t.Errorf("%s: multipart is %t, want %t", name, got, want)
		}
	}
}

// limited is a driver that declares a limit.
type limited struct {
	drivers.Driver
	drivers.Limit
}

func (d limited) Limits() []drivers.Limit { return []drivers.Limit{d.Limit} }

// Unwrap makes a limited one around another a wrapper.
func (d limited) Unwrap() drivers.Driver { return d.Driver }

func TestLimitsAreToldThroughWrappers(t *testing.T) {
	t.Parallel()
	leaf, wrapper := drivers.Limit{Name: "keys", How: "up to 200 bytes"}, drivers.Limit{Name: "tags", How: "not kept"}
	d := drivers.Intercept(drivers.Staging(limited{drivers.Intercept(limited{drivertest.Plain(mem.New()), leaf}, straight), wrapper}), straight)
	if got, want := drivers.Limits(d), []drivers.Limit{wrapper, leaf}; !slices.Equal(got, want) {
		t.Errorf("limits are %v, want %v", got, want)
	}
	if got := drivers.Limits(drivertest.Plain(mem.New())); len(got) > 0 {
		t.Errorf("limits of a driver that declares none: %v", got)
	}
}

// batch deletes in batches, of which each first call fails for "bad".
type batch struct {
	drivers.Bucket
	mu    sync.Mutex
	asked [][]string
}

func (b *batch) DeleteAll(_ context.Context, items []drivers.DeleteItem) []drivers.DeleteOutcome {
	b.mu.Lock()
	defer b.mu.Unlock()
	var keys []string
	out := make([]drivers.DeleteOutcome, len(items))
	for i, item := range items {
		if keys = append(keys, item.Key); item.Key == "bad" && len(b.asked) == 0 {
			out[i].Err = drivers.ErrUnavailable
		}
	}
	b.asked = append(b.asked, keys)
	return out
}

type oneBucket struct {
	drivers.Driver
	bucket drivers.Bucket
}

func (d oneBucket) Bucket(string) drivers.Bucket { return d.bucket }

func TestABatchIsOneCallOfWhichOnlyFailuresAreRepeated(t *testing.T) {
	t.Parallel()
	b := &batch{}
	d := drivers.Intercept(oneBucket{mem.New(), b}, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		if c.Op != "DeleteAll" {
			t.Errorf("call %s", c.Op)
		}
		err := next(ctx)
		if !errors.Is(err, drivers.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
		return next(ctx)
	})
	for _, o := range drivers.DeleteAll(t.Context(), d.Bucket("b"), []drivers.DeleteItem{{Key: "a"}, {Key: "bad"}, {Key: "c"}}) {
		must(t, o.Err)
	}
	if len(b.asked) != 2 || !slices.Equal(b.asked[1], []string{"bad"}) {
		t.Errorf("asked for %v", b.asked)
	}
	refusing := drivers.Intercept(oneBucket{mem.New(), b}, func(context.Context, *drivers.Call, func(context.Context) error) error { return drivers.ErrSlowDown })
	for _, o := range drivers.DeleteAll(t.Context(), refusing.Bucket("b"), []drivers.DeleteItem{{Key: "a"}, {Key: "b"}}) {
		if !errors.Is(o.Err, drivers.ErrSlowDown) {
			t.Errorf("a refused batch: %v", o.Err)
		}
	}
}

func TestSingleDeletesPassTheWrapperOneByOne(t *testing.T) {
	t.Parallel()
	r := &recorder{}
	d := drivers.Intercept(mem.New(), r.around)
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	r.take()
	drivers.DeleteAll(t.Context(), d.Bucket("b"), []drivers.DeleteItem{{Key: "x"}, {Key: "y"}})
	calls := r.take()
	if slices.Sort(calls); !slices.Equal(calls, []string{"Delete b/x", "Delete b/y"}) {
		t.Errorf("calls %q", calls)
	}
}

// closing notes that it was closed.
type closing struct {
	io.Reader
	closed *bool
}

func (c closing) Close() error { *c.closed = true; return nil }

func TestABodyIsReopenedAtTheSameWrite(t *testing.T) {
	t.Parallel()
	child := mem.New()
	must(t, child.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	put := func(body string) {
		_, err := child.Bucket("b").Put(t.Context(), "key", strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
		must(t, err)
	}
	put("0123456789")
	var call *drivers.Call
	fail, closed := error(nil), false
	b := drivers.Intercept(child, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		err := next(ctx)
		call, c.Object.Body = c, closing{c.Object.Body, &closed}
		return errors.Join(err, fail)
	}).Bucket("b")
	_, err := b.Get(t.Context(), "key", drivers.GetOptions{Range: drivers.Range{Start: 2, Length: 6}})
	must(t, err)
	rest, err := call.Reopen(t.Context(), 4)
	must(t, err)
	if body, err := io.ReadAll(rest); string(body) != "67" || err != nil {
		t.Errorf("%q, %v", body, err)
	}
	put("another one")
	if _, err := call.Reopen(t.Context(), 4); !errors.Is(err, drivers.ErrPrecondition) {
		t.Errorf("of another write: %v", err)
	}
	fail, closed = drivers.ErrUnavailable, false
	if obj, err := b.Get(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, fail) || obj.Body != nil || !closed {
		t.Errorf("a Get that was failed afterwards: %v, %v, closed %t", obj, err, closed)
	}
}
