package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"sluice/config"
	"sluice/drivers"
	"sluice/drivers/all"
	"sluice/gateway"
	"sluice/gateway/admin"
	"sluice/state"
)

// process is one running gateway.
type process struct {
	h     host
	flags serveFlags
	load  func() (*config.File, error)

	file    *config.File
	log     *slog.Logger
	state   state.Store
	metrics *prometheus.Registry
	wrap    func(node string, d drivers.Driver) drivers.Driver
	tree    atomic.Pointer[config.Tree]
	gateway *gateway.Server
	tracing *tracing

	s3, admin *endpoint // admin may be nil
	requests  *inflight
	retired   sync.WaitGroup // trees that a reload has replaced
	draining  atomic.Bool
}

// open opens the stores and makes the S3 server.
func (p *process) open(ctx context.Context) (err error) {
	p.metrics = prometheus.NewRegistry()
	p.metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	requests, err := admin.NewRequests(p.metrics)
	if err != nil {
		return err
	}
	if p.wrap, err = all.Observe(p.metrics); err != nil {
		return err
	}
	tree, err := p.openTree(ctx, p.file)
	if err != nil {
		return err
	}
	p.tree.Store(tree)
	if p.tracing, err = newTracing(ctx, p.file.Tracing, p.h.env); err != nil {
		return err
	}
	p.gateway = gateway.New(gateway.Options{
		Tree:    gateway.Tree{Driver: tree.Root, Identities: p.file.AccessSet()},
		State:   p.state,
		Domains: p.file.Domains,
		Region:  p.file.Region,
		Log:     p.log,
		Observe: observer(requests, p.log, p.file.Log.Access),
	})
	return nil
}

func (p *process) openTree(ctx context.Context, f *config.File) (*config.Tree, error) {
	return f.Open(ctx, config.Options{Registry: all.Registry(), Log: p.log, Wrap: p.wrap})
}

// listen takes the addresses, before anything is served.
func (p *process) listen(ctx context.Context) (err error) {
	if p.s3, err = listen(ctx, "the S3 endpoint", p.file.Listen, p.s3Server()); err != nil {
		return err
	}
	p.s3.limit(p.file.Limits.MaxConnections)
	if t := p.file.TLS; t.CertFile != "" {
		if p.s3.server.TLSConfig, err = tlsConfig(t.CertFile, t.KeyFile, p.log); err != nil {
			return err
		}
	} else if !isLoopback(p.s3.addr()) {
		p.log.Warn("THIS ENDPOINT IS NOT ENCRYPTED and not only for this machine: whoever is on the network can read objects; "+
			"set tls in the config, or put a proxy with TLS in front", "address", p.s3.addr().String())
	}
	if p.file.Admin.Address == config.Off {
		return nil
	}
	p.admin, err = listen(ctx, "the admin listener (--admin off does without)", p.file.Admin.Address, p.adminServer())
	return err
}

// endpoint is the URL that S3 clients are given.
func (p *process) endpoint() string {
	scheme := "http://"
	if p.s3.server.TLSConfig != nil {
		scheme = "https://"
	}
	addr := p.s3.addr().(*net.TCPAddr)
	if addr.IP.IsUnspecified() {
		return scheme + net.JoinHostPort("localhost", strconv.Itoa(addr.Port))
	}
	return scheme + addr.String()
}

func (p *process) s3Server() *http.Server {
	l := p.file.Limits
	return &http.Server{
		Handler:                      p.handler(),
		ReadHeaderTimeout:            l.ReadHeader,
		IdleTimeout:                  l.Idle,
		MaxHeaderBytes:               int(l.MaxHeader),
		ErrorLog:                     slog.NewLogLogger(p.log.Handler(), slog.LevelWarn), // as that files have run out
		DisableGeneralOptionsHandler: true,
		// A client of HTTP/2 that reads nothing, not even the end of its requests, must not keep its connection.
		HTTP2: &http.HTTP2Config{WriteByteTimeout: l.Stall},
	}
}

func (p *process) adminServer() *http.Server {
	return &http.Server{
		Handler:           admin.New(admin.Options{Metrics: p.metrics, Ready: p.ready, Pprof: p.file.Admin.Pprof, Log: p.log}),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // a profile takes its time
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(p.log.Handler(), slog.LevelDebug),
	}
}

// ready tells whether requests can be served now.
func (p *process) ready(ctx context.Context) error {
	if p.draining.Load() {
		return errors.New("shutting down")
	}
	return p.gateway.Check(ctx)
}

// run serves until ctx ends or a server fails, then lets requests finish.
func (p *process) run(ctx context.Context) error {
	p.log.Info("serving", "s3", p.s3.addr().String(), "admin", p.admin.address(), "version", version)
	told := ctx
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var servers sync.WaitGroup
	for _, e := range []*endpoint{p.s3, p.admin} {
		if e != nil {
			servers.Go(func() {
				if err := e.serve(); err != nil {
					cancel(fmt.Errorf("%s: %w", e.what, err))
				}
			})
		}
	}
	var reloads sync.WaitGroup
	reloads.Go(func() { p.reloads(ctx) })
	<-ctx.Done()
	cause := context.Cause(ctx)
	reloads.Wait()
	err := p.shutdown()
	servers.Wait()
	if told.Err() == nil { // a server failed
		err = errors.Join(cause, err)
	}
	return err
}

// shutdown lets requests finish within the grace, then breaks off the rest.
func (p *process) shutdown() error {
	grace := p.file.Limits.Shutdown
	p.log.Info("shutting down", "grace", grace)
	p.draining.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := p.s3.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		p.log.Warn("requests that did not end in time are broken off")
		err = p.s3.server.Close()
	}
	if p.admin != nil {
		err = errors.Join(err, p.admin.server.Close())
	}
	return err
}

// breakOff is how long handlers may take to notice that their connection is gone.
const breakOff = 10 * time.Second

// close releases what was opened, when no request uses it any more.
func (p *process) close() error {
	var errs []error
	for _, e := range []*endpoint{p.s3, p.admin} {
		if e != nil {
			errs = append(errs, e.close())
		}
	}
	ended := make(chan struct{})
	go func() {
		<-p.requests.end()
		p.retired.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(breakOff):
		return errors.Join(append(errs, errors.New("requests did not end; what they use stays open"))...)
	}
	if p.tracing != nil {
		errs = append(errs, p.tracing.close())
	}
	if t := p.tree.Load(); t != nil {
		errs = append(errs, t.Close())
	}
	if p.state != nil {
		errs = append(errs, p.state.Close())
	}
	return errors.Join(errs...)
}
