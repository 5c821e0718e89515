package drivers

import (
	"context"
	"io"
)

func (b *prefixBucket) innerUploads() Multipart { return Multiparts(b.child) }

func (b *prefixBucket) CreateUpload(ctx context.Context, key string, o CreateUploadOptions) (Upload, error) {
	full, err := b.target("CreateUpload", key)
	if err != nil {
		return Upload{}, err
	}
	u, err := Multiparts(b.child).CreateUpload(ctx, full, o)
	u.Key = key
	return u, b.told(err, key)
}

func (b *prefixBucket) PutPart(ctx context.Context, key, uploadID string, number int, body io.Reader, o PutPartOptions) (Part, error) {
	full, err := b.upload("PutPart", key)
	if err != nil {
		return Part{}, err
	}
	part, err := Multiparts(b.child).PutPart(ctx, full, uploadID, number, body, o)
	return part, b.told(err, key)
}

func (b *prefixBucket) CopyPartFrom(ctx context.Context, key, uploadID string, number int, src Bucket, srcKey string, o CopyPartOptions) (Part, error) {
	full, err := b.upload("CopyPart", key)
	if err != nil {
		return Part{}, err
	}
	part, err := storeCopyPart(ctx, Multiparts(b.child), full, uploadID, number, src, srcKey, o)
	return part, b.told(err, key)
}

func (b *prefixBucket) CompleteUpload(ctx context.Context, key, uploadID string, parts []CompletedPart, o CompleteOptions) (Info, error) {
	full, err := b.upload("CompleteUpload", key)
	if err != nil {
		return Info{}, err
	}
	info, err := Multiparts(b.child).CompleteUpload(ctx, full, uploadID, parts, o)
	info.Key = key
	return info, b.told(err, key)
}

func (b *prefixBucket) AbortUpload(ctx context.Context, key, uploadID string) error {
	full, err := b.upload("AbortUpload", key)
	if err != nil {
		return err
	}
	return b.told(Multiparts(b.child).AbortUpload(ctx, full, uploadID), key)
}

func (b *prefixBucket) ListParts(ctx context.Context, key, uploadID string, o ListPartsOptions) (PartsPage, error) {
	full, err := b.upload("ListParts", key)
	if err != nil {
		return PartsPage{}, err
	}
	page, err := Multiparts(b.child).ListParts(ctx, full, uploadID, o)
	page.Upload.Key = key
	return page, b.told(err, key)
}

func (b *prefixBucket) ListUploads(ctx context.Context, o ListUploadsOptions) (UploadsPage, error) {
	if !b.fits(o.Prefix) {
		return UploadsPage{}, nil
	}
	o.Prefix = b.prefix + o.Prefix
	if o.KeyAfter != "" {
		o.KeyAfter = b.prefix + o.KeyAfter
	}
	page, err := Multiparts(b.child).ListUploads(ctx, o)
	for i := range page.Uploads {
		page.Uploads[i].Key = b.short(page.Uploads[i].Key)
	}
	for i := range page.Prefixes {
		page.Prefixes[i] = b.short(page.Prefixes[i])
	}
	page.NextKey = b.short(page.NextKey)
	return page, err
}

// upload is target for a call of an upload, which cannot be there where its key cannot.
func (b *prefixBucket) upload(op, key string) (string, error) {
	full, ok := b.full(key)
	if !ok {
		return "", &Error{Op: op, Key: key, Err: ErrNoUpload}
	}
	return full, nil
}
