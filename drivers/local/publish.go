//go:build unix

package local

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

var (
	errBodySize = fmt.Errorf("body is not as long as was said: %w", drivers.ErrInvalid)
	errInTheWay = fmt.Errorf("something that is no object has the name: %w", drivers.ErrDenied)
	// errAgain says that names have changed meanwhile.
	errAgain = errors.New("try again")
)

// publish gives a staged file the name of its key, if the conditions hold, and makes that durable.
//
// A key that is new needs no lock: the link fails when another file was there first, so the first of several writers
// wins, as If-None-Match: * wants it. Everything else happens under the lock of the key. last, if set, is called right
// before, under the lock, when the conditions hold.
func (b *bucket) publish(key string, s *staged, cond drivers.Conditions, last func() error) error {
	path := b.d.codec.path(key)
	for range maxTries {
		err := b.tryPublish(key, path, s, cond, last)
		if err != errAgain {
			return err
		}
	}
	return drivers.ErrConflict
}

func (b *bucket) tryPublish(key, path string, s *staged, cond drivers.Conditions, last func() error) error {
	folder, name := splitPath(path)
	at, err := b.makeFolders(folder)
	if err != nil {
		return err
	}
	defer at.close()
	// Where names cannot be swapped, a name may be free for a moment while its object moves (moveInside).
	if last == nil && onlyIfNew(cond) && b.d.exchanges {
		switch err := s.link(at, name); err {
		case nil:
			return b.settle(s, at, folder)
		case unix.EEXIST, unix.ENOENT:
		default:
			return err
		}
	}
	if err := b.publishLocked(at, key, path, s, cond, last); err != nil {
		return err
	}
	return b.settle(s, at, folder)
}

// onlyIfNew tells whether a key that is not there can be written without a look at anything else.
func onlyIfNew(c drivers.Conditions) bool {
	c.IfNoneMatch = nil
	return c.IsZero()
}

// publishLocked publishes under the key's lock.
func (b *bucket) publishLocked(at dir, key, path string, s *staged, cond drivers.Conditions, last func() error) error {
	unlock, err := b.d.locks.lock(b.name, path)
	if err != nil {
		return err
	}
	defer unlock()
	_, name := splitPath(path)
	p, err := b.find(at, name, key)
	if err != nil {
		return err
	}
	defer p.close()
	if err := cond.CheckWrite(p.info(key)); err != nil {
		return err
	}
	if last != nil {
		if err := last(); err != nil {
			return err
		}
	}
	if p.object == nil {
		err = s.link(p.at, p.name)
	} else {
		err = s.replace(p.at, p.name)
	}
	switch err {
	case nil:
		b.d.tidied(p.forget(b.d))
		if p.inside && b.d.fsync && !b.d.ordered {
			return p.at.sync()
		}
		return nil
	case unix.EEXIST, unix.ENOENT, unix.EISDIR, unix.ENOTDIR: // another writer of a new key, or a folder that was pruned
		return errAgain
	}
	return err
}

// tidied takes the error of cleaning up after what is done and stays done: the sweep will try again.
func (d *Driver) tidied(err error) {
	if err != nil {
		d.log.Warn("cleaning up", "node", d.node, "error", err)
	}
}

// settle makes the published name durable, with those of new folders above it.
func (b *bucket) settle(s *staged, at dir, folder string) error {
	if err := s.settle(at); err != nil || !b.d.fsync || b.d.ordered {
		return err
	}
	return b.syncAbove(folder)
}

// syncAbove makes the names of all folders above a path durable, where the journal does not do so by itself.
func (b *bucket) syncAbove(folder string) error {
	path := b.name
	for _, name := range append(strings.Split(folder, "/"), "") {
		f, err := b.d.root.openDir(path)
		if absent(err) {
			return nil // pruned: nothing below it needs a name
		}
		if err == nil {
			err = f.sync()
			f.close()
		}
		if err != nil || name == "" {
			return err
		}
		path += "/" + name
	}
	return nil
}

// place is where the object of a key is, or would be.
type place struct {
	at     dir
	name   string
	inside bool     // at is the folder with the object's name, and is closed with the place
	object *current // nil if there is none
}

func (p *place) close() {
	if p.object != nil {
		p.object.file.close()
	}
	if p.inside {
		p.at.close()
	}
}

// info describes the object; nil if there is none.
func (p *place) info(key string) *drivers.Info {
	if p.object == nil {
		return nil
	}
	info := p.object.info(key)
	return &info
}

// forget removes what was kept beside the object that was there.
func (p *place) forget(d *Driver) error {
	if p.object == nil {
		return nil
	}
	return d.dropSide(p.object.file, p.object.stat.ino)
}

// find looks for an object in the folder of its key. The caller holds the key's lock.
func (b *bucket) find(at dir, name, key string) (*place, error) {
	p := &place{at: at, name: name}
	st, err := at.stat(name)
	if err == unix.ENOENT {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if st.folder() {
		if p.at, err = at.openDir(name); err != nil {
			return nil, errAgain // pruned
		}
		p.inside, p.name = true, selfName
		if st, err = p.at.stat(selfName); err == unix.ENOENT {
			return p, nil
		}
	}
	if err == nil && !st.regular() {
		err = errInTheWay
	}
	if err == nil {
		var c current
		if c, err = b.openAt(p.at, p.name, key, listDetail); err == nil {
			p.object = &c
			return p, nil
		}
		if absent(err) || err == errReplaced {
			err = errAgain
		}
	}
	p.close()
	return nil, err
}

// splitPath splits a path into its folder, "" for none, and its last name.
func splitPath(path string) (folder, name string) {
	i := strings.LastIndexByte(path, '/')
	if i < 0 {
		return "", path
	}
	return path[:i], path[i+1:]
}

// openFolder opens a folder of the bucket.
func (b *bucket) openFolder(folder string) (dir, error) {
	if !safeBucket(b.name) {
		return dir{}, drivers.ErrNoBucket
	}
	path := b.name
	if folder != "" {
		path += "/" + folder
	}
	return b.d.root.openDir(path)
}

// makeFolders opens a folder of the bucket, and makes what is missing of it. An object that has the name of a folder
// moves into it.
func (b *bucket) makeFolders(folder string) (dir, error) {
	at, err := b.openFolder(folder)
	if err == nil || !absent(err) {
		return at, err
	}
	if at, err = b.d.openBucket(b.name); err != nil {
		return dir{}, err
	}
	if folder == "" {
		return at, nil
	}
	names := strings.Split(folder, "/")
	for i, name := range names {
		sub, err := b.makeFolder(at, name, strings.Join(names[:i+1], "/"))
		at.close()
		if err != nil {
			return dir{}, err
		}
		at = sub
	}
	return at, nil
}

func (b *bucket) makeFolder(at dir, name, path string) (dir, error) {
	for range maxTries {
		sub, err := at.openDir(name)
		switch {
		case err == nil:
			return sub, nil
		case err == unix.ENOENT:
			err = at.mkdir(name)
		case absent(err):
			err = b.moveInside(at, name, path)
		}
		if err == unix.ENOENT { // the folder above was pruned
			return dir{}, errAgain
		}
		if err != nil && err != unix.EEXIST {
			return dir{}, err
		}
	}
	return dir{}, drivers.ErrConflict
}

// prune removes folders that have become empty, from the given one upwards; never the bucket's own.
func (b *bucket) prune(folder string) {
	for folder != "" {
		above, name := splitPath(folder)
		at, err := b.openFolder(above)
		if err != nil {
			return
		}
		err = at.removeDir(name)
		at.close()
		if err != nil {
			return
		}
		folder = above
	}
}
