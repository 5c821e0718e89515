package mem

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sluice/drivers"
)

func TestIndexKeepsTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var x index
		want := map[string]*object{}
		key := rapid.Custom(func(t *rapid.T) string { return strconv.Itoa(rapid.IntRange(0, 5000).Draw(t, "key")) })
		set := func(k string) {
			o := &object{info: drivers.Info{Key: k}}
			x.set(o)
			want[k] = o
		}
		for n := rapid.SampledFrom([]int{0, 10, 3 * maxRun}).Draw(t, "keys at first"); n > 0; n-- {
			set(strconv.Itoa(n * 7919 % 5000))
		}
		for range rapid.IntRange(0, 50).Draw(t, "steps") {
			if k := key.Draw(t, "k"); rapid.Bool().Draw(t, "set") {
				set(k)
			} else {
				x.remove(k)
				delete(want, k)
			}
		}
		sorted := slices.Sorted(maps.Keys(want))
		from := key.Draw(t, "from")
		at, _ := slices.BinarySearch(sorted, from)
		var got []string
		for o := range x.from(from) {
			got = append(got, o.info.Key)
		}
		if !slices.Equal(got, sorted[at:]) {
			t.Fatalf("from %q: %d keys, want %d", from, len(got), len(sorted[at:]))
		}
		if x.get(from) != want[from] || x.empty() != (len(want) == 0) {
			t.Fatalf("get(%q) = %v, empty is %t, of %d keys", from, x.get(from), x.empty(), len(want))
		}
		for _, run := range x.runs {
			if len(run) == 0 || len(run) > maxRun {
				t.Fatalf("a run of %d", len(run))
			}
		}
	})
}
