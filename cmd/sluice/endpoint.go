package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// endpoint is a server on an address that it has taken.
type endpoint struct {
	what     string
	listener net.Listener
	server   *http.Server
}

// listen takes an address; what names the endpoint in errors.
func listen(ctx context.Context, what, address string, server *http.Server) (*endpoint, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: address %s is in use by another process", what, address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s: this user may not listen on %s", what, address)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return &endpoint{what, l, server}, nil
}

func (e *endpoint) addr() net.Addr { return e.listener.Addr() }

func (e *endpoint) address() string {
	if e == nil {
		return "off"
	}
	return e.addr().String()
}

// serve runs until the server is shut down, which is no error.
func (e *endpoint) serve() (err error) {
	if e.server.TLSConfig != nil {
		err = e.server.ServeTLS(e.listener, "", "")
	} else {
		err = e.server.Serve(e.listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// close ends what is left; it may come after a shutdown.
func (e *endpoint) close() error {
	err := errors.Join(e.server.Close(), e.listener.Close())
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// limit serves at most n connections at once; more wait to be accepted. Connections are counted by the server's ConnState,
// not by a wrapper around them, which would hide sendfile from net/http.
func (e *endpoint) limit(n int) {
	l := &limitedListener{Listener: e.listener, free: make(chan struct{}, n), closed: make(chan struct{})}
	e.listener = l
	e.server.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateClosed || s == http.StateHijacked {
			<-l.free
		}
	}
}

type limitedListener struct {
	net.Listener
	free   chan struct{} // holds one for each connection
	once   sync.Once
	closed chan struct{}
}

func (l *limitedListener) Accept() (net.Conn, error) {
	select {
	case l.free <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.free
	}
	return c, err
}

func (l *limitedListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}
