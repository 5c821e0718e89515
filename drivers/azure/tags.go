package azure

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"sluice/drivers"
)

// Tags implements drivers.Tagger: tags are in the entry of the metadata, where their order is kept and there is room for any text.
// The service's own index of tags takes neither, and says nothing of a change for a while.
func (b *bucket) Tags(ctx context.Context, key, versionID string) ([]drivers.Tag, error) {
	err := b.reads(key, versionID)
	if err != nil {
		return nil, b.fail("Tags", key, err)
	}
	o, err := b.describe(ctx, key)
	return o.Tags, b.fail("Tags", key, err)
}

// SetTags implements drivers.Tagger by Set Blob Metadata, held to the write that was read. It gives the blob another token and
// time; the object keeps its time.
func (b *bucket) SetTags(ctx context.Context, key, versionID string, tags []drivers.Tag) error {
	err := b.reads(key, versionID)
	for range tries {
		if err != nil {
			break
		}
		if err = b.setTags(ctx, key, tags); !errors.Is(err, drivers.ErrPrecondition) {
			return b.fail("SetTags", key, err)
		}
		err = nil
	}
	if err == nil {
		err = drivers.ErrConflict
	}
	return b.fail("SetTags", key, err)
}

func (b *bucket) setTags(ctx context.Context, key string, tags []drivers.Tag) error {
	o, err := b.describe(ctx, key)
	if err == nil {
		err = b.loadParts(ctx, &o)
	}
	if err != nil {
		return err
	}
	o.Tags, o.Modified = tags, o.modified
	s, err := b.encode(ctx, key, o.Attrs)
	if err != nil {
		return err
	}
	_, err = b.blob(key).SetMetadata(ctx, s.metadata, &blob.SetMetadataOptions{AccessConditions: pin{token: o.token}.conditions()})
	return classify(err)
}
