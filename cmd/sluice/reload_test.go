package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

func diskConfig(bucket, a, b string) string {
	return fmt.Sprintf(`
identities: [{name: test, access_key: TESTKEY, secret_key: test-secret-key, policies: [admin]}]
drivers:
  a: {type: local, config: {dir: %q}}
  b: {type: local, config: {dir: %q}}
buckets: {"*": {driver: a}, %s: {driver: b}}
state: {engine: memory}
`, a, b, bucket)
}

func TestReloadDropsNoRequest(t *testing.T) {
	t.Parallel()
	a, b := t.TempDir(), t.TempDir()
	path := write(t, "sluice.yaml", diskConfig("other", a, b))
	s := start(t, nil, "--config", path)
	s.want("PUT", "/photos", "", 200, "")
	s.want("PUT", "/photos/key", "content", 200, "")
	var requests atomic.Int64
	var clients sync.WaitGroup
	done := make(chan struct{})
	for c := range 4 {
		clients.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
				}
				s.want("GET", "/photos/key", "", 200, "content")
				s.want("PUT", fmt.Sprintf("/photos/%d-%d", c, i), "x", 200, "")
				requests.Add(2)
			}
		})
	}
	for i := range 10 {
		before := requests.Load()
		if err := os.WriteFile(path, []byte(diskConfig(fmt.Sprintf("other-%d", i), a, b)), 0o600); err != nil {
			t.Fatal(err)
		}
		s.hangup <- syscall.SIGHUP
		s.stderr.await(t, fmt.Sprintf("(?s)(config reloaded.*){%d}", i+1))
		for requests.Load() < before+8 && !t.Failed() { // some with each config
			s.want("HEAD", "/photos/key", "", 200, "")
		}
	}
	close(done)
	clients.Wait()
}

func TestReloadChangesDriversAndIdentities(t *testing.T) {
	t.Parallel()
	a, b := t.TempDir(), t.TempDir()
	path := write(t, "sluice.yaml", diskConfig("other", a, b))
	s := start(t, nil, "--config", path)
	s.want("PUT", "/photos", "", 200, "")
	change := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		s.hangup <- syscall.SIGHUP
	}
	change("drivers: {\n")
	s.stderr.await(t, "the new config is wrong; the old one stays")
	s.want("HEAD", "/photos", "", 200, "")

	change(strings.ReplaceAll(diskConfig("photos", a, b), "{type: local, config: {dir: \""+b, "{type: local, config: {dir: \"/dev/null/nowhere"))
	s.stderr.await(t, "the new config cannot be opened; the old one stays")
	s.want("HEAD", "/photos", "", 200, "")

	change(diskConfig("photos", a, b) + "region: eu-west-1\n")
	s.stderr.await(t, "these sections change only with a restart.*region")
	s.stderr.await(t, "config reloaded")
	s.want("HEAD", "/photos", "", 404, "") // now on b
	s.want("HEAD", "/elsewhere", "", 404, "")

	change(strings.Replace(diskConfig("photos", a, b), "TESTKEY", "OTHERKEY", 1))
	s.stderr.await(t, "(?s)(config reloaded.*){2}")
	s.want("HEAD", "/photos", "", 403, "")
	s.key.AccessKey = "OTHERKEY"
	s.want("HEAD", "/photos", "", 404, "")
}

func TestReloadFollowsTheFile(t *testing.T) {
	t.Parallel()
	path := write(t, "sluice.yaml", memConfig)
	s := start(t, nil, "--config", path)
	s.stderr.await(t, "watching the config file")
	if err := os.WriteFile(path+".new", []byte(strings.Replace(memConfig, "TESTKEY", "OTHERKEY", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	s.stderr.await(t, "config reloaded")
	s.want("GET", "/", "", 403, "")
	s.key.AccessKey = "OTHERKEY"
	s.want("GET", "/", "", 200, "")
}
