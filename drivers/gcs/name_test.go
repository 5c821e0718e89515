package gcs

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sluice/drivers"
)

// keys makes keys of pieces that names are about.
func keys() *rapid.Generator[string] {
	pieces := []string{"\n", "\r", "\t", "\f", top, "\x01", "\x00", "\x02", ".", "..", "/", acme, acme + "/", "a", "\v", "\U0010FFFE", "-", "0"}
	return rapid.Map(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 6), func(all []string) string { return strings.Join(all, "") })
}

// forbidden is what the store says of names: https://cloud.google.com/storage/docs/objects#naming.
func forbidden(name string) bool {
	return strings.ContainsAny(name, "\r\n") || name == "." || name == ".." || strings.HasPrefix(name, acme+"/") || !utf8.ValidString(name)
}

func TestNamesAreTakenComeBackAndSortAsKeys(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := keys().Draw(t, "a"), keys().Draw(t, "b")
		x, y := encode(a, true), encode(b, true)
		if forbidden(x) {
			t.Fatalf("%q has the name %q", a, x)
		}
		if back, ok := decode(x, true); back != a || !ok {
			t.Fatalf("%q has the name %q, which is that of %q, %t", a, x, back, ok)
		}
		if strings.Compare(a, b) != strings.Compare(x, y) {
			t.Fatalf("%q and %q have the names %q and %q", a, b, x, y)
		}
	})
}

func TestPrefixesOfKeysArePrefixesOfNames(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		prefix, rest := keys().Draw(t, "prefix"), keys().Draw(t, "rest")
		if p, name := encode(prefix, false), encode(prefix+rest, true); prefix+rest != "" && !strings.HasPrefix(name, p) {
			t.Fatalf("%q has the name %q, which does not begin with %q", prefix+rest, name, p)
		}
		if back, ok := decode(encode(prefix, false), false); back != prefix || !ok {
			t.Fatalf("the prefix %q comes back as %q, %t", prefix, back, ok)
		}
	})
}

func TestAListingStartsBeforeAllThatItGives(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := drivers.ListOptions{
			Prefix: keys().Draw(t, "prefix"), Delimiter: keys().Draw(t, "delimiter"), Cursor: drivers.Cursor{After: keys().Draw(t, "after")},
		}
		if cp := o.CommonPrefix(o.Cursor.After); cp != "" && rapid.Bool().Draw(t, "roll up") {
			o.Cursor.After = cp
		}
		key := o.Prefix + keys().Draw(t, "rest")
		start, none := startName(o)
		build := drivers.NewPageBuilder(o)
		build.Add(drivers.Info{Key: key})
		page := build.Page()
		if given := len(page.Objects)+len(page.Prefixes) > 0; given && (none || encode(key, true) < start) {
			t.Fatalf("%+v gives %q, but starts at %q, %t", o, key, start, none)
		}
		if cp := o.CommonPrefix(o.Cursor.After); cp != "" && cp == o.Cursor.After && !none && strings.HasPrefix(key, cp) && encode(key, true) >= start {
			t.Fatalf("%+v starts at %q and does not jump over %q", o, start, key)
		}
	})
}

func TestDelimitersThatAreKept(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, key := rapid.SampledFrom([]string{"/", "a", "//", "\x00", "0"}).Draw(t, "delimiter"), keys().Draw(t, "key")
		if !keepsDelimiter(d) {
			t.Fatalf("%q is not kept", d)
		}
		lost := 0
		if strings.HasPrefix(key, acme+"/") && strings.Contains(d, "/") {
			lost = 2 // the first slash is away, and may have been the half of two
		}
		in, out := strings.Count(key, d), strings.Count(encode(key, true), d)
		if out > in || out < in-lost {
			t.Fatalf("%q is %d times in the key %q and %d times in its name", d, in, key, out)
		}
	})
	for _, d := range []string{"\n", "\r", "\t", "\f", ".", "\x01", top, "a.", "/\n"} {
		if keepsDelimiter(d) {
			t.Errorf("%q is kept", d)
		}
	}
}

func TestNamesOfKeys(t *testing.T) {
	t.Parallel()
	for key, name := range map[string]string{
		"a/b.c": "a/b.c", "a\tb": "a\tb", ".hidden": ".hidden", "...": "...", "../x": "../x", "./": "./", acme: acme, acme + "x": acme + "x",
		"a\nb": "a\t" + top + top + "b", "\r": "\f" + top + top, ".": ".\x01", "..": "..\x01", ".\x00": ".\x01\x01\x00", ".\x01": ".\x01\x01\x01",
		"\t" + top: "\t" + top + "\x01", acme + "/x": acme + "." + top + top + "x", acme + "." + top: acme + "." + top + "\x01",
	} {
		if got := encode(key, true); got != name {
			t.Errorf("%q has the name %q, want %q", key, got, name)
		}
	}
}

func TestNamesThatAreNoKeys(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"\t" + top, "\t" + top + "x", ".\x01x", ".\x00", "..\x00", acme + "." + top + "x"} {
		if key, ok := decode(name, true); ok {
			t.Errorf("%q is the name of %q", name, key)
		}
	}
}

func TestAKeyWhoseNameIsTooLong(t *testing.T) {
	t.Parallel()
	key := strings.Repeat("\n", 120)
	if _, err := target(key); err == nil {
		t.Error("it is taken")
	}
	o := drivers.ListOptions{Cursor: drivers.Cursor{After: key}}
	if name, _ := startName(o); len(name) > drivers.MaxKeyLength || !strings.HasPrefix(encode(key, true), name) {
		t.Errorf("a listing after it starts at %q", name)
	}
}

func TestListingAfterWhatIsNoText(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]string{"a\xff": "a", "\xff": "", "a/\xc3": "a/", "é\xc3\xff": "é"} {
		if got, none := startName(drivers.ListOptions{Cursor: drivers.Cursor{After: after}}); got != want || none {
			t.Errorf("after %q: %q, %t, want %q", after, got, none, want)
		}
	}
	if _, none := startName(drivers.ListOptions{Delimiter: top, Cursor: drivers.Cursor{After: top}}); !none {
		t.Error("something comes after the last common prefix")
	}
}

func FuzzNames(f *testing.F) {
	for _, seed := range []string{"", ".", "..", "a\nb", "\t" + top, acme + "/x", ".\x00", "\r\n", acme + "." + top} {
		f.Add(seed, seed+"x")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if name := encode(a, true); utf8.ValidString(a) {
			if back, ok := decode(name, true); back != a || !ok || forbidden(name) {
				t.Errorf("%q has the name %q, which is that of %q, %t", a, name, back, ok)
			}
		}
		if utf8.ValidString(a) && utf8.ValidString(b) {
			names := []string{encode(a, true), encode(b, true)}
			if slices.IsSorted([]string{a, b}) != slices.IsSorted(names) {
				t.Errorf("%q and %q have the names %q", a, b, names)
			}
		}
		decode(a, true)
		decode(b, false)
	})
}
