package gateway

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"hash/maphash"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/gateway/access"
	"sluice/gateway/sigv4"
	"sluice/state"
)

// Options are what a Server is made of. State and Tree are needed, the rest has defaults.
type Options struct {
	Tree    Tree
	State   state.Store  // what is remembered of buckets beside their objects
	Domains []string     // "s3.example.com" serves photos.s3.example.com as bucket photos, beside path style
	Region  string       // the region that signatures must name; "" is us-east-1
	Log     *slog.Logger // for errors that the client is not told of; nil discards them
	// Observe is called when a request has ended; nil for nobody. It must not block.
	Observe func(context.Context, Event)
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Tree is what a reload of the config swaps as one.
type Tree struct {
	Driver     drivers.Driver
	Identities *access.Set
}

// Event is what an access log says of one request. It holds no secret and no signature.
type Event struct {
	RequestID  string
	RemoteAddr string
	Identity   string // "" for an anonymous request, or one that did not pass
	Operation  string // S3's name, as "GetObject"; "" when the request was not understood
	Bucket     string
	Key        string
	Status     int
	ErrorCode  string // S3's code, "" on success
	BytesIn    int64
	BytesOut   int64
	Start      time.Time
	Duration   time.Duration
}

// Server is the S3 endpoint, an http.Handler.
type Server struct {
	o       Options
	hashes  *checksum.Pool
	hostID  string
	current atomic.Pointer[tree]
	buffers sync.Pool // of *[]byte, for documents
	// bucketChanges keep a bucket's creation and deletion, in the driver and in state, from mixing: a lock for some names each.
	bucketChanges [64]sync.Mutex
	seed          maphash.Seed
}

var _ http.Handler = (*Server)(nil)

// New makes a Server.
func New(o Options) *Server {
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, hashes: checksum.NewPool(0), hostID: newID(32), seed: maphash.MakeSeed()}
	s.current.Store(s.newTree(o.Tree))
	return s
}

// Swap lets all later requests use t. The channel is closed when no request uses the tree before it any more, which may
// then be closed.
func (s *Server) Swap(t Tree) (unused <-chan struct{}) {
	old := s.current.Swap(s.newTree(t))
	old.release()
	return old.unused
}

// tree is a Tree with the number of its users; the Server itself is one while it is current.
type tree struct {
	Tree
	verifier *sigv4.Verifier
	users    atomic.Int64
	once     sync.Once
	unused   chan struct{}
}

func (s *Server) newTree(t Tree) *tree {
	n := &tree{Tree: t, unused: make(chan struct{})}
	n.verifier = &sigv4.Verifier{Region: s.o.Region, Now: s.o.Now, Lookup: func(accessKey string) (string, bool) {
		id, ok := t.Identities.Lookup(accessKey)
		if !ok {
			return "", false
		}
		return id.SecretKey.Reveal(), true
	}}
	n.users.Store(1)
	return n
}

// acquire returns the current tree, which stays open until release.
func (s *Server) acquire() *tree {
	for {
		t := s.current.Load()
		t.users.Add(1)
		if s.current.Load() == t {
			return t
		}
		t.release()
	}
}

func (t *tree) release() {
	if t.users.Add(-1) == 0 {
		t.once.Do(func() { close(t.unused) })
	}
}

// ServeHTTP answers one S3 request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t := s.acquire()
	defer t.release()
	q := s.newRequest(w, r, t)
	defer q.end()
	defer q.recover()
	if err := q.serve(); err != nil {
		q.fail(err)
	}
}

// recover turns a bug into one failed request that is logged.
func (q *request) recover() {
	switch p := recover(); p {
	case nil:
	case http.ErrAbortHandler:
		panic(p)
	default:
		q.s.o.Log.ErrorContext(q.ctx(), "panic", "request_id", q.id, "panic", p, "stack", string(debug.Stack()))
		q.fail(errInternal)
	}
}

// changing locks the creation and deletion of a bucket.
func (s *Server) changing(bucket string) (unlock func()) {
	m := &s.bucketChanges[maphash.String(s.seed, bucket)%uint64(len(s.bucketChanges))]
	m.Lock()
	return m.Unlock
}

// newID returns n random bytes as upper-case hexadecimal, the look of S3's request IDs.
func newID(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return strings.ToUpper(hex.EncodeToString(b))
}
