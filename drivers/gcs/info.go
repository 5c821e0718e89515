package gcs

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/attrs"
	"sluice/drivers/checksum"
)

// format is what the store's metadata takes: https://cloud.google.com/storage/docs/metadata#custom-metadata. Names and values are
// those that come back as they were also in the headers of the XML API.
var format = attrs.Format{
	Limit: 8 << 10,
	Name: func(name string) bool {
		return name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
	},
	Value: plain,
	ASCII: true,
}

// plain tells whether a text comes back from a header as it was.
func plain(v string) bool {
	for i := range len(v) {
		if v[i] < ' ' || v[i] > '~' {
			return false
		}
	}
	return v != "" && v[0] != ' ' && v[len(v)-1] != ' '
}

// defaultType is what the store says of an object without a type.
const defaultType = "application/octet-stream"

// newObject gives what the store keeps with an object, and what its overflow holds, nil where there is none: attributes that did
// not fit, to be stored under the given name first.
func newObject(put drivers.PutOptions, d drivers.Digest, overflow string) (*storage.Object, []byte, error) {
	h := put.Header
	o := &storage.Object{ContentType: defaultType, StorageClass: nativeClass(h.StorageClass)}
	rest := drivers.Header{
		StorageClass: h.StorageClass, Expires: h.Expires, WebsiteRedirectLocation: h.WebsiteRedirectLocation, Metadata: h.Metadata,
	}
	for _, f := range []struct {
		value        string
		native, kept *string
	}{
		{h.ContentType, &o.ContentType, &rest.ContentType},
		{h.CacheControl, &o.CacheControl, &rest.CacheControl},
		{h.ContentDisposition, &o.ContentDisposition, &rest.ContentDisposition},
		{h.ContentEncoding, &o.ContentEncoding, &rest.ContentEncoding},
		{h.ContentLanguage, &o.ContentLanguage, &rest.ContentLanguage},
	} {
		if plain(f.value) {
			*f.native = f.value
		} else {
			*f.kept = f.value
		}
	}
	if isDefaultCache(h.CacheControl) {
		rest.CacheControl = h.CacheControl // or nobody could tell
	}
	if len(h.ContentLanguage) > maxLanguage {
		o.ContentLanguage, rest.ContentLanguage = "", h.ContentLanguage
	}
	e, err := format.Encode(attrs.Attrs{Size: put.Size, Digest: d, Header: rest, Tags: put.Tags}, overflow)
	o.Metadata = e.Metadata
	return o, e.Overflow, err
}

// maxLanguage is the longest Content-Language that the store takes, in bytes.
const maxLanguage = 100

// attrs reads the attributes of an object, with those that the store keeps itself. What is damaged counts as not there.
func (s stored) attrs() attrs.Attrs {
	a, _ := format.Decode(s.metadata, attrs.Content{Size: s.size, MD5: s.md5})
	kept := a.Digest.Checksum
	if kept.Algorithm == checksum.CRC32C && kept.Type == checksum.FullObject && s.crc32c != "" && kept.Value != s.crc32c {
		a.Digest, a.PartsCount, a.Overflow = drivers.Digest{}, 0, "" // of other content of the same size
	}
	if a.Digest.ETag == "" {
		a.Digest.ETag = s.etag()
	}
	if a.Digest.Checksum.Value == "" && s.crc32c != "" {
		a.Digest.Checksum = checksum.Checksum{Algorithm: checksum.CRC32C, Type: checksum.FullObject, Value: s.crc32c}
	}
	h := &a.Header
	for _, f := range []struct {
		native string
		kept   *string
	}{
		{s.header.ContentType, &h.ContentType},
		{s.header.CacheControl, &h.CacheControl},
		{s.header.ContentDisposition, &h.ContentDisposition},
		{s.header.ContentEncoding, &h.ContentEncoding},
		{s.header.ContentLanguage, &h.ContentLanguage},
	} {
		if *f.kept == "" || f.native != "" && f.native != defaultType {
			*f.kept = f.native
		}
	}
	if h.ContentType == "" {
		h.ContentType = defaultType
	}
	h.StorageClass = shownClass(s.class, h.StorageClass)
	if a.Modified.IsZero() {
		a.Modified = s.written
	}
	return a
}

// etag is that of an object of which only the store tells: its MD5, or, where it was composed, something that is new with every
// write and has the form of the ETag of an upload of parts, since S3's clients hold any other against the content.
func (s stored) etag() string {
	if s.md5 != "" {
		return s.md5
	}
	crc, err := base64.StdEncoding.DecodeString(s.crc32c)
	if err != nil || len(crc) != 4 {
		crc = make([]byte, 4)
	}
	b := binary.BigEndian.AppendUint64(crc, uint64(s.generation))
	b = binary.BigEndian.AppendUint32(b, uint32(s.size))
	return hex.EncodeToString(b) + "-1"
}

// info gives an object as S3 shows it.
func (s stored) info(key string, a attrs.Attrs, parts bool) drivers.Info {
	info := a.Info(parts)
	info.Key, info.Size, info.LastModified, info.Token = key, s.size, a.Modified, s.token()
	return info
}

func (s stored) token() string { return strconv.FormatInt(s.generation, 10) }

// generationOf reads a token.
func generationOf(token string) (int64, error) {
	g, err := strconv.ParseInt(token, 10, 64)
	if err != nil || g <= 0 || strconv.FormatInt(g, 10) != token {
		return 0, fmt.Errorf("%q is no generation: %w", token, drivers.ErrPrecondition)
	}
	return g, nil
}
