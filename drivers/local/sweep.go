//go:build unix

package local

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// sideFileAge is how old a side file must be before it can count as left behind: its object may not be there yet.
const sideFileAge = time.Hour

// sweep removes what processes that have crashed left behind.
func (d *Driver) sweep(ctx context.Context) {
	err := errors.Join(d.sweepSessions(ctx), d.sweepUploads(ctx), d.sweepSides(ctx))
	if err != nil && ctx.Err() == nil {
		d.log.WarnContext(ctx, "sweeping what a crash left behind", "node", d.node, "error", err)
	}
}

// each calls do for every name in a folder, until the context ends.
func (d dir) each(ctx context.Context, do func(name string) error) error {
	var names []string
	err := d.entries(func(name []byte, _, _ bool) bool {
		names = append(names, string(name))
		return true
	})
	for _, name := range names {
		if err = errors.Join(err, ctx.Err()); ctx.Err() != nil {
			return err
		}
		err = errors.Join(err, do(name))
	}
	return err
}

// sweepSessions removes the folders of sessions whose lock is free.
func (d *Driver) sweepSessions(ctx context.Context) error {
	tmp, err := d.own.openDir("tmp")
	if err != nil {
		return err
	}
	defer tmp.close()
	return tmp.each(ctx, func(name string) error {
		f, err := tmp.open(name)
		if err != nil {
			return nil
		}
		defer f.close()
		if f.lock(true, false) != nil {
			return nil // alive
		}
		return tmp.removeAll(name)
	})
}

// sweepUploads removes uploads whose object was published before their folder could go, and those of buckets that are gone.
func (d *Driver) sweepUploads(ctx context.Context) error {
	return d.uploads.each(ctx, func(name string) error {
		all, err := d.uploads.openDir(name)
		if err != nil {
			return nil
		}
		defer all.close()
		return all.each(ctx, func(id string) error {
			u, err := d.Bucket(name).(*bucket).openUpload("", id)
			if err != nil {
				return nil
			}
			defer u.close()
			lock, err := u.lock(ctx)
			if err != nil {
				return nil
			}
			defer lock.close()
			if done, err := u.published(); err != nil || !done {
				return err
			}
			return u.end()
		})
	})
}

// sweepSides removes side files whose object is gone.
func (d *Driver) sweepSides(ctx context.Context) error {
	return d.sides.each(ctx, func(folder string) error {
		at, err := d.sides.openDir(folder)
		if err != nil {
			return nil
		}
		defer at.close()
		return at.each(ctx, func(name string) error {
			st, err := at.stat(name)
			if err != nil || time.Since(time.Unix(0, st.mtime)) < sideFileAge {
				return nil //nolint:nilerr // gone since, or too young to tell
			}
			stale, err := d.staleSide(at, name)
			if err != nil || !stale {
				return err
			}
			return d.removeSide(at, name, st)
		})
	})
}

// removeSide removes a stale side file, and no other one: an inode that is used again may have got a new side file of the
// same name meanwhile, which is put back.
func (d *Driver) removeSide(at dir, name string, judged stat) error {
	temp := d.tempName()
	if err := at.rename(name, d.session, temp); err != nil {
		return err
	}
	st, err := d.session.stat(temp)
	if err == nil && (st.ino != judged.ino || st.mtime != judged.mtime) {
		if err := d.session.renameNew(temp, at, name); err != unix.EEXIST {
			return err
		}
	}
	return errors.Join(err, d.session.remove(temp))
}

// staleSide tells whether the file that a side file is named after is no longer its owner's.
func (d *Driver) staleSide(at dir, name string) (bool, error) {
	b, err := at.readFile(name)
	if err != nil {
		return false, err
	}
	owner, _ := splitSide(b)
	bucket, key, _ := strings.Cut(owner, "/")
	ino, err := strconv.ParseUint(name, 16, 64)
	if err != nil || !safeBucket(bucket) {
		return err == nil, nil
	}
	path := d.codec.path(key)
	if !d.exchanges { // no move meanwhile
		unlock, err := d.locks.lock(bucket, path)
		if err != nil {
			return false, err
		}
		defer unlock()
	}
	folder, file := splitPath(bucket + "/" + path)
	in, err := d.root.openDir(folder)
	if absent(err) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer in.close()
	st, err := d.statObject(in, file)
	if absent(err) {
		return true, nil
	}
	return err == nil && st.ino != ino, err
}
