//go:build unix

package local

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// List implements drivers.Bucket. It walks the folders in the order of the keys and opens only those that the page
// needs; of the others a common prefix is listed as soon as one object in them is found.
func (b *bucket) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	page, err := b.list(ctx, o)
	return page, b.fail("List", "", err)
}

func (b *bucket) list(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	at, err := b.d.openBucket(b.name)
	if err != nil {
		return drivers.Page{}, err
	}
	defer at.close()
	w := walk{ctx: ctx, d: b.d, o: o, from: o.From(), page: drivers.NewPageBuilder(o), began: time.Now()}
	w.seek = w.from
	if _, err := w.folder(at, ""); err != nil {
		return drivers.Page{}, err
	}
	return w.page.Page(), nil
}

// walk makes one page.
type walk struct {
	ctx   context.Context
	d     *Driver
	o     drivers.ListOptions
	from  string // no key before it is on the page
	seek  string // no key before it is of interest any more; never less than from
	page  *drivers.PageBuilder
	began time.Time
}

// folder lists what a folder holds; key is what its keys begin with. more is false when the page is full or at its end.
func (w *walk) folder(at dir, key string) (more bool, err error) {
	l, err := w.d.lists.get(at, w.d.codec)
	if err != nil {
		return false, err
	}
	if len(l.more) > 0 {
		return w.longFolder(at, l, key)
	}
	for i := w.first(l, key); i < l.len(); i++ {
		before := w.seek
		more, err := w.entry(at, key, l.name(i), "", l.kinds[i])
		if err != nil || !more {
			return false, err
		}
		if w.seek != before { // jump over what a common prefix stands for
			i = max(i, w.first(l, key)-1)
		}
	}
	return true, nil
}

// first returns the first entry of a folder that is of interest.
func (w *walk) first(l *dirList, key string) int {
	switch {
	case strings.HasPrefix(w.seek, key):
		return l.from(w.seek[len(key):])
	case w.seek > key:
		return l.len()
	}
	return 0
}

// entry lists one entry of a folder. file is its path in the folder, "" where that follows from its name.
func (w *walk) entry(at dir, key, name, file string, kind entryKind) (more bool, err error) {
	key += name
	switch {
	case key < w.seek && (kind != folderEntry || !strings.HasPrefix(w.seek, key)):
		return true, nil
	case !strings.HasPrefix(key, w.o.Prefix) && (kind != folderEntry || !strings.HasPrefix(w.o.Prefix, key)):
		return key < w.o.Prefix, nil
	}
	if file == "" {
		file = w.d.codec.path(strings.TrimSuffix(name, "/"))
	}
	if kind == folderEntry {
		return w.subfolder(at, key, file)
	}
	if key == "" || len(key) > drivers.MaxKeyLength {
		return true, nil // no key of S3's
	}
	if kind == insideEntry {
		file += "/" + selfName
	}
	return w.object(at, key, file)
}

// object adds one object to the page.
func (w *walk) object(at dir, key, file string) (more bool, err error) {
	st, err := w.d.statObject(at, file)
	if absent(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if cp := w.o.CommonPrefix(key); cp != "" {
		return w.advance(w.page.AddPrefix(cp)), nil
	}
	a, err := w.d.listAttrs(at, file, key, st, w.began)
	if absent(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	info := a.info(key)
	info.Header.StorageClass = a.header.StorageClass
	return w.advance(w.page.Add(info)), nil
}

// advance keeps the key from which on the page is interested.
func (w *walk) advance(seek string, more bool) bool {
	w.seek = max(w.seek, seek)
	return more
}

// subfolder lists what a folder below holds.
func (w *walk) subfolder(at dir, key, path string) (more bool, err error) {
	if err := w.ctx.Err(); err != nil {
		return false, err
	}
	sub, err := at.openDir(path)
	if absent(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer sub.close()
	cp := w.o.CommonPrefix(key)
	if cp == "" || key < w.from {
		return w.folder(sub, key)
	}
	found, err := w.d.anyObject(sub)
	if err != nil || !found {
		return err == nil, err
	}
	return w.advance(w.page.AddPrefix(cp)), nil
}

// statObject describes the file of an object: ENOENT where it is none.
func (d *Driver) statObject(at dir, file string) (stat, error) {
	st, err := at.stat(file)
	if err == nil && st.folder() { // has become one since the folder was read
		if sub, serr := at.openDir(file); serr == nil {
			st, err = sub.stat(selfName)
			sub.close()
		}
	}
	if err == nil && !st.regular() {
		err = unix.ENOENT
	}
	return st, err
}

// listAttrs returns what a listing shows of an object.
func (d *Driver) listAttrs(at dir, file, key string, st stat, began time.Time) (*attrs, error) {
	if a := d.infos.get(st); a != nil {
		return a, nil
	}
	b := bucket{d: d}
	for range maxTries {
		c, err := b.openAt(at, file, key, listDetail)
		if errors.Is(err, errReplaced) {
			continue
		}
		if err != nil {
			return nil, err
		}
		c.file.close()
		d.infos.add(c.stat, began, &c.attrs)
		return &c.attrs, nil
	}
	return nil, drivers.ErrConflict
}

// anyObject tells whether a folder holds an object, at any depth. It stops at the first.
func (d *Driver) anyObject(at dir) (bool, error) {
	found := false
	var folders []string
	err := at.entries(func(name []byte, regular, folder bool) bool {
		_, kind := d.codec.decode(string(name))
		found = regular && (kind == segmentName || kind == selfObject)
		if folder && (kind == segmentName || kind == continuationName) {
			folders = append(folders, string(name))
		}
		return !found
	})
	for i := 0; i < len(folders) && err == nil && !found; i++ {
		var sub dir
		if sub, err = at.openDir(folders[i]); absent(err) {
			err = nil
			continue
		}
		if err == nil {
			found, err = d.anyObject(sub)
			sub.close()
		}
	}
	return found, err
}
