//go:build unix

package local

import (
	"context"

	"sluice/drivers"
)

// Tags implements drivers.Tagger.
func (b *bucket) Tags(_ context.Context, key, versionID string) ([]drivers.Tag, error) {
	c, err := b.openObject(key, wholeDetail)
	if err != nil {
		return nil, b.fail("Tags", key, err)
	}
	defer c.file.close()
	return c.tags, b.fail("Tags", key, checkVersion(versionID))
}

// SetTags implements drivers.Tagger. It changes the attributes alone.
func (b *bucket) SetTags(_ context.Context, key, versionID string, tags []drivers.Tag) error {
	err := checkVersion(versionID)
	if err == nil {
		err = b.setTags(key, tags)
	}
	return b.fail("SetTags", key, err)
}

func (b *bucket) setTags(key string, tags []drivers.Tag) error {
	if err := b.checkPlace(key); err != nil {
		return err
	}
	path := b.d.codec.path(key)
	unlock, err := b.d.locks.lock(b.name, path)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := b.openAt(b.d.root, b.name+"/"+path, key, wholeDetail)
	if absent(err) || err == errReplaced {
		return b.d.bucketMissing(b.name, drivers.ErrNotFound)
	}
	if err != nil {
		return err
	}
	defer c.file.close()
	a, err := b.d.storedAttrs(c.file, c.stat, key, wholeDetail)
	if err != nil {
		return err
	}
	a.tags = tags
	if err := b.d.saveAttrs(c.file, c.stat, b.name+"/"+key, &a); err != nil || !b.d.fsync {
		return err
	}
	return c.file.sync()
}
