//go:build unix

package local

import (
	"io"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// stat is what the driver asks of a file or folder. Times are in nanoseconds since 1970.
type stat struct {
	dev, ino     uint64
	size         int64
	mtime, ctime int64
	links        uint64
	mode         uint32
}

func (s stat) regular() bool { return s.mode&unix.S_IFMT == unix.S_IFREG }

func (s stat) folder() bool { return s.mode&unix.S_IFMT == unix.S_IFDIR }

func statOf(st *unix.Stat_t) stat {
	return stat{
		dev: uint64(st.Dev), ino: uint64(st.Ino), size: st.Size, links: uint64(st.Nlink), mode: uint32(st.Mode), //nolint:unconvert // not everywhere
		mtime: time.Unix(st.Mtim.Unix()).UnixNano(), ctime: time.Unix(st.Ctim.Unix()).UnixNano(),
	}
}

// retry repeats a system call that a signal interrupted.
func retry(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}

// dir is an open folder. Paths given to its methods are relative to it, and reach nothing outside of it: no ".." and no
// symbolic link is followed. The names given to the methods that change something are single path elements.
type dir struct{ fd int }

func openRoot(path string) (dir, error) {
	var fd int
	err := retry(func() (err error) {
		fd, err = unix.Open(path, unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		return err
	})
	return dir{fd}, err
}

func (d dir) close() { _ = unix.Close(d.fd) }

// openDir opens a folder below d.
func (d dir) openDir(path string) (dir, error) {
	fd, err := openBeneath(d.fd, path, unix.O_RDONLY|unix.O_DIRECTORY)
	return dir{fd}, err
}

// open opens a file below d for reading. It never blocks, whatever the file is.
func (d dir) open(path string) (file, error) {
	fd, err := openBeneath(d.fd, path, unix.O_RDONLY|unix.O_NONBLOCK)
	return file{fd}, err
}

// openWrite opens a file below d for reading and writing.
func (d dir) openWrite(path string) (file, error) {
	fd, err := openBeneath(d.fd, path, unix.O_RDWR|unix.O_NONBLOCK)
	return file{fd}, err
}

// create makes a new file; one that exists is EEXIST.
func (d dir) create(name string) (file, error) {
	var fd int
	err := retry(func() (err error) {
		fd, err = unix.Openat(d.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o666)
		return err
	})
	return file{fd}, err
}

// openAppend opens a file for appending, and makes it where it is missing.
func (d dir) openAppend(name string) (file, error) {
	var fd int
	err := retry(func() (err error) {
		fd, err = unix.Openat(d.fd, name, unix.O_RDWR|unix.O_CREAT|unix.O_APPEND|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o666)
		return err
	})
	return file{fd}, err
}

// stat describes what has this name, also a symbolic link.
func (d dir) stat(name string) (stat, error) {
	var st unix.Stat_t
	err := retry(func() error { return unix.Fstatat(d.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	return statOf(&st), err
}

func (d dir) self() (stat, error) { return file(d).stat() }

func (d dir) mkdir(name string) error {
	return retry(func() error { return unix.Mkdirat(d.fd, name, 0o777) })
}

func (d dir) remove(name string) error {
	return retry(func() error { return unix.Unlinkat(d.fd, name, 0) })
}

func (d dir) removeDir(name string) error {
	return retry(func() error { return unix.Unlinkat(d.fd, name, unix.AT_REMOVEDIR) })
}

// rename replaces what has the new name.
func (d dir) rename(name string, to dir, newName string) error {
	return retry(func() error { return unix.Renameat(d.fd, name, to.fd, newName) })
}

// link gives a file a second name; a name that is taken is EEXIST.
func (d dir) link(name string, to dir, newName string) error {
	return retry(func() error { return unix.Linkat(d.fd, name, to.fd, newName, 0) })
}

func (d dir) sync() error { return retry(func() error { return unix.Fsync(d.fd) }) }

// file is an open file.
type file struct{ fd int }

var noFile = file{-1}

func (f file) close() { _ = unix.Close(f.fd) }

func (f file) stat() (stat, error) {
	var st unix.Stat_t
	err := retry(func() error { return unix.Fstat(f.fd, &st) })
	return statOf(&st), err
}

// Write writes all of p, or fails.
func (f file) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := unix.Write(f.fd, p[done:])
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// WriteAt writes all of p at an offset, or fails.
func (f file) WriteAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := unix.Pwrite(f.fd, p[done:], off+int64(done))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// ReadAt implements io.ReaderAt.
func (f file) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := unix.Pread(f.fd, p[done:], off+int64(done))
		switch {
		case err == unix.EINTR:
		case err != nil:
			return done, err
		case n == 0:
			return done, io.EOF
		}
		done += max(n, 0)
	}
	return done, nil
}

// readAll reads a file whose size is known.
func (f file) readAll(size int64) ([]byte, error) {
	b := make([]byte, size)
	n, err := f.ReadAt(b, 0)
	if err == io.EOF {
		err = nil
	}
	return b[:n], err
}

func (f file) sync() error { return retry(func() error { return unix.Fsync(f.fd) }) }

func (f file) truncate(size int64) error {
	return retry(func() error { return unix.Ftruncate(f.fd, size) })
}

// touch sets the time of the last modification to now.
func (f file) touch() error {
	now := unix.NsecToTimeval(time.Now().UnixNano())
	return retry(func() error { return unix.Futimes(f.fd, []unix.Timeval{now, now}) })
}

// touchChange sets the time of the last change of the inode, and nothing else.
func (f file) touchChange(st stat) error {
	return retry(func() error { return unix.Fchmod(f.fd, st.mode&0o7777) })
}

// lock takes an advisory lock on the file, which ends when the descriptor is closed; without wait it fails with
// EWOULDBLOCK where the lock is not free.
func (f file) lock(exclusive, wait bool) error {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	if !wait {
		how |= unix.LOCK_NB
	}
	return retry(func() error { return unix.Flock(f.fd, how) })
}

func (f file) unlock() { _ = unix.Flock(f.fd, unix.LOCK_UN) }

// osFile hands the descriptor over to the standard library, which closes it from then on.
func (f file) osFile(name string) *os.File { return os.NewFile(uintptr(f.fd), name) }
