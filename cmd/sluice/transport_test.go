package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/gateway/sigv4"
)

// writeCertificate makes a self-signed certificate for 127.0.0.1.
func writeCertificate(t *testing.T, dir string, serial int64) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func TestTLSServesHTTP2(t *testing.T) {
	t.Parallel()
	cert, key := writeCertificate(t, t.TempDir(), 1)
	s := start(t, nil, "--config", write(t, "sluice.yaml", memConfig+fmt.Sprintf("tls: {cert_file: %q, key_file: %q}\n", cert, key)))
	if !strings.HasPrefix(s.url, "https://") {
		t.Errorf("the gateway says that it is at %s", s.url)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for _, r := range []*http.Request{
		s.request("PUT", "/photos", nil), s.request("PUT", "/photos/a", strings.NewReader(strings.Repeat("x", 1<<20))),
	} {
		if code, body := s.send(client, r); code != 200 {
			t.Errorf("%s %s: %d %s", r.Method, r.URL, code, body)
		}
	}
	resp, err := client.Do(s.request("GET", "/photos/a", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); n != 1<<20 || err != nil || resp.ProtoMajor != 2 {
		t.Errorf("GET over %s: %d bytes, %v", resp.Proto, n, err)
	}
}

func TestNewCertificateIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := writeCertificate(t, dir, 1)
	config, err := tlsConfig(certFile, keyFile, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	c := &certificate{certFile: certFile, keyFile: keyFile, log: slog.New(slog.DiscardHandler)}
	if err := c.load(); err != nil || config.GetCertificate == nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		c.checked = time.Time{} // due
		pair, err := c.get(nil)
		if err != nil {
			t.Fatal(err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	touch := func(age time.Duration) {
		for _, name := range []string{certFile, keyFile} {
			if err := os.Chtimes(name, time.Time{}, time.Now().Add(-age)); err != nil {
				t.Fatal(err)
			}
		}
	}
	writeCertificate(t, dir, 2)
	touch(time.Hour)
	if got := serial(); got != 2 {
		t.Errorf("certificate %d is served, want the new one", got)
	}
	if err := os.WriteFile(certFile, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(2 * time.Hour)
	if got := serial(); got != 2 {
		t.Errorf("with a broken file certificate %d is served", got)
	}
	writeCertificate(t, dir, 3)
	touch(3 * time.Hour)
	if got := serial(); got != 3 {
		t.Errorf("certificate %d is served after the broken one was mended", got)
	}
	if _, err := tlsConfig(filepath.Join(dir, "none"), keyFile, c.log); err == nil {
		t.Error("a missing certificate is accepted")
	}
}

// TestTracesHoldNoSecret is row 30 for traces.
func TestTracesHoldNoSecret30(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var received strings.Builder
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = io.Copy(&received, r.Body)
	}))
	defer collector.Close()
	s := start(t, map[string]string{otlpEnv: collector.URL}, "--config", write(t, "sluice.yaml", memConfig))
	s.want("PUT", "/photos", "", 200, "")
	r := get(t, s.url+"/photos?list-type=2")
	if err := sigv4.Presign(r, s.key, "us-east-1", time.Minute, time.Now()); err != nil {
		t.Fatal(err)
	}
	if code, _ := s.send(http.DefaultClient, r); code != 200 {
		t.Errorf("presigned list: %d", code)
	}
	if err := s.stop(); err != nil { // sends what is left
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	got := received.String()
	if !strings.Contains(got, "S3 PUT") || !strings.Contains(got, "sluice") {
		t.Errorf("no trace arrived: %q", got)
	}
	if strings.Contains(got, r.URL.Query().Get("X-Amz-Signature")) || strings.Contains(got, "X-Amz-") {
		t.Error("a trace holds a presigned query")
	}
}

func TestConnectionsBeyondTheLimitWait(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--config", write(t, "sluice.yaml", memConfig+"limits: {max_connections: 2}\n"))
	address := strings.TrimPrefix(s.url, "http://")
	ask := func(c net.Conn) {
		if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
			t.Error(err)
		}
	}
	answer := make(chan int, 3)
	var conns []net.Conn
	var readers sync.WaitGroup
	for i := range 3 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conns = append(conns, c)
		ask(c)
		readers.Go(func() {
			if n, _ := c.Read(make([]byte, 1<<10)); n > 0 {
				answer <- i
			}
		})
		if i < 2 {
			<-answer
		}
	}
	select {
	case <-answer:
		t.Error("a third connection is served")
	case <-time.After(100 * time.Millisecond):
	}
	conns[0].Close()
	if got := <-answer; got != 2 {
		t.Errorf("connection %d is answered", got)
	}
	for _, c := range conns {
		c.Close()
	}
	readers.Wait()
}
