package drivers

import (
	"context"
	"io"
)

// ReadOnly returns a bucket that reads b and refuses every change with ErrReadOnly.
func ReadOnly(b Bucket) Bucket { return readOnly{b} }

// readOnly names each method, so that one added to the contract later does not slip through.
type readOnly struct{ child Bucket }

var (
	_ Bucket       = readOnly{}
	_ Multipart    = readOnly{}
	_ Tagger       = readOnly{}
	_ BatchDeleter = readOnly{}
	_ layer        = readOnly{}
)

func (b readOnly) inner() Bucket { return b.child }

func (b readOnly) asSource(ctx context.Context, key string, f func(ctx context.Context, innerKey string) error) error {
	return f(ctx, key)
}

func refused(op, key string) error { return &Error{Op: op, Key: key, Err: ErrReadOnly} }

func (b readOnly) Head(ctx context.Context, key string, o GetOptions) (Info, error) {
	return b.child.Head(ctx, key, o)
}

func (b readOnly) Get(ctx context.Context, key string, o GetOptions) (*Object, error) {
	return b.child.Get(ctx, key, o)
}

func (b readOnly) List(ctx context.Context, o ListOptions) (Page, error) {
	return b.child.List(ctx, o)
}

func (b readOnly) Tags(ctx context.Context, key, versionID string) ([]Tag, error) {
	return Tags(ctx, b.child, key, versionID)
}

func (readOnly) Put(_ context.Context, key string, _ io.Reader, _ PutOptions) (Info, error) {
	return Info{}, refused("Put", key)
}

func (readOnly) Delete(_ context.Context, key string, _ DeleteOptions) (DeleteResult, error) {
	return DeleteResult{}, refused("Delete", key)
}

func (readOnly) DeleteAll(_ context.Context, items []DeleteItem) []DeleteOutcome {
	out := make([]DeleteOutcome, len(items))
	for i, item := range items {
		out[i].Err = refused("Delete", item.Key)
	}
	return out
}

func (readOnly) SetTags(_ context.Context, key, _ string, _ []Tag) error {
	return refused("SetTags", key)
}

func (readOnly) CreateUpload(_ context.Context, key string, _ CreateUploadOptions) (Upload, error) {
	return Upload{}, refused("CreateUpload", key)
}

func (readOnly) PutPart(_ context.Context, key, _ string, _ int, _ io.Reader, _ PutPartOptions) (Part, error) {
	return Part{}, refused("PutPart", key)
}

func (readOnly) CompleteUpload(_ context.Context, key, _ string, _ []CompletedPart, _ CompleteOptions) (Info, error) {
	return Info{}, refused("CompleteUpload", key)
}

func (readOnly) AbortUpload(_ context.Context, key, _ string) error {
	return refused("AbortUpload", key)
}

func (b readOnly) ListParts(ctx context.Context, key, uploadID string, o ListPartsOptions) (PartsPage, error) {
	return Multiparts(b.child).ListParts(ctx, key, uploadID, o)
}

func (b readOnly) ListUploads(ctx context.Context, o ListUploadsOptions) (UploadsPage, error) {
	return Multiparts(b.child).ListUploads(ctx, o)
}
