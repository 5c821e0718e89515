package gcstest

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"google.golang.org/api/storage/v1"
)

// object is one generation. Nothing in it changes; a patch makes a successor.
type object struct {
	storage.Object
	data []byte
}

func crcOf(data []byte) string {
	sum := crc32.Checksum(data, crc32.MakeTable(crc32.Castagnoli))
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}

// check judges the preconditions of a request about an object, nil where there is none.
func check(q url.Values, prefix string, o *object) error {
	var generation, metageneration int64
	if o != nil {
		generation, metageneration = o.Generation, o.Metageneration
	}
	for name, value := range map[string]int64{"GenerationMatch": generation, "MetagenerationMatch": metageneration} {
		text := q.Get(prefix + name)
		want, err := strconv.ParseInt(text, 10, 64)
		if text != "" && (err != nil || want != value) {
			return conditionNotMet()
		}
	}
	return nil
}

func conditionNotMet() error {
	return fail(http.StatusPreconditionFailed, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.")
}

func noSuchObject(bucket, name string) error {
	return fail(http.StatusNotFound, "notFound", "No such object: %s/%s", bucket, name)
}

// checkNew refuses what no object may have.
func checkNew(o *storage.Object) error {
	const acme = ".well-known/acme-challenge/"
	n := o.Name
	if n == "" || len(n) > 1024 || n == "." || n == ".." || strings.ContainsAny(n, "\r\n") || strings.HasPrefix(n, acme) || !utf8.ValidString(n) {
		return fail(http.StatusBadRequest, "invalid", "Disallowed unicode characters present in object name %q", n)
	}
	total := 0
	for name, value := range o.Metadata {
		total += len(name) + len(value)
	}
	if total > 8<<10 {
		return fail(http.StatusBadRequest, "invalid", "The metadata for your object is too large.")
	}
	return nil
}

// publish makes an object the current one of its name, where the precondition holds.
func (s *Server) publish(b *bucket, q url.Values, meta *storage.Object, data []byte) (*object, error) {
	if err := checkNew(meta); err != nil {
		return nil, err
	}
	if err := check(q, "if", b.live[meta.Name]); err != nil {
		return nil, err
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	s.generation++
	o := &object{Object: *meta, data: data}
	o.Bucket, o.Generation, o.Metageneration = b.Name, s.generation, 1
	o.TimeCreated, o.Updated, o.Size, o.Crc32c = now, now, uint64(len(data)), crcOf(data)
	if o.StorageClass == "" {
		o.StorageClass = "STANDARD"
	}
	s.keep(b, o.Name)
	b.put(o)
	return o, nil
}

// keep has a versioned bucket keep the current object of a name.
func (s *Server) keep(b *bucket, name string) {
	if o := b.live[name]; o != nil && s.Versioned {
		b.old = append(b.old, o)
	}
}

// object finds the object that a request is about.
func (s *Server) object(r *request) (*bucket, *object, error) {
	b, err := s.find(r.bucket)
	if err != nil {
		return nil, nil, err
	}
	o := b.live[r.object]
	if text := r.query.Get("generation"); text != "" && (o == nil || strconv.FormatInt(o.Generation, 10) != text) {
		o = nil
		for _, old := range b.old {
			if old.Name == r.object && strconv.FormatInt(old.Generation, 10) == text {
				o = old
			}
		}
	}
	if o == nil {
		return nil, nil, noSuchObject(r.bucket, r.object)
	}
	return b, o, check(r.query, "if", o)
}

func (s *Server) get(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, o, err := s.object(r)
	if err != nil {
		return nil, err
	}
	return &o.Object, nil
}

// patch merges metadata: https://cloud.google.com/storage/docs/json_api/v1/objects/patch. Nothing else is patched here.
func (s *Server) patch(r *request) (any, error) {
	var change struct{ Metadata map[string]*string }
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b, o, err := s.object(r)
	if err != nil {
		return nil, err
	}
	next := *o
	if next.Metadata = maps.Clone(o.Metadata); next.Metadata == nil {
		next.Metadata = make(map[string]string)
	}
	for name, value := range change.Metadata {
		if value == nil {
			delete(next.Metadata, name)
		} else {
			next.Metadata[name] = *value
		}
	}
	if err := checkNew(&next.Object); err != nil {
		return nil, err
	}
	next.Metageneration++
	next.Updated = time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	b.put(&next)
	return &next.Object, nil
}

func (s *Server) delete(r *request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, o, err := s.object(r)
	if err != nil {
		return nil, err
	}
	if r.query.Get("generation") == "" {
		s.keep(b, r.object)
		b.remove(r.object)
		return nil, nil
	}
	if b.live[r.object] == o {
		b.remove(r.object)
	}
	for i, old := range b.old {
		if old == o {
			b.old = append(b.old[:i:i], b.old[i+1:]...)
			break
		}
	}
	return nil, nil
}

// Objects returns the names of a bucket's current objects, and of its noncurrent ones, in no order.
func (s *Server) Objects(bucket string) (live, old []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, nil
	}
	for name := range b.live {
		live = append(live, name)
	}
	for _, o := range b.old {
		old = append(old, o.Name)
	}
	return live, old
}

// Object returns what the store keeps with an object, or nil.
func (s *Server) Object(bucket, name string) *storage.Object {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buckets[bucket]; b != nil && b.live[name] != nil {
		o := b.live[name].Object
		return &o
	}
	return nil
}

// Store stores an object as other tools do.
func (s *Server) Store(bucket string, meta storage.Object, data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.find(bucket)
	if err == nil {
		_, err = s.publish(b, nil, &meta, []byte(data))
	}
	return err
}

// Damage changes an object's content behind its checksums' back.
func (s *Server) Damage(bucket, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := *s.buckets[bucket].live[name]
	o.data = append([]byte(nil), o.data...)
	o.data[0] ^= 1
	s.buckets[bucket].put(&o)
}
