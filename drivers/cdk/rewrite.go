package cdk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sluice/drivers"
)

// rewriteTries is how often an object is written again because another write has come between.
const rewriteTries = 5

// SetTags writes the object again, bytes and all, since the Go CDK cannot change metadata. ETag and LastModified stay.
func (b *bucket) SetTags(ctx context.Context, key, versionID string, tags []drivers.Tag) error {
	s, err := b.find(key, versionID)
	if err != nil {
		return b.fail("SetTags", key, err)
	}
	for range rewriteTries {
		err = s.setTags(ctx, key, tags)
		if !errors.Is(err, drivers.ErrPrecondition) {
			return b.fail("SetTags", key, err)
		}
	}
	return b.fail("SetTags", key, fmt.Errorf("the object changes all the time: %w", drivers.ErrConflict))
}

func (s *store) setTags(ctx context.Context, key string, tags []drivers.Tag) error {
	o, err := s.look(ctx, key)
	if err != nil {
		return err
	}
	if err := s.addParts(ctx, o); err != nil {
		return err
	}
	same := drivers.Conditions{IfToken: o.info.Token}
	obj, changed, err := s.open(ctx, key, drivers.GetOptions{Conditions: same})
	switch {
	case changed:
		return drivers.ErrPrecondition
	case err != nil:
		return err
	}
	defer obj.Body.Close()
	a := o.attrs
	a.Tags, a.Overflow, a.Modified = slices.Clone(tags), "", o.info.LastModified
	_, err = s.write(ctx, key, obj.Body, a, same)
	if errors.Is(err, drivers.ErrNotFound) { // deleted meanwhile; or never there, which look would have said
		err = s.absent()
	}
	return err
}

// Join streams the sources through this process, for the Go CDK cannot join objects. Since their digest is known before, nothing
// waits on disk.
func (b *bucket) Join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.join(ctx, key, sources, o)
	return info, b.fail("Join", key, err)
}

func (b *bucket) join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	s, err := b.findFor(key)
	if err != nil {
		return drivers.Info{}, err
	}
	src := &joined{ctx: ctx, store: s, sources: sources}
	defer func() { _ = src.Close() }()
	return s.write(ctx, key, src, attrsOf(o), o.Conditions)
}
