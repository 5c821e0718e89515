package gcstest

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/api/storage/v1"
)

// insert takes an upload of two parts, whole or not at all: https://cloud.google.com/storage/docs/uploading-objects.
func (s *Server) insert(r *request) (any, error) {
	meta, data, err := readUpload(r.Request)
	if err != nil {
		return nil, err
	}
	sum := md5.Sum(data)
	md5Hash := base64.StdEncoding.EncodeToString(sum[:])
	if meta.Md5Hash != "" && meta.Md5Hash != md5Hash || meta.Crc32c != "" && meta.Crc32c != crcOf(data) {
		return nil, fail(http.StatusBadRequest, "invalid", "Provided hash doesn't match calculated hash.")
	}
	meta.Md5Hash = md5Hash
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(r.bucket)
	if err != nil {
		return nil, err
	}
	o, err := s.publish(b, r.query, meta, data)
	if err != nil {
		return nil, err
	}
	return &o.Object, nil
}

func readUpload(r *http.Request) (*storage.Object, []byte, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/related" || r.URL.Query().Get("uploadType") != "multipart" {
		return nil, nil, fail(http.StatusBadRequest, "badRequest", "not a multipart upload: %q", r.Header.Get("Content-Type"))
	}
	parts := multipart.NewReader(r.Body, params["boundary"])
	first, err := parts.NextRawPart()
	if err != nil {
		return nil, nil, err
	}
	meta := new(storage.Object)
	if err := json.NewDecoder(first).Decode(meta); err != nil {
		return nil, nil, err
	}
	second, err := parts.NextRawPart()
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(second)
	if err != nil {
		return nil, nil, err
	}
	if _, err := parts.NextRawPart(); err != io.EOF { // the closing boundary must be there
		return nil, nil, fail(http.StatusBadRequest, "badRequest", "the upload does not end: %v", err)
	}
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, nil, err
	}
	if meta.ContentType == "" {
		meta.ContentType = second.Header.Get("Content-Type")
	}
	return meta, data, nil
}

// download answers as the XML API does: https://cloud.google.com/storage/docs/xml-api/get-object-download.
func (s *Server) download(w http.ResponseWriter, r *request) error {
	s.mu.Lock()
	var o *object
	b := s.buckets[r.bucket]
	if b != nil {
		o = b.live[r.object]
	}
	s.mu.Unlock()
	switch want := r.Header.Get("X-Goog-If-Generation-Match"); {
	case b == nil:
		return fail(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.")
	case o == nil:
		return fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	case want != "" && want != strconv.FormatInt(o.Generation, 10):
		return fail(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.")
	}
	start, end, partial, err := byteRange(r.Header.Get("Range"), int64(len(o.data)))
	if err != nil {
		return err
	}
	describe(w.Header(), o)
	w.Header().Set("Content-Length", strconv.FormatInt(end-start, 10))
	if partial {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, end-1, len(o.data)))
		w.WriteHeader(http.StatusPartialContent)
	}
	_, _ = w.Write(o.data[start:end]) // the client may have gone
	return nil
}

// describe writes the headers that say what an object is. An object without Cache-Control that is not public is not to be cached.
func describe(h http.Header, o *object) {
	for name, value := range map[string]string{
		"Content-Type": o.ContentType, "Cache-Control": o.CacheControl, "Content-Disposition": o.ContentDisposition,
		"Content-Encoding": o.ContentEncoding, "Content-Language": o.ContentLanguage, "X-Goog-Storage-Class": o.StorageClass,
		"X-Goog-Generation": strconv.FormatInt(o.Generation, 10), "X-Goog-Metageneration": strconv.FormatInt(o.Metageneration, 10),
		"X-Goog-Stored-Content-Length": strconv.Itoa(len(o.data)),
	} {
		if value != "" {
			h.Set(name, value)
		}
	}
	if o.CacheControl == "" {
		h.Set("Cache-Control", "private, max-age=0")
		h.Set("Expires", time.Now().UTC().Format(http.TimeFormat))
	}
	if o.ContentType == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	for name, value := range o.Metadata {
		h.Set("x-goog-meta-"+name, value)
	}
	h.Add("X-Goog-Hash", "crc32c="+o.Crc32c)
	if o.Md5Hash != "" {
		h.Add("X-Goog-Hash", "md5="+o.Md5Hash)
	}
	updated, _ := time.Parse(time.RFC3339, o.Updated) // it is one
	h.Set("Last-Modified", updated.UTC().Format(http.TimeFormat))
}

// byteRange reads a Range of one span.
func byteRange(header string, size int64) (start, end int64, partial bool, err error) {
	spec, ok := strings.CutPrefix(header, "bytes=")
	if !ok {
		return 0, size, false, nil
	}
	outside := fail(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range cannot be satisfied.")
	first, last, _ := strings.Cut(spec, "-")
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n == 0 || size == 0 {
			return 0, 0, false, outside
		}
		return max(0, size-n), size, true, nil
	}
	if start, err = strconv.ParseInt(first, 10, 64); err != nil || start >= size {
		return 0, 0, false, outside
	}
	if end = size; last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < start {
			return 0, 0, false, outside
		}
		end = min(size, n+1)
	}
	return start, end, true, nil
}
