// Command limit is as fast as a Go S3 server on one disk can be: it does what
// S3's promises cannot do without, and nothing else. What it reaches in a run
// is the ceiling that servers are held against.
//
// It keeps each object as a file; a PUT hashes the body with SHA-256 (for the
// signature) and MD5 (for the ETag), and publishes it by an atomic rename; a
// GET is sendfile. It verifies no signature and knows no listing.
//
//	limit -listen 127.0.0.1:9900 -data /tmp/objects [-fsync]
package main

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:9900", "address to listen on")
	data := flag.String("data", "", "folder that keeps the objects")
	durable := flag.Bool("fsync", false, "flush each object to the disk before it is published")
	flag.Parse()
	s := &store{data: *data, parts: filepath.Join(*data, ".parts"), durable: *durable}
	if err := os.MkdirAll(s.parts, 0o755); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe(*listen, s))
}

// store serves objects from files below data. Bodies that still arrive lie in
// parts.
type store struct {
	data, parts string
	durable     bool
	buffers     sync.Pool
}

func (s *store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := filepath.Join(s.data, filepath.Clean("/"+r.URL.Path))
	isBucket := !strings.Contains(strings.Trim(r.URL.Path, "/"), "/")
	var err error
	switch {
	case r.Method == http.MethodPut && isBucket:
		err = os.MkdirAll(name, 0o755)
	case r.Method == http.MethodPut:
		err = s.put(w, r.Body, name)
	case r.Method == http.MethodDelete:
		if err = os.Remove(name); err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
	default:
		err = get(w, r, name)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *store) put(w http.ResponseWriter, body io.Reader, name string) error {
	f, err := os.CreateTemp(s.parts, "")
	if err != nil {
		return err
	}
	defer f.Close()
	buf, ok := s.buffers.Get().(*[]byte)
	if !ok {
		buf = new(make([]byte, 256<<10))
	}
	defer s.buffers.Put(buf)
	etag, payload := md5.New(), sha256.New()
	// The wrapping hides ReadFrom and WriteTo, which would not use the buffer.
	sink := struct{ io.Writer }{io.MultiWriter(f, etag, payload)}
	if _, err = io.CopyBuffer(sink, struct{ io.Reader }{body}, *buf); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	payload.Sum(nil)
	if s.durable {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	if err := publish(f.Name(), name); err != nil {
		return err
	}
	w.Header().Set("ETag", `"`+hex.EncodeToString(etag.Sum(nil))+`"`)
	return nil
}

// publish renames a finished file, and makes the folder only where it misses.
func publish(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	return os.Rename(from, to)
}

func get(w http.ResponseWriter, r *http.Request, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if r.Method == http.MethodGet {
		_, err = io.Copy(w, f)
	}
	return err
}
