package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/gateway/sigv4"
)

// memConfig is a config with one driver in memory.
const memConfig = `
identities: [{name: test, access_key: TESTKEY, secret_key: test-secret-key, policies: [admin]}]
drivers: {scratch: {type: mem}}
state: {engine: memory}
`

func TestServeWithoutAConfigKeepsObjectsInAFolder(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "da${env:X}ta \"quoted\"")
	env := map[string]string{accessKeyEnv: testKey.AccessKey, secretKeyEnv: testKey.SecretKey}
	s := start(t, env, "--data", data)
	s.want("PUT", "/photos", "", 200, "")
	s.want("PUT", "/photos/a/b.txt", "hello", 200, "")
	s.want("GET", "/photos/a/b.txt", "", 200, "hello")
	if got, err := os.ReadFile(filepath.Join(data, "photos", "a", "b.txt")); string(got) != "hello" || err != nil {
		t.Errorf("the file holds %q, %v", got, err)
	}
	if err := s.stop(); err != nil {
		t.Error(err)
	}
	for _, text := range []string{s.stdout.String(), s.stderr.String()} {
		if strings.Contains(text, testKey.SecretKey) {
			t.Error("the environment's key is printed")
		}
	}
	again := start(t, env, "--data", data)
	again.want("GET", "/photos/a/b.txt", "", 200, "hello")
}

func TestGeneratedKeyIsPrintedOnce(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	first := start(t, nil, "--data", data)
	first.key = sigv4.Credentials{
		AccessKey: first.stdout.await(t, `AWS_ACCESS_KEY_ID=(\S+)`), SecretKey: first.stdout.await(t, `AWS_SECRET_ACCESS_KEY=(\S+)`),
	}
	first.stdout.await(t, `aws --endpoint-url `+first.url+` s3 mb s3://photos`)
	first.want("PUT", "/photos", "", 200, "")
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	second := start(t, nil, "--data", data)
	second.stdout.await(t, `"sluice key --data `+data+`" shows its key`)
	second.key = first.key
	second.want("HEAD", "/photos", "", 200, "")
	shown, err := call(t, nil, "key", "--data", data) // beside the running gateway
	if err != nil || !strings.Contains(shown, first.key.SecretKey) {
		t.Errorf("sluice key: %q, %v", shown, err)
	}
	for name, o := range map[string]*output{"stdout": second.stdout, "stderr": second.stderr, "first stderr": first.stderr} {
		if strings.Contains(o.String(), first.key.SecretKey) {
			t.Errorf("the key is on %s of a later start", name)
		}
	}
	if strings.Count(first.stdout.String(), first.key.SecretKey) != 1 {
		t.Error("the key is printed more than once")
	}
	if _, err := call(t, nil, "key", "--data", t.TempDir()); err == nil {
		t.Error("sluice key finds a key in an empty folder")
	}
}

func TestMistakesAtStartAreClear(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	busy := taken.Addr().String()
	file := write(t, "file", "")
	mem := write(t, "sluice.yaml", memConfig)
	for _, c := range []struct {
		env  map[string]string
		args []string
		want string
		code int
	}{
		{nil, []string{"serve", "--config", mem, "--listen", busy}, "address " + busy + " is in use by another process", 1},
		{nil, []string{"serve", "--config", mem, "--listen", "127.0.0.1:0", "--admin", busy}, "the admin listener (--admin off does without): address", 1},
		{nil, []string{"serve", "--config", mem, "--listen", "9000"}, "wants host:port", 1},
		{nil, []string{"serve", "--config", "no.yaml"}, "no.yaml: no such file", 1},
		{nil, []string{"serve", "--data", file}, "folder " + file + " cannot be used", 1},
		{map[string]string{accessKeyEnv: "x"}, []string{"serve", "--data", t.TempDir()}, "only one of SLUICE_ACCESS_KEY and SLUICE_SECRET_KEY", 1},
		{
			map[string]string{accessKeyEnv: "TESTKEY", secretKeyEnv: "canary"},
			[]string{"serve", "--data", t.TempDir()}, "SLUICE_ACCESS_KEY and SLUICE_SECRET_KEY: secret key must have", 1,
		},
		{nil, []string{"serve", "--config", mem, "--data", "x"}, "[config data]", 2},
		{nil, []string{"serve", "--nope"}, "unknown flag", 2},
		{nil, []string{"serve", "extra"}, "unknown command", 2},
		{nil, []string{"swerve"}, "unknown command", 2},
		{nil, []string{"check"}, "config", 2},
		{nil, []string{"check", "--config", write(t, "sluice.yaml", "drivers: {disk: {type: mem}}\n")}, "nobody could use this gateway", 1},
		{nil, []string{"check", "--config", write(t, "sluice.yaml", "lisen: :9000\n")}, "sluice.yaml:1:1: lisen: unknown field", 1},
	} {
		_, err := call(t, c.env, c.args...)
		if err == nil || !strings.Contains(err.Error(), c.want) || exitCode(err) != c.code {
			t.Errorf("%v: status %d, %v; want %d, %q", c.args, exitCode(err), err, c.code, c.want)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("%v: the error shows a secret", c.args)
		}
	}
}

func TestCommandsThatOnlyPrint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	good := write(t, "sluice.yaml", fmt.Sprintf(`
identities: [{name: test, access_key: TESTKEY, secret_key: test-secret-key, policies: [admin]}]
drivers:
  disk: {type: local, config: {dir: %q}}
  scratch: {type: mem}
buckets: {photos: {driver: disk}, "*": {driver: scratch}}
`, dir))
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"version"}, []string{"sluice dev", "go1."}},
		{[]string{"schema"}, []string{`"listen"`, `"local"`}},
		{[]string{"completion", "bash"}, []string{"bash completion"}},
		{[]string{"--help"}, []string{"serve", "check", "schema"}},
		{[]string{"check", "--config", good}, []string{
			"buckets (route): reachable\n", "\n  disk (local): reachable\n", "\n  scratch (mem): reachable\n", "multipart     native", "limit         durability: objects end", "is right.\n",
		}},
	} {
		out, err := call(t, nil, c.args...)
		if err != nil {
			t.Errorf("%v: %v", c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v prints no %q:\n%s", c.args, want, out)
			}
		}
	}
}

func TestAdminListener(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--config", write(t, "sluice.yaml", memConfig))
	s.want("PUT", "/photos", "", 200, "")
	for path, want := range map[string]string{
		"/healthz": "ok", "/readyz": "ok", "/metrics": `sluice_requests_total{code="",operation="CreateBucket",status="200"} 1`,
	} {
		code, body := s.send(http.DefaultClient, get(t, s.admin()+path))
		if code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, no %q in\n%s", path, code, want, body)
		}
	}
	if code, _ := s.send(http.DefaultClient, get(t, s.admin()+"/debug/pprof/")); code != 404 {
		t.Errorf("profiles without the option: %d", code)
	}
	if code, _ := s.send(http.DefaultClient, get(t, s.url+"/metrics")); code != 403 {
		t.Errorf("/metrics of the S3 endpoint: %d", code)
	}
}

func get(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAccessLogHoldsNoSecret is row 30 for logs.
func TestAccessLogHoldsNoSecret30(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--config", write(t, "sluice.yaml", memConfig+"log: {access: true, format: json, level: debug}\n"))
	s.want("PUT", "/photos", "", 200, "")
	s.want("PUT", "/photos/a%20b", "hello", 200, "")
	r := get(t, s.url+"/photos/a%20b")
	if err := sigv4.Presign(r, s.key, "us-east-1", time.Minute, time.Now()); err != nil {
		t.Fatal(err)
	}
	signature := r.URL.Query().Get("X-Amz-Signature")
	if code, body := s.send(http.DefaultClient, r); code != 200 || body != "hello" {
		t.Errorf("presigned GET: %d %q", code, body)
	}
	s.want("GET", "/photos/missing", "", 404, "")
	s.stderr.await(t, `"operation":"GetObject","bucket":"photos","key":"missing","status":404,"code":"NoSuchKey"`)
	log := s.stderr.String()
	for _, want := range []string{
		`"identity":"test","operation":"PutObject","bucket":"photos","key":"a b","status":200,"code":"","in":5,"out":0,"duration":`,
		`"operation":"GetObject","bucket":"photos","key":"a b","status":200,"code":"","in":0,"out":5`, `"id":"`, `"remote":"127.0.0.1:`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the access log lacks %s", want)
		}
	}
	if strings.Contains(log, s.key.SecretKey) || strings.Contains(log, signature) || strings.Contains(log, "X-Amz-") {
		t.Errorf("the log shows a secret:\n%s", log)
	}
}

// upload begins a PUT of 10 bytes and returns when the gateway reads its body; the result comes over the channel.
func (s *server) upload(path string) (feed *io.PipeWriter, status <-chan int) {
	s.t.Helper()
	body, feed := io.Pipe()
	r := s.request("PUT", path, body)
	r.ContentLength = 10
	r.Header.Set("Expect", "100-continue") // the client then sends nothing before the handler reads
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	answered := make(chan int, 1)
	go func() {
		defer transport.CloseIdleConnections()
		resp, err := transport.RoundTrip(r)
		if err != nil {
			answered <- 0
			return
		}
		resp.Body.Close()
		answered <- resp.StatusCode
	}()
	if _, err := feed.Write([]byte("01234")); err != nil {
		s.t.Fatal(err)
	}
	return feed, answered
}

func TestShutdownLetsAnUploadFinish(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	s := start(t, map[string]string{accessKeyEnv: testKey.AccessKey, secretKeyEnv: testKey.SecretKey}, "--data", data)
	s.want("PUT", "/photos", "", 200, "")
	feed, status := s.upload("/photos/slow")
	stopped := make(chan error, 1)
	go func() { stopped <- s.stop() }()
	for { // until the gateway takes no new connections
		c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			break
		}
		c.Close()
	}
	select {
	case err := <-stopped:
		t.Fatalf("the gateway ended before the upload: %v", err)
	default:
	}
	if _, err := feed.Write([]byte("56789")); err != nil {
		t.Fatal(err)
	}
	feed.Close()
	if code := <-status; code != 200 {
		t.Errorf("the upload is answered with %d", code)
	}
	if err := <-stopped; err != nil {
		t.Errorf("serve: %v", err)
	}
	if got, err := os.ReadFile(filepath.Join(data, "photos", "slow")); string(got) != "0123456789" || err != nil {
		t.Errorf("stored %q, %v", got, err)
	}
}

func TestShutdownBreaksOffWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--config", write(t, "sluice.yaml", memConfig+"limits: {shutdown: 100ms}\n"))
	s.want("PUT", "/photos", "", 200, "")
	feed, status := s.upload("/photos/slow")
	if err := s.stop(); err != nil {
		t.Errorf("serve: %v", err)
	}
	feed.CloseWithError(io.ErrUnexpectedEOF) // the client waits for its body's end, also when the connection is gone
	if code := <-status; code == 200 {
		t.Error("half an upload succeeded")
	}
}

func TestOpenAddressWithoutTLSIsWarnedOf(t *testing.T) {
	t.Parallel()
	path := write(t, "sluice.yaml", memConfig)
	for address, warned := range map[string]bool{"0.0.0.0:0": true, "127.0.0.1:0": false} {
		s := start(t, nil, "--config", path, "--listen", address)
		s.stderr.await(t, "msg=serving")
		if got := strings.Contains(s.stderr.String(), "THIS ENDPOINT IS NOT ENCRYPTED"); got != warned {
			t.Errorf("listening on %s: warned %v, want %v", address, got, warned)
		}
	}
}
