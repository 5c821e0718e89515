package cdk

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"os"
	"strings"
	"time"

	"gocloud.dev/blob"

	"sluice/drivers"
	"sluice/drivers/attrs"
)

// object is what the store says of an object, and what this package has kept with it.
type object struct {
	attrs  attrs.Attrs
	native *blob.Attributes
	info   drivers.Info // without Parts
}

// look describes an object while no write of this process is about to change it.
func (s *store) look(ctx context.Context, key string) (*object, error) {
	unlock, err := s.locks.lock(ctx, key, false)
	if err != nil {
		return nil, err
	}
	defer unlock()
	return s.describe(ctx, key)
}

// ask asks the store for its attributes of an object. It fails with ErrNotFound and ErrNoBucket, bare.
func (s *store) ask(ctx context.Context, key string) (*blob.Attributes, error) {
	native, err := s.Attributes(ctx, s.place(key))
	if s.kind == inFolder && damaged(err) {
		// fileblob would never open the object again. Its file of attributes says nothing, and no write of this process makes it now.
		if err = os.Remove(s.path(key) + sideExt); err == nil || errors.Is(err, fs.ErrNotExist) {
			native, err = s.Attributes(ctx, s.place(key))
		}
	}
	if missing(err) {
		return nil, s.absent()
	}
	if err != nil {
		return nil, err
	}
	var file os.FileInfo
	if s.kind == inFolder && native.As(&file) && !file.Mode().IsRegular() {
		return nil, drivers.ErrNotFound
	}
	return native, nil
}

// describe asks the store for an object. It fails as ask does.
func (s *store) describe(ctx context.Context, key string) (*object, error) {
	native, err := s.ask(ctx, key)
	if err != nil {
		return nil, err
	}
	c := attrs.Content{Size: native.Size, MD5: hex.EncodeToString(native.MD5)}
	a, err := s.format().Decode(native.Metadata, c)
	if err != nil || s.kind == inFolder && s.stale(key, a, native) { // as if other tools had written the object
		a.Digest, a.PartsCount, a.Overflow, a.Token, a.Modified = drivers.Digest{}, 0, "", "", time.Time{}
	}
	h := &a.Header
	h.ContentType = cmp.Or(h.ContentType, native.ContentType)
	h.CacheControl = cmp.Or(h.CacheControl, native.CacheControl)
	h.ContentDisposition = cmp.Or(h.ContentDisposition, native.ContentDisposition)
	h.ContentEncoding = cmp.Or(h.ContentEncoding, native.ContentEncoding)
	h.ContentLanguage = cmp.Or(h.ContentLanguage, native.ContentLanguage)
	if a.Digest.ETag == "" {
		a.Digest.ETag = foreignETag(native)
	}
	o := &object{attrs: a, native: native, info: a.Info(false)}
	o.info.Key, o.info.Size = key, native.Size
	o.info.LastModified, o.info.Token = a.Modified, a.Token
	if a.Modified.IsZero() {
		o.info.LastModified = native.ModTime.UTC()
	}
	if a.Token == "" {
		o.info.Token = "native-" + cmp.Or(native.ETag, fmt.Sprintf("%x-%x", native.ModTime.UnixNano(), native.Size))
	}
	return o, nil
}

// damaged tells whether an error of fileblob is about a file of attributes of which a crash has left a part, or nothing.
func damaged(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	return syntax || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// foreignETag is the ETag of an object that other tools wrote: its MD5, or something with a "-", which no client takes for one.
func foreignETag(native *blob.Attributes) string {
	if len(native.MD5) > 0 {
		return hex.EncodeToString(native.MD5)
	}
	tag := strings.Trim(strings.TrimPrefix(native.ETag, "W/"), `"`)
	switch {
	case tag == "":
		return fmt.Sprintf("%x-%x", native.ModTime.UnixNano(), native.Size)
	case !strings.Contains(tag, "-"):
		tag += "-1"
	}
	return tag
}

// clockSlack is how far two times of one file system may be apart that should be the same.
const clockSlack = 2 * time.Second

// tick is how far the times of files may lag behind the clock.
const tick = 20 * time.Millisecond

// stale tells whether the attributes in a file beside the object's are not of its content: fileblob writes the content after
// Modified and the attributes after the content, so that other orders show a write that was cut short, or one by other tools. The MD5
// among them is then dropped, too.
func (s *store) stale(key string, a attrs.Attrs, native *blob.Attributes) bool {
	side, err := os.Stat(s.path(key) + sideExt)
	if err != nil {
		return false
	}
	if native.ModTime.Before(a.Modified.Add(-tick)) || native.ModTime.After(side.ModTime().Add(clockSlack)) {
		native.MD5 = nil
		return true
	}
	return false
}

// metadataLimit is what the metadata of an object may have in bytes, names and values together, on any store but a few.
const metadataLimit = 8 << 10

// format is what the store's metadata takes.
func (s *store) format() attrs.Format {
	if s.kind != remote {
		return attrs.Format{Name: func(name string) bool { return name != "" && name == strings.ToLower(name) }}
	}
	f := attrs.Format{Limit: metadataLimit, ASCII: true, Name: plainName, Value: plainText}
	if s.scheme == "s3" { // of 2 KiB (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html), less s3blob's escapes
		f.Limit = 1700
	}
	return f
}

// plainName tells whether a name is one that the drivers of the Go CDK bring to any store.
func plainName(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune("-_.", r)
	})
}

// plainText tells whether a text is printable ASCII, with no space at its ends, as it goes through a header of HTTP.
func plainText(text string) bool {
	if text != strings.TrimSpace(text) {
		return false
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// maxUserMetadata leaves room for tags and checksums within metadataLimit.
const maxUserMetadata = 7 << 10

// checkMetadata refuses what leaves no room for the rest.
func (s *store) checkMetadata(metadata map[string]string) error {
	size := 0
	for name, value := range metadata {
		size += len(name) + len(value)
	}
	if s.kind == remote && size > maxUserMetadata {
		return fmt.Errorf("user metadata is more than %d bytes: %w", maxUserMetadata, drivers.ErrTooLarge)
	}
	return nil
}

// options gives what goes with a new object, and the content of the overflow, if there is any; overflow is its name.
func (s *store) options(a attrs.Attrs, overflow string) (*blob.WriterOptions, []byte, error) {
	h := a.Header.Clone()
	a.Header = h
	if err := s.checkMetadata(h.Metadata); err != nil {
		return nil, nil, err
	}
	o := &blob.WriterOptions{DisableContentTypeDetection: true}
	o.BufferSize, o.MaxConcurrency = bufferSize(a.Size), 2
	if kind, params, err := mime.ParseMediaType(h.ContentType); err == nil {
		if o.ContentType = mime.FormatMediaType(kind, params); o.ContentType == h.ContentType {
			a.Header.ContentType = ""
		}
	}
	for _, field := range []struct{ own, native *string }{
		{&a.Header.CacheControl, &o.CacheControl}, {&a.Header.ContentDisposition, &o.ContentDisposition},
		{&a.Header.ContentEncoding, &o.ContentEncoding}, {&a.Header.ContentLanguage, &o.ContentLanguage},
	} {
		if plainText(*field.own) {
			*field.native, *field.own = *field.own, ""
		}
	}
	enc, err := s.format().Encode(a, overflow)
	o.Metadata = enc.Metadata
	return o, enc.Overflow, err
}

// bufferSize is the size of the pieces that a store's library may send a body in: so that there are no more than the 10,000 that
// most take.
func bufferSize(size int64) int { return int(max(8<<20, size/9_000+1)) }

// maxOverflow is more than the parts of any object take.
const maxOverflow = 4 << 20

// addParts fetches the parts of an object that lie apart from it.
func (s *store) addParts(ctx context.Context, o *object) error {
	if o.attrs.Overflow == "" || len(o.attrs.Digest.Parts) > 0 {
		return nil
	}
	r, err := s.NewReader(ctx, s.place(o.attrs.Overflow), nil)
	if missing(err) {
		return fmt.Errorf("the list of the object's parts is gone: %w", drivers.ErrUnavailable)
	}
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(io.LimitReader(r, maxOverflow))
	if err != nil {
		return err
	}
	return o.attrs.AddOverflow(content)
}

// Overflow implements drivers.Overflower.
func (b *bucket) Overflow(ctx context.Context, key string) (string, error) {
	s, err := b.find(key, "")
	if err != nil {
		return "", b.fail("Overflow", key, err)
	}
	o, err := s.look(ctx, key)
	if err != nil {
		return "", b.fail("Overflow", key, err)
	}
	return o.attrs.Overflow, nil
}
