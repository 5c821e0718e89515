package cdk

import (
	"context"
	"encoding/base64"
	"errors"
	"slices"

	"gocloud.dev/blob"

	"sluice/drivers"
)

func (b *bucket) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	page, err := b.list(ctx, o)
	return page, b.fail("List", "", err)
}

func (b *bucket) list(ctx context.Context, o drivers.ListOptions) (page drivers.Page, err error) {
	s, err := b.driver.buckets.find(b.name)
	if err != nil {
		return page, err
	}
	if s.kind == inFolder {
		page, err = s.listFolder(ctx, o)
	} else {
		page, err = s.listPages(ctx, o)
	}
	if err != nil {
		return drivers.Page{}, err
	}
	return page, s.addAttributes(ctx, &page)
}

// listPages lists a store that lists in the order of keys, page by page. Without the store's own token it begins at the prefix and
// passes over what comes before the cursor.
func (s *store) listPages(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	if o.Limit <= 0 {
		o.Limit = drivers.DefaultLimit
	}
	around := o.CommonPrefix(o.Cursor.After) // what the cursor stands inside of
	if around == o.Cursor.After {
		around = ""
	}
	build := drivers.NewPageBuilder(o)
	for token := s.token(o, around); ; {
		page := build.Page()
		left := o.Limit - len(page.Objects) - len(page.Prefixes)
		if left <= 0 {
			page.More, page.Next = true, drivers.Cursor{After: lastOf(page), Hint: hintOf(token)}
			return page, nil
		}
		entries, next, err := s.ListPage(ctx, token, left, &blob.ListOptions{Prefix: o.Prefix, Delimiter: o.Delimiter})
		if missing(err) {
			err = drivers.ErrNoBucket
		}
		for _, e := range entries {
			wanted := true
			if err == nil && e.Key == around {
				wanted, err = s.anyAfter(ctx, around, o.Cursor.After)
			}
			if wanted {
				s.add(build, e)
			}
		}
		if err != nil {
			return drivers.Page{}, err
		}
		if token = next; len(token) == 0 {
			return build.Page(), nil
		}
	}
}

// anyAfter tells whether a common prefix holds anything after a key.
func (s *store) anyAfter(ctx context.Context, prefix, after string) (bool, error) {
	o := drivers.ListOptions{Prefix: prefix, Cursor: drivers.Cursor{After: after}}
	for token := s.token(o, ""); ; {
		entries, next, err := s.ListPage(ctx, token, drivers.DefaultLimit, &blob.ListOptions{Prefix: prefix})
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(entries, func(e *blob.ListObject) bool { return e.Key > after && s.takes(e.Key) }) {
			return true, nil
		}
		if token = next; len(token) == 0 {
			return false, nil
		}
	}
}

// add adds an entry of a listing, if it is not one that is only there because other tools wrote it under a key that the bucket does
// not take.
func (s *store) add(build *drivers.PageBuilder, e *blob.ListObject) {
	switch {
	case e.IsDir && s.takes(e.Key+"x"):
		build.AddPrefix(e.Key)
	case !e.IsDir && s.takes(e.Key):
		build.Add(drivers.Info{Key: e.Key, Size: e.Size, LastModified: e.ModTime.UTC()})
	}
}

// token is where the store's listing begins. That of memblob is the last key or common prefix, so that any will do; a common prefix
// that has more after the cursor comes after what is shorter by a byte.
func (s *store) token(o drivers.ListOptions, around string) []byte {
	after := o.Cursor.After
	if around != "" {
		after = around[:len(around)-1]
	}
	if s.kind == inMemory && after != "" {
		return []byte(after)
	}
	if token, err := base64.RawURLEncoding.DecodeString(o.Cursor.Hint); err == nil && len(token) > 0 {
		return token
	}
	return blob.FirstPageToken
}

func hintOf(token []byte) string { return base64.RawURLEncoding.EncodeToString(token) }

func lastOf(page drivers.Page) string {
	var last string
	if n := len(page.Objects); n > 0 {
		last = page.Objects[n-1].Key
	}
	if n := len(page.Prefixes); n > 0 {
		last = max(last, page.Prefixes[n-1])
	}
	return last
}

// listWidth is how many objects of a page are described at once.
const listWidth = 32

// addAttributes describes each object of a page, since a listing of the Go CDK tells the MD5 at best, which is not the ETag of an
// object that was made of parts. Objects that are gone since are left out.
func (s *store) addAttributes(ctx context.Context, page *drivers.Page) error {
	g := drivers.NewGroup(ctx, listWidth)
	for i := range page.Objects {
		g.Go(func(ctx context.Context) error {
			info := &page.Objects[i]
			o, err := s.look(ctx, info.Key)
			switch {
			case errors.Is(err, drivers.ErrNotFound):
				info.Key = ""
				return nil
			case err != nil:
				return err
			}
			*info = o.info
			info.Header = drivers.Header{StorageClass: o.info.Header.StorageClass}
			return nil
		})
	}
	err := g.Wait()
	page.Objects = slices.DeleteFunc(page.Objects, func(i drivers.Info) bool { return i.Key == "" })
	return err
}
