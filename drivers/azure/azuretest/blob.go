package azuretest

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

type blob struct {
	content    []byte
	etag       string
	modified   time.Time
	metadata   http.Header
	properties http.Header // by the names of the answers' headers
}

// properties are the headers of a write, and those of an answer, which name the same.
var properties = map[string]string{
	"x-ms-blob-content-type": "Content-Type", "x-ms-blob-content-encoding": "Content-Encoding", "x-ms-blob-content-language": "Content-Language",
	"x-ms-blob-content-disposition": "Content-Disposition", "x-ms-blob-cache-control": "Cache-Control", "x-ms-blob-content-md5": "Content-Md5",
}

// newBlob makes a blob with what a request says of it.
func newBlob(h http.Header, content []byte) *blob {
	b := &blob{content: content, metadata: metadataOf(h), properties: http.Header{"Content-Type": {"application/octet-stream"}}}
	for from, to := range properties {
		if v := h.Get(from); v != "" {
			b.properties.Set(to, v)
		}
	}
	return b
}

// read reads a body whole; it fails where the client sends less than it announced.
func read(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	b, err := io.ReadAll(r.Body)
	if err == nil && r.ContentLength >= 0 && int64(len(b)) != r.ContentLength {
		err = errors.New("body of another length")
	}
	return b, err
}

// conditions judges If-Match and If-None-Match. exists is the code where there must be no blob and is one.
func conditions(h http.Header, b *blob, exists string) *Fault {
	unmet := &Fault{Status: http.StatusPreconditionFailed, Code: "ConditionNotMet"}
	if m := h.Get("If-Match"); m != "" && (b == nil || m != "*" && m != b.etag) {
		return unmet
	}
	if h.Get("If-None-Match") == "*" && b != nil {
		if exists == "BlobAlreadyExists" {
			return &Fault{Status: http.StatusConflict, Code: exists}
		}
		return unmet
	}
	return nil
}

// store puts a blob in its place, and drops blocks that are not committed.
func (s *Service) store(w http.ResponseWriter, c *container, r request, b *blob) *Fault {
	total := 0
	for name, values := range b.metadata {
		total += len(name) - len(metaPrefix) + len(values[0])
	}
	if total > 8<<10 {
		return &Fault{Status: http.StatusBadRequest, Code: "MetadataTooLarge"}
	}
	s.stamp(w.Header(), b)
	c.blobs[r.blob] = b
	delete(c.pending, r.blob)
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Service) putBlob(w http.ResponseWriter, r request, body []byte) *Fault {
	c, f := s.at(r.container)
	if f == nil {
		f = conditions(r.Header, c.blobs[r.blob], "BlobAlreadyExists")
	}
	if f != nil {
		return f
	}
	digest := md5.Sum(body)
	sum := base64.StdEncoding.EncodeToString(digest[:])
	if want := r.Header.Get("Content-Md5"); want != "" && want != sum {
		return &Fault{Status: http.StatusBadRequest, Code: "Md5Mismatch"}
	}
	b := newBlob(r.Header, body)
	if b.properties.Get("Content-Md5") == "" {
		b.properties.Set("Content-Md5", sum)
	}
	return s.store(w, c, r, b)
}

func (s *Service) setMetadata(w http.ResponseWriter, r request, _ []byte) *Fault {
	b, f := s.find(r)
	if f == nil {
		f = conditions(r.Header, b, "")
	}
	if f != nil {
		return f
	}
	b.metadata = metadataOf(r.Header)
	s.stamp(w.Header(), b)
	return nil
}

// find finds a blob that is committed.
func (s *Service) find(r request) (*blob, *Fault) {
	c, f := s.at(r.container)
	if f != nil {
		return nil, f
	}
	b, ok := c.blobs[r.blob]
	if !ok {
		return nil, &Fault{Status: http.StatusNotFound, Code: "BlobNotFound"}
	}
	return b, nil
}

func (s *Service) getBlob(w http.ResponseWriter, r request, _ []byte) *Fault {
	b, f := s.find(r)
	if f == nil {
		f = conditions(r.Header, b, "")
	}
	if f != nil {
		return f
	}
	content, status := b.content, http.StatusOK
	if v := r.Header.Get("x-ms-range"); v != "" {
		first, last, err := span(v, len(content))
		if err != nil {
			return &Fault{Status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange"}
		}
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", first, last, len(content)))
		content, status = content[first:last+1], http.StatusPartialContent
	}
	maps.Copy(w.Header(), b.metadata)
	maps.Copy(w.Header(), b.properties)
	if status == http.StatusPartialContent {
		w.Header()["X-Ms-Blob-Content-Md5"] = w.Header()["Content-Md5"]
		w.Header().Del("Content-Md5")
	}
	w.Header().Set("ETag", b.etag)
	w.Header().Set("Last-Modified", b.modified.Format(http.TimeFormat))
	w.Header().Set("Content-Length", fmt.Sprint(len(content)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, bytes.NewReader(content))
	}
	return nil
}

// span reads "bytes=0-9" and "bytes=5-"; the service knows no other form.
func span(v string, size int) (first, last int, err error) {
	last = size - 1
	n, err := fmt.Sscanf(v, "bytes=%d-%d", &first, &last)
	if n == 0 || first < 0 || first >= size || n == 2 && err != nil {
		return 0, 0, errors.New("no range")
	}
	return first, min(last, size-1), nil
}

func (s *Service) deleteBlob(w http.ResponseWriter, r request, _ []byte) *Fault {
	b, f := s.find(r)
	if f == nil {
		f = conditions(r.Header, b, "")
	}
	if f != nil {
		return f
	}
	c := s.containers[r.container]
	delete(c.blobs, r.blob)
	delete(c.pending, r.blob)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// Names returns the names of all blobs in a container, and of those that have blocks which are not committed.
func (s *Service) Names(name string) (committed, pending []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.containers[name]
	return slices.Sorted(maps.Keys(c.blobs)), slices.Sorted(maps.Keys(c.pending))
}

// Metadata returns the metadata of a blob, by lower-case names.
func (s *Service) Metadata(name, blob string) map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	for name, values := range s.containers[name].blobs[blob].metadata {
		out[strings.ToLower(strings.TrimPrefix(name, metaPrefix))] = values[0]
	}
	return out
}

// Age makes a blob older.
func (s *Service) Age(name, blob string, by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.containers[name].blobs[blob]
	b.modified = b.modified.Add(-by)
}
