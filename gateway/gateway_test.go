package gateway_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

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

func identityConfig() access.Config {
	return access.Config{Identities: []access.IdentityConfig{
		{Name: "admin", AccessKey: admin.access, SecretKey: access.NewSecret(admin.secret), Policies: []string{"admin"}},
		{Name: "reader", AccessKey: reader.access, SecretKey: access.NewSecret(reader.secret), Policies: []string{"readonly"}},
		{Name: "stranger", Account: "elsewhere", AccessKey: stranger.access, SecretKey: access.NewSecret(stranger.secret), Policies: []string{"admin"}},
	}}
}

func identities(t *testing.T) *access.Set {
	t.Helper()
	set, err := access.NewSet(identityConfig())
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
	hs := httptest.NewUnstartedServer(g)
	hs.Config.ErrorLog = log.New(io.Discard, "", 0) // what net/http says of hostile requests
	hs.Start()
	t.Cleanup(hs.Close)
	return &server{t: t, url: hs.URL, gateway: g, tree: o.Tree, client: hs.Client()}
}

// observe lets f see each request's event.
func observe(f func(gateway.Event)) func(*gateway.Options) {
	return func(o *gateway.Options) { o.Observe = func(_ context.Context, e gateway.Event) { f(e) } }
}

// limited is an identity of the default account with a policy of the test's own.
var limited = user{"LIMITEDKEY", "limitedsecret"}

// withPolicy adds the identity limited.
func withPolicy(document string) func(*gateway.Options) {
	return func(o *gateway.Options) {
		p, err := access.ParsePolicy([]byte(document))
		if err != nil {
			panic(err)
		}
		c := identityConfig()
		c.Policies = map[string]*access.Policy{"limited": p}
		c.Identities = append(c.Identities, access.IdentityConfig{
			Name: "limited", AccessKey: limited.access, SecretKey: access.NewSecret(limited.secret), Policies: []string{"limited"}})
		if o.Tree.Identities, err = access.NewSet(c); err != nil {
			panic(err)
		}
	}
}

// domains switches virtual-host style on.
func domains(names ...string) func(*gateway.Options) {
	return func(o *gateway.Options) { o.Domains = names }
}

// newMem returns a driver in memory that has these buckets.
func newMem(t *testing.T, buckets ...string) drivers.Driver {
	t.Helper()
	d := mem.New()
	for _, name := range buckets {
		if err := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	return d
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

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wantCode does a request of the admin and checks its status and S3 code.
func (s *server) wantCode(status int, code, method, path, body string, header ...string) answer {
	s.t.Helper()
	a := s.do(admin, method, path, body, header...)
	a.check(s.t, method+" "+path, status, code)
	return a
}

// check holds an answer against a status and an S3 code, "" for none.
func (a answer) check(t *testing.T, what string, status int, code string) {
	t.Helper()
	if a.status != status || a.code() != code {
		t.Errorf("%s: %d %s, want %d %s\n%.600s", what, a.status, a.code(), status, code, a.body)
	}
}

// texts returns the contents of all elements of that name.
func (a answer) texts(element string) (out []string) {
	rest := a.body
	for {
		_, after, ok := strings.Cut(rest, "<"+element+">")
		if !ok {
			return out
		}
		var text string
		text, rest, _ = strings.Cut(after, "</"+element+">")
		out = append(out, html.UnescapeString(text))
	}
}

// text returns the content of the first element of that name.
func (a answer) text(element string) string {
	if all := a.texts(element); len(all) > 0 {
		return all[0]
	}
	return ""
}

// wire renders a request as it goes over a connection, with the path spelled as given.
func wire(r *http.Request, path, body string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, path, cmp.Or(r.Host, r.URL.Host))
	for name, values := range r.Header {
		for _, v := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	if r.Header.Get("Content-Length") == "" && r.Header.Get("Transfer-Encoding") == "" {
		fmt.Fprintf(&b, "Content-Length: %d\r\n", len(body))
	}
	return b.String() + "\r\n" + body
}

// dial opens a connection to the server.
func (s *server) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	return c
}

// raw sends text over a connection of its own and reads one answer.
func (s *server) raw(method, text string) answer {
	s.t.Helper()
	c := s.dial()
	if _, err := io.WriteString(c, text); err != nil {
		s.t.Fatal(err)
	}
	return s.readAnswer(method, bufio.NewReader(c))
}

func (s *server) readAnswer(method string, br *bufio.Reader) answer {
	s.t.Helper()
	resp, err := http.ReadResponse(br, &http.Request{Method: method})
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// spelled signs and sends a request whose path is spelled on the wire exactly as given, in whatever encoding.
func (s *server) spelled(u user, method, path, body string, header ...string) answer {
	s.t.Helper()
	return s.raw(method, s.spell(u, method, path, body, header...))
}

func (s *server) spell(u user, method, path, body string, header ...string) string {
	s.t.Helper()
	raw, query, _ := strings.Cut(path, "?")
	decoded, err := url.PathUnescape(raw)
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.request(method, "/", nil, header...)
	r.URL.Path, r.URL.RawQuery = decoded, query
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
		r.Header.Del("Host")
	}
	sign(u, r, []byte(body))
	return wire(r, path, body)
}
