package gcs

import (
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/attrs"
)

// Tags implements drivers.Tagger.
func (b *bucket) Tags(ctx context.Context, key, versionID string) ([]drivers.Tag, error) {
	_, a, err := b.tagged(ctx, key, versionID)
	return a.Tags, b.fail(ctx, "Tags", key, err)
}

func (b *bucket) tagged(ctx context.Context, key, versionID string) (stored, attrs.Attrs, error) {
	name, err := existing(key)
	if err == nil {
		err = checkVersion(versionID)
	}
	if err != nil {
		return stored{}, attrs.Attrs{}, err
	}
	s, err := b.stat(ctx, name)
	if err != nil {
		return stored{}, attrs.Attrs{}, err
	}
	return s, s.attrs(), nil
}

// retags is how often SetTags begins again because something else changed the object.
const retags = 10

// SetTags implements drivers.Tagger: the object's entry is written again, if nobody has changed it since it was read.
func (b *bucket) SetTags(ctx context.Context, key, versionID string, tags []drivers.Tag) error {
	err := drivers.ErrConflict
	for i := 0; i < retags && errors.Is(err, drivers.ErrConflict); i++ {
		err = b.setTags(ctx, key, versionID, tags)
	}
	return b.fail(ctx, "SetTags", key, err)
}

func (b *bucket) setTags(ctx context.Context, key, versionID string, tags []drivers.Tag) error {
	s, a, err := b.tagged(ctx, key, versionID)
	if err != nil {
		return err
	}
	if err := b.loadParts(ctx, &a); err != nil {
		return err
	}
	metadata, err := b.retag(ctx, key, s, a, tags)
	if err != nil {
		return err
	}
	_, err = b.d.api.Objects.Patch(b.name, s.name, &storage.Object{Metadata: metadata}).
		IfGenerationMatch(s.generation).IfMetagenerationMatch(s.metageneration).Projection("noAcl").Context(ctx).Do()
	if hasStatus(err, http.StatusPreconditionFailed) {
		return drivers.ErrConflict
	}
	return b.missing(ctx, err)
}

// retag gives an object's metadata with other tags. The store may take the patch for a change of the object as XML's Last-Modified
// shows it, so the entry says when that was.
func (b *bucket) retag(ctx context.Context, key string, s stored, a attrs.Attrs, tags []drivers.Tag) (map[string]string, error) {
	beside := a.Overflow
	if beside == "" {
		beside = drivers.OverflowPrefix + rand.Text()
	}
	before, _ := format.Decode(s.metadata, attrs.Content{Size: s.size, MD5: s.md5}) // what the entry itself says
	before.Tags, before.Modified = slices.Clone(tags), a.Modified
	before.Digest.Parts = a.Digest.Parts
	e, err := format.Encode(before, beside)
	if err != nil {
		return nil, err
	}
	if e.Overflow != nil && a.Overflow == "" {
		if err := b.putOverflow(ctx, key, beside, e.Overflow); err != nil {
			return nil, err
		}
	}
	metadata := maps.Clone(s.metadata)
	if metadata == nil {
		metadata = make(map[string]string)
	}
	metadata[attrs.Entry] = e.Metadata[attrs.Entry]
	return metadata, nil
}
