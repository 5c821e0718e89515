//go:build unix

package local

import (
	"context"
	"slices"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// anyObject tells whether a folder holds an object, at any depth. It stops at the first.
func (d *Driver) anyObject(ctx context.Context, at dir) (found bool, err error) {
	for folders := []string{"."}; len(folders) > 0 && !found && err == nil; {
		var below []string
		last := len(folders) - 1
		below, err = at.readBelow(ctx, folders[last], func(name string, regular, folder bool) (enter, more bool) {
			_, kind := d.codec.decode(name)
			found = regular && (kind == segmentName || kind == selfObject) || folder && kind == movingObject
			return folder && (kind == segmentName || kind == continuationName), !found
		})
		folders = append(folders[:last], below...)
	}
	return found, err
}

// pruneEmpty removes the folders in f, which may hold nothing but folders; else it fails with ErrNotEmpty.
func (d *Driver) pruneEmpty(ctx context.Context, f dir) error {
	folders := []string{"."}
	for i := 0; i < len(folders); i++ {
		full := false
		below, err := f.readBelow(ctx, folders[i], func(_ string, _, folder bool) (enter, more bool) {
			full = !folder
			return folder, folder
		})
		if err != nil {
			return err
		}
		if full {
			return drivers.ErrNotEmpty
		}
		folders = append(folders, below...)
	}
	for _, path := range slices.Backward(folders[1:]) { // those inside come first
		switch err := f.removeBelow(path); err {
		case nil, unix.ENOENT:
		case unix.ENOTEMPTY, unix.EEXIST:
			return drivers.ErrNotEmpty
		default:
			return err
		}
	}
	return nil
}

// readBelow calls each for every name in the folder at a path below d, until it wants no more, and returns the paths of
// the folders to enter. However deep a tree is, none of it stays open. A folder that is gone is empty.
func (d dir) readBelow(ctx context.Context, path string, each func(name string, regular, folder bool) (enter, more bool)) (below []string, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	sub, err := d.openDir(path)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer sub.close()
	err = sub.entries(func(name []byte, regular, folder bool) bool {
		enter, more := each(string(name), regular, folder)
		if enter {
			below = append(below, path+"/"+string(name))
		}
		return more
	})
	return below, err
}

// removeBelow removes the empty folder at a path below d.
func (d dir) removeBelow(path string) error {
	above, name := splitPath(path)
	at, err := d.openDir(above)
	if err != nil {
		return err
	}
	defer at.close()
	return at.removeDir(name)
}
