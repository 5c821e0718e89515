package drivertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"sluice/drivers"
)

func listChecks() []check {
	return []check{
		{"List/prefix, delimiter, cursor and limit as in the model", listModel},
		{"List/a cursor anywhere in common prefixes", listCursors},
		{"List/thousands of keys over many pages", listMany},
		{"List/an empty bucket and what nothing matches", listNothing},
		{"List/sees each write and delete at once", listFresh},
		{"List/pages go on while keys come and go", listWhileChanging},
	}
}

// model lists sorted keys the slow and plain way.
func model(keys []string, o drivers.ListOptions) []string {
	var all []string
	for _, key := range keys {
		rest, ok := strings.CutPrefix(key, o.Prefix)
		if !ok || key <= o.Cursor.After && o.Cursor.After != "" {
			continue
		}
		name := key
		if i := strings.Index(rest, o.Delimiter); o.Delimiter != "" && i >= 0 {
			if name = o.Prefix + rest[:i+len(o.Delimiter)]; name == o.Cursor.After {
				continue
			}
		}
		all = append(all, name)
	}
	return slices.Compact(all)
}

// fill stores small objects, several at once, and returns the keys of those that the store can keep.
func (e *env) fill(keys []string) []string {
	e.Helper()
	var kept []string
	for _, key := range keys {
		if e.limits.keeps(key, kept) {
			kept = append(kept, key)
		}
	}
	g := drivers.NewGroup(e.Context(), 16)
	for _, key := range kept {
		g.Go(func(ctx context.Context) error {
			_, err := e.b.Put(ctx, key, strings.NewReader(key), drivers.PutOptions{Size: int64(len(key))})
			return err
		})
	}
	e.must(g.Wait())
	return kept
}

// randomKeys makes distinct sorted keys of few letters, so that they have much in common.
func randomKeys(r *rand.Rand, n int, letters []string) []string {
	seen := map[string]bool{}
	for len(seen) < n {
		var b strings.Builder
		for range 1 + r.IntN(6) {
			b.WriteString(letters[r.IntN(len(letters))])
		}
		seen[b.String()] = true
	}
	keys := make([]string, 0, n)
	for key := range seen {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func listModel(e *env) {
	r := rand.New(rand.NewPCG(20, 26))
	letters := []string{"a", "b", "/", "/", "-", "é", "\x01", "~", "A"}
	keys := randomKeys(r, 80, letters)
	keys = e.fill(keys)
	places := append([]string{"", "a/", "zz", "\x01", "\U0010ffff"}, randomKeys(r, 30, letters)...)
	places = append(places, keys...)
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	for i := range 250 {
		o := drivers.ListOptions{Limit: r.IntN(12)}
		if r.IntN(2) == 0 {
			whole := pick(keys)
			o.Prefix = strings.ToValidUTF8(whole[:r.IntN(len(whole)+1)], "")
		}
		if r.IntN(3) > 0 {
			o.Delimiter = pick([]string{"/", "/", "/", "a", "é", "//", "a/", "-b", "none"})
		}
		if r.IntN(2) == 0 {
			o.Cursor.After = pick(places)
			if cp := o.CommonPrefix(o.Cursor.After); cp != "" && i%2 == 0 {
				o.Cursor.After = cp
			}
		}
		sameList(e, fmt.Sprintf("%+v", o), e.list(o), model(keys, o))
	}
}

func listCursors(e *env) {
	keys := []string{"a", "a/", "a/1", "a/2/x", "a0", "b/1", "b/2", "b//", "c", "d/e/f", "d/e/g", "d/h", "é/1", "é/2"}
	slices.Sort(keys)
	keys = e.fill(keys)
	for _, after := range append([]string{"a/9", "a/2/", "b/", "d/", "d/e/", "é/", "b", "B", "zzz", "a/\U0010ffff"}, keys...) {
		for _, prefix := range []string{"", "a", "a/", "d/", "é", "none"} {
			for _, limit := range []int{1, 2, 1000} {
				o := drivers.ListOptions{Prefix: prefix, Delimiter: "/", Limit: limit, Cursor: drivers.Cursor{After: after}}
				sameList(e, fmt.Sprintf("%+v", o), e.list(o), model(keys, o))
			}
		}
	}
}

func listMany(e *env) {
	var keys []string
	for i := range 1203 {
		keys = append(keys, fmt.Sprintf("%d/%d/%04d", i%3, i%30, i))
	}
	keys = e.fill(keys)
	slices.Sort(keys)
	for _, o := range []drivers.ListOptions{
		{}, {Limit: 100}, {Limit: 999}, {Limit: 1203}, {Delimiter: "/"}, {Prefix: "1/", Delimiter: "/"},
		{Prefix: "1/", Delimiter: "/", Limit: 3}, {Prefix: "2/", Limit: 401}, {Limit: 5000},
	} {
		sameList(e, fmt.Sprintf("%+v", o), e.list(o), model(keys, o))
	}
	page, err := e.b.List(e.Context(), drivers.ListOptions{})
	if e.ok(err); len(page.Objects) > drivers.DefaultLimit || !page.More {
		e.Errorf("a page without a limit has %d keys, More is %t", len(page.Objects), page.More)
	}
	o := drivers.ListOptions{Limit: 50, Cursor: page.Next} // the hint dropped, and another limit: the key alone tells the place
	o.Cursor.Hint = ""
	sameList(e, "the rest", e.list(o), keys[len(page.Objects):])
}

func listNothing(e *env) {
	same(e, "entries of an empty bucket", len(e.list(drivers.ListOptions{})), 0)
	e.put("b", "x", drivers.PutOptions{})
	for _, o := range []drivers.ListOptions{
		{Prefix: "a"}, {Prefix: "b/"}, {Prefix: "bb"}, {Prefix: "c"}, {Cursor: drivers.Cursor{After: "b"}},
		{Prefix: "b", Cursor: drivers.Cursor{After: "c"}}, {Prefix: strings.Repeat("p", 1024)}, {Prefix: "/"}, {Prefix: ".."},
	} {
		same(e, fmt.Sprintf("entries of %+v", o), len(e.list(o)), 0)
	}
	sameList(e, "keys", e.list(drivers.ListOptions{Cursor: drivers.Cursor{After: "a"}}), []string{"b"})
}

func listFresh(e *env) {
	var keys []string
	for i := range 20 {
		keys = append(keys, fmt.Sprintf("dir/%02d", i))
		e.put(keys[i], "x", drivers.PutOptions{})
		sameList(e, "keys", e.list(drivers.ListOptions{}), keys)
	}
	for len(keys) > 0 {
		_, err := e.b.Delete(e.Context(), keys[0], drivers.DeleteOptions{})
		e.ok(err)
		keys = keys[1:]
		sameList(e, "keys", e.list(drivers.ListOptions{}), keys)
	}
	same(e, "folders", len(e.list(drivers.ListOptions{Delimiter: "/"})), 0)
}

func listWhileChanging(e *env) {
	var keys []string
	for i := range 40 {
		keys = append(keys, fmt.Sprintf("%02d", 2*i))
	}
	keys = e.fill(keys)
	var seen []string
	o := drivers.ListOptions{Limit: 3}
	for {
		page, err := e.b.List(e.Context(), o)
		e.must(err)
		seen = append(seen, entries(page)...)
		if !page.More {
			break
		}
		o.Cursor = page.Next
		if len(seen) > 0 { // the very key that the cursor stands on goes, and one comes that is behind it
			_, err = e.b.Delete(e.Context(), seen[len(seen)-1], drivers.DeleteOptions{})
			e.must(err)
			e.put("0", "x", drivers.PutOptions{})
		}
	}
	sameList(e, "keys seen", seen, keys)
}
