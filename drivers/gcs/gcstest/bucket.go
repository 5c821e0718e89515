package gcstest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"google.golang.org/api/storage/v1"
)

// bucket is what one bucket holds.
type bucket struct {
	storage.Bucket
	live  map[string]*object
	old   []*object // noncurrent generations
	names []string  // of live, in order; nil where they have changed
}

// put makes an object the current one of its name.
func (b *bucket) put(o *object) {
	if b.live[o.Name] == nil {
		b.names = nil
	}
	b.live[o.Name] = o
}

// remove takes the current object of a name away.
func (b *bucket) remove(name string) {
	delete(b.live, name)
	b.names = nil
}

// sorted returns the names of the current objects.
func (b *bucket) sorted() []string {
	if b.names == nil {
		b.names = slices.Sorted(maps.Keys(b.live))
	}
	return b.names
}

// find returns a bucket. The lock must be held, as for all of this package that has no lock itself.
func (s *Server) find(name string) (*bucket, error) {
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, fail(http.StatusNotFound, "notFound", "The specified bucket does not exist.")
}

func (s *Server) insertBucket(r *request) (any, error) {
	b := &bucket{live: make(map[string]*object)}
	if err := json.NewDecoder(r.Body).Decode(&b.Bucket); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets[b.Name] != nil {
		return nil, fail(http.StatusConflict, "conflict", "Your previous request to create the named bucket succeeded and you already own it.")
	}
	if b.Location == "" {
		b.Location = "US"
	}
	b.Location, b.TimeCreated = strings.ToUpper(b.Location), time.Now().UTC().Format(time.RFC3339Nano)
	s.buckets[b.Name] = b
	return &b.Bucket, nil
}

func (s *Server) getBucket(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(r.bucket)
	if err != nil {
		return nil, err
	}
	return &b.Bucket, nil
}

func (s *Server) deleteBucket(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(r.bucket)
	if err != nil {
		return nil, err
	}
	if len(b.live)+len(b.old) > 0 {
		return nil, fail(http.StatusConflict, "conflict", "The bucket you tried to delete is not empty.")
	}
	delete(s.buckets, r.bucket)
	return nil, nil
}

func (s *Server) listBuckets(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.query.Get("project") == "" {
		return nil, fail(http.StatusBadRequest, "required", "Required parameter: project")
	}
	all := &storage.Buckets{}
	for _, name := range slices.Sorted(maps.Keys(s.buckets)) {
		all.Items = append(all.Items, &s.buckets[name].Bucket)
	}
	return all, nil
}
