package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// The tests of this file are row 40: what a client can do to a server with HTTP/2 alone. They count the goroutines and the
// memory of the process, so they are not parallel to others.

// flooded is a gateway with TLS under attack, and an honest client of it.
type flooded struct {
	*server
	client *http.Client
	base   int // goroutines before the attack
}

func startFlooded(t *testing.T, limits string) *flooded {
	t.Helper()
	cert, key := writeCertificate(t, t.TempDir(), 1)
	s := start(t, nil, "--config", write(t, "sluice.yaml", memConfig+limits+fmt.Sprintf("tls: {cert_file: %q, key_file: %q}\n", cert, key)))
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	f := &flooded{server: s, client: &http.Client{Transport: transport, Timeout: 10 * time.Second}}
	for _, path := range []string{"/photos", "/photos/a"} {
		if code, body := s.send(f.client, s.request("PUT", path, nil)); code != 200 {
			t.Fatalf("PUT %s: %d %s", path, code, body)
		}
	}
	s.stderr.await(t, "watching the config file") // whose goroutines stay
	f.base = runtime.NumGoroutine()
	return f
}

// bystander asks for an object as an honest client does, and checks that one connection's attack is kept within bounds.
func (f *flooded) bystander() {
	f.t.Helper()
	if code, body := f.send(f.client, f.request("GET", "/photos/a", nil)); code != 200 {
		f.t.Fatalf("another client's GET: %d %s", code, body)
	}
	// net/http runs the handlers of 250 streams of a connection at once, and the gateway starts few goroutines for each.
	if n := runtime.NumGoroutine() - f.base; n > 3*250 {
		f.t.Fatalf("%d goroutines more than before", n)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if m.HeapInuse > 512<<20 {
		f.t.Fatalf("%d MiB are in use", m.HeapInuse>>20)
	}
}

// recovered checks that nothing of an attack is left when its connection has ended.
func (f *flooded) recovered() {
	f.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); runtime.NumGoroutine() > f.base; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<20)
			stacks = stacks[:runtime.Stack(stacks, true)]
			f.t.Fatalf("%d goroutines are left of the attack:\n%s", runtime.NumGoroutine()-f.base, stacks)
		}
	}
	f.bystander()
}

// attacker is a connection that speaks frames.
type attacker struct {
	*http2.Framer
	net.Conn
	out     *bufio.Writer
	headers bytes.Buffer
	encoder *hpack.Encoder
	ended   chan struct{} // when the server has ended the connection
}

// attack opens a connection; deaf ones never read what the server sends.
func (f *flooded) attack(deaf bool) *attacker {
	f.t.Helper()
	tcp, err := net.Dial("tcp", strings.TrimPrefix(f.url, "https://"))
	if err != nil {
		f.t.Fatal(err)
	}
	if err := tcp.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil { // what is not read is soon felt
		f.t.Fatal(err)
	}
	conn := tls.Client(tcp, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
	a := &attacker{Conn: conn, out: bufio.NewWriterSize(conn, 16<<10), ended: make(chan struct{})}
	a.Framer = http2.NewFramer(a.out, conn)
	f.t.Cleanup(func() { conn.Close() })
	a.AllowIllegalWrites = true
	a.encoder = hpack.NewEncoder(&a.headers)
	_, err = io.WriteString(a.out, http2.ClientPreface)
	if err = errors.Join(err, a.WriteSettings(), a.out.Flush(), conn.SetWriteDeadline(time.Now().Add(20*time.Second))); err != nil {
		f.t.Fatal(err)
	}
	if !deaf {
		go func() {
			defer close(a.ended)
			_, _ = io.Copy(io.Discard, conn)
		}()
	}
	return a
}

// put encodes the headers of a signed PUT, whose body is yet to come.
func (a *attacker) put(f *flooded) []byte {
	f.t.Helper()
	return a.block(f, "PUT", "/photos/flood", hpack.HeaderField{Name: "content-length", Value: "1000"})
}

// block encodes the headers of a signed request.
func (a *attacker) block(f *flooded, method, path string, more ...hpack.HeaderField) []byte {
	f.t.Helper()
	r := f.request(method, path, nil)
	a.headers.Reset()
	fields := []hpack.HeaderField{{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: r.URL.Host}, {Name: ":path", Value: path}}
	for name, values := range r.Header {
		fields = append(fields, hpack.HeaderField{Name: strings.ToLower(name), Value: values[0]})
	}
	for _, field := range append(fields, more...) {
		if err := a.encoder.WriteField(field); err != nil {
			f.t.Fatal(err)
		}
	}
	return a.headers.Bytes()
}

// untilRefused calls send until the server does not take more, at most n times, with an honest client's request every now
// and then, and returns how often it was.
func (f *flooded) untilRefused(a *attacker, n int, send func(i int) error) int {
	f.t.Helper()
	for i := range n {
		err := send(i)
		if i%(n/20) == 0 {
			err = errors.Join(err, a.out.Flush())
			f.bystander()
		}
		if err != nil {
			return i
		}
	}
	_ = a.out.Flush()
	return n
}

func TestRow40RapidReset(t *testing.T) {
	f := startFlooded(t, "")
	a := f.attack(false)
	block := bytes.Clone(a.put(f))
	n := f.untilRefused(a, 5_000, func(i int) error {
		id := uint32(2*i + 1)
		block := block
		if i > 0 {
			block = a.put(f) // short, as it repeats the first
		}
		return errors.Join(a.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndHeaders: true}),
			a.WriteRSTStream(id, http2.ErrCodeCancel))
	})
	t.Logf("%d streams were opened and reset", n)
	a.Close()
	<-a.ended
	f.recovered()
}

func TestRow40StreamsThatAreNeverEnded(t *testing.T) {
	f := startFlooded(t, "")
	a := f.attack(false)
	n := f.untilRefused(a, 1_000, func(i int) error {
		return a.WriteHeaders(http2.HeadersFrameParam{StreamID: uint32(2*i + 1), BlockFragment: a.put(f), EndHeaders: true})
	})
	t.Logf("%d streams were opened", n)
	a.Close()
	<-a.ended
	f.recovered()
}

func TestRow40ContinuationFlood(t *testing.T) {
	f := startFlooded(t, "")
	a := f.attack(false)
	if err := a.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.put(f)}); err != nil {
		t.Fatal(err)
	}
	a.headers.Reset()
	for a.headers.Len() < 16<<10-100 {
		if err := a.encoder.WriteField(hpack.HeaderField{Name: "x-flood", Value: fmt.Sprint(a.headers.Len()), Sensitive: true}); err != nil {
			t.Fatal(err)
		}
	}
	const most = 2_000 // 32 MiB
	if n := f.untilRefused(a, most, func(int) error { return a.WriteContinuation(1, false, a.headers.Bytes()) }); n == most {
		t.Errorf("after %d CONTINUATION frames the server still listens", n)
	}
	a.Close()
	<-a.ended
	f.recovered()
}

func TestRow40HeadersThatNeverEnd(t *testing.T) {
	f := startFlooded(t, "limits: {idle: 1s}\n")
	a := f.attack(false)
	if err := a.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.put(f)}); err != nil || a.out.Flush() != nil {
		t.Fatal("headers are not taken")
	}
	select {
	case <-a.ended:
	case <-time.After(20 * time.Second):
		t.Error("the server still waits for the end of the headers")
	}
	a.Close()
	f.recovered()
}

// The server must end the connection by itself: an attacker keeps it open.
func TestRow40AnswersThatAreNeverRead(t *testing.T) {
	for name, attack := range map[string]func(f *flooded, a *attacker){
		"PING": func(f *flooded, a *attacker) {
			f.untilRefused(a, 1_000_000, func(int) error { return a.WritePing(false, [8]byte{}) })
		},
		"GET": func(f *flooded, a *attacker) {
			const most = 1<<31 - 1
			err := errors.Join(a.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: most}), a.WriteWindowUpdate(0, most-65535))
			for id := uint32(1); id < 20; id += 2 {
				err = errors.Join(err, a.WriteHeaders(http2.HeadersFrameParam{
					StreamID: id, BlockFragment: a.block(f, "GET", "/photos/large"), EndHeaders: true, EndStream: true}))
			}
			if err = errors.Join(err, a.out.Flush()); err != nil {
				f.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := startFlooded(t, "limits: {stall: 1s, idle: 1s}\n")
			if code, body := f.send(f.client, f.request("PUT", "/photos/large", strings.NewReader(strings.Repeat("x", 32<<20)))); code != 200 {
				t.Fatalf("PUT: %d %s", code, body)
			}
			f.client.CloseIdleConnections()
			f.bystander()
			f.base = runtime.NumGoroutine()
			attack(f, f.attack(true))
			f.recovered()
		})
	}
}

func TestRow40FramesThatCostTheClientLittle(t *testing.T) {
	for name, send := range map[string]func(a *attacker) error{
		"PING":          func(a *attacker) error { return a.WritePing(false, [8]byte{}) },
		"SETTINGS":      func(a *attacker) error { return a.WriteSettings() },
		"empty DATA":    func(a *attacker) error { return a.WriteData(1, false, nil) },
		"PRIORITY":      func(a *attacker) error { return a.WritePriority(1001, http2.PriorityParam{StreamDep: 1}) },
		"WINDOW_UPDATE": func(a *attacker) error { return a.WriteWindowUpdate(0, 1) },
		"unknown":       func(a *attacker) error { return a.WriteRawFrame(0xbb, 0, 1, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			f := startFlooded(t, "")
			a := f.attack(false)
			if err := a.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.put(f), EndHeaders: true}); err != nil {
				t.Fatal(err)
			}
			n := f.untilRefused(a, 20_000, func(int) error { return send(a) })
			t.Logf("%d frames", n)
			a.Close()
			<-a.ended
			f.recovered()
		})
	}
}
