package gcstest

import (
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"

	"google.golang.org/api/storage/v1"
)

// list lists objects in the order of their names' bytes, and prefixes, together as many as maxResults:
// https://cloud.google.com/storage/docs/json_api/v1/objects/list. A page token is the last name, or a prefix that is done.
func (s *Server) list(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(r.bucket)
	if err != nil {
		return nil, err
	}
	q := r.query
	limit, err := strconv.Atoi(q.Get("maxResults"))
	if err != nil || limit <= 0 || limit > 1000 {
		limit = 1000
	}
	if q.Get("versions") == "true" {
		return b.versions(q.Get("prefix")), nil
	}
	names := b.sorted()
	from := max(q.Get("startOffset"), q.Get("prefix"))
	page, last := &storage.Objects{}, q.Get("pageToken")
	for _, name := range names[sort.SearchStrings(names, from):] {
		rest, ok := strings.CutPrefix(name, q.Get("prefix"))
		if !ok {
			break
		}
		entry, rolled := name, false
		if before, _, found := strings.Cut(rest, q.Get("delimiter")); found && q.Get("delimiter") != "" {
			entry, rolled = q.Get("prefix")+before+q.Get("delimiter"), true
		}
		switch {
		case last != "" && entry <= last:
			continue
		case len(page.Items)+len(page.Prefixes) == limit:
			page.NextPageToken = last
			return page, nil
		case rolled:
			page.Prefixes = append(page.Prefixes, entry)
		default:
			page.Items = append(page.Items, &b.live[name].Object)
		}
		last = entry
	}
	return page, nil
}

// versions lists all generations under a prefix.
func (b *bucket) versions(prefix string) *storage.Objects {
	all := &storage.Objects{}
	for _, o := range slices.Concat(slices.Collect(maps.Values(b.live)), b.old) {
		if strings.HasPrefix(o.Name, prefix) {
			all.Items = append(all.Items, &o.Object)
		}
	}
	return all
}
