package azuretest

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Key is a key of the account, for signatures that nobody checks.
const Key = "a2V5IG9mIG5vIGFjY291bnQ="

// Service is the service; it serves every account. Its fields are to be set before the first request.
type Service struct {
	// Before is called at the start of each request; a Fault is the answer then. It may call the service itself.
	Before func(op string, r *http.Request) *Fault

	Hierarchical bool // the account says that it has a hierarchical namespace
	NoStartFrom  bool // listings take no account of startFrom
	NoCopies     bool // Put Blob From URL answers 501
	NoBatch      bool // Blob Batch answers 501
	ShortPages   bool // a page of 16 entries and more comes after an empty one, and has half of what was asked for

	mu         sync.Mutex
	containers map[string]*container
	writes     int64
	counts     map[string]int
}

// Fault is an answer that is no success.
type Fault struct {
	Status int
	Code   string
	Header http.Header
	Drop   bool // no answer: the connection ends
}

// New makes a service with nothing in it.
func New() *Service {
	return &Service{containers: map[string]*container{}, counts: map[string]int{}}
}

// Count returns how many requests there were of an operation, by its name in the documentation, as "PutBlob"; of all where it is "".
func (s *Service) Count(op string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if op != "" {
		return s.counts[op]
	}
	total := 0
	for _, n := range s.counts {
		total += n
	}
	return total
}

// Counts returns all counts and starts anew.
func (s *Service) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := s.counts
	s.counts = map[string]int{}
	return counts
}

// request is a request that was taken apart.
type request struct {
	*http.Request
	container, blob string
	query           url.Values
}

// parse takes /account/container/blob apart; the blob's name may have slashes, escaped or not.
func parse(r *http.Request) (request, error) {
	parts := strings.SplitN(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/", 3)
	out := request{Request: r, query: r.URL.Query()}
	var err error
	if len(parts) > 1 {
		out.container = parts[1]
	}
	if len(parts) > 2 {
		out.blob, err = url.PathUnescape(parts[2])
	}
	return out, err
}

// operation names what a request asks for.
func (r request) operation() string {
	key := r.Method
	switch {
	case r.blob != "":
		key += " blob"
	case r.query.Get("restype") == "container":
		key += " container"
	}
	if comp := r.query.Get("comp"); comp != "" {
		key += " " + comp
	}
	op := operations[key]
	if r.Header.Get("x-ms-copy-source") != "" {
		op += "FromURL"
	}
	return op
}

var operations = map[string]string{
	"GET list": "ListContainers", "GET properties": "GetAccountInformation",
	"PUT container": "CreateContainer", "GET container": "GetContainerProperties", "HEAD container": "GetContainerProperties",
	"DELETE container": "DeleteContainer", "GET container list": "ListBlobs", "POST container batch": "BlobBatch",
	"PUT blob": "PutBlob", "PUT blob block": "PutBlock", "PUT blob blocklist": "PutBlockList", "GET blob blocklist": "GetBlockList",
	"PUT blob metadata": "SetBlobMetadata", "GET blob": "GetBlob", "HEAD blob": "GetBlobProperties", "DELETE blob": "DeleteBlob",
}

// handler does one operation, with s.mu held.
type handler func(s *Service, w http.ResponseWriter, r request, body []byte) *Fault

var handlers = map[string]handler{
	"ListContainers": (*Service).listContainers, "GetAccountInformation": (*Service).accountInformation,
	"CreateContainer": (*Service).createContainer, "GetContainerProperties": (*Service).containerProperties,
	"DeleteContainer": (*Service).deleteContainer, "ListBlobs": (*Service).listBlobs, "BlobBatch": (*Service).batch,
	"PutBlob": (*Service).putBlob, "PutBlobFromURL": (*Service).putBlobFromURL, "PutBlock": (*Service).putBlock,
	"PutBlockFromURL": (*Service).putBlockFromURL, "PutBlockList": (*Service).putBlockList, "GetBlockList": (*Service).getBlockList,
	"SetBlobMetadata": (*Service).setMetadata, "GetBlob": (*Service).getBlob, "GetBlobProperties": (*Service).getBlob,
	"DeleteBlob": (*Service).deleteBlob,
}

// ServeHTTP implements http.Handler.
func (s *Service) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	r, err := parse(hr)
	op := r.operation()
	handle, known := handlers[op]
	w.Header().Set("x-ms-request-id", "request-1")
	if err != nil || !known {
		answer(w, hr, &Fault{Status: http.StatusBadRequest, Code: "InvalidUri"})
		return
	}
	s.mu.Lock()
	s.counts[op]++
	s.mu.Unlock()
	if s.Before != nil {
		if f := s.Before(op, hr); f != nil {
			answer(w, hr, f)
			return
		}
	}
	if hr.Header.Get("Authorization") == "" && r.query.Get("sig") == "" {
		answer(w, hr, &Fault{Status: http.StatusForbidden, Code: "AuthenticationFailed"})
		return
	}
	body, err := read(hr)
	if err != nil {
		return // the client went away in the middle: nothing is stored
	}
	done, f := s.handle(handle, r, body)
	if f != nil {
		answer(w, hr, f)
		return
	}
	maps.Copy(w.Header(), done.Header())
	w.WriteHeader(done.Code)
	_, _ = w.Write(done.Body.Bytes()) // without the lock: whoever reads may take its time
}

func (s *Service) handle(h handler, r request, body []byte) (*httptest.ResponseRecorder, *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := httptest.NewRecorder()
	return done, h(s, done, r, body)
}

func answer(w http.ResponseWriter, r *http.Request, f *Fault) {
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	w.Header().Set("x-ms-error-code", f.Code)
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(f.Status)
	if r.Method != http.MethodHead {
		// The service's own text repeats what was signed, and with it secrets.
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}{Code: f.Code, Message: r.URL.String() + " said " + r.Header.Get("Authorization")})
	}
}

// stamp gives a write its ETag and time.
func (s *Service) stamp(h http.Header, b *blob) {
	s.writes++
	b.etag = fmt.Sprintf(`"0x8DC%011X"`, s.writes)
	b.modified = time.Now().UTC().Truncate(time.Second)
	h.Set("ETag", b.etag)
	h.Set("Last-Modified", b.modified.Format(http.TimeFormat))
}
