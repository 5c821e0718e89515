package gcstest

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Server is a store. Its methods may be called concurrently.
type Server struct {
	*httptest.Server
	// Fail, where it is set, is asked before each request: it returns a status to answer with, Drop to end the connection without an
	// answer, or 0. It must be set before the first request.
	Fail func(op string, r *http.Request) int
	// RetryAfter is the header of the answers that Fail makes.
	RetryAfter string
	// Versioned keeps what is overwritten and deleted as noncurrent generations. LeavesSources has compose ignore deleteSourceObjects, as
	// emulators do. RewriteBytes is how much one rewrite copies at most; 0 is all. All must be set before the first request.
	Versioned, LeavesSources bool
	RewriteBytes             int64

	mu         sync.Mutex
	requests   []string // operations, in order
	buckets    map[string]*bucket
	generation int64
	rewrites   map[string]int64 // bytes done, by token
}

// Drop is what Fail returns to end the connection.
const Drop = -1

// New starts a store with no buckets.
func New() *Server {
	s := &Server{buckets: make(map[string]*bucket), generation: time.Now().UnixMicro(), rewrites: make(map[string]int64)}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	return s
}

// Requests returns the operations of all requests since the last call, in order: "objects.insert", "xml.get".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.requests
	s.requests = nil
	return all
}

// request is one request, taken apart.
type request struct {
	*http.Request
	query          url.Values
	bucket, object string
	toBucket, to   string // of a rewrite
}

// failure is an answer that tells of an error.
type failure struct {
	status          int
	reason, message string
}

func (f *failure) Error() string { return f.message }

func fail(status int, reason, format string, args ...any) *failure {
	return &failure{status, reason, fmt.Sprintf(format, args...)}
}

var handlers = map[string]func(*Server, *request) (any, error){
	"buckets.list":    (*Server).listBuckets,
	"buckets.insert":  (*Server).insertBucket,
	"buckets.get":     (*Server).getBucket,
	"buckets.delete":  (*Server).deleteBucket,
	"objects.list":    (*Server).list,
	"objects.get":     (*Server).get,
	"objects.patch":   (*Server).patch,
	"objects.delete":  (*Server).delete,
	"objects.insert":  (*Server).insert,
	"objects.compose": (*Server).compose,
	"objects.rewrite": (*Server).rewrite,
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	req, op := route(r)
	s.mu.Lock()
	s.requests = append(s.requests, op)
	s.mu.Unlock()
	if s.Fail != nil {
		switch status := s.Fail(op, r); {
		case status == Drop:
			panic(http.ErrAbortHandler)
		case status > 0:
			w.Header().Set("Retry-After", s.RetryAfter)
			answer(w, op, fail(status, "injected", "injected failure"))
			return
		}
	}
	if op == "xml.get" {
		if err := s.download(w, req); err != nil {
			answer(w, op, err)
		}
		return
	}
	handle := handlers[op]
	if handle == nil {
		answer(w, op, fail(http.StatusNotImplemented, "notImplemented", "no such operation: %s %s", r.Method, r.URL))
		return
	}
	result, err := handle(s, req)
	if err != nil {
		answer(w, op, err)
		return
	}
	if result == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	_ = json.NewEncoder(w).Encode(result) // the client may have gone
}

// answer writes an error as the API of op does.
func answer(w http.ResponseWriter, op string, err error) {
	var f *failure
	if !errors.As(err, &f) {
		f = fail(http.StatusBadRequest, "invalid", "%v", err)
	}
	if op == "xml.get" {
		w.Header().Set("Content-Type", "application/xml; charset=UTF-8")
		w.WriteHeader(f.status)
		var message strings.Builder
		_ = xml.EscapeText(&message, []byte(f.message)) // a Builder takes all
		_, _ = fmt.Fprintf(w, "<?xml version='1.0' encoding='UTF-8'?><Error><Code>%s</Code><Message>%s</Message></Error>", f.reason, &message)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(f.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{ // as above
		"code": f.status, "message": f.message,
		"errors": []map[string]any{{"message": f.message, "domain": "global", "reason": f.reason}},
	}})
}

// route finds the operation of a request. A name's slashes are escaped in the path.
func route(r *http.Request) (*request, string) {
	req := &request{Request: r, query: r.URL.Query()}
	path, upload := strings.CutPrefix(r.URL.EscapedPath(), "/upload")
	var p []string
	rest, api := strings.CutPrefix(path, "/storage/v1/")
	if !api {
		rest = strings.TrimPrefix(path, "/")
	}
	for part := range strings.SplitSeq(rest, "/") {
		text, err := url.PathUnescape(part)
		if err != nil {
			return req, "unknown"
		}
		p = append(p, text)
	}
	if !api {
		if len(p) != 2 || r.Method != http.MethodGet {
			return req, "unknown"
		}
		req.bucket, req.object = p[0], p[1]
		return req, "xml.get"
	}
	if len(p) > 1 {
		req.bucket = p[1]
	}
	if len(p) > 3 {
		req.object = p[3]
	}
	if len(p) == 9 {
		req.toBucket, req.to = p[6], p[8]
	}
	if upload {
		return req, "objects.insert"
	}
	return req, operation(r.Method, p)
}

// operation names the operation of the JSON API with that path, in parts.
func operation(method string, path []string) string {
	verb := map[string]string{http.MethodGet: "get", http.MethodPatch: "patch", http.MethodDelete: "delete"}[method]
	switch n := len(path); {
	case n == 1 && method == http.MethodPost:
		return "buckets.insert"
	case n == 1:
		return "buckets.list"
	case n == 2:
		return "buckets." + verb
	case n == 3:
		return "objects.list"
	case n == 4:
		return "objects." + verb
	case n == 5 && path[4] == "compose":
		return "objects.compose"
	case n == 9 && path[4] == "rewriteTo":
		return "objects.rewrite"
	}
	return "unknown"
}
