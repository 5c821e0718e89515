package s3

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

const metadataPrefix = "X-Amz-Meta-"

// setHeader puts what an object keeps into the headers of a PUT, COPY or CreateMultipartUpload.
func setHeader(to http.Header, h drivers.Header) error {
	contentType := h.ContentType
	if contentType == "" {
		contentType = "binary/octet-stream" // S3's own default; the SDK has another
	}
	for name, value := range map[string]string{
		"Content-Type":                    contentType,
		"Cache-Control":                   h.CacheControl,
		"Content-Disposition":             h.ContentDisposition,
		"Content-Encoding":                h.ContentEncoding,
		"Content-Language":                h.ContentLanguage,
		"Expires":                         h.Expires,
		"X-Amz-Website-Redirect-Location": h.WebsiteRedirectLocation,
		"X-Amz-Storage-Class":             h.StorageClass,
	} {
		if value == "" {
			continue
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			return fmt.Errorf("%w: %s has control characters", drivers.ErrInvalid, name)
		}
		to.Set(name, value)
	}
	for name, value := range h.Metadata {
		if !httpguts.ValidHeaderFieldName(name) || strings.EqualFold(name, checksumEntry) {
			return fmt.Errorf("%w: user metadata cannot be called %q here", drivers.ErrInvalid, name)
		}
		to.Set(metadataPrefix+name, encodeText(value))
	}
	return nil
}

// setTags puts tags into a header, in order.
func setTags(to http.Header, tags []drivers.Tag) {
	if len(tags) == 0 {
		return
	}
	pairs := make([]string, len(tags))
	for i, t := range tags {
		pairs[i] = url.QueryEscape(t.Key) + "=" + url.QueryEscape(t.Value)
	}
	to.Set("X-Amz-Tagging", strings.Join(pairs, "&"))
}

// infoOf reads what the headers of an answer say of an object. Size is that of the answer.
func infoOf(key string, h http.Header) drivers.Info {
	etag := unquote(h.Get("ETag"))
	info := drivers.Info{
		Key: key, ETag: etag, Token: etag, VersionID: h.Get("X-Amz-Version-Id"), PartsCount: partsOf(etag),
		TagCount: int(parseInt(h.Get("X-Amz-Tagging-Count"), 0)), Size: parseInt(h.Get("Content-Length"), 0),
		Header: drivers.Header{
			ContentType:             h.Get("Content-Type"),
			CacheControl:            h.Get("Cache-Control"),
			ContentDisposition:      h.Get("Content-Disposition"),
			ContentEncoding:         withoutFraming(h.Get("Content-Encoding")),
			ContentLanguage:         h.Get("Content-Language"),
			Expires:                 h.Get("Expires"),
			WebsiteRedirectLocation: h.Get("X-Amz-Website-Redirect-Location"),
			StorageClass:            storageClass(h.Get("X-Amz-Storage-Class")),
		},
	}
	info.LastModified, _ = http.ParseTime(h.Get("Last-Modified"))
	info.Header.Metadata, info.Checksum = metadataOf(h)
	if c := checksumOf(h); c.Value != "" {
		info.Checksum = c
	}
	return info
}

// metadataOf reads user metadata, and the checksum that is kept among it where the store knows none.
func metadataOf(h http.Header) (metadata map[string]string, kept checksum.Checksum) {
	for name, values := range h {
		name, ok := strings.CutPrefix(name, metadataPrefix)
		if !ok {
			continue
		}
		name, value := strings.ToLower(name), strings.Join(values, ",")
		if name == checksumEntry {
			kept = parseKept(value)
			continue
		}
		if metadata == nil {
			metadata = map[string]string{}
		}
		metadata[name] = decodeText(value)
	}
	return metadata, kept
}

// dateOf is when the store answered: it does not tell when exactly it has written.
func dateOf(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return time.Now().UTC().Truncate(time.Second)
	}
	return t
}

// withoutFraming takes aws-chunked, which is of a request, out of a Content-Encoding: some stores keep it.
func withoutFraming(encoding string) string {
	if !strings.Contains(encoding, "aws-chunked") {
		return encoding
	}
	var kept []string
	for e := range strings.SplitSeq(encoding, ",") {
		if strings.TrimSpace(e) != "aws-chunked" {
			kept = append(kept, e)
		}
	}
	return strings.TrimSpace(strings.Join(kept, ","))
}

// storageClass returns "" for the standard one.
func storageClass(class string) string {
	if class == "STANDARD" {
		return ""
	}
	return class
}

func quote(etag string) string { return `"` + etag + `"` }

func unquote(etag string) string { return strings.Trim(strings.TrimPrefix(etag, "W/"), `"`) }

// partsOf returns the N of an ETag that ends in "-N", or 0.
func partsOf(etag string) int {
	i := strings.LastIndexByte(etag, '-')
	if n := parseInt(etag[i+1:], 0); i > 0 && n > 0 && n <= drivers.MaxPartNumber {
		return int(n)
	}
	return 0
}
