package upstream

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	// bufferSize is that of a connection's buffers: bodies are large, and system calls cost.
	bufferSize = 64 << 10
	// maxResponseHeader bounds what a store may send ahead of a body.
	maxResponseHeader = 256 << 10
)

// Transport returns a pool of connections for one store. Bodies come and go as they are, never compressed. It speaks
// HTTP/1.1 alone: streams of one HTTP/2 connection share a window and a lock, which costs throughput (transport_test.go
// has the benchmark). A streamed copy within one store holds two connections, so the pool is twice max_connections.
func Transport(c Config) *http.Transport {
	c = c.withDefaults()
	dialer := &net.Dialer{Timeout: c.ConnectTimeout, KeepAlive: 30 * time.Second}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := dialer.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &impatient{conn, c.StallTimeout}, nil
		},
		Protocols:              protocols,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, ClientSessionCache: tls.NewLRUClientSessionCache(64)},
		TLSHandshakeTimeout:    c.ConnectTimeout,
		ResponseHeaderTimeout:  c.ResponseTimeout,
		ExpectContinueTimeout:  time.Second,
		MaxConnsPerHost:        2 * c.MaxConnections,
		MaxIdleConnsPerHost:    c.MaxConnections,
		IdleConnTimeout:        90 * time.Second,
		DisableCompression:     true,
		ReadBufferSize:         bufferSize,
		WriteBufferSize:        bufferSize,
		MaxResponseHeaderBytes: maxResponseHeader,
	}
}

// Client returns an HTTP client over a [Transport] that follows no redirect, so that credentials never reach another host
// than the one that they are for.
func Client(c Config) *http.Client {
	return &http.Client{
		Transport:     Transport(c),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// impatient is a connection whose other end must keep taking what is written. Reads have no such limit here: one is under way
// while a request is being sent too, or while nobody wants anything.
type impatient struct {
	net.Conn
	stall time.Duration
}

func (c *impatient) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.stall)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}
