package route_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
	"sluice/drivers/route"
)

func newRoute(t *testing.T, routes map[string]route.Route) drivers.Driver {
	t.Helper()
	d, err := route.New(routes)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		return newRoute(t, map[string]route.Route{"*": {Driver: mem.New()}, "photos": {Driver: mem.New()}})
	})
}

func TestConformanceOfARouteToARoute(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		inner := newRoute(t, map[string]route.Route{"*": {Driver: mem.New()}})
		return newRoute(t, map[string]route.Route{"*": {Driver: inner}})
	})
}

func create(t *testing.T, d drivers.Driver, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
	}
}

func list(t *testing.T, d drivers.Driver) (names []string) {
	t.Helper()
	infos, err := d.ListBuckets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range infos {
		names = append(names, info.Name)
	}
	return names
}

func TestBucketsLiveWhereTheirRouteSays(t *testing.T) {
	t.Parallel()
	cloud, disk := mem.New(), mem.New()
	d := newRoute(t, map[string]route.Route{
		"photos": {Driver: cloud, Bucket: "acme-photos"}, "films": {Driver: cloud}, "*": {Driver: disk},
	})
	create(t, d, "photos", "zoo", "attic")
	create(t, cloud, "unrouted")
	create(t, disk, "photos") // hidden by the route of that name
	if diff := cmp.Diff([]string{"acme-photos", "unrouted"}, list(t, cloud)); diff != "" {
		t.Errorf("cloud (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"attic", "photos", "zoo"}, list(t, d)); diff != "" {
		t.Errorf("routed (-want +got):\n%s", diff)
	}
	if info, err := d.StatBucket(t.Context(), "photos"); err != nil || info.Name != "photos" {
		t.Errorf("StatBucket = %+v, %v", info, err)
	}
	if _, err := d.Bucket("photos").Put(t.Context(), "a", strings.NewReader("x"), drivers.PutOptions{Size: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := cloud.Bucket("acme-photos").Head(t.Context(), "a", drivers.GetOptions{}); err != nil {
		t.Errorf("the object is not where the route leads: %v", err)
	}
}

func TestRoutedBucketHasNoSecondName(t *testing.T) {
	t.Parallel()
	disk := mem.New()
	d := newRoute(t, map[string]route.Route{"photos": {Driver: disk, Bucket: "acme-photos", ReadOnly: true}, "*": {Driver: disk}})
	create(t, disk, "acme-photos")
	if diff := cmp.Diff([]string{"photos"}, list(t, d)); diff != "" {
		t.Errorf("ListBuckets (-want +got):\n%s", diff)
	}
	_, statErr := d.StatBucket(t.Context(), "acme-photos")
	_, putErr := d.Bucket("acme-photos").Put(t.Context(), "a", strings.NewReader(""), drivers.PutOptions{})
	createErr := d.CreateBucket(t.Context(), "acme-photos", drivers.CreateBucketOptions{})
	deleteErr := d.DeleteBucket(t.Context(), "acme-photos")
	for _, c := range []struct{ got, want error }{
		{statErr, drivers.ErrNoBucket}, {putErr, drivers.ErrNoBucket}, {deleteErr, drivers.ErrNoBucket},
		{createErr, drivers.ErrBucketExists},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("got %v, want %v", c.got, c.want)
		}
	}
}

// wrap puts two wrappers around a driver, as a config's node and its metrics are.
func wrap(d drivers.Driver) drivers.Driver {
	straight := func(ctx context.Context, _ *drivers.Call, next func(context.Context) error) error { return next(ctx) }
	return drivers.Intercept(drivers.Intercept(d, straight), straight)
}

func TestWrapperIsNoWayAroundARoute(t *testing.T) {
	t.Parallel()
	disk := mem.New()
	create(t, disk, "archive")
	for name, routes := range map[string]map[string]route.Route{
		"named wrapped":  {"old": {Driver: wrap(disk), Bucket: "archive", ReadOnly: true}, "*": {Driver: disk}},
		"others wrapped": {"old": {Driver: disk, Bucket: "archive", ReadOnly: true}, "*": {Driver: wrap(disk)}},
		"both wrapped":   {"old": {Driver: wrap(disk), Bucket: "archive", ReadOnly: true}, "*": {Driver: wrap(disk)}},
	} {
		d := newRoute(t, routes)
		if _, err := d.Bucket("archive").Put(t.Context(), "a", strings.NewReader(""), drivers.PutOptions{}); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("%s: Put by the second name: %v, want ErrNoBucket", name, err)
		}
		if diff := cmp.Diff([]string{"old"}, list(t, d)); diff != "" {
			t.Errorf("%s: ListBuckets (-want +got):\n%s", name, diff)
		}
	}
}

func TestTwoNamesForOneBucketAreRefused(t *testing.T) {
	t.Parallel()
	disk := mem.New()
	for name, second := range map[string]route.Route{
		"same driver": {Driver: disk, Bucket: "photos"}, "wrapped": {Driver: wrap(disk), Bucket: "photos", ReadOnly: true},
	} {
		_, err := route.New(map[string]route.Route{"photos": {Driver: disk}, "album": second})
		if err == nil || !strings.Contains(err.Error(), `"album" and "photos" are the same`) {
			t.Errorf("%s: %v", name, err)
		}
	}
	newRoute(t, map[string]route.Route{"photos": {Driver: disk}, "album": {Driver: mem.New(), Bucket: "photos"}})
}

func TestBucketWithoutRouteDoesNotExist(t *testing.T) {
	t.Parallel()
	d := newRoute(t, map[string]route.Route{"photos": {Driver: mem.New()}})
	b, ctx := d.Bucket("films"), t.Context()
	_, headErr := b.Head(ctx, "a", drivers.GetOptions{})
	_, getErr := b.Get(ctx, "a", drivers.GetOptions{})
	_, putErr := b.Put(ctx, "a", strings.NewReader(""), drivers.PutOptions{})
	_, deleteErr := b.Delete(ctx, "a", drivers.DeleteOptions{})
	_, listErr := b.List(ctx, drivers.ListOptions{})
	for _, err := range []error{headErr, getErr, putErr, deleteErr, listErr} {
		if !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("got %v, want ErrNoBucket", err)
		}
	}
	if err := d.CreateBucket(ctx, "films", drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrDenied) {
		t.Errorf("CreateBucket: %v, want ErrDenied", err)
	}
	if got := list(t, d); len(got) != 0 {
		t.Errorf("ListBuckets = %v, though photos does not exist yet", got)
	}
}

func TestReadOnlyBucketRefusesEveryChange(t *testing.T) {
	t.Parallel()
	store := mem.New()
	create(t, store, "photos")
	ctx := t.Context()
	if _, err := store.Bucket("photos").Put(ctx, "a", strings.NewReader("x"), drivers.PutOptions{Size: 1}); err != nil {
		t.Fatal(err)
	}
	d := newRoute(t, map[string]route.Route{"photos": {Driver: store, ReadOnly: true}})
	b := d.Bucket("photos")
	m := drivers.Multiparts(b)
	_, put := b.Put(ctx, "b", strings.NewReader(""), drivers.PutOptions{})
	_, del := b.Delete(ctx, "a", drivers.DeleteOptions{})
	_, copied := drivers.Copy(ctx, b, "b", b, "a", drivers.CopyOptions{})
	_, upload := m.CreateUpload(ctx, "b", drivers.CreateUploadOptions{})
	_, part := m.PutPart(ctx, "b", "id", 1, strings.NewReader(""), drivers.PutPartOptions{})
	_, complete := m.CompleteUpload(ctx, "b", "id", nil, drivers.CompleteOptions{})
	for name, err := range map[string]error{
		"Put": put, "Delete": del, "Copy": copied, "CreateUpload": upload, "PutPart": part, "CompleteUpload": complete,
		"AbortUpload": m.AbortUpload(ctx, "b", "id"), "SetTags": drivers.SetTags(ctx, b, "a", "", nil),
		"DeleteAll":    drivers.DeleteAll(ctx, b, []drivers.DeleteItem{{Key: "a"}})[0].Err,
		"CreateBucket": d.CreateBucket(ctx, "photos", drivers.CreateBucketOptions{}),
		"DeleteBucket": d.DeleteBucket(ctx, "photos"),
	} {
		if !errors.Is(err, drivers.ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", name, err)
		}
	}
	if _, err := b.Head(ctx, "a", drivers.GetOptions{}); err != nil {
		t.Errorf("Head: %v", err)
	}
	obj, err := b.Get(ctx, "a", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	obj.Body.Close()
	if page, err := b.List(ctx, drivers.ListOptions{}); err != nil || len(page.Objects) != 1 {
		t.Errorf("List: %v, %v", page.Objects, err)
	}
	if _, err := drivers.Tags(ctx, b, "a", ""); err != nil {
		t.Errorf("Tags: %v", err)
	}
}

// down is a driver whose store cannot be reached.
type down struct{ drivers.Driver }

func (down) ListBuckets(context.Context) ([]drivers.BucketInfo, error) {
	return nil, drivers.ErrUnavailable
}

func (down) StatBucket(context.Context, string) (drivers.BucketInfo, error) {
	return drivers.BucketInfo{}, drivers.ErrUnavailable
}

func TestListingIsWholeOrFails(t *testing.T) {
	t.Parallel()
	for _, routes := range []map[string]route.Route{
		{"*": {Driver: down{mem.New()}}, "photos": {Driver: mem.New()}},
		{"*": {Driver: mem.New()}, "photos": {Driver: down{mem.New()}}},
	} {
		d := newRoute(t, routes)
		if _, err := d.ListBuckets(t.Context()); !errors.Is(err, drivers.ErrUnavailable) {
			t.Errorf("ListBuckets: %v, want ErrUnavailable", err)
		}
	}
}

func TestCheckFailsWhenAllStoresDo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		any, photos drivers.Driver
		want        error
	}{
		"one is down":   {mem.New(), down{mem.New()}, nil},
		"both are down": {down{mem.New()}, down{mem.New()}, drivers.ErrUnavailable},
	} {
		d := newRoute(t, map[string]route.Route{"*": {Driver: c.any}, "photos": {Driver: c.photos}})
		if err := drivers.Check(t.Context(), d); !errors.Is(err, c.want) {
			t.Errorf("%s: Check: %v, want %v", name, err, c.want)
		}
	}
}

func TestOpenAsksForItsNodes(t *testing.T) {
	t.Parallel()
	asked := map[string]drivers.Driver{}
	env := drivers.Env{Child: func(name string) (drivers.Driver, error) {
		if name == "nowhere" {
			return nil, fmt.Errorf("unknown node %q", name)
		}
		asked[name] = mem.New()
		return asked[name], nil
	}}
	if _, err := route.Open(t.Context(), route.Config{"a": {Driver: "one"}, "*": {Driver: "two"}}, env); err != nil || len(asked) != 2 {
		t.Errorf("Open: %v, asked for %v", err, asked)
	}
	for want, c := range map[string]route.Config{
		"has no driver":       {"a": {}},
		"unknown node":        {"a": {Driver: "nowhere"}},
		`has one "*"`:         {"*-photos-*": {Driver: "one"}},
		"cannot name one":     {"*": {Driver: "one", Bucket: "x"}},
		`"a-*" is for many`:   {"a-*": {Driver: "one", Bucket: "x"}},
		"an alias and a dri":  {"a": {Driver: "one"}, "b": {Alias: "a", Driver: "one"}},
		"says where it lives": {"a": {Driver: "one"}, "b": {Alias: "a", Prefix: "x/"}},
		"which is one itself": {"a": {Driver: "one"}, "b": {Alias: "a"}, "c": {Alias: "b"}},
		"which has no route":  {"a": {Driver: "one"}, "b": {Alias: "c"}},
		"a pattern is no ali": {"*": {Driver: "one"}, "b": {Alias: "*"}},
		`does not end with`:   {"a": {Driver: "one", Prefix: "x"}},
		"Sluice's own":        {"a": {Driver: "one", Prefix: ".sluice/uploads/"}},
		"a prefix is up to":   {"a": {Driver: "one", Prefix: strings.Repeat("x", 600) + "/"}},
		"bucket's name is em": {"": {Driver: "one"}},
	} {
		if _, err := route.Open(t.Context(), c, env); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open(%v): %v, want %q", c, err, want)
		}
	}
}
