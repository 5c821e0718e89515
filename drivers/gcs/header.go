package gcs

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
)

const metaPrefix = "X-Goog-Meta-"

// stored is an object as the store describes it, by either API.
type stored struct {
	name                       string
	generation, metageneration int64
	size                       int64
	md5                        string // in hex; "" of an object that was composed
	crc32c                     string // in base64, as S3 writes it too
	written                    time.Time
	class                      string
	header                     drivers.Header    // but for Metadata and StorageClass
	metadata                   map[string]string // also attrs.Entry
}

// storedOf reads what the JSON API says: https://cloud.google.com/storage/docs/json_api/v1/objects#resource.
func storedOf(o *storage.Object) stored {
	s := stored{
		name: o.Name, generation: o.Generation, metageneration: o.Metageneration,
		size: int64(o.Size), md5: hexMD5(o.Md5Hash), crc32c: o.Crc32c, class: o.StorageClass, metadata: o.Metadata,
		header: drivers.Header{
			ContentType: o.ContentType, CacheControl: o.CacheControl, ContentDisposition: o.ContentDisposition,
			ContentEncoding: o.ContentEncoding, ContentLanguage: o.ContentLanguage,
		},
	}
	if t, err := time.Parse(time.RFC3339, o.TimeCreated); err == nil {
		s.written = t.UTC().Truncate(time.Second) // as the XML API says it, and S3
	}
	return s
}

// storedHeader reads what the XML API says along with content, all but the name:
// https://cloud.google.com/storage/docs/xml-api/get-object-download.
func storedHeader(res *http.Response) (stored, error) {
	h := res.Header
	s := stored{
		class: h.Get("X-Goog-Storage-Class"), size: -1,
		header: drivers.Header{
			ContentType: h.Get("Content-Type"), CacheControl: h.Get("Cache-Control"), ContentDisposition: h.Get("Content-Disposition"),
			ContentEncoding: h.Get("Content-Encoding"), ContentLanguage: h.Get("Content-Language"),
		},
	}
	if isDefaultCache(s.header.CacheControl) {
		s.header.CacheControl = ""
	}
	for name, values := range h {
		if meta, ok := strings.CutPrefix(name, metaPrefix); ok && len(values) > 0 {
			if s.metadata == nil {
				s.metadata = make(map[string]string)
			}
			s.metadata[meta] = values[0]
		}
	}
	for _, line := range h.Values("X-Goog-Hash") {
		for hash := range strings.SplitSeq(line, ",") {
			switch name, value, _ := strings.Cut(strings.TrimSpace(hash), "="); name {
			case "md5":
				s.md5 = hexMD5(value)
			case "crc32c":
				s.crc32c = value
			}
		}
	}
	if t, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
		s.written = t.UTC()
	}
	return s, s.readNumbers(res)
}

// readNumbers reads what an answer must have.
func (s *stored) readNumbers(res *http.Response) (err error) {
	if s.generation, err = strconv.ParseInt(res.Header.Get("X-Goog-Generation"), 10, 64); err != nil {
		return fmt.Errorf("%w: the store did not say which generation it sends", drivers.ErrUnavailable)
	}
	s.metageneration, _ = strconv.ParseInt(res.Header.Get("X-Goog-Metageneration"), 10, 64) // 0 where it is not there
	_, total, _ := strings.Cut(res.Header.Get("Content-Range"), "/")
	if res.StatusCode != http.StatusPartialContent {
		s.size = res.ContentLength
	} else if s.size, err = strconv.ParseInt(total, 10, 64); err != nil {
		return fmt.Errorf("%w: the store sent the range %q", drivers.ErrUnavailable, res.Header.Get("Content-Range"))
	}
	if s.size < 0 {
		return fmt.Errorf("%w: the store did not say how much it sends", drivers.ErrUnavailable)
	}
	return nil
}

// isDefaultCache tells whether a Cache-Control may be the store's own, which it sends with objects that have none: public for
// those that anyone can read (https://cloud.google.com/storage/docs/metadata#caching_data).
func isDefaultCache(v string) bool {
	switch strings.ReplaceAll(v, " ", "") {
	case "public,max-age=3600", "private,max-age=0":
		return true
	}
	return false
}

// hexMD5 turns an MD5 in base64 into lower-case hex; "" where it is none.
func hexMD5(text string) string {
	sum, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(sum) != 16 {
		return ""
	}
	return hex.EncodeToString(sum)
}
