//go:build unix

package local

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"mime"
	"path"

	"golang.org/x/sys/unix"
)

// Attributes live in one extended attribute of the object's file. Where the file system has none, or they are larger
// than maxAttr (ext4 takes about 4,000 bytes), they live in a side file, named after the file's inode, and the extended
// attribute, where there is one, is a mark. Reading costs no look for a side file that is not there.
//
// A side file is written, and durable, before its object is published, and taken away after the object is, while the
// object's file is still open, so that its inode cannot have come to belong to another one. A reader that has opened a
// file and finds its side file gone sees by the link count that the object is gone, and looks again.
const maxAttr = 3900

// sideMark is the extended attribute of a file whose attributes are in a side file; real ones begin with a version.
var sideMark = []byte{0}

// errReplaced says that the object which was opened has been replaced or deleted since: look again.
var errReplaced = errors.New("object was replaced")

// loadAttrs reads the attributes of an open object. Those of a file that another tool wrote are made up; those of a file
// that another tool changed keep their header and tags.
func (d *Driver) loadAttrs(f file, st stat, key string, want detail) (attrs, error) {
	a, err := d.storedAttrs(f, st, key, want)
	if err != nil {
		return a, err
	}
	if a.etag == "" && a.header.ContentType == "" && want >= headDetail {
		a.header.ContentType = mime.TypeByExtension(path.Ext(key))
	}
	if !a.belongs(st) {
		a.foreign(st)
	}
	return a, nil
}

// storedAttrs returns the attributes as they are stored, or zero ones.
func (d *Driver) storedAttrs(f file, st stat, key string, want detail) (attrs, error) {
	if d.sideFiles {
		return d.sideAttrs(f, st, key, want)
	}
	var buf [maxAttr]byte
	n, err := f.getAttr(buf[:])
	switch {
	case err == errNoAttr || err == unix.ERANGE || err == unix.ENOTSUP:
		return attrs{}, nil
	case err != nil:
		return attrs{}, err
	case bytes.Equal(buf[:n], sideMark):
		return d.sideAttrs(f, st, key, want)
	}
	a, err := decodeAttrs(buf[:n], want)
	if err != nil {
		return attrs{}, nil //nolint:nilerr // another tool's, or damaged: the bytes of the object are still what they are
	}
	return a, nil
}

// saveAttrs stores the attributes of an open file: durable as soon as the file is.
func (d *Driver) saveAttrs(f file, st stat, owner string, a *attrs) error {
	b := a.encode()
	if d.sideFiles {
		if err := d.saveSide(st.ino, owner, b); err != nil {
			return err
		}
		return f.touchChange(st) // as setAttr does: listings know by it that their cache is stale
	}
	if len(b) <= maxAttr {
		err := f.setAttr(b)
		if err != unix.ENOSPC && err != unix.E2BIG && err != unix.ERANGE && err != unix.EDQUOT {
			return err
		}
	}
	if err := d.saveSide(st.ino, owner, b); err != nil {
		return err
	}
	return f.setAttr(sideMark)
}

// sidePath returns the folder and the name of an inode's side file.
func sidePath(ino uint64) (folder, name string) {
	return fmt.Sprintf("%02x", byte(ino)), fmt.Sprintf("%x", ino)
}

// sideAttrs reads a side file. Its content is: the length of the owner, the owner (bucket and key), the attributes.
func (d *Driver) sideAttrs(f file, st stat, key string, want detail) (attrs, error) {
	folder, name := sidePath(st.ino)
	b, err := d.sides.readFile(folder + "/" + name)
	if errors.Is(err, unix.ENOENT) {
		if now, err := f.stat(); err != nil || now.links == 0 {
			return attrs{}, errors.Join(err, errReplaced)
		}
		return attrs{}, nil
	}
	if err != nil {
		return attrs{}, err
	}
	owner, stored := splitSide(b)
	a, err := decodeAttrs(stored, want)
	if err != nil || !a.belongs(st) && !sameKey(owner, key) {
		return attrs{}, nil //nolint:nilerr // left behind by a file that had this inode before
	}
	return a, nil
}

func splitSide(b []byte) (owner string, stored []byte) {
	r := wire{b: b}
	owner = r.string()
	return owner, r.b
}

// sameKey tells whether an owner "bucket/key" is this key.
func sameKey(owner, key string) bool {
	return len(owner) > len(key) && owner[len(owner)-len(key):] == key && owner[len(owner)-len(key)-1] == '/'
}

func (d *Driver) saveSide(ino uint64, owner string, stored []byte) error {
	folder, name := sidePath(ino)
	to, err := d.sides.ensureDir(folder)
	if err != nil {
		return err
	}
	defer to.close()
	if known := &d.sideFolders[byte(ino)]; d.fsync && !d.ordered && !known.Load() {
		if err := d.sides.sync(); err != nil { // also of a folder that another process has just made
			return err
		}
		known.Store(true)
	}
	b := binary.AppendUvarint(nil, uint64(len(owner)))
	b = append(append(b, owner...), stored...)
	return d.writeFile(to, name, b)
}

// dropSide removes the side file of an object that is no longer there. f is the object's file, still open.
func (d *Driver) dropSide(f file, ino uint64) error {
	if !d.sideFiles {
		var buf [len("x")]byte
		if n, err := f.getAttr(buf[:]); err != nil || !bytes.Equal(buf[:n], sideMark) {
			return nil
		}
	}
	if st, err := f.stat(); err != nil || st.links > 0 {
		return err // has another name
	}
	folder, name := sidePath(ino)
	to, err := d.sides.openDir(folder)
	if err == nil {
		defer to.close()
		err = to.remove(name)
	}
	if err == unix.ENOENT {
		return nil
	}
	return err
}

// readFile reads a whole file.
func (d dir) readFile(path string) ([]byte, error) {
	f, err := d.open(path)
	if err != nil {
		return nil, err
	}
	defer f.close()
	st, err := f.stat()
	if err != nil {
		return nil, err
	}
	return f.readAll(st.size)
}

// writeFile replaces a file of the driver's own with one of the given content, atomically, and durably if asked for.
func (d *Driver) writeFile(to dir, name string, content []byte) error {
	temp := d.tempName()
	f, err := d.session.create(temp)
	if err != nil {
		return err
	}
	defer f.close()
	_, err = f.Write(content)
	if err == nil && d.fsync {
		err = f.sync()
	}
	if err == nil {
		err = d.session.rename(temp, to, name)
	}
	if err != nil {
		_ = d.session.remove(temp)
		return err
	}
	if d.fsync && !d.ordered {
		return to.sync()
	}
	return nil
}
