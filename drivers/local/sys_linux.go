package local

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxPath is what one system call takes of a path; longer ones are walked in stages.
const maxPath = 4000

// openBeneath opens a path below a folder. The kernel refuses to leave it and to follow symbolic links, also when the
// tree changes under the walk (openat2(2), RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS).
func openBeneath(at int, path string, flags int) (int, error) {
	if len(path) > maxPath {
		i := strings.LastIndexByte(path[:maxPath], '/')
		mid, err := openBeneath(at, path[:i], unix.O_PATH|unix.O_DIRECTORY)
		if err != nil {
			return -1, err
		}
		defer unix.Close(mid)
		return openBeneath(mid, path[i+1:], flags)
	}
	how := unix.OpenHow{
		Flags:   uint64(flags) | unix.O_CLOEXEC | unix.O_NOFOLLOW,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	for {
		fd, err := unix.Openat2(at, path, &how)
		if err != unix.EINTR && err != unix.EAGAIN { // EAGAIN: something was renamed meanwhile
			return fd, err
		}
	}
}

// createUnnamed makes a file without a name, which vanishes by itself unless linkUnnamed gives it one.
func (d dir) createUnnamed() (file, error) {
	var fd int
	err := retry(func() (err error) {
		fd, err = unix.Openat(d.fd, ".", unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o666)
		return err
	})
	return file{fd}, err
}

// linkUnnamed names a file that createUnnamed made; a name that is taken is EEXIST.
func linkUnnamed(f file, to dir, name string) error {
	path := "/proc/self/fd/" + strconv.Itoa(f.fd)
	return retry(func() error { return unix.Linkat(unix.AT_FDCWD, path, to.fd, name, unix.AT_SYMLINK_FOLLOW) })
}

// renameNew renames, but fails with EEXIST where the new name is taken.
func (d dir) renameNew(name string, to dir, newName string) error {
	err := retry(func() error { return unix.Renameat2(d.fd, name, to.fd, newName, unix.RENAME_NOREPLACE) })
	if err != unix.EINVAL && err != unix.ENOSYS {
		return err
	}
	if err := d.link(name, to, newName); err != nil {
		return err
	}
	return d.remove(name)
}

// exchange swaps two names, atomically.
func (d dir) exchange(name string, with dir, other string) error {
	return retry(func() error { return unix.Renameat2(d.fd, name, with.fd, other, unix.RENAME_EXCHANGE) })
}

// flush writes the file's data out and waits for it, but forces no journal commit.
func (f file) flush() error {
	return retry(func() error {
		return unix.SyncFileRange(f.fd, 0, 0,
			unix.SYNC_FILE_RANGE_WAIT_BEFORE|unix.SYNC_FILE_RANGE_WRITE|unix.SYNC_FILE_RANGE_WAIT_AFTER)
	})
}

// orderedJournal tells whether the folder is on a file system whose journal keeps all changes of names and attributes
// in order, so that the sync of one file makes every earlier change durable, and a file that was flushed before it was
// renamed is never seen empty after a crash: ext4 and XFS.
func (d dir) orderedJournal() bool {
	const ext4, xfs, tmpfs = 0xef53, 0x58465342, 0x01021994
	var st unix.Statfs_t
	if unix.Fstatfs(d.fd, &st) != nil {
		return false
	}
	return st.Type == ext4 || st.Type == xfs || st.Type == tmpfs
}

// born returns when the folder was made in nanoseconds since 1970, or 0 where that is not known.
func (d dir) born() int64 {
	var st unix.Statx_t
	err := unix.Statx(d.fd, "", unix.AT_EMPTY_PATH, unix.STATX_BTIME, &st)
	if err != nil || st.Mask&unix.STATX_BTIME == 0 {
		return 0
	}
	return st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
}

// copyRange copies n bytes from one file to another in the kernel, which shares the blocks where the file system can.
func copyRange(dst file, dstOff int64, src file, srcOff, n int64) error {
	for n > 0 {
		m, err := unix.CopyFileRange(src.fd, &srcOff, dst.fd, &dstOff, int(min(n, 1<<30)), 0)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EXDEV || err == unix.EINVAL || err == unix.ENOSYS || err == unix.EOPNOTSUPP:
			return copyByHand(dst, dstOff, src, srcOff, n)
		case err != nil:
			return err
		case m == 0:
			return io.ErrUnexpectedEOF
		}
		n -= int64(m)
	}
	return nil
}

const attrName = "user.sluice"

// getAttr reads the extended attribute into p: ENODATA where there is none, ERANGE where p is too small.
func (f file) getAttr(p []byte) (int, error) {
	var n int
	err := retry(func() (err error) {
		n, err = unix.Fgetxattr(f.fd, attrName, p)
		return err
	})
	return n, err
}

func (f file) setAttr(p []byte) error {
	return retry(func() error { return unix.Fsetxattr(f.fd, attrName, p, 0) })
}

// errNoAttr is what getAttr returns where a file has no attribute.
const errNoAttr = unix.ENODATA

// entries calls each for every name in the folder, with its type; unknown types are looked up. The name is valid only
// during the call.
func (d dir) entries(each func(name []byte, regular, folder bool) bool) error {
	r, err := d.openDir(".")
	if err == unix.ENOENT { // removed since it was opened, and so empty
		return nil
	}
	if err != nil {
		return err
	}
	defer r.close()
	buf := make([]byte, 64<<10)
	for {
		var n int
		err := retry(func() (err error) {
			n, err = unix.Getdents(r.fd, buf)
			return err
		})
		if err == unix.ENOENT || err == nil && n == 0 {
			return nil
		}
		if err != nil {
			return err
		}
		if more, err := d.parse(buf[:n], each); !more || err != nil {
			return err
		}
	}
}

func (d dir) parse(b []byte, each func(name []byte, regular, folder bool) bool) (more bool, err error) {
	const nameOffset = int(unsafe.Offsetof(unix.Dirent{}.Name))
	for len(b) > nameOffset {
		length := int(*(*uint16)(unsafe.Pointer(&b[unsafe.Offsetof(unix.Dirent{}.Reclen)]))) //nolint:gosec // within b, as the loop says
		kind := b[unsafe.Offsetof(unix.Dirent{}.Type)]
		if length <= nameOffset || length > len(b) {
			return false, fmt.Errorf("folder entry of %d bytes: %w", length, unix.EIO)
		}
		name := b[nameOffset:length]
		for i, c := range name {
			if c == 0 {
				name = name[:i]
				break
			}
		}
		b = b[length:]
		if string(name) == "." || string(name) == ".." {
			continue
		}
		if kind == unix.DT_UNKNOWN {
			st, err := d.stat(string(name))
			if err != nil {
				continue // gone since
			}
			kind = byte(st.mode >> 12 & 15)
		}
		if !each(name, kind == unix.DT_REG, kind == unix.DT_DIR) {
			return false, nil
		}
	}
	return true, nil
}
