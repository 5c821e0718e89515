package drivers

import (
	"context"
	"io"
	"time"

	"sluice/drivers/checksum"
)

// S3's limits for multipart uploads.
const (
	MaxPartNumber = 10000
	MinPartSize   = 5 << 20 // of every part but the last
)

// Multipart is what a Bucket that knows S3's multipart uploads does; call [Multiparts] to get it.
//
// Parts arrive in any order, in parallel, and again under the same number (the last one counts). Each call but Create
// fails with ErrNoUpload when the upload is not there (never was, was completed or aborted, or has another key).
type Multipart interface {
	CreateUpload(ctx context.Context, key string, o CreateUploadOptions) (Upload, error)
	// PutPart stores a part, under the rules of Put. The Part returned has Number, Size, ETag, Checksum, LastModified.
	PutPart(ctx context.Context, key, uploadID string, number int, body io.Reader, o PutPartOptions) (Part, error)
	// CompleteUpload joins the listed parts into the object, atomically; parts that are not listed are dropped. It fails
	// with ErrInvalidPart, ErrPartOrder, ErrPartTooSmall, ErrDigestMismatch, or as conditions fail; the upload then
	// stays as it was.
	CompleteUpload(ctx context.Context, key, uploadID string, parts []CompletedPart, o CompleteOptions) (Info, error)
	// AbortUpload drops an upload and its parts. It never touches the object of that key.
	AbortUpload(ctx context.Context, key, uploadID string) error
	ListParts(ctx context.Context, key, uploadID string, o ListPartsOptions) (PartsPage, error)
	// ListUploads lists unfinished uploads by key, then by the time they began.
	ListUploads(ctx context.Context, o ListUploadsOptions) (UploadsPage, error)
}

// Upload describes an unfinished multipart upload.
type Upload struct {
	Key               string
	ID                string    // 1 to 128 characters that are safe in a URL
	Initiated         time.Time // ListParts need not tell
	StorageClass      string
	ChecksumAlgorithm checksum.Algorithm
	ChecksumType      checksum.Type
	ChecksumImplicit  bool // nobody asked for the checksum: it is not shown before the object is there
}

// CreateUploadOptions are the options of CreateUpload: what the object will have.
type CreateUploadOptions struct {
	Header            Header
	Tags              []Tag
	ChecksumAlgorithm checksum.Algorithm // of every part; "" keeps none
	ChecksumType      checksum.Type
	ChecksumImplicit  bool
}

// PutPartOptions are the options of PutPart.
type PutPartOptions struct {
	Size     int64             // the body's length, -1 if unknown
	Digest   func() Digest     // as in PutOptions
	Checksum checksum.Checksum // as in PutOptions
}

// Part is one stored part.
type Part struct {
	Number       int
	Size         int64
	ETag         string
	Checksum     checksum.Checksum
	LastModified time.Time
}

// CompletedPart names a part to be joined. ETag is as PutPart gave it; Checksum is compared where its Value is set.
type CompletedPart struct {
	Number   int
	ETag     string
	Checksum checksum.Checksum
}

// CompleteOptions are the options of CompleteUpload.
type CompleteOptions struct {
	Conditions Conditions
	Checksum   checksum.Checksum // what the object's checksum must be, where Value is set; Type must agree where set
	Size       int64             // what the object's size must be; 0 is not compared
}

// ListPartsOptions are the options of ListParts.
type ListPartsOptions struct {
	After int // only parts with a greater number
	Limit int // 0 is DefaultLimit
}

// PartsPage is one page of the parts of an upload, by number.
type PartsPage struct {
	Upload Upload
	Parts  []Part
	More   bool
}

// ListUploadsOptions are the options of ListUploads. KeyAfter and IDAfter are S3's key-marker and upload-id-marker: only
// uploads of later keys, and those of KeyAfter itself that come after IDAfter, where that is set.
type ListUploadsOptions struct {
	Prefix    string
	Delimiter string
	KeyAfter  string
	IDAfter   string
	Limit     int
}

// UploadsPage is one page of uploads.
type UploadsPage struct {
	Uploads  []Upload
	Prefixes []string
	More     bool
	NextKey  string
	NextID   string
}

// Multiparts returns the bucket's multipart uploads; those of a bucket that has none fail with ErrUnsupported. A driver
// whose store knows no multipart uploads is opened through [Staging], which adds them.
func Multiparts(b Bucket) Multipart {
	if m, ok := b.(Multipart); ok {
		return m
	}
	return noMultipart{}
}

type noMultipart struct{}

var _ Multipart = noMultipart{}

func (noMultipart) CreateUpload(context.Context, string, CreateUploadOptions) (Upload, error) {
	return Upload{}, ErrUnsupported
}

func (noMultipart) PutPart(context.Context, string, string, int, io.Reader, PutPartOptions) (Part, error) {
	return Part{}, ErrUnsupported
}

func (noMultipart) CompleteUpload(context.Context, string, string, []CompletedPart, CompleteOptions) (Info, error) {
	return Info{}, ErrUnsupported
}

func (noMultipart) AbortUpload(context.Context, string, string) error { return ErrUnsupported }

func (noMultipart) ListParts(context.Context, string, string, ListPartsOptions) (PartsPage, error) {
	return PartsPage{}, ErrUnsupported
}

func (noMultipart) ListUploads(context.Context, ListUploadsOptions) (UploadsPage, error) {
	return UploadsPage{}, ErrUnsupported
}
