package drivers

import "context"

// ListFunc lists one page, as Bucket.List does.
type ListFunc func(ctx context.Context, o ListOptions) (Page, error)

// MergeList lists several children as one: a key that more than one has comes from the first of them. Short pages of a
// child do not shorten the merged one. It holds one page of each child at a time.
func MergeList(ctx context.Context, o ListOptions, children ...ListFunc) (Page, error) {
	o.Cursor.Hint = "" // no child's own
	sources := make([]*source, len(children))
	for i, list := range children {
		sources[i] = &source{list: list, o: o}
		if err := sources[i].fill(ctx); err != nil {
			return Page{}, err
		}
	}
	b := NewPageBuilder(o)
	for {
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
			for s.ok && s.head() == key {
				if err := s.next(ctx); err != nil {
					return Page{}, err
				}
			}
		}
	}
}

// source walks one child's entries in order, objects and common prefixes together.
type source struct {
	list ListFunc
	o    ListOptions
	page Page
	ok   bool
}

// fill fetches pages until there is an entry or the child has ended.
func (s *source) fill(ctx context.Context) (err error) {
	for {
		if s.page, err = s.list(ctx, s.o); err != nil {
			return err
		}
		s.ok = len(s.page.Objects)+len(s.page.Prefixes) > 0
		if s.ok || !s.page.More {
			return nil
		}
		s.o.Cursor = s.page.Next
	}
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

func (s *source) next(ctx context.Context) error {
	if s.objectFirst() {
		s.page.Objects = s.page.Objects[1:]
	} else {
		s.page.Prefixes = s.page.Prefixes[1:]
	}
	if len(s.page.Objects)+len(s.page.Prefixes) > 0 {
		return nil
	}
	s.ok = false
	if !s.page.More {
		return nil
	}
	s.o.Cursor = s.page.Next
	return s.fill(ctx)
}
