package drivers

import (
	"context"
	"slices"
)

// ListFunc lists one page, as Bucket.List does.
type ListFunc func(ctx context.Context, o ListOptions) (Page, error)

// MergeList lists several children as one: a key that more than one has comes from the first of them. Short pages of a
// child do not shorten the merged one. It holds one page of each child at a time, asks the children side by side, and for
// no page that it may not need.
func MergeList(ctx context.Context, o ListOptions, children ...ListFunc) (Page, error) {
	o.Cursor.Hint = "" // no child's own
	sources := make([]*source, len(children))
	for i, list := range children {
		sources[i] = &source{list: list, o: o, drained: true}
	}
	b := NewPageBuilder(o)
	for {
		if slices.ContainsFunc(sources, func(s *source) bool { return s.drained }) {
			if b.atLimit() {
				return b.More(""), nil
			}
			if err := refill(ctx, sources); err != nil {
				return Page{}, err
			}
		}
		first := (*source)(nil)
		for _, s := range sources {
			if s.ok && (first == nil || s.head() < first.head()) {
				first = s
			}
		}
		if first == nil {
			return b.Page(), nil
		}
		key := first.head()
		if !first.addTo(b) {
			return b.Page(), nil
		}
		for _, s := range sources {
			if s.ok && s.head() == key {
				s.next()
			}
		}
	}
}

// refill asks all children that have nothing left, side by side.
func refill(ctx context.Context, sources []*source) error {
	g := NewGroup(ctx, len(sources))
	for _, s := range sources {
		if s.drained {
			g.Go(s.refill)
		}
	}
	return g.Wait()
}

// source walks one child's entries in order, objects and common prefixes together.
type source struct {
	list    ListFunc
	o       ListOptions
	page    Page
	ok      bool // there is an entry
	drained bool // there is none, but the child may have more
}

// refill fetches pages until there is an entry or the child has ended.
func (s *source) refill(ctx context.Context) (err error) {
	for s.drained {
		if s.page, err = s.list(ctx, s.o); err != nil {
			return err
		}
		s.o.Cursor = s.page.Next
		s.settle()
	}
	return nil
}

func (s *source) settle() {
	s.ok = len(s.page.Objects)+len(s.page.Prefixes) > 0
	s.drained = !s.ok && s.page.More
}

func (s *source) objectFirst() bool {
	return len(s.page.Prefixes) == 0 || len(s.page.Objects) > 0 && s.page.Objects[0].Key < s.page.Prefixes[0]
}

func (s *source) head() string {
	if s.objectFirst() {
		return s.page.Objects[0].Key
	}
	return s.page.Prefixes[0]
}

func (s *source) addTo(b *PageBuilder) (more bool) {
	if s.objectFirst() {
		_, more = b.Add(s.page.Objects[0])
	} else {
		_, more = b.AddPrefix(s.page.Prefixes[0])
	}
	return more
}

func (s *source) next() {
	if s.objectFirst() {
		s.page.Objects = s.page.Objects[1:]
	} else {
		s.page.Prefixes = s.page.Prefixes[1:]
	}
	s.settle()
}
