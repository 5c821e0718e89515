package drivers_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

// keys draws sorted keys that have much in common.
func keys(t *rapid.T, label string, most int) []string {
	key := rapid.StringOfN(rapid.SampledFrom([]rune("ab/-é~")), 1, 6, -1)
	list := rapid.SliceOfNDistinct(key, 0, most, rapid.ID[string]).Draw(t, label)
	slices.Sort(list)
	return list
}

// options draws options of a listing; the cursor is a key, a common prefix or neither.
func options(t *rapid.T) drivers.ListOptions {
	text := rapid.StringOfN(rapid.SampledFrom([]rune("ab/-é~")), 0, 4, -1)
	o := drivers.ListOptions{
		Prefix:    rapid.OneOf(rapid.Just(""), text).Draw(t, "prefix"),
		Delimiter: rapid.SampledFrom([]string{"", "/", "/", "a", "//", "é"}).Draw(t, "delimiter"),
		Limit:     rapid.IntRange(0, 7).Draw(t, "limit"),
	}
	o.Cursor.After = rapid.OneOf(rapid.Just(""), text).Draw(t, "after")
	if cp := o.CommonPrefix(o.Cursor.After); cp != "" && rapid.Bool().Draw(t, "after a common prefix") {
		o.Cursor.After = cp
	}
	return o
}

// model lists sorted keys the plain way.
func model(keys []string, o drivers.ListOptions) []string {
	var all []string
	for _, key := range keys {
		if !strings.HasPrefix(key, o.Prefix) || o.Cursor.After != "" && key <= o.Cursor.After {
			continue
		}
		name := cmp.Or(o.CommonPrefix(key), key)
		if name != o.Cursor.After {
			all = append(all, name)
		}
	}
	return slices.Compact(all)
}

// all follows a listing to its end and gives its entries; sizes are those of its objects.
func all(t *rapid.T, o drivers.ListOptions, list drivers.ListFunc) (names []string, sizes map[string]int64) {
	sizes = map[string]int64{}
	for range 10_000 {
		page, err := list(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(page.Objects) + len(page.Prefixes); n > cmp.Or(o.Limit, drivers.DefaultLimit) {
			t.Fatalf("List(%+v) gives %d entries", o, n)
		}
		var now []string
		for _, info := range page.Objects {
			now, sizes[info.Key] = append(now, info.Key), info.Size
		}
		now = append(now, page.Prefixes...)
		slices.Sort(now)
		names = append(names, now...)
		if !page.More {
			return names, sizes
		}
		o.Cursor = page.Next
	}
	t.Fatalf("List(%+v) does not end", o)
	return nil, nil
}

func diff(t *rapid.T, what any, got, want []string) {
	if !slices.Equal(got, want) {
		t.Fatalf("%+v: %s", what, gocmp.Diff(want, got))
	}
}

// lister lists sorted keys by a PageBuilder, which may seek or not; size is what all objects have.
func lister(keys []string, size int64, seeks bool) drivers.ListFunc {
	return func(_ context.Context, o drivers.ListOptions) (drivers.Page, error) {
		b := drivers.NewPageBuilder(o)
		from := ""
		for _, key := range keys {
			if seeks && key < from {
				continue
			}
			seek, more := b.Add(drivers.Info{Key: key, Size: size})
			if !more {
				break
			}
			from = seek
		}
		return b.Page(), nil
	}
}

func TestPageBuilderListsAsTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys, o := keys(t, "keys", 30), options(t)
		got, _ := all(t, o, lister(keys, 0, rapid.Bool().Draw(t, "seeks")))
		diff(t, o, got, model(keys, o))
	})
}

func TestPageBuilderFindsEveryKeyFrom(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		keys, o := keys(t, "keys", 30), options(t)
		i, _ := slices.BinarySearch(keys, o.From())
		got, _ := all(t, o, func(ctx context.Context, lo drivers.ListOptions) (drivers.Page, error) {
			if lo.Cursor == o.Cursor {
				return lister(keys[i:], 0, true)(ctx, lo)
			}
			return lister(keys, 0, true)(ctx, lo)
		})
		diff(t, o, got, model(keys, o))
	})
}

// choppy makes pages short and empty, as stores do.
func choppy(list drivers.ListFunc, every, most int) drivers.ListFunc {
	calls := 0
	return func(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
		if o.Cursor.Hint != "" && o.Cursor.Hint != "mine" {
			return drivers.Page{}, fmt.Errorf("a foreign hint: %q", o.Cursor.Hint)
		}
		if calls++; calls%every == 0 && o.Cursor.After != "" {
			return drivers.Page{More: true, Next: o.Cursor}, nil
		}
		o.Limit = min(cmp.Or(o.Limit, drivers.DefaultLimit), most)
		page, err := list(ctx, o)
		page.Next.Hint = "mine"
		return page, err
	}
}

func TestMergeListIsTheListOfAllKeysTheFirstChildWins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := options(t)
		o.Cursor.Hint = "another's"
		var lists []drivers.ListFunc
		var union []string
		owner := map[string]int64{}
		for i := range rapid.IntRange(0, 4).Draw(t, "children") {
			mine := keys(t, "keys", 20)
			union = append(union, mine...)
			for _, key := range mine {
				if _, ok := owner[key]; !ok {
					owner[key] = int64(i)
				}
			}
			list := lister(mine, int64(i), true)
			lists = append(lists, choppy(list, rapid.IntRange(2, 5).Draw(t, "empty"), rapid.IntRange(1, 5).Draw(t, "short")))
		}
		slices.Sort(union)
		got, sizes := all(t, o, func(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
			return drivers.MergeList(ctx, o, lists...)
		})
		diff(t, o, got, model(slices.Compact(union), o))
		for key, size := range sizes {
			if size != owner[key] {
				t.Fatalf("%q comes from child %d, want %d", key, size, owner[key])
			}
		}
	})
}

func TestMergeListFailsWithTheFirstError(t *testing.T) {
	t.Parallel()
	good := lister([]string{"a", "b"}, 0, true)
	bad := func(context.Context, drivers.ListOptions) (drivers.Page, error) {
		return drivers.Page{}, drivers.ErrUnavailable
	}
	if _, err := drivers.MergeList(t.Context(), drivers.ListOptions{}, good, bad); err != drivers.ErrUnavailable {
		t.Errorf("error %v", err)
	}
}

func TestMergeListAsksEachChildOnceForAPage(t *testing.T) {
	t.Parallel()
	var odd, even []string
	for i := range 300 {
		odd, even = append(odd, fmt.Sprintf("%04d", 2*i+1)), append(even, fmt.Sprintf("%04d", 2*i))
	}
	for name, children := range map[string][2][]string{
		"mixed": {odd, even}, "one": {odd, nil}, "the same": {odd, odd}, "apart": {even[:150], even[150:]},
	} {
		var calls atomic.Int32
		count := func(keys []string) drivers.ListFunc {
			list := lister(keys, 0, true)
			return func(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
				calls.Add(1)
				return list(ctx, o)
			}
		}
		page, err := drivers.MergeList(t.Context(), drivers.ListOptions{Limit: 100}, count(children[0]), count(children[1]))
		if err != nil || len(page.Objects) != 100 || !page.More || calls.Load() != 2 {
			t.Errorf("%s: %d calls for %d keys, more %t, %v", name, calls.Load(), len(page.Objects), page.More, err)
		}
	}
}

func TestStagingHidesUploadsFromEveryListing(t *testing.T) {
	t.Parallel()
	near := []string{".", ".sluice", ".sluice/", ".sluice/a", ".sluice/upload", ".sluice/uploads", ".sluice/uploads.", ".sluice/uploads0", ".sluice/z", ".t", "a", "-"}
	rapid.Check(t, func(t *rapid.T) {
		d := drivers.Staging(drivertest.Plain(mem.New()))
		must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
		b := d.Bucket("b")
		visible := rapid.SliceOfNDistinct(rapid.SampledFrom(near), 0, 8, rapid.ID[string]).Draw(t, "visible")
		slices.Sort(visible)
		for _, key := range visible {
			_, err := b.Put(t.Context(), key, strings.NewReader(""), drivers.PutOptions{})
			must(t, err)
		}
		for range rapid.IntRange(0, 4).Draw(t, "uploads") {
			u, err := drivers.Multiparts(b).CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
			must(t, err)
			for n := range rapid.IntRange(0, 3).Draw(t, "parts") {
				_, err := drivers.Multiparts(b).PutPart(t.Context(), "key", u.ID, n+1, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
				must(t, err)
			}
		}
		places := rapid.SampledFrom(append(near, "", ".sluice/uploads/", ".sluice/uploads/staged-", ".sluice/up", "z"))
		o := drivers.ListOptions{
			Prefix: places.Draw(t, "prefix"), Limit: rapid.IntRange(0, 3).Draw(t, "limit"),
			Delimiter: rapid.SampledFrom([]string{"", "/", "-", "s", "part", "uploads", "d-", "upload/"}).Draw(t, "delimiter"),
			Cursor:    drivers.Cursor{After: places.Draw(t, "after")},
		}
		got, _ := all(t, o, b.List)
		diff(t, o, got, model(visible, o))
	})
}

func must(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
