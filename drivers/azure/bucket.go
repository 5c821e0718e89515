package azure

import (
	"context"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"sluice/drivers"
)

// bucket is a container. client is nil where the service can have none of the name.
type bucket struct {
	d      *Driver
	name   string
	client *container.Client
}

var (
	_ drivers.Bucket       = (*bucket)(nil)
	_ drivers.Joiner       = (*bucket)(nil)
	_ drivers.Namer        = (*bucket)(nil)
	_ drivers.Copier       = (*bucket)(nil)
	_ drivers.Tagger       = (*bucket)(nil)
	_ drivers.BatchDeleter = (*bucket)(nil)
	_ drivers.Overflower   = (*bucket)(nil)
)

// Takes implements drivers.Namer.
func (b *bucket) Takes(key string) bool { return takes(key) }

func (b *bucket) fail(op, key string, err error) error { return b.d.fail(op, b.name, key, err) }

func (b *bucket) blob(key string) *blockblob.Client { return b.client.NewBlockBlobClient(key) }

// reads tells whether there may be such an object.
func (b *bucket) reads(key, versionID string) error {
	switch {
	case b.client == nil:
		return drivers.ErrNoBucket
	case !takes(key):
		return drivers.ErrNotFound
	case versionID != "" && versionID != "null":
		return drivers.ErrNoVersion
	}
	return nil
}

// writes tells whether there can be such an object.
func (b *bucket) writes(key string) error {
	if b.client == nil {
		return drivers.ErrNoBucket
	}
	if err := drivers.CheckKey(key); err != nil {
		return err
	}
	if !takes(key) {
		return drivers.ErrInvalid
	}
	return nil
}

// describe asks for a blob's properties: one request.
func (b *bucket) describe(ctx context.Context, key string) (object, error) {
	r, err := b.blob(key).GetProperties(ctx, nil)
	if err != nil {
		return object{}, classify(err)
	}
	p := properties{
		etag: r.ETag, md5: r.ContentMD5, modified: r.LastModified, metadata: r.Metadata, contentType: r.ContentType,
		cacheControl: r.CacheControl, disposition: r.ContentDisposition, encoding: r.ContentEncoding, language: r.ContentLanguage,
	}
	if r.ContentLength != nil {
		p.size = *r.ContentLength
	}
	return p.object(), nil
}
