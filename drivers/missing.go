package drivers

import (
	"context"
	"io"
)

// Missing returns a bucket that is not there: every call fails with ErrNoBucket.
func Missing(name string) Bucket { return missing{name} }

type missing struct{ name string }

var (
	_ Bucket    = missing{}
	_ Multipart = missing{}
	_ Tagger    = missing{}
)

func (b missing) fail(op, key string) error {
	return &Error{Op: op, Bucket: b.name, Key: key, Err: ErrNoBucket}
}

func (b missing) Head(_ context.Context, key string, _ GetOptions) (Info, error) {
	return Info{}, b.fail("Head", key)
}

func (b missing) Get(_ context.Context, key string, _ GetOptions) (*Object, error) {
	return nil, b.fail("Get", key)
}

func (b missing) Put(_ context.Context, key string, _ io.Reader, _ PutOptions) (Info, error) {
	return Info{}, b.fail("Put", key)
}

func (b missing) Delete(_ context.Context, key string, _ DeleteOptions) (DeleteResult, error) {
	return DeleteResult{}, b.fail("Delete", key)
}

func (b missing) List(context.Context, ListOptions) (Page, error) {
	return Page{}, b.fail("List", "")
}

func (b missing) Tags(_ context.Context, key, _ string) ([]Tag, error) {
	return nil, b.fail("Tags", key)
}

func (b missing) SetTags(_ context.Context, key, _ string, _ []Tag) error {
	return b.fail("SetTags", key)
}

func (b missing) CreateUpload(_ context.Context, key string, _ CreateUploadOptions) (Upload, error) {
	return Upload{}, b.fail("CreateUpload", key)
}

func (b missing) PutPart(_ context.Context, key, _ string, _ int, _ io.Reader, _ PutPartOptions) (Part, error) {
	return Part{}, b.fail("PutPart", key)
}

func (b missing) CompleteUpload(_ context.Context, key, _ string, _ []CompletedPart, _ CompleteOptions) (Info, error) {
	return Info{}, b.fail("CompleteUpload", key)
}

func (b missing) AbortUpload(_ context.Context, key, _ string) error {
	return b.fail("AbortUpload", key)
}

func (b missing) ListParts(_ context.Context, key, _ string, _ ListPartsOptions) (PartsPage, error) {
	return PartsPage{}, b.fail("ListParts", key)
}

func (b missing) ListUploads(context.Context, ListUploadsOptions) (UploadsPage, error) {
	return UploadsPage{}, b.fail("ListUploads", "")
}
