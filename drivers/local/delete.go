//go:build unix

package local

import (
	"context"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// Delete implements drivers.Bucket. Folders that are empty then go too.
func (b *bucket) Delete(_ context.Context, key string, o drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return drivers.DeleteResult{}, b.fail("Delete", key, b.delete(key, o))
}

func (b *bucket) delete(key string, o drivers.DeleteOptions) error {
	if err := b.checkPlace(key); err != nil {
		return err
	}
	if err := checkVersion(o.VersionID); err != nil {
		return err
	}
	path := b.d.codec.path(key)
	for range maxTries {
		err := b.tryDelete(key, path, o.Conditions)
		if err != errAgain {
			return err
		}
	}
	return drivers.ErrConflict
}

func (b *bucket) tryDelete(key, path string, cond drivers.Conditions) error {
	folder, name := splitPath(path)
	at, err := b.openFolder(folder)
	if absent(err) {
		return b.d.bucketMissing(b.name, cond.CheckWrite(nil))
	}
	if err != nil {
		return err
	}
	defer at.close()
	removed, inside, err := b.deleteLocked(at, name, key, path, cond)
	if err != nil || !removed {
		return err
	}
	// The folder is synced before it may be pruned; the pruning itself need not be durable.
	if b.d.fsync {
		if err := at.sync(); err != nil {
			return err
		}
	}
	if inside {
		folder = path
	}
	b.prune(folder)
	return nil
}

// deleteLocked deletes under the key's lock. inside tells that the object was in a folder of its own name.
func (b *bucket) deleteLocked(at dir, name, key, path string, cond drivers.Conditions) (removed, inside bool, err error) {
	unlock, err := b.d.locks.lock(b.name, path)
	if err != nil {
		return false, false, err
	}
	defer unlock()
	p, err := b.find(at, name, key)
	if err == errInTheWay {
		return false, false, cond.CheckWrite(nil) // no object, so nothing to delete
	}
	if err != nil {
		return false, false, err
	}
	defer p.close()
	if err := cond.CheckWrite(p.info(key)); err != nil || p.object == nil {
		return false, false, err
	}
	switch err := p.at.remove(p.name); err {
	case nil:
	case unix.ENOENT:
		return false, false, errAgain
	default:
		return false, false, err
	}
	if p.inside && b.d.fsync {
		if err := p.at.sync(); err != nil {
			return true, true, err
		}
	}
	b.d.tidied(p.forget(b.d))
	return true, p.inside, nil
}
