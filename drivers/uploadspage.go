package drivers

import (
	"cmp"
	"slices"
)

// PageUploads makes a page of uploads that are all in memory, in any order. It sorts them in place.
func PageUploads(all []Upload, o ListUploadsOptions) UploadsPage {
	slices.SortFunc(all, func(a, b Upload) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), a.Initiated.Compare(b.Initiated), cmp.Compare(a.ID, b.ID))
	})
	limit := o.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	lo := ListOptions{Prefix: o.Prefix, Delimiter: o.Delimiter}
	var page UploadsPage
	for i, u := range skipUploads(all, o) {
		cp := lo.CommonPrefix(u.Key)
		switch {
		case len(u.Key) < len(o.Prefix) || u.Key[:len(o.Prefix)] != o.Prefix:
			continue
		case cp != "" && (cp == o.KeyAfter || i > 0 && slices.Contains(page.Prefixes, cp)):
			continue
		case len(page.Uploads)+len(page.Prefixes) == limit:
			page.More = true
			return page
		case cp != "":
			page.Prefixes = append(page.Prefixes, cp)
			page.NextKey, page.NextID = cp, ""
		default:
			page.Uploads = append(page.Uploads, u)
			page.NextKey, page.NextID = u.Key, u.ID
		}
	}
	return page
}

// skipUploads drops what the markers say has been seen. An upload that the ID marker names may have ended since: the
// marker is then of no use, and the key's uploads come again rather than get lost.
func skipUploads(all []Upload, o ListUploadsOptions) []Upload {
	i := slices.IndexFunc(all, func(u Upload) bool {
		return u.Key > o.KeyAfter || u.Key == o.KeyAfter && (o.IDAfter != "" || o.KeyAfter == "")
	})
	if i < 0 {
		return nil
	}
	if o.IDAfter != "" {
		if j := slices.IndexFunc(all, func(u Upload) bool { return u.Key == o.KeyAfter && u.ID == o.IDAfter }); j >= 0 {
			return all[j+1:]
		}
	}
	return all[i:]
}
