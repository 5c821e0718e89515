package upstream_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
	"sluice/drivers/upstream"
)

func TestConformanceOfRenamedBuckets(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver {
		return upstream.Rename(mem.New(), upstream.Names{BucketPrefix: "acme-", BucketNames: map[string]string{"photos": "elsewhere"}})
	})
}

func listed(t *testing.T, d drivers.Driver) (names []string) {
	t.Helper()
	all, err := d.ListBuckets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range all {
		names = append(names, info.Name)
	}
	return names
}

func TestEachBucketOfTheStoreHasOneName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names  upstream.Names
		stored map[string]string // by name; "" where there is none
		shown  []string          // of all that the store has
	}{
		{upstream.Names{}, map[string]string{"photos": "photos"}, []string{"acme-", "acme-b", "acme-photos", "b", "photos"}},
		{upstream.Names{BucketPrefix: "acme-"}, map[string]string{"photos": "acme-photos", "b": "acme-b"}, []string{"b", "photos"}},
		{upstream.Names{BucketNames: map[string]string{"photos": "acme-photos"}},
			map[string]string{"photos": "acme-photos", "acme-photos": "", "b": "b"}, []string{"acme-", "acme-b", "b", "photos"}},
		{upstream.Names{BucketPrefix: "acme-", BucketNames: map[string]string{"photos": "acme-b"}},
			map[string]string{"photos": "acme-b", "b": "", "c": "acme-c"}, []string{"photos"}},
	} {
		store := mem.New()
		for _, name := range []string{"acme-", "acme-b", "acme-photos", "b", "photos"} {
			if err := store.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		d := upstream.Rename(store, c.names)
		if diff := cmp.Diff(c.shown, listed(t, d)); diff != "" {
			t.Errorf("%+v: ListBuckets (-want +got):\n%s", c.names, diff)
		}
		for name, stored := range c.stored {
			err := put(t.Context(), d.Bucket(name), name, strings.NewReader(""), 0)
			if stored == "" {
				_, serr := d.StatBucket(t.Context(), name)
				cerr := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{})
				if !errors.Is(err, drivers.ErrNoBucket) || !errors.Is(serr, drivers.ErrNoBucket) || !errors.Is(cerr, drivers.ErrBucketExists) {
					t.Errorf("%+v: %q is a second name: %v, %v, %v", c.names, name, err, serr, cerr)
				}
				continue
			}
			if errors.Is(err, drivers.ErrNoBucket) {
				err = errors.Join(d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}), put(t.Context(), d.Bucket(name), name, strings.NewReader(""), 0))
			}
			_, herr := store.Bucket(stored).Head(t.Context(), name, drivers.GetOptions{})
			if err := errors.Join(err, herr); err != nil {
				t.Errorf("%+v: %q is not %q: %v", c.names, name, stored, err)
			}
		}
	}
}

func TestNamesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for want, n := range map[string]upstream.Names{
		`"a" and "b" are both "x"`: {BucketNames: map[string]string{"a": "x", "b": "x"}},
		`"a" is ""`:                {BucketNames: map[string]string{"a": ""}},
		"bucket_prefix":            {BucketPrefix: "a/"},
	} {
		if err := n.Check(); !errors.Is(err, drivers.ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
