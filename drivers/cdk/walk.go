package cdk

import (
	"cmp"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluice/drivers"
)

// walk lists a folder in the order of keys, which fileblob does not: it takes all of "a/" before "a.txt", and loses keys where a page
// ends in between.
type walk struct {
	ctx    context.Context
	prefix string
	seek   string // nothing before it is of interest
	build  *drivers.PageBuilder
}

func (s *store) listFolder(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	if !s.there() {
		return drivers.Page{}, drivers.ErrNoBucket
	}
	w := &walk{ctx: ctx, prefix: o.Prefix, seek: o.From(), build: drivers.NewPageBuilder(o)}
	if _, err := w.list(s.folder, ""); err != nil {
		return drivers.Page{}, err
	}
	return w.build.Page(), nil
}

// item is an entry of a folder; key is that of an object, or the beginning of those of a folder.
type item struct {
	key   string
	entry fs.DirEntry
}

// list adds what is in a folder, whose keys begin with parent. It returns false when the page is done.
func (w *walk) list(dir, parent string) (goOn bool, err error) {
	items, err := itemsOf(dir, parent)
	if err != nil {
		return false, err
	}
	for _, it := range items {
		if err := w.ctx.Err(); err != nil {
			return false, err
		}
		if !w.concerns(it) {
			continue
		}
		if it.entry.IsDir() {
			goOn, err = w.list(filepath.Join(dir, it.entry.Name()), it.key)
		} else {
			goOn, err = w.add(it)
		}
		if !goOn || err != nil {
			return false, err
		}
	}
	return true, nil
}

// concerns tells whether a listing may have an item, or what is in it.
func (w *walk) concerns(it item) bool {
	if !it.entry.IsDir() {
		return it.key >= w.seek && strings.HasPrefix(it.key, w.prefix)
	}
	after := drivers.Successor(it.key)
	return (after == "" || after > w.seek) && (strings.HasPrefix(it.key, w.prefix) || strings.HasPrefix(w.prefix, it.key))
}

func (w *walk) add(it item) (goOn bool, err error) {
	info, err := it.entry.Info()
	if missing(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	seek, goOn := w.build.Add(drivers.Info{Key: it.key, Size: info.Size(), LastModified: info.ModTime().UTC()})
	w.seek = max(w.seek, seek)
	return goOn, nil
}

// itemsOf reads a folder, which may be gone, in the order of keys.
func itemsOf(dir, parent string) ([]item, error) {
	entries, err := os.ReadDir(dir)
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	items := make([]item, 0, len(entries))
	for _, e := range entries {
		switch {
		case e.IsDir():
			items = append(items, item{folderKey(parent, e.Name()), e})
		case e.Type().IsRegular() && takenByFolder(parent+e.Name()):
			items = append(items, item{parent + e.Name(), e})
		}
	}
	slices.SortFunc(items, func(a, b item) int { return cmp.Compare(a.key, b.key) })
	return items, nil
}

// removeFolder removes a bucket's folder, or fails with ErrNotEmpty. What fileblob left behind when it was ended goes with it.
func removeFolder(ctx context.Context, root string) error {
	var files, dirs []string
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case missing(err): // gone since
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case e.IsDir():
			dirs = append(dirs, path)
		case isTemporary(name) || strings.HasSuffix(name, sideExt):
			files = append(files, path)
		default:
			return drivers.ErrNotEmpty
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Reverse(dirs) // the inner ones first
	for _, path := range append(files, dirs...) {
		if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
			if missing(err) { // another process has put an object into it
				return drivers.ErrNotEmpty
			}
			return err
		}
	}
	return nil
}
