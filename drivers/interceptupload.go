package drivers

import (
	"context"
	"io"
)

// interceptMultipart is the interceptBucket of a bucket that has multipart uploads.
type interceptMultipart struct {
	*interceptBucket
	uploads Multipart
}

var (
	_ Multipart  = (*interceptMultipart)(nil)
	_ PartCopier = (*interceptMultipart)(nil)
)

func (b *interceptMultipart) CreateUpload(ctx context.Context, key string, o CreateUploadOptions) (u Upload, err error) {
	err = b.around(ctx, &Call{Op: "CreateUpload", Bucket: b.name, Key: key}, func(ctx context.Context) error {
		u, err = b.uploads.CreateUpload(ctx, key, o)
		return err
	})
	return u, err
}

func (b *interceptMultipart) PutPart(ctx context.Context, key, uploadID string, number int, body io.Reader, o PutPartOptions) (p Part, err error) {
	c := &Call{Op: "PutPart", Bucket: b.name, Key: key, Repeatable: true, Body: body, Size: o.Size}
	err = b.around(ctx, c, func(ctx context.Context) error {
		if p, err = b.uploads.PutPart(ctx, key, uploadID, number, c.Body, o); err == nil {
			c.Size = p.Size
		}
		return err
	})
	return p, err
}

func (b *interceptMultipart) CompleteUpload(ctx context.Context, key, uploadID string, parts []CompletedPart, o CompleteOptions) (info Info, err error) {
	err = b.around(ctx, &Call{Op: "CompleteUpload", Bucket: b.name, Key: key}, func(ctx context.Context) error {
		info, err = b.uploads.CompleteUpload(ctx, key, uploadID, parts, o)
		return err
	})
	return info, err
}

func (b *interceptMultipart) AbortUpload(ctx context.Context, key, uploadID string) error {
	return b.around(ctx, &Call{Op: "AbortUpload", Bucket: b.name, Key: key}, func(ctx context.Context) error {
		return b.uploads.AbortUpload(ctx, key, uploadID)
	})
}

func (b *interceptMultipart) ListParts(ctx context.Context, key, uploadID string, o ListPartsOptions) (page PartsPage, err error) {
	err = b.around(ctx, &Call{Op: "ListParts", Bucket: b.name, Key: key, Repeatable: true}, func(ctx context.Context) error {
		page, err = b.uploads.ListParts(ctx, key, uploadID, o)
		return err
	})
	return page, err
}

func (b *interceptMultipart) ListUploads(ctx context.Context, o ListUploadsOptions) (page UploadsPage, err error) {
	err = b.around(ctx, &Call{Op: "ListUploads", Bucket: b.name, Repeatable: true}, func(ctx context.Context) error {
		page, err = b.uploads.ListUploads(ctx, o)
		return err
	})
	return page, err
}

func (b *interceptMultipart) CopyPartFrom(ctx context.Context, key, uploadID string, number int, src Bucket, srcKey string, o CopyPartOptions) (p Part, err error) {
	if !copiesParts(b) {
		return Part{}, ErrUnsupported
	}
	err = b.around(ctx, &Call{Op: "CopyPart", Bucket: b.name, Key: key, Repeatable: true}, func(ctx context.Context) error {
		p, err = storeCopyPart(ctx, b.uploads, key, uploadID, number, src, srcKey, o)
		return err
	})
	return p, err
}

// multipartLayer is a layer whose uploads are those of the bucket inside.
type multipartLayer interface{ innerUploads() Multipart }

func (b *interceptMultipart) innerUploads() Multipart { return b.uploads }

// copiesParts tells whether there is a store inside that copies parts.
func copiesParts(m Multipart) bool {
	for {
		l, ok := m.(multipartLayer)
		if !ok {
			_, ok = m.(PartCopier)
			return ok
		}
		m = l.innerUploads()
	}
}
