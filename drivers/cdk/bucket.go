package cdk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"sluice/drivers"
)

// bucket is the handle of one bucket, which may not exist.
type bucket struct {
	driver *driver
	name   string
}

// namedBucket is one that cannot keep every key under its own name.
type namedBucket struct{ *bucket }

var (
	_ drivers.Bucket     = (*bucket)(nil)
	_ drivers.Tagger     = (*bucket)(nil)
	_ drivers.Joiner     = (*bucket)(nil)
	_ drivers.Overflower = (*bucket)(nil)
	_ drivers.Bucket     = namedBucket{}
	_ drivers.Namer      = namedBucket{}
)

// Takes tells what the kind of the bucket takes.
func (b namedBucket) Takes(key string) bool { return b.driver.buckets.takes(b.name, key) }

// find returns the open bucket for a call about a key, which must be one that the bucket can keep: ErrNotFound, if not.
func (b *bucket) find(key, versionID string) (*store, error) {
	s, err := b.driver.buckets.find(b.name)
	switch {
	case err != nil:
		return nil, err
	case drivers.CheckKey(key) != nil || !s.takes(key):
		return nil, drivers.ErrNotFound
	case versionID != "" && versionID != "null":
		return nil, drivers.ErrNoVersion
	}
	return s, nil
}

// findFor returns the open bucket for a write.
func (b *bucket) findFor(key string) (*store, error) {
	if err := drivers.CheckKey(key); err != nil {
		return nil, err
	}
	s, err := b.driver.buckets.find(b.name)
	if err == nil && !s.takes(key) {
		err = fmt.Errorf("the store cannot keep this key: %w", drivers.ErrInvalid)
	}
	return s, err
}

func (b *bucket) Delete(ctx context.Context, key string, o drivers.DeleteOptions) (drivers.DeleteResult, error) {
	s, err := b.find(key, o.VersionID)
	if err == nil {
		err = s.delete(ctx, key, o.Conditions)
	} else if errors.Is(err, drivers.ErrNotFound) {
		err = o.Conditions.CheckWrite(nil)
	}
	return drivers.DeleteResult{}, b.fail("Delete", key, err)
}

func (s *store) delete(ctx context.Context, key string, c drivers.Conditions) error {
	unlock, err := s.locks.lock(ctx, key, true)
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.judge(ctx, key, c); err != nil {
		return err
	}
	err = s.Bucket.Delete(ctx, s.place(key))
	if missing(err) {
		if !s.there() {
			return drivers.ErrNoBucket
		}
		return c.CheckWrite(nil)
	}
	if err == nil && s.kind == inFolder {
		s.prune(key)
	}
	return err
}

// prune removes the folders above a key that are empty now. One that a write has just made is made again by it.
func (s *store) prune(key string) {
	for dir := filepath.Dir(s.path(key)); len(dir) > len(s.folder); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			return
		}
	}
}

// judge judges the conditions of a write. The key must be locked.
func (s *store) judge(ctx context.Context, key string, c drivers.Conditions) error {
	if c.IsZero() {
		return nil
	}
	o, err := s.describe(ctx, key)
	switch {
	case errors.Is(err, drivers.ErrNotFound):
		return c.CheckWrite(nil)
	case err != nil:
		return err
	}
	return c.CheckWrite(&o.info)
}

func (b *bucket) Tags(ctx context.Context, key, versionID string) ([]drivers.Tag, error) {
	var tags []drivers.Tag
	s, err := b.find(key, versionID)
	if err == nil {
		var o *object
		if o, err = s.look(ctx, key); err == nil {
			tags = slices.Clone(o.attrs.Tags)
		}
	}
	return tags, b.fail("Tags", key, err)
}
