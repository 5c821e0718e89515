package gcstest

import (
	"encoding/json"
	"net/http"
	"strconv"

	"google.golang.org/api/storage/v1"
)

// maxSources is how many objects one compose takes.
const maxSources = 32

// compose makes an object of up to 32, which has no MD5, and their storage class:
// https://cloud.google.com/storage/docs/json_api/v1/objects/compose.
func (s *Server) compose(r *request) (any, error) {
	var req storage.ComposeRequest
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		return nil, err
	}
	if n := len(req.SourceObjects); n == 0 || n > maxSources {
		return nil, fail(http.StatusBadRequest, "invalid", "The number of source components provided (%d) exceeds the maximum (%d)", n, maxSources)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(r.bucket)
	if err != nil {
		return nil, err
	}
	meta, data, err := joined(b, &req)
	if err != nil {
		return nil, err
	}
	meta.Name = r.object
	if meta.Crc32c != "" && meta.Crc32c != crcOf(data) {
		return nil, fail(http.StatusBadRequest, "invalid", "Provided CRC32C doesn't match calculated CRC32C.")
	}
	o, err := s.publish(b, r.query, meta, data)
	if err != nil {
		return nil, err
	}
	if req.DeleteSourceObjects && !s.LeavesSources {
		for _, src := range req.SourceObjects {
			b.remove(src.Name)
		}
	}
	return &o.Object, nil
}

// joined reads the sources of a compose.
func joined(b *bucket, req *storage.ComposeRequest) (*storage.Object, []byte, error) {
	meta := &storage.Object{}
	if req.Destination != nil {
		*meta = *req.Destination
	}
	var data []byte
	class := ""
	for _, src := range req.SourceObjects {
		o := b.live[src.Name]
		if o == nil || src.Generation != 0 && src.Generation != o.Generation {
			return nil, nil, noSuchObject(b.Name, src.Name)
		}
		if p := src.ObjectPreconditions; p != nil && p.IfGenerationMatch != 0 && p.IfGenerationMatch != o.Generation {
			return nil, nil, conditionNotMet()
		}
		if class != "" && class != o.StorageClass || meta.StorageClass != "" && meta.StorageClass != o.StorageClass {
			return nil, nil, fail(http.StatusBadRequest, "invalid", "All source objects must have the storage class of the composed object.")
		}
		class = o.StorageClass
		data = append(data, o.data...)
		meta.ComponentCount += max(1, o.ComponentCount)
	}
	meta.StorageClass, meta.Md5Hash = class, ""
	return meta, data, nil
}

// rewrite copies an object, RewriteBytes at a time: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite.
func (s *Server) rewrite(r *request) (any, error) {
	var meta storage.Object
	if err := json.NewDecoder(r.Body).Decode(&meta); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	from, err := s.find(r.bucket)
	if err != nil {
		return nil, err
	}
	to, err := s.find(r.toBucket)
	if err != nil {
		return nil, err
	}
	src := from.live[r.object]
	if src == nil {
		return nil, noSuchObject(r.bucket, r.object)
	}
	if err := check(r.query, "ifSource", src); err != nil {
		return nil, err
	}
	if err := check(r.query, "if", to.live[r.to]); err != nil {
		return nil, err
	}
	token, size := r.query.Get("rewriteToken"), int64(len(src.data))
	done := s.rewrites[token] + s.RewriteBytes
	if s.RewriteBytes > 0 && done < size {
		s.generation++
		next := "rewrite-" + strconv.FormatInt(s.generation, 10)
		s.rewrites[next] = done
		return &storage.RewriteResponse{ObjectSize: size, TotalBytesRewritten: done, RewriteToken: next}, nil
	}
	meta.Name, meta.Md5Hash, meta.ComponentCount = r.to, src.Md5Hash, src.ComponentCount
	o, err := s.publish(to, nil, &meta, src.data)
	if err != nil {
		return nil, err
	}
	return &storage.RewriteResponse{Done: true, ObjectSize: size, TotalBytesRewritten: size, Resource: &o.Object}, nil
}
