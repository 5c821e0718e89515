package azure

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"sluice/drivers"
	"sluice/drivers/attrs"
	"sluice/drivers/upstream"
)

// format is what a blob's metadata takes: names that are C# identifiers, ASCII values, 8 KiB in all.
// https://learn.microsoft.com/rest/api/storageservices/setting-and-retrieving-properties-and-metadata-for-blob-resources
var format = attrs.Format{Limit: 8 << 10, Name: isIdentifier, Value: isPlain, ASCII: true}

// isIdentifier leaves out hdi_isfolder, by which tools know directories.
func isIdentifier(name string) bool {
	if name == "" || name == "hdi_isfolder" || '0' <= name[0] && name[0] <= '9' {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool { return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) < 0
}

// isPlain tells whether a header takes a value and gives it back as it was.
func isPlain(v string) bool {
	return v != "" && v == strings.TrimSpace(v) && !strings.Contains(v, "  ") &&
		strings.IndexFunc(v, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// stored is what goes with a blob when it is written.
type stored struct {
	metadata map[string]*string
	headers  blob.HTTPHeaders
}

// encode makes what goes with a blob, and writes the parts that do not fit to a hidden blob.
func (b *bucket) encode(ctx context.Context, key string, a attrs.Attrs) (stored, error) {
	var s stored
	s.headers, a.Header = native(a.Header)
	if sum, err := hex.DecodeString(a.Digest.ETag); err == nil && len(sum) == md5.Size {
		s.headers.BlobContentMD5 = sum
	}
	overflow := a.Overflow
	if overflow == "" {
		overflow = drivers.OverflowPrefix + rand.Text()
	}
	enc, err := format.Encode(a, overflow)
	if err != nil {
		return stored{}, err
	}
	s.metadata = make(map[string]*string, len(enc.Metadata))
	for name, value := range enc.Metadata {
		s.metadata[name] = &value
	}
	if enc.Overflow == nil || overflow == a.Overflow {
		return s, nil
	}
	owned, err := b.encode(ctx, overflow, attrs.Attrs{Size: int64(len(enc.Overflow)), Header: drivers.OverflowHeader(key)})
	if err == nil {
		_, err = b.putBlob(ctx, overflow, bytes.NewReader(enc.Overflow), owned, nil)
	}
	return s, err
}

// native takes out of a header what a blob has properties for.
func native(h drivers.Header) (blob.HTTPHeaders, drivers.Header) {
	var n blob.HTTPHeaders
	for _, f := range []struct {
		from *string
		to   **string
	}{
		{&h.ContentType, &n.BlobContentType}, {&h.CacheControl, &n.BlobCacheControl}, {&h.ContentDisposition, &n.BlobContentDisposition},
		{&h.ContentEncoding, &n.BlobContentEncoding}, {&h.ContentLanguage, &n.BlobContentLanguage},
	} {
		if isPlain(*f.from) {
			value := *f.from
			*f.to, *f.from = &value, ""
		}
	}
	return n, h
}

// properties are what the service says of a blob, in whichever answer.
type properties struct {
	size     int64
	etag     *azcore.ETag
	md5      []byte // of the whole blob
	modified *time.Time
	metadata map[string]*string

	contentType, cacheControl, disposition, encoding, language *string
}

// object is a blob as S3 sees it.
type object struct {
	attrs.Attrs
	token    string
	modified time.Time
}

// object decodes properties. A damaged entry counts for none: the object is then as if another tool had written it.
func (p properties) object() object {
	metadata := make(map[string]string, len(p.metadata))
	for name, value := range p.metadata {
		if value != nil {
			metadata[name] = *value
		}
	}
	content := attrs.Content{Size: p.size}
	if len(p.md5) == md5.Size {
		content.MD5 = hex.EncodeToString(p.md5)
	}
	a, _ := format.Decode(metadata, content)
	h := &a.Header
	for _, f := range []struct {
		from *string
		to   *string
	}{
		{p.contentType, &h.ContentType}, {p.cacheControl, &h.CacheControl}, {p.disposition, &h.ContentDisposition},
		{p.encoding, &h.ContentEncoding}, {p.language, &h.ContentLanguage},
	} {
		if f.from != nil && *f.to == "" {
			*f.to = *f.from
		}
	}
	o := object{Attrs: a, token: token(p.etag), modified: a.Modified}
	if o.modified.IsZero() && p.modified != nil {
		o.modified = p.modified.UTC()
	}
	if o.Digest.ETag == "" {
		o.Digest.ETag = foreignETag(content.MD5, o.token)
	}
	return o
}

// foreignETag is the S3 ETag of an object that another tool wrote: its MD5, where the service knows it; else one made of the
// service's ETag. That has the form of a multipart object's, because clients of S3 take any other for an MD5.
func foreignETag(md5hex, token string) string {
	if md5hex != "" {
		return md5hex
	}
	sum := md5.Sum([]byte(token))
	return hex.EncodeToString(sum[:]) + "-1"
}

// token is the service's ETag without its quotes, which only some answers have.
func token(e *azcore.ETag) string {
	if e == nil {
		return ""
	}
	return strings.Trim(string(*e), `"`)
}

func etag(token string) *azcore.ETag {
	e := azcore.ETag(`"` + token + `"`)
	return &e
}

func (o object) info(key string, parts bool) drivers.Info {
	info := o.Info(parts)
	info.Key, info.Size, info.Token, info.LastModified = key, o.Size, o.token, o.modified
	return info
}

// Overflow implements drivers.Overflower.
func (b *bucket) Overflow(ctx context.Context, key string) (string, error) {
	if err := b.reads(key, ""); err != nil {
		return "", b.fail("Overflow", key, err)
	}
	o, err := b.describe(ctx, key)
	return o.Overflow, b.fail("Overflow", key, err)
}

// errNoParts is not drivers.ErrNotFound: the object is there.
var errNoParts = errors.New("the list of the object's parts is gone")

// maxOverflow bounds what is read of an object's parts: 10,000 of them take a tenth of it.
const maxOverflow = 4 << 20

// loadParts reads the parts that did not fit into the metadata.
func (b *bucket) loadParts(ctx context.Context, o *object) error {
	if !strings.HasPrefix(o.Overflow, drivers.OverflowPrefix) || len(o.Digest.Parts) > 0 {
		return nil
	}
	resp, err := b.blob(o.Overflow).DownloadStream(ctx, nil)
	if err = classify(err); errors.Is(err, drivers.ErrNotFound) {
		return errNoParts
	}
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(io.LimitReader(resp.Body, maxOverflow))
	if err != nil {
		return upstream.FromTransport(ctx, err)
	}
	return o.AddOverflow(content)
}
