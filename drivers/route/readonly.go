package route

import (
	"context"
	"io"

	"sluice/drivers"
)

// readOnly is a bucket that refuses every change. It names each method, so that one added to the contract later does not
// slip through.
type readOnly struct{ child drivers.Bucket }

var (
	_ drivers.Bucket       = readOnly{}
	_ drivers.Multipart    = readOnly{}
	_ drivers.Tagger       = readOnly{}
	_ drivers.BatchDeleter = readOnly{}
)

func refused(op, key string) error { return &drivers.Error{Op: op, Key: key, Err: drivers.ErrReadOnly} }

func (b readOnly) Head(ctx context.Context, key string, o drivers.GetOptions) (drivers.Info, error) {
	return b.child.Head(ctx, key, o)
}

func (b readOnly) Get(ctx context.Context, key string, o drivers.GetOptions) (*drivers.Object, error) {
	return b.child.Get(ctx, key, o)
}

func (b readOnly) List(ctx context.Context, o drivers.ListOptions) (drivers.Page, error) {
	return b.child.List(ctx, o)
}

func (b readOnly) Tags(ctx context.Context, key, versionID string) ([]drivers.Tag, error) {
	return drivers.Tags(ctx, b.child, key, versionID)
}

func (readOnly) Put(_ context.Context, key string, _ io.Reader, _ drivers.PutOptions) (drivers.Info, error) {
	return drivers.Info{}, refused("Put", key)
}

func (readOnly) Delete(_ context.Context, key string, _ drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return drivers.DeleteResult{}, refused("Delete", key)
}

func (readOnly) DeleteAll(_ context.Context, items []drivers.DeleteItem) []drivers.DeleteOutcome {
	out := make([]drivers.DeleteOutcome, len(items))
	for i, item := range items {
		out[i].Err = refused("Delete", item.Key)
	}
	return out
}

func (readOnly) SetTags(_ context.Context, key, _ string, _ []drivers.Tag) error {
	return refused("SetTags", key)
}

func (readOnly) CreateUpload(_ context.Context, key string, _ drivers.CreateUploadOptions) (drivers.Upload, error) {
	return drivers.Upload{}, refused("CreateUpload", key)
}

func (readOnly) PutPart(_ context.Context, key, _ string, _ int, _ io.Reader, _ drivers.PutPartOptions) (drivers.Part, error) {
	return drivers.Part{}, refused("PutPart", key)
}

func (readOnly) CompleteUpload(_ context.Context, key, _ string, _ []drivers.CompletedPart, _ drivers.CompleteOptions) (drivers.Info, error) {
	return drivers.Info{}, refused("CompleteUpload", key)
}

func (readOnly) AbortUpload(_ context.Context, key, _ string) error {
	return refused("AbortUpload", key)
}

func (b readOnly) ListParts(ctx context.Context, key, uploadID string, o drivers.ListPartsOptions) (drivers.PartsPage, error) {
	return drivers.Multiparts(b.child).ListParts(ctx, key, uploadID, o)
}

func (b readOnly) ListUploads(ctx context.Context, o drivers.ListUploadsOptions) (drivers.UploadsPage, error) {
	return drivers.Multiparts(b.child).ListUploads(ctx, o)
}
