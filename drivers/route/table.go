package route

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/drivers"
)

func isPattern(name string) bool { return strings.Contains(name, Any) }

// place is a bucket at a store. Stores are told apart by ==.
type place struct {
	base   drivers.Driver // without wrappers
	bucket string
}

// spot is where a bucket lives, the whole of one at a store or what lies under a prefix.
type spot struct {
	driver   drivers.Driver
	bucket   string // at the store
	prefix   string
	readOnly bool
	alias    bool
	owns     bool // of one with a prefix: the bucket at the store is its own
}

func (s spot) place() place { return place{drivers.Base(s.driver), s.bucket} }

// overlaps tells whether two spots have objects in common.
func (s spot) overlaps(o spot) bool {
	return s.place() == o.place() && (strings.HasPrefix(s.prefix, o.prefix) || strings.HasPrefix(o.prefix, s.prefix))
}

// pattern is a route for all buckets whose names begin and end so.
type pattern struct {
	before, after string
	spot
}

func (p *pattern) fits(name string) bool {
	return len(name) >= len(p.before)+len(p.after) && strings.HasPrefix(name, p.before) && strings.HasSuffix(name, p.after)
}

// New makes a driver of routes by bucket name or pattern. It fails where two names lead to one bucket of one store, or to
// overlapping parts of it, which it looks for behind the wrappers of a driver ([drivers.Base]), not inside of a driver made of
// several.
func New(routes map[string]Route) (drivers.Driver, error) {
	d := &driver{named: make(map[string]spot, len(routes)), taken: make(map[place]bool)}
	names := slices.Sorted(maps.Keys(routes))
	at := make(map[place][]string, len(routes))
	for _, name := range names {
		r := routes[name]
		if err := r.check(name); err != nil {
			return nil, err
		}
		s := spot{driver: r.Driver, bucket: cmp.Or(r.Bucket, name), prefix: r.Prefix, readOnly: r.ReadOnly, owns: r.Bucket == ""}
		switch {
		case r.Alias != "":
		case isPattern(name):
			before, after, _ := strings.Cut(name, Any)
			d.patterns = append(d.patterns, &pattern{before, after, s})
		default:
			for _, other := range at[s.place()] {
				if o := d.named[other]; o.overlaps(s) {
					return nil, overlap(other, name, o, s)
				}
			}
			at[s.place()] = append(at[s.place()], name)
			d.named[name], d.taken[s.place()] = s, true
		}
	}
	for _, sharing := range at {
		for _, name := range sharing {
			s := d.named[name]
			s.owns = s.owns && len(sharing) == 1
			d.named[name] = s
		}
	}
	slices.SortFunc(d.patterns, func(a, b *pattern) int {
		return cmp.Or(len(b.before)+len(b.after)-len(a.before)-len(a.after), len(b.before)-len(a.before))
	})
	return d, d.addAliases(names, routes)
}

// addAliases comes last: an alias may be of a bucket that a pattern leads to.
func (d *driver) addAliases(names []string, routes map[string]Route) error {
	aliases := make(map[string]spot)
	for _, name := range names {
		r := routes[name]
		if r.Alias == "" {
			continue
		}
		s, ok := d.find(r.Alias)
		switch {
		case routes[r.Alias].Alias != "":
			return fmt.Errorf("route: alias %q is of %q, which is one itself", name, r.Alias)
		case !ok:
			return fmt.Errorf("route: alias %q is of %q, which has no route", name, r.Alias)
		}
		s.alias, s.readOnly = true, s.readOnly || r.ReadOnly
		aliases[name] = s
	}
	maps.Copy(d.named, aliases)
	return nil
}

func overlap(first, second string, a, b spot) error {
	if a.prefix == b.prefix {
		return fmt.Errorf("route: buckets %q and %q are the same one, %q of one store; if that is meant, make one an alias",
			first, second, a.bucket+"/"+a.prefix)
	}
	return fmt.Errorf("route: buckets %q and %q overlap in %q of one store: prefixes %q and %q", first, second, a.bucket, a.prefix, b.prefix)
}

// find returns where a bucket lives, and whether there is a route to it.
func (d *driver) find(name string) (spot, bool) {
	if s, ok := d.named[name]; ok {
		return s, true
	}
	s, ok := d.fitting(name)
	return s, ok && !d.taken[s.place()]
}

// fitting returns where the pattern that fits best leads.
func (d *driver) fitting(name string) (spot, bool) {
	for _, p := range d.patterns {
		if p.fits(name) {
			s := p.spot
			s.bucket = name
			return s, true
		}
	}
	return spot{}, false
}
