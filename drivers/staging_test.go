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
	"testing/synctest"
	"time"
	"unicode/utf8"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

// fussy is a store that cannot keep many keys under their own names, and joins objects by itself.
func fussy() drivers.Driver { return fussyDriver{drivertest.Plain(mem.New())} }

type fussyDriver struct{ drivers.Driver }

func (d fussyDriver) Bucket(name string) drivers.Bucket {
	b := d.Driver.Bucket(name)
	return fussyBucket{b, b.(drivers.Tagger)}
}

type fussyBucket struct {
	drivers.Bucket
	drivers.Tagger
}

var (
	_ drivers.Joiner     = fussyBucket{}
	_ drivers.Namer      = fussyBucket{}
	_ drivers.Overflower = fussyBucket{}
)

func (fussyBucket) Takes(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == '\\' || r == 'a' || r > 0xffff || r == utf8.RuneError })
}

// Overflow finds what a test has put beside an object in its metadata.
func (b fussyBucket) Overflow(ctx context.Context, key string) (string, error) {
	info, err := b.Head(ctx, key, drivers.GetOptions{})
	return info.Header.Metadata["beside"], err
}

func (b fussyBucket) Put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	if !strings.HasPrefix(key, ".sluice/") && !b.Takes(key) {
		return drivers.Info{}, fmt.Errorf("the store was given %q", key)
	}
	return b.Bucket.Put(ctx, key, body, o)
}

func (b fussyBucket) Join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	var bodies []io.Reader
	for _, s := range sources {
		obj, err := b.Get(ctx, s.Key, drivers.GetOptions{Conditions: drivers.Conditions{IfToken: s.Token}})
		switch {
		case errors.Is(err, drivers.ErrPrecondition):
			return drivers.Info{}, drivers.ErrConflict
		case err != nil:
			return drivers.Info{}, err
		}
		defer obj.Body.Close()
		bodies = append(bodies, obj.Body)
	}
	return b.Put(ctx, key, io.MultiReader(bodies...), o)
}

// calls counts what reaches a driver, by name.
type calls struct {
	mu    sync.Mutex
	count map[string]int
}

func (c *calls) around(ctx context.Context, call *drivers.Call, next func(context.Context) error) error {
	c.mu.Lock()
	c.count[call.Op]++
	c.mu.Unlock()
	return next(ctx)
}

// since returns what was called since it was asked last, as "Get 1 Put 2".
func (c *calls) since() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []string
	for op, n := range c.count {
		all = append(all, fmt.Sprint(op, " ", n))
	}
	clear(c.count)
	slices.Sort(all)
	return strings.Join(all, " ")
}

func counted(d drivers.Driver) (drivers.Driver, *calls) {
	c := &calls{count: map[string]int{}}
	return drivers.Intercept(d, c.around), c
}

// upload begins an upload of key with one part, and gives what completes it.
func upload(t *testing.T, b drivers.Bucket, key string) (drivers.Upload, drivers.CompletedPart) {
	t.Helper()
	m := drivers.Multiparts(b)
	u, err := m.CreateUpload(t.Context(), key, drivers.CreateUploadOptions{})
	must(t, err)
	p, err := m.PutPart(t.Context(), key, u.ID, 1, strings.NewReader("part"), drivers.PutPartOptions{Size: 4})
	must(t, err)
	return u, drivers.CompletedPart{Number: 1, ETag: p.ETag}
}

func TestAPartOfAnUploadIsOneRequestToTheStore(t *testing.T) {
	t.Parallel()
	child, seen := counted(fussy())
	d := drivers.Staging(child)
	defer d.Close()
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	b := d.Bucket("b")
	seen.since()
	u, part := upload(t, b, "key")
	if got, want := seen.since(), "Put 2"; got != want { // the document and the part
		t.Errorf("calls: %s, want %s", got, want)
	}
	_, err := drivers.Multiparts(b).CompleteUpload(t.Context(), "key", u.ID, []drivers.CompletedPart{part}, drivers.CompleteOptions{})
	must(t, err)
	got := seen.since()
	for _, call := range []string{"Get 1", "Join 1"} { // the document again; then the store does it
		if !strings.Contains(got, call) {
			t.Errorf("calls: %s, want %s", got, call)
		}
	}
	if strings.Contains(got, "Put") || strings.Contains(got, "Head") {
		t.Errorf("calls: %s", got)
	}
}

func TestAnUploadThatAnotherGatewayHasEndedTakesNoPartsForLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := fussy()
		here, there := drivers.Staging(store), drivers.Staging(store)
		must(t, here.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
		u, _ := upload(t, here.Bucket("b"), "key")
		must(t, drivers.Multiparts(there.Bucket("b")).AbortUpload(t.Context(), "key", u.ID))
		time.Sleep(6 * time.Second)
		_, err := drivers.Multiparts(here.Bucket("b")).PutPart(t.Context(), "key", u.ID, 2, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
		if !errors.Is(err, drivers.ErrNoUpload) {
			t.Errorf("error is %v", err)
		}
		must(t, here.Close())
		must(t, there.Close())
		left, err := store.Bucket("b").List(t.Context(), drivers.ListOptions{})
		if must(t, err); len(left.Objects) > 0 {
			t.Errorf("left: %+v", left.Objects)
		}
	})
}

func TestUploadsAreLookedUpSideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := drivers.Staging(drivers.Intercept(fussy(), func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
			if c.Op == "Get" {
				time.Sleep(time.Second)
			}
			return next(ctx)
		}))
		must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
		m := drivers.Multiparts(d.Bucket("b"))
		for i := range 64 {
			_, err := m.CreateUpload(t.Context(), fmt.Sprint("key", i%3), drivers.CreateUploadOptions{})
			must(t, err)
		}
		began := time.Now()
		page, err := m.ListUploads(t.Context(), drivers.ListUploadsOptions{Prefix: "key1"})
		if took := time.Since(began); err != nil || len(page.Uploads) != 21 || took > 10*time.Second {
			t.Errorf("%d uploads after %v, error %v", len(page.Uploads), took, err)
		}
		must(t, d.Close())
	})
}

func TestAFolderOfRenamedKeysIsJumpedOver(t *testing.T) {
	t.Parallel()
	child, seen := counted(fussy())
	d := drivers.Staging(child)
	defer d.Close()
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	b := d.Bucket("b")
	for i := range 100 {
		_, err := b.Put(t.Context(), fmt.Sprintf("a/%02d", i), strings.NewReader("x"), drivers.PutOptions{Size: 1})
		must(t, err)
	}
	_, err := b.Put(t.Context(), "a0", strings.NewReader("x"), drivers.PutOptions{Size: 1})
	must(t, err)
	seen.since()
	page, err := b.List(t.Context(), drivers.ListOptions{Delimiter: "/", Limit: 3})
	must(t, err)
	if len(page.Prefixes) != 1 || len(page.Objects) != 1 || page.Prefixes[0] != "a/" || page.Objects[0].Key != "a0" || page.More {
		t.Errorf("page: %+v", page)
	}
	if got, want := seen.since(), "List 3"; got != want { // keys of their own, the folder, and what comes after it
		t.Errorf("calls: %s, want %s", got, want)
	}
}

func TestKeysAreKeptUnderNamesThatTheStoreTakes(t *testing.T) {
	t.Parallel()
	store := fussy()
	d := drivers.Staging(store)
	defer d.Close()
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	for _, key := range []string{"own", "a\nb", ".sluice/mine"} {
		_, err := d.Bucket("b").Put(t.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
		must(t, err)
	}
	page, err := store.Bucket("b").List(t.Context(), drivers.ListOptions{})
	must(t, err)
	var names []string
	for _, info := range page.Objects {
		names = append(names, info.Key)
	}
	if want := []string{".sluice/keys/2e736c756963652f6d696e65", ".sluice/keys/610a62", "own"}; !slices.Equal(names, want) {
		t.Errorf("names: %q, want %q", names, want)
	}
	_, err = d.Bucket("b").Put(t.Context(), strings.Repeat("a", 1000), strings.NewReader("x"), drivers.PutOptions{Size: 1})
	if !errors.Is(err, drivers.ErrInvalid) {
		t.Errorf("a key whose name is too long: %v", err)
	}
}

func TestSweepTakesWhatACrashHasLeftAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := fussy()
		d := drivers.Staging(store)
		must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
		b, inner := d.Bucket("b"), store.Bucket("b")
		put := func(b drivers.Bucket, key string, h drivers.Header) {
			_, err := b.Put(t.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1, Header: h})
			must(t, err)
		}
		goesOn, _ := upload(t, b, "live")
		ended, _ := upload(t, b, "ended")
		_, err := inner.Delete(t.Context(), drivers.StagingPrefix+ended.ID+"/upload", drivers.DeleteOptions{})
		must(t, err)
		put(inner, drivers.ScratchPrefix+"x", drivers.Header{})
		beside := func(name string) drivers.Header {
			return drivers.Header{Metadata: map[string]string{"beside": drivers.OverflowPrefix + name}}
		}
		put(inner, drivers.OverflowPrefix+"owned", drivers.OverflowHeader("owner"))
		put(inner, drivers.OverflowPrefix+"unowned", drivers.OverflowHeader("gone"))
		put(inner, drivers.OverflowPrefix+"old", drivers.OverflowHeader("twice"))
		put(inner, drivers.OverflowPrefix+"new", drivers.OverflowHeader("twice"))
		put(b, "twice", beside("new")) // at once, and yet the other one is of no use
		time.Sleep(24 * time.Hour)
		put(b, "owner", beside("owned")) // it took so long, or some other tool has written it again as it was
		put(inner, drivers.ScratchPrefix+"young", drivers.Header{})

		must(t, d.(drivers.Sweeper).Sweep(t.Context(), time.Hour))
		page, err := inner.List(t.Context(), drivers.ListOptions{Prefix: drivers.StagingPrefix})
		must(t, err)
		var left []string
		for _, info := range page.Objects {
			left = append(left, strings.TrimPrefix(info.Key, drivers.StagingPrefix))
		}
		if want := []string{"parts/new", "parts/owned", goesOn.ID + "/part-00001", goesOn.ID + "/upload", "tmp/young"}; !slices.Equal(left, want) {
			t.Errorf("left: %q, want %q", left, want)
		}
		must(t, d.Close())
	})
}

func TestSweepLeavesWhatHasNoTime(t *testing.T) {
	t.Parallel()
	d := drivers.Staging(drivers.Intercept(fussy(), func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		err := next(ctx)
		if c.Op == "List" {
			for i := range c.Page.Objects {
				c.Page.Objects[i].LastModified = time.Time{}
			}
		}
		return err
	}))
	defer d.Close()
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	inner := d.(drivers.Unwrapper).Unwrap().Bucket("b")
	_, err := inner.Put(t.Context(), drivers.ScratchPrefix+"x", strings.NewReader("x"), drivers.PutOptions{Size: 1})
	must(t, err)
	must(t, d.(drivers.Sweeper).Sweep(t.Context(), time.Hour))
	_, err = inner.Head(t.Context(), drivers.ScratchPrefix+"x", drivers.GetOptions{})
	must(t, err)
}

func TestSweepGoesOnAfterWhatItCannotDelete(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		stuck := []string{drivers.OverflowPrefix + "1", drivers.StagingPrefix + "staged-A/part-00001"}
		store := fussy()
		d := drivers.Staging(failing(store, func(c *drivers.Call) error {
			if c.Op == "Delete" && slices.Contains(stuck, c.Key) {
				return drivers.ErrDenied
			}
			return nil
		}))
		must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
		inner := store.Bucket("b")
		for _, key := range append([]string{drivers.OverflowPrefix + "2", drivers.StagingPrefix + "staged-B/part-00001", drivers.ScratchPrefix + "x"}, stuck...) {
			_, err := inner.Put(t.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
			must(t, err)
		}
		time.Sleep(2 * time.Hour)
		if err := d.(drivers.Sweeper).Sweep(t.Context(), time.Hour); !errors.Is(err, drivers.ErrDenied) {
			t.Errorf("error is %v", err)
		}
		page, err := inner.List(t.Context(), drivers.ListOptions{})
		must(t, err)
		var left []string
		for _, info := range page.Objects {
			left = append(left, info.Key)
		}
		if !slices.Equal(left, stuck) {
			t.Errorf("left: %q, want %q", left, stuck)
		}
		must(t, d.Close())
	})
}
