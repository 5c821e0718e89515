package gcs

import (
	"context"
	"net/http"
	"strings"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
)

// maxPage is how many entries the store gives at once.
const maxPage = 1000

// listed are the fields of an object that a listing needs.
const listed = "items(name,generation,size,md5Hash,crc32c,timeCreated,storageClass,metadata)"

// List implements drivers.Bucket: one request, and a further one only where the store gives an empty page with more to come.
func (b *bucket) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	if o.Limit <= 0 {
		o.Limit = drivers.DefaultLimit
	}
	page, err := b.list(ctx, o)
	return page, b.fail(ctx, "List", "", err)
}

func (b *bucket) list(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	build := drivers.NewPageBuilder(o)
	start, none := startName(o)
	if none {
		return build.Page(), nil
	}
	call := b.d.api.Objects.List(b.name).Prefix(encode(textOf(o.Prefix), false)).Projection("noAcl").
		MaxResults(int64(min(o.Limit, maxPage))).Fields("nextPageToken", "prefixes", listed).Context(ctx)
	if start != "" {
		call.StartOffset(start)
	}
	if rollsUp(o) {
		call.Delimiter(o.Delimiter)
	}
	for {
		res, err := call.Do()
		if err != nil {
			return drivers.Page{}, bucketError(err)
		}
		last, more := fill(build, res, o)
		switch {
		case !more || res.NextPageToken == "":
			return build.Page(), nil
		case last != "":
			return build.More(last), nil
		}
		call.PageToken(res.NextPageToken)
	}
}

// rollsUp tells whether the store can be trusted with the delimiter; else all keys come, and are rolled up here. Nothing says what
// it makes of one of several bytes, or of an offset inside of a common prefix.
func rollsUp(o drivers.ListOptions) bool {
	after := o.Cursor.After
	inside := after > o.Prefix && o.CommonPrefix(after) != "" && o.CommonPrefix(after) != after
	return len(o.Delimiter) == 1 && keepsDelimiter(o.Delimiter) && !inside
}

// fill adds a page of the store's, whose objects and prefixes each ascend. It returns the last entry, and false where no later one
// is of interest. Names that are no keys are passed over.
func fill(build *drivers.PageBuilder, res *storage.Objects, o drivers.ListOptions) (last string, more bool) {
	for objects, prefixes := res.Items, res.Prefixes; len(objects) > 0 || len(prefixes) > 0; {
		var key string
		var ok bool
		if len(prefixes) == 0 || len(objects) > 0 && objects[0].Name < prefixes[0] {
			s := storedOf(objects[0])
			objects = objects[1:]
			if key, ok = decode(s.name, true); ok {
				_, more = build.Add(listedInfo(key, s))
			}
		} else {
			key, ok = decode(prefixes[0], false)
			prefixes = prefixes[1:]
			if cp := o.CommonPrefix(key); ok && cp != "" {
				_, more = build.AddPrefix(cp)
			} else {
				ok = false
			}
		}
		if !ok {
			continue
		}
		if !more {
			return last, false
		}
		if last = o.CommonPrefix(key); last == "" {
			last = key
		}
	}
	return last, true
}

// listedInfo is what a listing says of an object.
func listedInfo(key string, s stored) drivers.Info {
	info := s.info(key, s.attrs(), false)
	info.Header = drivers.Header{StorageClass: info.Header.StorageClass}
	return info
}

// Purge implements drivers.Purger: every generation of every object under the prefix is deleted for good. What soft delete keeps of
// them, the store deletes by itself after a while, and nobody can sooner.
func (b *bucket) Purge(ctx context.Context, prefix string) error {
	return b.fail(ctx, "Purge", prefix, b.purge(ctx, prefix))
}

func (b *bucket) purge(ctx context.Context, prefix string) error {
	return b.d.api.Objects.List(b.name).Prefix(encode(textOf(prefix), false)).Versions(true).Projection("noAcl").MaxResults(maxPage).
		Fields("nextPageToken", "items(name,generation)").Pages(ctx, func(page *storage.Objects) error {
		g := drivers.NewGroup(ctx, cleanWidth)
		for _, o := range page.Items {
			key, ok := decode(o.Name, true)
			if !ok || !strings.HasPrefix(key, prefix) {
				continue
			}
			g.Go(func(ctx context.Context) error {
				err := b.d.api.Objects.Delete(b.name, o.Name).Generation(o.Generation).Context(ctx).Do()
				if hasStatus(err, http.StatusNotFound) {
					return nil
				}
				return err
			})
		}
		return g.Wait()
	})
}
