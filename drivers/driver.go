package drivers

import (
	"context"
	"io"
	"time"

	"sluice/drivers/checksum"
)

// Driver is a set of buckets. Its methods may be called concurrently.
type Driver interface {
	// Bucket returns the bucket's handle. It does no I/O and cannot fail: the bucket may not exist.
	Bucket(name string) Bucket
	// StatBucket describes a bucket, or fails with ErrNoBucket.
	StatBucket(ctx context.Context, name string) (BucketInfo, error)
	// CreateBucket makes an empty bucket, or fails with ErrBucketExists, or ErrInvalid for a name the store cannot have.
	CreateBucket(ctx context.Context, name string, o CreateBucketOptions) error
	// DeleteBucket removes an empty bucket, or fails with ErrNoBucket or ErrNotEmpty. Unfinished multipart uploads do
	// not count as content; they are dropped.
	DeleteBucket(ctx context.Context, name string) error
	// ListBuckets lists all buckets in the order of their names' bytes.
	ListBuckets(ctx context.Context) ([]BucketInfo, error)
	// Close releases what the driver holds. No other method may be called after it.
	Close() error
}

// Bucket is a set of objects. Its methods may be called concurrently; each fails with ErrNoBucket when the bucket is
// not there.
type Bucket interface {
	// Head describes an object, or fails with ErrNotFound. With ErrPrecondition and ErrInvalidRange the Info is filled all the
	// same, where the object exists; with ErrNotModified it has ETag, Token and LastModified, which is what HTTP's 304 has.
	Head(ctx context.Context, key string, o GetOptions) (Info, error)
	// Get opens an object, or fails as Head does; the Object then has a nil Body, and its Info is filled as Head's.
	// The caller closes the Body. The body and the Info are of one and the same version of the object.
	Get(ctx context.Context, key string, o GetOptions) (*Object, error)
	// Put stores an object and returns its Info, at least Size, ETag, Token and LastModified.
	Put(ctx context.Context, key string, body io.Reader, o PutOptions) (Info, error)
	// Delete removes an object. A key that is not there is a success, unless o has conditions.
	Delete(ctx context.Context, key string, o DeleteOptions) (DeleteResult, error)
	// List returns one page of keys. A page may be short, even empty, while More is true.
	List(ctx context.Context, o ListOptions) (Page, error)
}

// BucketInfo describes a bucket.
type BucketInfo struct {
	Name    string
	Created time.Time // zero where the store does not know
	Region  string    // the store's region; "" where it has none
}

// CreateBucketOptions are the options of CreateBucket.
type CreateBucketOptions struct {
	Region string // the region asked for; "" is the store's default
}

// GetOptions are the options of Get and Head. The zero value reads the whole current object.
type GetOptions struct {
	Range      Range
	VersionID  string // "" is the current version; a store without versions knows only "null"
	PartNumber int    // 1 to 10,000: the bytes of that part of a multipart object; 0 for no part. Excludes Range.
	Conditions Conditions
	Parts      bool // fill Info.Parts, which costs where there are many
}

// PutOptions are the options of Put.
type PutOptions struct {
	Size       int64 // the body's length in bytes, -1 if unknown
	Header     Header
	Tags       []Tag
	Conditions Conditions
	// Digest is called after body has returned io.EOF, at once where body is [Buffered], and gives what S3 shows of the
	// content. A nil Digest leaves the ETag to the driver: the MD5 of the body.
	Digest func() Digest
	// Checksum announces what Digest will give of the checksum, for a store that must know it before the body: the
	// Algorithm, and the Value too where the client has sent it ahead (a body that does not match fails). The zero value
	// announces nothing.
	Checksum checksum.Checksum
}

// DeleteOptions are the options of Delete.
type DeleteOptions struct {
	VersionID  string
	Conditions Conditions
}

// DeleteResult is what a Delete did in a bucket with versions; it is zero in one without.
type DeleteResult struct {
	VersionID    string
	DeleteMarker bool
}
