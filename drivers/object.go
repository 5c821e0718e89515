package drivers

import (
	"io"
	"maps"
	"time"

	"sluice/drivers/checksum"
)

// MaxKeyLength is S3's limit for a key, in bytes.
const MaxKeyLength = 1024

// Header is what S3 keeps with an object and gives back in headers. Values are as the client sent them.
type Header struct {
	ContentType             string
	CacheControl            string
	ContentDisposition      string
	ContentEncoding         string
	ContentLanguage         string
	Expires                 string
	WebsiteRedirectLocation string
	StorageClass            string            // "" is STANDARD
	Metadata                map[string]string // user metadata: lower-case names without "x-amz-meta-"
}

// Clone returns a copy that shares nothing with h.
func (h Header) Clone() Header {
	h.Metadata = maps.Clone(h.Metadata)
	return h
}

// Tag is one tag of an object or a bucket. The order of tags is kept.
type Tag struct{ Key, Value string }

// Info describes one version of an object.
type Info struct {
	Key          string
	Size         int64
	ETag         string // as S3 shows it, without quotes: MD5 in lower-case hex, or MD5-of-MD5s-N
	Token        string // the store's own identity of this write; preconditions and fences may use it; List fills it where it can
	VersionID    string // "" in a bucket without versions
	LastModified time.Time
	Header       Header            // List fills only StorageClass
	Checksum     checksum.Checksum // List fills it where it fills Token
	TagCount     int
	PartsCount   int    // the number of parts of a multipart object, else 0
	Parts        []Part // only when GetOptions.Parts asked for it: Number, Size and Checksum
}

// Digest is what S3 shows of an object's content.
type Digest struct {
	ETag     string
	Checksum checksum.Checksum
	Parts    []Part // Number, Size and Checksum of each part, for an object made of parts
}

// Object is an open object. Info is of the whole object; the Body yields the Length bytes from Start on.
//
// A Body of a local file implements io.WriterTo, so that io.Copy sends it without a copy in user space.
type Object struct {
	Info
	Start, Length int64
	Body          io.ReadCloser
}
