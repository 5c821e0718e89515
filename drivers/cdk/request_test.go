package cdk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"sluice/drivers"
	"sluice/drivers/cdk"
	"sluice/drivers/checksum"
	"sluice/drivers/upstream"
)

// far returns a bucket of a store across a network, and the store.
func far(t *testing.T) (drivers.Bucket, *counted) {
	t.Helper()
	store := newCounted()
	d := cdk.New(map[string]*blob.Bucket{"b": blob.NewBucket(store)})
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d.Bucket("b"), store
}

func put(t *testing.T, b drivers.Bucket, key, body string, o drivers.PutOptions) drivers.Info {
	t.Helper()
	o.Size = int64(len(body))
	info, err := b.Put(t.Context(), key, strings.NewReader(body), o)
	must(t, err)
	return info
}

func get(t *testing.T, b drivers.Bucket, key string, o drivers.GetOptions) (string, drivers.Info) {
	t.Helper()
	obj, err := b.Get(t.Context(), key, o)
	must(t, err)
	body, err := io.ReadAll(obj.Body)
	must(t, errors.Join(err, obj.Body.Close()))
	return string(body), obj.Info
}

func TestRequestsToTheStore(t *testing.T) {
	t.Parallel()
	first := drivers.Conditions{IfNoneMatch: []string{"*"}}
	for name, c := range map[string]struct {
		do   func(ctx context.Context, b drivers.Bucket) error
		want string
	}{
		"Head": {func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Head(ctx, "key", drivers.GetOptions{})
			return err
		}, "Attributes:1 "},
		"Get of what is not modified": {func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Get(ctx, "key", drivers.GetOptions{Conditions: first})
			if errors.Is(err, drivers.ErrNotModified) {
				err = nil
			}
			return err
		}, "Attributes:1 "},
		"Get of a young object": {func(ctx context.Context, b drivers.Bucket) error {
			obj, err := b.Get(ctx, "key", drivers.GetOptions{})
			if err == nil {
				err = obj.Body.Close()
			}
			return err
		}, "Attributes:2 Read:1 "},
		"Put": {func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Put(ctx, "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
			return err
		}, "Write:1 "},
		"Put of the first": {func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Put(ctx, "new", strings.NewReader("x"), drivers.PutOptions{Size: 1, Conditions: first})
			return err
		}, "Write:1 "},
		"Put under another condition": {func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Put(ctx, "key", strings.NewReader("x"), drivers.PutOptions{Size: 1, Conditions: drivers.Conditions{IfMatch: []string{"*"}}})
			return err
		}, "Attributes:1 Write:1 "},
		"Delete": {func(ctx context.Context, b drivers.Bucket) error {
			_, err := b.Delete(ctx, "key", drivers.DeleteOptions{})
			return err
		}, "Delete:1 "},
		"List of two": {func(ctx context.Context, b drivers.Bucket) error {
			page, err := b.List(ctx, drivers.ListOptions{})
			if len(page.Objects) != 2 {
				err = fmt.Errorf("page is %+v", page)
			}
			return err
		}, "Attributes:2 List:1 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, store := far(t)
			put(t, b, "key", "content", drivers.PutOptions{})
			put(t, b, "other", "content", drivers.PutOptions{})
			store.take()
			must(t, c.do(t.Context(), b))
			if got := store.take(); got != c.want {
				t.Errorf("the store was asked %q, want %q", got, c.want)
			}
		})
	}
}

// otherProcess writes an object as another process would, which the locks of this one do not hold back.
func otherProcess(t *testing.T, store *counted, key, body string) {
	t.Helper()
	d := cdk.New(map[string]*blob.Bucket{"b": blob.NewBucket(store)})
	put(t, d.Bucket("b"), key, body, drivers.PutOptions{})
}

func TestAReadIsOfOneWriteThoughTheObjectChanges(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"OLDER", "newest"} { // of the same size, and of another
		b, store := far(t)
		put(t, b, "key", "old", drivers.PutOptions{})
		put(t, b, "key", "older", drivers.PutOptions{})
		done := false
		store.hook(func(call, _ string) error {
			if call == "Read" && !done {
				done = true
				otherProcess(t, store, "key", next)
			}
			return nil
		})
		body, info := get(t, b, "key", drivers.GetOptions{})
		if _, now := get(t, b, "key", drivers.GetOptions{}); !done || body != next || info.Token != now.Token || info.Size != int64(len(body)) {
			t.Errorf("body is %q, with %+v", body, info)
		}
	}
}

func TestAReadOfWhatChangesAllTheTimeEnds(t *testing.T) {
	t.Parallel()
	b, store := far(t)
	put(t, b, "key", "0", drivers.PutOptions{})
	n := 0
	store.hook(func(call, _ string) error {
		if call == "Read" {
			n++
			otherProcess(t, store, "key", fmt.Sprint(n%10))
		}
		return nil
	})
	_, err := b.Get(t.Context(), "key", drivers.GetOptions{})
	if !errors.Is(err, drivers.ErrUnavailable) || n > 10 {
		t.Errorf("after %d reads: %v", n, err)
	}
}

func TestErrorsOfTheStoreAreOfTheContract(t *testing.T) {
	t.Parallel()
	for code, want := range map[gcerrors.ErrorCode]error{
		gcerrors.PermissionDenied: drivers.ErrDenied, gcerrors.ResourceExhausted: drivers.ErrSlowDown, gcerrors.Internal: drivers.ErrUnavailable,
		gcerrors.Unknown: drivers.ErrUnavailable, gcerrors.InvalidArgument: drivers.ErrInvalid, gcerrors.Unimplemented: drivers.ErrUnsupported,
		gcerrors.NotFound: drivers.ErrNotFound, gcerrors.AlreadyExists: drivers.ErrPrecondition,
	} {
		b, store := far(t)
		store.hook(func(string, string) error { return codedError(code) })
		_, err := b.Head(t.Context(), "key", drivers.GetOptions{})
		var at *drivers.Error
		if !errors.Is(err, want) || !errors.As(err, &at) || at.Op != "Head" || at.Bucket != "b" || at.Key != "key" {
			t.Errorf("%v: Head says %v, want %v", code, err, want)
		}
		_, err = b.Put(t.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
		if code != gcerrors.NotFound && !errors.Is(err, want) {
			t.Errorf("%v: Put says %v, want %v", code, err, want)
		}
	}
}

func TestABodyThatTheStoreCutsShortIsAnError(t *testing.T) {
	t.Parallel()
	b, store := far(t)
	put(t, b, "key", "content", drivers.PutOptions{})
	store.hook(func(call, key string) error {
		if call == "Read" { // the store has less than its attributes say
			w, err := store.under.NewWriter(t.Context(), key, nil)
			must(t, err)
			_, err = w.Write([]byte("short"))
			must(t, errors.Join(err, w.Close()))
		}
		return nil
	})
	obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
	if err == nil {
		_, err = io.ReadAll(obj.Body)
	}
	if err == nil {
		t.Error("a short body passes")
	}
}

// manyParts is the digest of an object of so many parts, with a checksum for each.
func manyParts(n int, body string) drivers.Digest {
	d := drivers.Digest{ETag: strings.Repeat("ab", 16) + fmt.Sprint("-", n)}
	for i := range n {
		d.Parts = append(d.Parts, drivers.Part{Number: i + 1, Size: int64(len(body)), Checksum: checksum.New(checksum.SHA256, bytes.Repeat([]byte{byte(i)}, 32))})
	}
	return d
}

func TestTenThousandPartsAreKept(t *testing.T) {
	t.Parallel()
	b, store := far(t)
	const parts = drivers.MaxPartNumber
	d := manyParts(parts, "ab")
	store.take()
	put(t, b, "key", strings.Repeat("ab", parts), drivers.PutOptions{Digest: func() drivers.Digest { return d }})
	if got := store.take(); got != "Write:2 " {
		t.Errorf("requests: %s", got)
	}
	info, err := b.Head(t.Context(), "key", drivers.GetOptions{Parts: true})
	must(t, err)
	if info.PartsCount != parts || len(info.Parts) != parts || info.Parts[9_999] != d.Parts[9_999] || info.ETag != d.ETag {
		t.Errorf("%d parts of %d", len(info.Parts), info.PartsCount)
	}
	if body, _ := get(t, b, "key", drivers.GetOptions{PartNumber: 777}); body != "ab" {
		t.Errorf("part 777 is %q", body)
	}
	beside := func() string {
		name, err := b.(drivers.Overflower).Overflow(t.Context(), "key")
		if must(t, err); !strings.HasPrefix(name, drivers.OverflowPrefix) {
			t.Errorf("beside the object is %q", name)
		}
		return name
	}
	old := beside()
	must(t, drivers.SetTags(t.Context(), b, "key", "", []drivers.Tag{{Key: "k", Value: "v"}}))
	if beside() == old {
		t.Error("what lay beside the object before is still its own, and is never swept")
	}
	after, err := b.Head(t.Context(), "key", drivers.GetOptions{Parts: true})
	if must(t, err); len(after.Parts) != parts || after.TagCount != 1 || !after.LastModified.Equal(info.LastModified) || after.ETag != info.ETag {
		t.Errorf("after a change of tags: %d parts, %+v", len(after.Parts), after.ETag)
	}
}

func TestJoinStreamsItsSourcesAndPinsThem(t *testing.T) {
	t.Parallel()
	b, _ := far(t)
	var sources []drivers.Source
	for i, body := range []string{"one ", "two ", "three"} {
		key := fmt.Sprint(".sluice/uploads/x/part-", i)
		info := put(t, b, key, body, drivers.PutOptions{})
		sources = append(sources, drivers.Source{Key: key, Token: info.Token, Size: info.Size})
	}
	join := func() error {
		_, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, drivers.PutOptions{Size: 13, Digest: func() drivers.Digest {
			return drivers.Digest{ETag: "e-3"}
		}})
		return err
	}
	must(t, join())
	if body, info := get(t, b, "key", drivers.GetOptions{}); body != "one two three" || info.ETag != "e-3" {
		t.Errorf("joined %q, %+v", body, info)
	}
	put(t, b, sources[2].Key, "other", drivers.PutOptions{})
	if err := join(); !errors.Is(err, drivers.ErrConflict) {
		t.Errorf("a source was written again: %v", err)
	}
	_, err := b.Delete(t.Context(), sources[2].Key, drivers.DeleteOptions{})
	must(t, err)
	if err := join(); !errors.Is(err, drivers.ErrNotFound) {
		t.Errorf("a source is gone: %v", err)
	}
	if body, _ := get(t, b, "key", drivers.GetOptions{}); body != "one two three" {
		t.Errorf("failed joins leave %q", body)
	}
}

func TestAStoreThatStopsInTheMiddleOfAWriteKeepsTheOldObject(t *testing.T) {
	t.Parallel()
	b, _ := far(t)
	old := put(t, b, "key", "old", drivers.PutOptions{})
	wrong := errors.New("the disk is on fire")
	body := io.MultiReader(strings.NewReader(strings.Repeat("x", 3<<20)), iotest.ErrReader(wrong))
	if _, err := b.Put(t.Context(), "key", body, drivers.PutOptions{Size: -1}); err != wrong {
		t.Errorf("error is %v", err)
	}
	if body, info := get(t, b, "key", drivers.GetOptions{}); body != "old" || info.Token != old.Token {
		t.Errorf("%q, %+v", body, info)
	}
}

// Libraries of stores repeat requests whose answer was lost, by themselves. Where the first one has made the object, the second is told
// that there is one.
func TestAFirstWriteThatIsToldOfItselfHasGoneWell(t *testing.T) {
	t.Parallel()
	first := drivers.PutOptions{Size: 4, Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}}
	for name, c := range map[string]struct {
		others bool
		want   error
		left   string
	}{
		"its own":   {false, nil, "mine"},
		"another's": {true, drivers.ErrPrecondition, "theirs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, store := far(t)
			store.again = func() {
				if c.others {
					otherProcess(t, store, "key", "theirs")
				}
			}
			info, err := b.Put(t.Context(), "key", strings.NewReader("mine"), first)
			if !errors.Is(err, c.want) {
				t.Fatalf("error is %v, want %v", err, c.want)
			}
			body, now := get(t, b, "key", drivers.GetOptions{})
			if body != c.left || err == nil && now.Token != info.Token {
				t.Errorf("the key holds %q, %+v", body, now)
			}
		})
	}
}

// farURL opens the store of the test that a URL names.
type farURL struct{ stores sync.Map }

// linked serves the scheme far, as if a library of that store were linked.
var linked = &farURL{}

func (f *farURL) OpenBucketURL(_ context.Context, u *url.URL) (*blob.Bucket, error) {
	store, ok := f.stores.Load(u.Host)
	if !ok {
		return nil, fmt.Errorf("no store for %v", u)
	}
	return blob.NewBucket(store.(*counted)), nil
}

func TestALinkedSchemeIsServedAndAskedAgainWhenItFails(t *testing.T) {
	t.Parallel()
	store := newCounted()
	linked.stores.Store("acme", store)
	d := open(t, cdk.Config{
		Buckets:  map[string]string{"photos": "far://acme"},
		Upstream: upstream.Config{MinDelay: time.Millisecond, MaxDelay: time.Millisecond},
	})
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	b := d.Bucket("photos")
	failed := map[string]bool{}
	store.hook(func(call, key string) error {
		if failed[call] {
			return nil
		}
		failed[call] = true
		return codedError(gcerrors.Internal)
	})
	info := put(t, b, "key", "content", drivers.PutOptions{})
	if body, now := get(t, b, "key", drivers.GetOptions{}); body != "content" || now.Token != info.Token || now.ETag != md5hex("content") {
		t.Errorf("%q, %+v", body, now)
	}
	for _, call := range []string{"Write", "Attributes", "Read"} {
		if !failed[call] {
			t.Errorf("no %s has failed", call)
		}
	}
	_, err := cdk.Open(t.Context(), cdk.Config{Buckets: map[string]string{"b": "far://other?password=hunter2"}}, drivers.Env{})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error is %v", err)
	}
}
