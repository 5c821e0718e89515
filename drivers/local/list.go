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
	w := walk{ctx: ctx, d: b.d, bucket: b.name, root: at, o: o, from: o.From(), page: drivers.NewPageBuilder(o), began: time.Now()}
	w.seek = w.from
	if _, err := w.folder(&openFolder{dir: at, path: "."}, ""); err != nil {
		return drivers.Page{}, err
	}
	return w.page.Page(), nil
}

// walk makes one page.
type walk struct {
	ctx    context.Context
	d      *Driver
	bucket string
	root   dir // the bucket's folder
	o      drivers.ListOptions
	from   string // no key before it is on the page
	seek   string // no key before it is of interest any more; never less than from
	page   *drivers.PageBuilder
	began  time.Time
}

// openFolder is a folder that the walk is in.
type openFolder struct {
	dir
	path  string // from the bucket's folder on
	depth int
	gone  bool // was pruned while the walk was below it
}

// maxOpenFolders bounds how many folders a walk keeps open; deeper ones are opened anew when it comes back to them.
const maxOpenFolders = 16

// folder lists what a folder holds; key is what its keys begin with. more is false when the page is full or at its end.
func (w *walk) folder(at *openFolder, key string) (more bool, err error) {
	for low := ""; ; {
		rel, ok := w.rel(key)
		if !ok {
			return true, nil
		}
		low = max(low, rel)
		l, err := w.d.listFolder(w.ctx, at.dir, low)
		if err != nil {
			return false, err
		}
		last := l.last
		if len(l.more) > 0 {
			more, last, err = w.longFolder(at, l, key, low)
		} else {
			more, err = w.entries(at, l, key)
		}
		if err != nil || !more || last == "" || at.gone {
			return more, err
		}
		low = after(last)
	}
}

// rel returns the part of seek that is in a folder; ok is false if all of the folder is before seek.
func (w *walk) rel(key string) (rel string, ok bool) {
	if rel, ok = strings.CutPrefix(w.seek, key); ok {
		return rel, true
	}
	return "", w.seek <= key
}

// entries lists the entries of a folder.
func (w *walk) entries(at *openFolder, l *dirList, key string) (more bool, err error) {
	for i := w.first(l, key); i < l.len() && !at.gone; i++ {
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
	rel, ok := w.rel(key)
	if !ok {
		return l.len()
	}
	return l.from(rel)
}

// entry lists one entry of a folder. file is its path in the folder, "" where that follows from its name.
func (w *walk) entry(at *openFolder, key, name, file string, kind entryKind) (more bool, err error) {
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
	return w.object(at.dir, key, file)
}

// object adds one object to the page, if it is still there.
func (w *walk) object(at dir, key, file string) (more bool, err error) {
	more, err = w.add(at, key, file)
	if absent(err) && !w.d.exchanges { // look again when no move is under way
		unlock, lerr := w.d.locks.lock(w.bucket, w.d.codec.path(key))
		if lerr != nil {
			return false, lerr
		}
		more, err = w.add(at, key, file)
		unlock()
	}
	if absent(err) {
		return true, nil
	}
	return more, err
}

func (w *walk) add(at dir, key, file string) (more bool, err error) {
	st, err := w.d.statObject(at, file)
	if err != nil {
		return false, err
	}
	if cp := w.o.CommonPrefix(key); cp != "" {
		return w.advance(w.page.AddPrefix(cp)), nil
	}
	a, err := w.d.listAttrs(at, file, key, st, w.began)
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
func (w *walk) subfolder(at *openFolder, key, path string) (more bool, err error) {
	if err := w.ctx.Err(); err != nil || len(key) > drivers.MaxKeyLength {
		return true, err
	}
	sub, err := at.openDir(path)
	if absent(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	cp := w.o.CommonPrefix(key)
	if cp == "" || key < w.from {
		return w.descend(at, &openFolder{dir: sub, path: at.path + "/" + path, depth: at.depth + 1}, key)
	}
	defer sub.close()
	found, err := w.d.anyObject(w.ctx, sub)
	if err != nil || !found {
		return err == nil, err
	}
	return w.advance(w.page.AddPrefix(cp)), nil
}

// descend lists a folder in at, and closes it.
func (w *walk) descend(at, sub *openFolder, key string) (more bool, err error) {
	if at.depth < maxOpenFolders {
		more, err = w.folder(sub, key)
		sub.close()
		return more, err
	}
	at.close()
	more, err = w.folder(sub, key)
	sub.close()
	again, oerr := w.root.openDir(at.path)
	if at.gone = oerr != nil; at.gone {
		at.dir = dir{-1}
	} else {
		at.dir = again
	}
	if err == nil && !absent(oerr) {
		err = oerr
	}
	return more, err
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
