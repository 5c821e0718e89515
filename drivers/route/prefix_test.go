package route_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/fault"
	"sluice/drivers/mem"
	"sluice/drivers/route"
)

// longKeys are what has no room beside a prefix.
func longKeys(prefix string) drivertest.Option {
	return drivertest.RefusesKeys(func(key string) bool { return len(prefix)+len(key) > drivers.MaxKeyLength })
}

func TestConformanceOfAPrefix(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		return newRoute(t, map[string]route.Route{"*": {Driver: mem.New(), Prefix: "team/a/"}})
	}, longKeys("team/a/"))
}

func TestConformanceOfAPrefixOnStagedUploadsAndShortPages(t *testing.T) {
	t.Parallel()
	short := &fault.Rule{Op: "List", MaxKeys: 2}
	empty := &fault.Rule{Op: "List", Every: 3, EmptyPage: true}
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		d := drivers.Staging(fault.New(drivertest.Plain(mem.New()), short, empty))
		return newRoute(t, map[string]route.Route{"*": {Driver: d, Prefix: "p/"}})
	}, longKeys("p/"))
}

func shared(t *testing.T) (d, store drivers.Driver) {
	t.Helper()
	store = mem.New()
	return newRoute(t, map[string]route.Route{
		"team-a": {Driver: store, Bucket: "shared", Prefix: "a/"}, "team-b": {Driver: store, Bucket: "shared", Prefix: "b/"},
		"own": {Driver: store, Prefix: "only/"}, "*": {Driver: store},
	}), store
}

func TestBucketsShareOneByPrefixes(t *testing.T) {
	t.Parallel()
	d, store := shared(t)
	if got := list(t, d); len(got) > 0 {
		t.Errorf("ListBuckets before any was made: %v", got)
	}
	create(t, d, "team-a", "team-b")
	put(t, d, "team-a", "x", "1")
	put(t, d, "team-b", "x", "2")
	put(t, d, "team-b", "b/x", "3")
	if diff := cmp.Diff([]string{"a/", "a/x", "b/", "b/b/x", "b/x"}, keys(t, store.Bucket("shared"))); diff != "" {
		t.Errorf("at the store (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"b/x", "x"}, keys(t, d.Bucket("team-b"))); diff != "" {
		t.Errorf("team-b (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"team-a", "team-b"}, list(t, d)); diff != "" {
		t.Errorf("ListBuckets (-want +got):\n%s", diff)
	}
	if _, err := drivers.Copy(t.Context(), d.Bucket("team-a"), "copy", d.Bucket("team-b"), "b/x", drivers.CopyOptions{}); err != nil {
		t.Fatal(err)
	}
	if !holds(t, store, "shared", "a/copy") {
		t.Error("the copy is not where it should be")
	}
	u, err := drivers.Multiparts(d.Bucket("team-a")).CreateUpload(t.Context(), "up", drivers.CreateUploadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for bucket, want := range map[string]int{"team-a": 1, "team-b": 0} {
		page, err := drivers.Multiparts(d.Bucket(bucket)).ListUploads(t.Context(), drivers.ListUploadsOptions{})
		if err != nil || len(page.Uploads) != want {
			t.Errorf("%s has uploads %v, %v", bucket, page.Uploads, err)
		}
	}
	if _, err := drivers.Multiparts(d.Bucket("team-b")).ListParts(t.Context(), "up", u.ID, drivers.ListPartsOptions{}); !errors.Is(err, drivers.ErrNoUpload) {
		t.Errorf("team-b reaches an upload of team-a: %v", err)
	}
}

func TestABucketUnderAPrefixIsMadeOnceAndDeletedAlone(t *testing.T) {
	t.Parallel()
	d, store := shared(t)
	ctx := t.Context()
	create(t, d, "team-a", "team-b", "own")
	if err := d.CreateBucket(ctx, "team-a", drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrBucketExists) {
		t.Errorf("made twice: %v", err)
	}
	put(t, d, "team-b", "x", "2")
	if _, err := drivers.Multiparts(d.Bucket("team-b")).CreateUpload(ctx, "up", drivers.CreateUploadOptions{}); err != nil {
		t.Fatal(err)
	}
	put(t, d, "team-a", "x", "1")
	if err := d.DeleteBucket(ctx, "team-a"); !errors.Is(err, drivers.ErrNotEmpty) {
		t.Errorf("deleted with an object: %v", err)
	}
	if _, err := d.Bucket("team-a").Delete(ctx, "x", drivers.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := drivers.Multiparts(d.Bucket("team-a")).CreateUpload(ctx, "up", drivers.CreateUploadOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, bucket := range []string{"team-a", "own"} {
		if err := d.DeleteBucket(ctx, bucket); err != nil {
			t.Fatal(err)
		}
		if err := d.DeleteBucket(ctx, bucket); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("%s deleted twice: %v", bucket, err)
		}
	}
	if diff := cmp.Diff([]string{"team-b"}, list(t, d)); diff != "" {
		t.Errorf("ListBuckets (-want +got):\n%s", diff)
	}
	page, err := drivers.Multiparts(store.Bucket("shared")).ListUploads(ctx, drivers.ListUploadsOptions{})
	if err != nil || len(page.Uploads) != 1 || page.Uploads[0].Key != "b/up" {
		t.Errorf("uploads left: %v, %v", page.Uploads, err)
	}
	if !holds(t, store, "shared", "b/x") {
		t.Error("the neighbour's object is gone")
	}
	if _, err := store.StatBucket(ctx, "own"); !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("the store's bucket of its own stays: %v", err)
	}
	if _, err := d.Bucket("team-b").Delete(ctx, "x", drivers.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteBucket(ctx, "team-b"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.StatBucket(ctx, "shared"); err != nil {
		t.Errorf("the shared bucket went with the last: %v", err)
	}
}

func TestWhatLiesUnderAPrefixMakesABucket(t *testing.T) {
	t.Parallel()
	d, store := shared(t)
	create(t, store, "shared")
	put(t, store, "shared", "a/old", "x")
	if diff := cmp.Diff([]string{"team-a"}, list(t, d)); diff != "" {
		t.Errorf("ListBuckets (-want +got):\n%s", diff)
	}
	if err := d.CreateBucket(t.Context(), "team-a", drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrBucketExists) {
		t.Errorf("CreateBucket: %v", err)
	}
	for _, bucket := range []string{"shared"} {
		if holds(t, d, bucket, "a/old") {
			t.Errorf("%s is a second way to it", bucket)
		}
	}
	long := strings.Repeat("k", drivers.MaxKeyLength-1)
	if _, err := d.Bucket("team-a").Put(t.Context(), long, strings.NewReader(""), drivers.PutOptions{}); !errors.Is(err, drivers.ErrKeyTooLong) {
		t.Errorf("a key without room: %v", err)
	}
	if _, err := d.Bucket("team-a").Head(t.Context(), long, drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
		t.Errorf("a key without room: %v", err)
	}
}

func TestOverlappingPrefixesAreRefused(t *testing.T) {
	t.Parallel()
	store := mem.New()
	at := func(prefix string) route.Route {
		return route.Route{Driver: wrap(store), Bucket: "shared", Prefix: prefix}
	}
	for name, c := range map[string]struct {
		a, b route.Route
		want string
	}{
		"one in the other": {at("a/"), at("a/b/"), "overlap"}, "all and a part": {at(""), at("a/"), "overlap"},
		"the same": {at("a/"), at("a/"), "are the same"}, "apart": {at("a/"), at("b/"), ""}, "alike": {at("a/"), at("ab/"), ""},
		"another bucket": {at("a/"), route.Route{Driver: store, Bucket: "other", Prefix: "a/"}, ""},
	} {
		_, err := route.New(map[string]route.Route{"x": c.a, "y": c.b})
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
