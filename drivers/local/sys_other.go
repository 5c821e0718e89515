//go:build unix && !linux

package local

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// Where the kernel is not Linux the driver is for development: it is as safe, but slower. A path is walked name by name,
// attributes are in side files, no journal is trusted, and a file becomes a folder in two steps, under a lock.

// openBeneath opens a path below a folder, one name after the other, and follows no symbolic link.
func openBeneath(at int, path string, flags int) (int, error) {
	name, rest, more := strings.Cut(path, "/")
	if name == ".." {
		return -1, unix.EXDEV
	}
	how := flags
	if more {
		how = unix.O_RDONLY | unix.O_DIRECTORY
	}
	var fd int
	err := retry(func() (err error) {
		fd, err = unix.Openat(at, name, how|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	if err != nil || !more {
		return fd, err
	}
	defer unix.Close(fd)
	return openBeneath(fd, rest, flags)
}

func (d dir) createUnnamed() (file, error) { return noFile, unix.ENOTSUP }

func linkUnnamed(file, dir, string) error { return unix.ENOTSUP }

// renameNew renames, but fails with EEXIST where the new name is taken.
func (d dir) renameNew(name string, to dir, newName string) error {
	if err := d.link(name, to, newName); err != nil {
		return err
	}
	return d.remove(name)
}

func (d dir) exchange(string, dir, string) error { return unix.ENOTSUP }

func (f file) flush() error { return f.sync() }

func (d dir) orderedJournal() bool { return false }

func (d dir) born() int64 { return 0 }

func copyRange(dst file, dstOff int64, src file, srcOff, n int64) error {
	return copyByHand(dst, dstOff, src, srcOff, n)
}

func (f file) getAttr([]byte) (int, error) { return 0, unix.ENOTSUP }

func (f file) setAttr([]byte) error { return unix.ENOTSUP }

// errNoAttr is what getAttr returns where a file has no attribute.
const errNoAttr = unix.ENOTSUP

// entries calls each for every name in the folder, with its type. The name is valid only during the call.
func (d dir) entries(each func(name []byte, regular, folder bool) bool) error {
	r, err := d.openDir(".")
	if err == unix.ENOENT { // removed since it was opened, and so empty
		return nil
	}
	if err != nil {
		return err
	}
	f := os.NewFile(uintptr(r.fd), ".")
	defer f.Close()
	names, err := f.Readdirnames(-1)
	if err != nil {
		return err
	}
	for _, name := range names {
		st, err := d.stat(name)
		if err == nil && !each([]byte(name), st.regular(), st.folder()) {
			return nil
		}
	}
	return nil
}
