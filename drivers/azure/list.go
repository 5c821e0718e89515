package azure

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"sluice/drivers"
)

// maxResults is the service's limit for a page.
const maxResults = 5000

// List implements drivers.Bucket by List Blobs, one request for a page as a rule. The service goes on from markers of its own,
// which come along as the cursor's hint; where it is not there, the listing starts from a name (startFrom, since version 2026-02-06).
// A service that does not know how to do that lists from the beginning, and what comes before the name is skipped.
// https://learn.microsoft.com/rest/api/storageservices/list-blobs
func (b *bucket) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	page, err := b.list(ctx, o)
	return page, b.fail("List", "", err)
}

func (b *bucket) list(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	if b.client == nil {
		return drivers.Page{}, drivers.ErrNoBucket
	}
	if strings.IndexFunc(o.Prefix, garbled) >= 0 { // there can be none
		_, err := b.d.statBucket(ctx, b.name)
		return drivers.Page{}, err
	}
	if o.Limit <= 0 {
		o.Limit = drivers.DefaultLimit
	}
	l := newListing(b, o)
	page, err := l.run(ctx)
	if o.Cursor.Hint != "" && errors.Is(err, drivers.ErrInvalid) { // a hint that is none
		o.Cursor.Hint = ""
		return b.list(ctx, o)
	}
	return page, err
}

// listing makes one page.
type listing struct {
	b         *bucket
	o         drivers.ListOptions
	builder   *drivers.PageBuilder
	delimiter string // as the service is to roll up; it gets one character right
	marker    string
	from      string // a name, where there is no marker
	seen      string // a common prefix that has been dealt with
}

func newListing(b *bucket, o drivers.ListOptions) *listing {
	l := &listing{b: b, o: o, builder: drivers.NewPageBuilder(o), marker: o.Cursor.Hint}
	if d := o.Delimiter; len(d) == 1 && d[0] < utf8.RuneSelf && !garbled(rune(d[0])) {
		l.delimiter = d
	}
	return l
}

func (l *listing) run(ctx context.Context) (drivers.Page, error) {
	if l.marker == "" && l.o.Cursor.After > l.o.Prefix {
		if err := l.seek(ctx); err != nil {
			return drivers.Page{}, err
		}
		if l.from == "" { // nothing sorts after it
			return l.builder.Page(), nil
		}
	}
	for {
		entries, next, err := l.fetch(ctx)
		if l.from != "" && errors.Is(err, drivers.ErrInvalid) { // no name to start from, at this service
			l.from = ""
			entries, next, err = l.fetch(ctx)
		}
		if err != nil {
			return drivers.Page{}, err
		}
		for _, e := range entries {
			if !l.add(e) {
				return l.builder.Page(), nil
			}
		}
		if next == "" {
			return l.builder.Page(), nil
		}
		if l.room() == 0 {
			page := l.builder.More("")
			page.Next.Hint = next
			return page, nil
		}
		l.marker, l.from = next, ""
	}
}

// seek finds the name to start from. A cursor inside of a common prefix needs a look at what comes after it in there.
func (l *listing) seek(ctx context.Context) error {
	after := l.o.Cursor.After
	l.from = floor(after)
	cp := l.o.CommonPrefix(after)
	if cp == "" || l.delimiter == "" {
		return nil
	}
	l.seen = cp
	if l.from = floor(cp); cp == after || strings.IndexFunc(cp, garbled) >= 0 {
		return nil
	}
	page, err := newListing(l.b, drivers.ListOptions{Prefix: cp, Limit: 1, Cursor: drivers.Cursor{After: after}}).run(ctx)
	if err == nil && len(page.Objects) > 0 {
		l.builder.AddPrefix(cp)
	}
	return err
}

// room is how many entries the page still takes.
func (l *listing) room() int {
	page := l.builder.Page()
	return l.o.Limit - len(page.Objects) - len(page.Prefixes)
}

// add adds an entry; false where the page is complete.
func (l *listing) add(e entry) (more bool) {
	switch {
	case !e.prefix && !takes(e.Key): // another tool's, out of order
		return true
	case !e.prefix:
		_, more = l.builder.Add(e.Info)
	case e.Key == l.seen || strings.IndexFunc(e.Key, garbled) >= 0:
		return true
	default:
		_, more = l.builder.AddPrefix(e.Key)
	}
	return more
}

// entry is a blob, or a common prefix.
type entry struct {
	drivers.Info
	prefix bool
}

// fetch gets one page of the service, blobs and common prefixes in order.
func (l *listing) fetch(ctx context.Context) (entries []entry, next string, err error) {
	limit := int32(min(l.room(), maxResults))
	switch {
	case l.delimiter != l.o.Delimiter: // many of them may be one entry
		limit = maxResults
	case l.from != "":
		limit = min(limit+1, maxResults) // the name itself
	}
	include := container.ListBlobsInclude{Metadata: true}
	if l.delimiter == "" {
		r, err := l.b.client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{
			Include: include, Prefix: set(l.o.Prefix), Marker: set(l.marker), StartFrom: set(l.from), MaxResults: &limit,
		}).NextPage(ctx)
		if err != nil {
			return nil, "", noBucket(err)
		}
		return merge(r.Segment.BlobItems, nil), get(r.NextMarker), nil
	}
	r, err := l.b.client.NewListBlobsHierarchyPager(l.delimiter, &container.ListBlobsHierarchyOptions{
		Include: include, Prefix: set(l.o.Prefix), Marker: set(l.marker), StartFrom: set(l.from), MaxResults: &limit,
	}).NextPage(ctx)
	if err != nil {
		return nil, "", noBucket(err)
	}
	return merge(r.Segment.BlobItems, r.Segment.BlobPrefixes), get(r.NextMarker), nil
}

func set(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func get(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// merge merges the two lists that a page comes as.
func merge(blobs []*container.BlobItem, prefixes []*container.BlobPrefix) []entry {
	entries := make([]entry, 0, len(blobs)+len(prefixes))
	for len(blobs)+len(prefixes) > 0 {
		if len(prefixes) == 0 || len(blobs) > 0 && *blobs[0].Name < *prefixes[0].Name {
			entries, blobs = append(entries, listed(blobs[0])), blobs[1:]
			continue
		}
		entries, prefixes = append(entries, entry{drivers.Info{Key: *prefixes[0].Name}, true}), prefixes[1:]
	}
	return entries
}

func listed(item *container.BlobItem) entry {
	p := properties{metadata: item.Metadata}
	if i := item.Properties; i != nil {
		p.etag, p.md5, p.modified = i.ETag, i.ContentMD5, i.LastModified
		if i.ContentLength != nil {
			p.size = *i.ContentLength
		}
	}
	o := p.object()
	return entry{Info: drivers.Info{
		Key: *item.Name, Size: o.Size, ETag: o.Digest.ETag, Token: o.token, LastModified: o.modified, Checksum: o.Digest.Checksum,
		Header: drivers.Header{StorageClass: o.Header.StorageClass},
	}}
}
