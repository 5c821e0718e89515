//go:build unix

package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// The object "a" moves into the folder "a" when "a/b" comes to live beside it. Where names can be swapped this is one
// step, and the object is there all the time. Elsewhere (on NFS, or where the kernel is not Linux) it takes several:
//
//  1. the lock of the key gets a note of what moves;
//  2. the file gets a second name in a new folder beside it, movingName;
//  3. it loses its first name;
//  4. the folder gets that name;
//  5. the note goes.
//
// Between 3 and 4 the key has no name. Whoever finds nothing looks again under the lock, and whoever gets a lock with a
// note in it first ends the move that another process died in. The folder is beside the object, and not with other
// temporary files, so that no sweep takes it and what is above it is never empty.

// move is the note in a lock.
type move struct {
	Bucket string `json:"bucket"`
	Path   string `json:"path"` // of the object's file in the bucket's folder
}

// movingFolder returns the name of the folder of a move, of which each lock has one.
func movingFolder(lock int) string { return fmt.Sprintf("%s%02x", movingName, lock) }

// moveInside turns the file of an object into a folder of the same name that holds it.
func (b *bucket) moveInside(at dir, name, path string) error {
	unlock, err := b.d.locks.lock(b.name, path)
	if err != nil {
		return err
	}
	defer unlock()
	st, err := at.stat(name)
	switch {
	case err == unix.ENOENT || err == nil && st.folder():
		return nil // has changed meanwhile
	case err != nil:
		return err
	case !st.regular():
		return errInTheWay
	}
	if b.d.exchanges {
		return b.d.swapIn(at, name)
	}
	return b.d.stepIn(at, name, move{b.name, path})
}

// swapIn puts a file into a folder elsewhere and swaps the two names: at no time is the key not there.
func (d *Driver) swapIn(at dir, name string) error {
	temp := d.tempName()
	inside, err := d.session.ensureDir(temp)
	if err != nil {
		return err
	}
	defer inside.close()
	err = at.link(name, inside, selfName)
	if err == nil && d.fsync && !d.ordered {
		err = inside.sync()
	}
	if err == nil {
		err = d.session.exchange(temp, at, name)
	}
	if cerr := d.session.removeAll(temp); err == nil && cerr != unix.ENOENT {
		err = cerr
	}
	if err == nil && d.fsync && !d.ordered {
		err = at.sync()
	}
	return err
}

// stepIn does the same without a swap. The caller holds the lock.
func (d *Driver) stepIn(at dir, name string, m move) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	n := d.locks.number(m.Bucket, m.Path)
	if err := d.locks.note(n, text, d.fsync); err != nil {
		return err
	}
	d.pass("noted")
	err = d.takeAway(at, name, movingFolder(n))
	return errors.Join(err, d.locks.settle(n)) // of a move that failed half-way settle keeps one name or the other
}

// takeAway moves a file into the folder of the move.
func (d *Driver) takeAway(at dir, name, folder string) error {
	inside, err := at.ensureDir(folder)
	if err != nil {
		return err
	}
	defer inside.close()
	switch err := at.link(name, inside, selfName); err {
	case nil:
	case unix.EPERM, unix.ENOTSUP, unix.ENOSYS, unix.EMLINK: // no second names here
		return at.rename(name, inside, selfName)
	default:
		return err
	}
	d.pass("linked")
	if d.fsync && !d.ordered {
		if err := errors.Join(inside.sync(), at.sync()); err != nil {
			return err
		}
	}
	if err := at.remove(name); err != nil {
		return err
	}
	d.pass("away")
	return nil
}

// finishMove ends a move from wherever it stopped. The caller holds the lock.
func (d *Driver) finishMove(lock int, note []byte) error {
	var m move
	if json.Unmarshal(note, &m) != nil || !safeBucket(m.Bucket) {
		return nil // was cut short, so that nothing has moved
	}
	above, name := splitPath(m.Path)
	at, err := (&bucket{d: d, name: m.Bucket}).openFolder(above)
	if absent(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer at.close()
	err = d.bringBack(at, name, movingFolder(lock))
	if err == nil && d.fsync && !d.ordered {
		err = at.sync()
	}
	d.pass("back")
	if err != nil {
		return fmt.Errorf("bringing back %s/%s from %s: %w", m.Bucket, m.Path, movingFolder(lock), err)
	}
	return nil
}

// bringBack gives the folder of a move the name of its object. What has come to have that name since is never lost.
func (d *Driver) bringBack(at dir, name, folder string) error {
	inside, err := at.openDir(folder)
	if absent(err) {
		return nil // not begun, or done
	}
	if err != nil {
		return err
	}
	defer inside.close()
	if _, err = inside.stat(selfName); err == unix.ENOENT {
		return removeEmpty(at, folder)
	}
	if err != nil {
		return err
	}
	now, err := at.stat(name)
	switch {
	case err == unix.ENOENT:
		return at.rename(folder, at, name)
	case err != nil:
		return err
	case now.folder():
		err = d.bringInto(at, name, inside)
	case !now.regular():
		err = errInTheWay
	default: // the same file, or a newer one by another tool
		err = d.removeMoved(inside)
	}
	if err == nil {
		err = removeEmpty(at, folder)
	}
	return err
}

// removeEmpty removes the folder of a move that holds nothing, unless DeleteBucket did so first.
func removeEmpty(at dir, folder string) error {
	if err := at.removeDir(folder); err != unix.ENOENT {
		return err
	}
	return nil
}

// bringInto brings an object back into a folder that has come to have its name.
func (d *Driver) bringInto(at dir, name string, inside dir) error {
	to, err := at.openDir(name)
	if err != nil {
		return err
	}
	defer to.close()
	if err = inside.renameNew(selfName, to, selfName); err == unix.EEXIST {
		return d.removeMoved(inside)
	}
	if err == nil && d.fsync && !d.ordered {
		err = to.sync()
	}
	return err
}

// removeMoved removes an object that is on the move, and what was kept beside it.
func (d *Driver) removeMoved(inside dir) error {
	f, err := inside.open(selfName)
	if err != nil {
		return err
	}
	defer f.close()
	st, err := f.stat()
	if err == nil {
		err = inside.remove(selfName)
	}
	if err == nil {
		d.tidied(d.dropSide(f, st.ino))
	}
	return err
}

// finishMoves ends the moves that a process died in, so that every object has its name before the driver is used.
func (d *Driver) finishMoves() error {
	for n := range lockStripes {
		st, err := d.locks.folder.stat(lockFile(n))
		if err == unix.ENOENT || err == nil && st.size == 0 {
			continue
		}
		if err != nil {
			return err
		}
		unlock, err := d.locks.take(n)
		if err != nil {
			return err
		}
		unlock()
	}
	return nil
}

// listFolder returns the entries of a folder at and after rel. An object that is on the move arrives first.
func (d *Driver) listFolder(ctx context.Context, at dir, rel string) (l *dirList, err error) {
	for range maxListTries {
		l, err = d.lists.get(ctx, at, d.codec, rel)
		if err != nil || len(l.moving) == 0 {
			return l, err
		}
		for _, n := range l.moving {
			unlock, err := d.locks.take(n)
			if err != nil {
				return nil, err
			}
			unlock()
		}
	}
	return l, err
}

// maxListTries bounds how often a folder is read anew because of moves.
const maxListTries = 5

// pass tells tests how far a move is.
func (d *Driver) pass(step string) {
	if d.passing != nil {
		d.passing(step)
	}
}
