// Package server runs an S3 server as a process of its own, as its users do, so
// that tests and benchmarks can talk to it, kill it and measure it.
//
// A server is described by its command line, in which {listen}, {admin} and
// {data} stand for the address of the S3 endpoint, the address of the admin
// endpoint and the folder that keeps the objects:
//
//	server.Config{Command: []string{"sluice", "serve",
//		"--listen", "{listen}", "--data", "{data}", "--admin", "{admin}"}}
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Config says which server to run and where.
type Config struct {
	Command []string  // program and arguments, with placeholders
	Env     []string  // added to the caller's environment, "NAME=value"
	Data    string    // folder for {data}
	Listen  string    // S3 address; empty picks a free loopback port
	Log     io.Writer // the server's output; nil drops it
}

// Server is a running process. Its methods are safe to call once each.
type Server struct {
	Listen string // host:port of the S3 endpoint
	Admin  string // host:port of the admin endpoint, where the command names one

	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended
	status error         // how it ended; read only after exited
}

// startLimit is how long a server may take until it answers.
const startLimit = 60 * time.Second

// Start runs the command and returns when the server answers requests. The
// caller must Stop or Kill it.
func Start(ctx context.Context, c Config) (*Server, error) {
	if len(c.Command) == 0 {
		return nil, errors.New("server: no command")
	}
	s := &Server{Listen: c.Listen, exited: make(chan struct{})}
	var err error
	if s.Listen == "" {
		if s.Listen, err = FreeAddr(); err != nil {
			return nil, err
		}
	}
	if s.Admin, err = FreeAddr(); err != nil {
		return nil, err
	}
	fill := strings.NewReplacer("{listen}", s.Listen, "{admin}", s.Admin, "{data}", c.Data,
		"{port}", s.Listen[strings.LastIndexByte(s.Listen, ':')+1:])
	args := make([]string, len(c.Command))
	hasAdmin := false
	for i, a := range c.Command {
		args[i] = fill.Replace(a)
		hasAdmin = hasAdmin || strings.Contains(a, "{admin}")
	}
	s.cmd = exec.Command(args[0], args[1:]...) //nolint:noctx // Stop and Kill end it, so that it can be told to end well
	s.cmd.Env = append(os.Environ(), c.Env...)
	s.cmd.Dir = c.Data
	s.cmd.Stdout, s.cmd.Stderr = c.Log, c.Log
	s.cmd.SysProcAttr = endWithParent()
	if err := s.run(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	probe := "http://" + s.Listen + "/"
	if hasAdmin {
		probe = "http://" + s.Admin + "/readyz"
	}
	if err := s.waitReady(ctx, probe, hasAdmin); err != nil {
		return nil, errors.Join(err, s.Kill())
	}
	return s, nil
}

// run starts the process and returns; what it became is known when exited is closed. One thread does both and stays until
// then, because to the kernel the parent of a process is the thread that made it.
func (s *Server) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := s.cmd.Start()
		started <- err
		if err == nil {
			s.status = s.cmd.Wait()
			close(s.exited)
		}
	}()
	return <-started
}

// waitReady polls url until it answers: with 200 where strict, with anything
// otherwise.
func (s *Server) waitReady(ctx context.Context, url string, strict bool) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK || !strict {
				return nil
			}
			err = fmt.Errorf("%s answers %s", url, resp.Status)
		}
		select {
		case <-s.exited:
			return fmt.Errorf("server: ended before it was ready: %w", s.status)
		case <-ctx.Done():
			return fmt.Errorf("server: not ready: %w", err)
		case <-tick.C:
		}
	}
}

// Endpoint is the URL that S3 clients are given.
func (s *Server) Endpoint() string { return "http://" + s.Listen }

// Pid is the process's id.
func (s *Server) Pid() int { return s.cmd.Process.Pid }

// Kill ends the process at once, as a crash would, and waits for its end.
func (s *Server) Kill() error {
	if err := s.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-s.exited
	return nil
}

// Stop asks the process to end and waits for it. It returns an error when the
// process ends with another status than 0, or has to be killed.
func (s *Server) Stop() error {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-s.exited:
		return s.status
	case <-time.After(30 * time.Second):
		return errors.Join(errors.New("server: still running 30 s after SIGTERM"), s.Kill())
	}
}

// FreeAddr returns a loopback address that was free a moment ago.
func FreeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // does not wait
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
