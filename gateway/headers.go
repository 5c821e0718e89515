package gateway

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// maxMetadata is S3's limit for user metadata: the bytes of all names and values.
const maxMetadata = 2 << 10

// storageClasses are the values that S3 takes. Sluice keeps them; what they mean is up to the store below.
var storageClasses = []string{"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
	"DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE", "FSX_OPENZFS"}

// objectHeader reads what a PUT, COPY or CreateMultipartUpload says of the object.
func (q *request) objectHeader() (drivers.Header, error) {
	h := q.r.Header
	out := drivers.Header{
		ContentType:             h.Get("Content-Type"),
		CacheControl:            h.Get("Cache-Control"),
		ContentDisposition:      h.Get("Content-Disposition"),
		ContentEncoding:         withoutFraming(h),
		ContentLanguage:         h.Get("Content-Language"),
		Expires:                 h.Get("Expires"),
		WebsiteRedirectLocation: h.Get("X-Amz-Website-Redirect-Location"),
		StorageClass:            h.Get("X-Amz-Storage-Class"),
	}
	if out.ContentType == "" {
		out.ContentType = "binary/octet-stream"
	}
	if out.StorageClass != "" && !slices.Contains(storageClasses, out.StorageClass) {
		return out, errInvalidStorage
	}
	if out.StorageClass == "STANDARD" {
		out.StorageClass = ""
	}
	size := 0
	for name, values := range h {
		meta, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-")
		if !ok {
			continue
		}
		if out.Metadata == nil {
			out.Metadata = map[string]string{}
		}
		out.Metadata[meta] = strings.Join(values, ",")
		size += len(meta) + len(out.Metadata[meta])
	}
	if size > maxMetadata {
		return out, errMetadataTooLarge
	}
	return out, nil
}

// acceptRanges is the value of each response; net/http only reads it.
var acceptRanges = []string{"bytes"}

// writeObjectHeader sets the headers that describe an object.
func (q *request) writeObjectHeader(info drivers.Info) {
	h := q.w.Header()
	h["Accept-Ranges"] = acceptRanges
	q.writeIdentity(info)
	set := func(name, value string) {
		if value != "" {
			h[name] = []string{value}
		}
	}
	set("Content-Type", info.Header.ContentType)
	set("Cache-Control", info.Header.CacheControl)
	set("Content-Disposition", info.Header.ContentDisposition)
	set("Content-Encoding", info.Header.ContentEncoding)
	set("Content-Language", info.Header.ContentLanguage)
	set("Expires", info.Header.Expires)
	set("x-amz-website-redirect-location", info.Header.WebsiteRedirectLocation)
	set("x-amz-storage-class", info.Header.StorageClass)
	set("x-amz-version-id", info.VersionID)
	for name, value := range info.Header.Metadata {
		h["x-amz-meta-"+name] = []string{value}
	}
	if info.TagCount > 0 {
		set("x-amz-tagging-count", strconv.Itoa(info.TagCount))
	}
}

// writeIdentity sets the headers that a 304 has too.
func (q *request) writeIdentity(info drivers.Info) {
	h := q.w.Header()
	h["Etag"] = []string{quote(info.ETag)}
	h["Last-Modified"] = []string{info.LastModified.UTC().Format(http.TimeFormat)}
}

func (q *request) writeChecksum(c checksum.Checksum) {
	if c.Value == "" {
		return
	}
	h := q.w.Header()
	h[c.Algorithm.Header()] = []string{c.Value}
	h["x-amz-checksum-type"] = []string{string(c.Type)}
}

func quote(etag string) string { return `"` + etag + `"` }

// overrides are the query parameters by which a GET asks for other headers than the object's.
var overrides = map[string]string{
	"response-content-type":        "Content-Type",
	"response-content-language":    "Content-Language",
	"response-expires":             "Expires",
	"response-cache-control":       "Cache-Control",
	"response-content-disposition": "Content-Disposition",
	"response-content-encoding":    "Content-Encoding",
}

// checkOverrides refuses overrides that S3 refuses, before anything is read.
func (q *request) checkOverrides() error {
	for param, value := range q.query {
		switch _, ok := overrides[param]; {
		case !ok:
		case q.auth == nil:
			return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
		case strings.ContainsFunc(value[0], func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
			return invalidArgument(param, value[0], "Header value has control characters")
		}
	}
	return nil
}

func (q *request) writeOverrides() {
	for param, value := range q.query {
		if name, ok := overrides[param]; ok {
			q.w.Header().Set(name, value[0])
		}
	}
}

// conditions reads the conditional headers; prefix is "" or "X-Amz-Copy-Source-". Dates that are none are ignored, as RFC
// 9110 asks.
func conditions(h http.Header, prefix string) drivers.Conditions {
	return drivers.Conditions{
		IfMatch:           etags(h.Get(prefix + "If-Match")),
		IfNoneMatch:       etags(h.Get(prefix + "If-None-Match")),
		IfModifiedSince:   httpDate(h.Get(prefix + "If-Modified-Since")),
		IfUnmodifiedSince: httpDate(h.Get(prefix + "If-Unmodified-Since")),
	}
}

// writeConditions are those that S3 knows for writes.
func writeConditions(h http.Header) drivers.Conditions {
	return drivers.Conditions{IfMatch: etags(h.Get("If-Match")), IfNoneMatch: etags(h.Get("If-None-Match"))}
}

func etags(list string) []string {
	if list == "" {
		return nil
	}
	var out []string
	for e := range strings.SplitSeq(list, ",") {
		out = append(out, unquote(strings.TrimPrefix(strings.TrimSpace(e), "W/")))
	}
	return out
}

func unquote(etag string) string { return strings.Trim(etag, `"`) }

func httpDate(s string) time.Time {
	if s == "" {
		return time.Time{} // as most are; parsing makes an error of each layout
	}
	t, err := http.ParseTime(s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// parseTagHeader reads x-amz-tagging: tags in the form of a URL query, in order.
func parseTagHeader(s string) ([]drivers.Tag, error) {
	var tags []drivers.Tag
	for pair := range strings.SplitSeq(s, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		key, err := url.QueryUnescape(k)
		value, verr := url.QueryUnescape(v)
		if err != nil || verr != nil {
			return nil, invalidArgument("x-amz-tagging", s, "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.")
		}
		tags = append(tags, drivers.Tag{Key: key, Value: value})
	}
	return sortTags(tags), checkTags(tags, maxObjectTags)
}

// sortTags gives tags the one order that clients see, by key, however they came.
func sortTags(tags []drivers.Tag) []drivers.Tag {
	slices.SortStableFunc(tags, func(a, b drivers.Tag) int { return strings.Compare(a.Key, b.Key) })
	return tags
}

// S3's limits for tags.
const (
	maxObjectTags = 10
	maxBucketTags = 50
	maxTagKey     = 128
	maxTagValue   = 256
)

func checkTags(tags []drivers.Tag, limit int) error {
	if len(tags) > limit {
		return &s3Error{status: 400, code: "BadRequest", message: "Object tags cannot be greater than " + strconv.Itoa(limit)}
	}
	for i, t := range tags {
		duplicate := slices.ContainsFunc(tags[:i], func(o drivers.Tag) bool { return o.Key == t.Key })
		if t.Key == "" || duplicate || utf8.RuneCountInString(t.Key) > maxTagKey || utf8.RuneCountInString(t.Value) > maxTagValue ||
			strings.HasPrefix(t.Key, "aws:") || !utf8.ValidString(t.Key) || !utf8.ValidString(t.Value) {
			return errInvalidTag
		}
	}
	return nil
}
