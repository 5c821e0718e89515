package mem

import (
	"context"
	"crypto/rand"
	"io"
	"maps"
	"slices"
	"time"

	"sluice/drivers"
)

// upload is an unfinished multipart upload.
type upload struct {
	drivers.Upload
	header drivers.Header
	tags   []drivers.Tag
	parts  map[int]part
}

type part struct {
	drivers.Part
	data []byte
}

var _ drivers.Multipart = (*bucket)(nil)

// upload finds an upload, which must be of that key.
func (c *content) upload(key, id string) (*upload, error) {
	u := c.uploads[id]
	if u == nil || u.Key != key {
		return nil, drivers.ErrNoUpload
	}
	return u, nil
}

func (b *bucket) CreateUpload(_ context.Context, key string, o drivers.CreateUploadOptions) (drivers.Upload, error) {
	if err := drivers.CheckKey(key); err != nil {
		return drivers.Upload{}, b.fail("CreateUpload", key, err)
	}
	u := &upload{header: o.Header.Clone(), tags: slices.Clone(o.Tags), parts: map[int]part{}, Upload: drivers.Upload{
		Key: key, ID: rand.Text(), Initiated: time.Now().UTC(), StorageClass: o.Header.StorageClass,
		ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType, ChecksumImplicit: o.ChecksumImplicit,
	}}
	return u.Upload, b.update("CreateUpload", key, func(c *content) error {
		c.uploads[u.ID] = u
		return nil
	})
}

func (b *bucket) PutPart(ctx context.Context, key, id string, number int, body io.Reader, o drivers.PutPartOptions) (drivers.Part, error) {
	data, digest, err := receive(ctx, body, o.Size, o.Digest)
	if err != nil {
		return drivers.Part{}, b.fail("PutPart", key, err)
	}
	return b.addPart("PutPart", key, id, number, data, digest)
}

func (b *bucket) addPart(op, key, id string, number int, data []byte, d drivers.Digest) (p drivers.Part, err error) {
	err = b.update(op, key, func(c *content) error {
		u, err := c.upload(key, id)
		if err != nil {
			return err
		}
		if number < 1 || number > drivers.MaxPartNumber {
			return drivers.ErrInvalid
		}
		p = drivers.Part{Number: number, Size: int64(len(data)), ETag: d.ETag, Checksum: d.Checksum, LastModified: time.Now().UTC()}
		u.parts[number] = part{p, data}
		return nil
	})
	return p, err
}

func (b *bucket) CompleteUpload(_ context.Context, key, id string, listed []drivers.CompletedPart, o drivers.CompleteOptions) (info drivers.Info, err error) {
	err = b.update("CompleteUpload", key, func(c *content) error {
		u, err := c.upload(key, id)
		if err != nil {
			return err
		}
		size, digest, err := drivers.JoinParts(u.Upload, listed, func(number int) (drivers.Part, bool) {
			p, ok := u.parts[number]
			return p.Part, ok
		}, o)
		if err != nil {
			return err
		}
		data := make([]byte, 0, size)
		for _, p := range digest.Parts {
			data = append(data, u.parts[p.Number].data...)
		}
		joined := newObject(key, data, digest, u.header, u.tags)
		if err := c.publish(joined, o.Conditions); err != nil {
			return err
		}
		delete(c.uploads, id)
		info = joined.describe(false)
		return nil
	})
	return info, err
}

func (b *bucket) AbortUpload(_ context.Context, key, id string) error {
	return b.update("AbortUpload", key, func(c *content) error {
		_, err := c.upload(key, id)
		if err == nil {
			delete(c.uploads, id)
		}
		return err
	})
}

func (b *bucket) ListParts(_ context.Context, key, id string, o drivers.ListPartsOptions) (page drivers.PartsPage, err error) {
	err = b.view("ListParts", key, func(c *content) error {
		u, err := c.upload(key, id)
		if err != nil {
			return err
		}
		limit := o.Limit
		if limit <= 0 {
			limit = drivers.DefaultLimit
		}
		page.Upload = u.Upload
		for _, number := range slices.Sorted(maps.Keys(u.parts)) {
			switch {
			case number <= o.After:
			case len(page.Parts) == limit:
				page.More = true
				return nil
			default:
				page.Parts = append(page.Parts, u.parts[number].Part)
			}
		}
		return nil
	})
	return page, err
}

func (b *bucket) ListUploads(_ context.Context, o drivers.ListUploadsOptions) (page drivers.UploadsPage, err error) {
	err = b.view("ListUploads", "", func(c *content) error {
		var all []drivers.Upload
		for _, u := range c.uploads {
			all = append(all, u.Upload)
		}
		page = drivers.PageUploads(all, o)
		return nil
	})
	return page, err
}
