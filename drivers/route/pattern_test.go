package route_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/drivers"
	"sluice/drivers/mem"
	"sluice/drivers/route"
)

func put(t *testing.T, d drivers.Driver, bucket, key, body string) {
	t.Helper()
	_, err := d.Bucket(bucket).Put(t.Context(), key, strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
	if err != nil {
		t.Fatal(err)
	}
}

// holds tells whether a bucket of d has the key.
func holds(t *testing.T, d drivers.Driver, bucket, key string) bool {
	t.Helper()
	_, err := d.Bucket(bucket).Head(t.Context(), key, drivers.GetOptions{})
	if err != nil && !errors.Is(err, drivers.ErrNotFound) && !errors.Is(err, drivers.ErrNoBucket) {
		t.Fatal(err)
	}
	return err == nil
}

func keys(t *testing.T, b drivers.Bucket) (all []string) {
	t.Helper()
	page, err := b.List(t.Context(), drivers.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range page.Objects {
		all = append(all, info.Key)
	}
	return all
}

func TestTheLongestPatternCounts(t *testing.T) {
	t.Parallel()
	stores := map[string]drivers.Driver{}
	routes := map[string]route.Route{}
	for _, name := range []string{"*", "logs-*", "logs-eu-*", "*-old", "l*ld", "logs-eu-1"} {
		stores[name] = mem.New()
		routes[name] = route.Route{Driver: stores[name]}
	}
	d := newRoute(t, routes)
	want := map[string]string{
		"photos": "*", "logs-": "logs-*", "logs-us": "logs-*", "logs-eu-": "logs-eu-*", "logs-eu-2": "logs-eu-*", "logs-eu-1": "logs-eu-1",
		"logs": "*", "photos-old": "*-old", "logs-old": "logs-*", "logs-eu-old": "logs-eu-*", "lord": "*", "lold": "l*ld", "l-old": "*-old",
	}
	for name, at := range want {
		create(t, d, name)
		if _, err := stores[at].StatBucket(t.Context(), name); err != nil {
			t.Errorf("%s is not where %q leads: %v", name, at, err)
		}
	}
	create(t, stores["*"], "logs-us") // hidden, as are all that another pattern fits better
	if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), list(t, d)); diff != "" {
		t.Errorf("ListBuckets (-want +got):\n%s", diff)
	}
}

func TestAnAliasIsASecondNameOnPurpose(t *testing.T) {
	t.Parallel()
	disk, cloud := mem.New(), mem.New()
	d := newRoute(t, map[string]route.Route{
		"photos": {Driver: cloud, Bucket: "acme-photos"}, "pictures": {Alias: "photos"}, "archive": {Alias: "photos", ReadOnly: true},
		"fixed": {Driver: cloud, ReadOnly: true}, "loose": {Alias: "fixed"}, "other": {Alias: "plain"}, "*": {Driver: disk},
	})
	if err := d.CreateBucket(t.Context(), "pictures", drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrDenied) {
		t.Errorf("CreateBucket of an alias: %v", err)
	}
	create(t, d, "photos", "plain")
	create(t, cloud, "fixed")
	if diff := cmp.Diff([]string{"archive", "fixed", "loose", "other", "photos", "pictures", "plain"}, list(t, d)); diff != "" {
		t.Errorf("ListBuckets (-want +got):\n%s", diff)
	}
	put(t, d, "pictures", "a", "x")
	put(t, d, "other", "b", "x")
	for bucket, key := range map[string]string{"photos": "a", "archive": "a", "plain": "b"} {
		if !holds(t, d, bucket, key) {
			t.Errorf("%s has no %s", bucket, key)
		}
	}
	for _, bucket := range []string{"archive", "loose"} {
		if _, err := d.Bucket(bucket).Delete(t.Context(), "a", drivers.DeleteOptions{}); !errors.Is(err, drivers.ErrReadOnly) {
			t.Errorf("%s: %v, want ErrReadOnly", bucket, err)
		}
	}
	if err := d.DeleteBucket(t.Context(), "pictures"); !errors.Is(err, drivers.ErrDenied) {
		t.Errorf("DeleteBucket of an alias: %v", err)
	}
	if err := d.CreateBucket(t.Context(), "pictures", drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrBucketExists) {
		t.Errorf("CreateBucket of an alias of what is there: %v", err)
	}
}
