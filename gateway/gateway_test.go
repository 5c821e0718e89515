package gateway_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/mem"
	"sluice/gateway"
	"sluice/gateway/access"
	"sluice/gateway/sigv4"
	"sluice/state"
)

// server is a gateway over a driver, behind a real HTTP server.
type server struct {
	t       *testing.T
	url     string
	gateway *gateway.Server
	tree    gateway.Tree
	client  *http.Client
}

// user is who signs; the zero user signs nothing.
type user struct{ access, secret string }

var (
	admin    = user{"ADMINKEY", "adminsecret0"}
	reader   = user{"READERKEY", "readersecret"}
	stranger = user{"STRANGERKEY", "strangersecret"}
	nobody   = user{}
)

func identities(t *testing.T) *access.Set {
	t.Helper()
	set, err := access.NewSet(access.Config{Identities: []access.IdentityConfig{
		{Name: "admin", AccessKey: admin.access, SecretKey: access.NewSecret(admin.secret), Policies: []string{"admin"}},
		{Name: "reader", AccessKey: reader.access, SecretKey: access.NewSecret(reader.secret), Policies: []string{"readonly"}},
		{Name: "stranger", Account: "elsewhere", AccessKey: stranger.access, SecretKey: access.NewSecret(stranger.secret), Policies: []string{"admin"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// start runs a gateway on d until the test ends; options may change what it is made of.
func start(t *testing.T, d drivers.Driver, options ...func(*gateway.Options)) *server {
	t.Helper()
	store, err := state.Open(t.Context(), state.Config{Engine: state.EngineMemory})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	o := gateway.Options{Tree: gateway.Tree{Driver: d, Identities: identities(t)}, State: store}
	for _, change := range options {
		change(&o)
	}
	g := gateway.New(o)
	hs := httptest.NewServer(g)
	t.Cleanup(hs.Close)
	return &server{t: t, url: hs.URL, gateway: g, tree: o.Tree, client: hs.Client()}
}

func startMem(t *testing.T, options ...func(*gateway.Options)) *server {
	t.Helper()
	return start(t, mem.New(), options...)
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is the S3 code of an error document.
func (a answer) code() string {
	_, rest, _ := strings.Cut(a.body, "<Code>")
	code, _, _ := strings.Cut(rest, "</Code>")
	return code
}

// request builds a request; path is as it goes over the wire.
func (s *server) request(method, path string, body []byte, header ...string) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

// sign signs with the payload's hash, as most clients do.
func sign(u user, r *http.Request, body []byte) {
	if u == nobody {
		return
	}
	sum := sha256.Sum256(body)
	if _, err := sigv4.Sign(r, sigv4.Credentials{AccessKey: u.access, SecretKey: u.secret}, "us-east-1", hex.EncodeToString(sum[:]), time.Now()); err != nil {
		panic(err)
	}
}

// send does a request and reads the answer.
func (s *server) send(r *http.Request) answer {
	s.t.Helper()
	resp, err := s.client.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// do signs and sends.
func (s *server) do(u user, method, path, body string, header ...string) answer {
	s.t.Helper()
	r := s.request(method, path, []byte(body), header...)
	sign(u, r, []byte(body))
	return s.send(r)
}

// want does a request of the admin and checks its status.
func (s *server) want(status int, method, path, body string, header ...string) answer {
	s.t.Helper()
	a := s.do(admin, method, path, body, header...)
	if a.status != status {
		s.t.Fatalf("%s %s: status %d, want %d\n%s", method, path, a.status, status, a.body)
	}
	return a
}
