package main

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// recheck is how often the files of a certificate are looked at, while there are handshakes.
const recheck = 2 * time.Second

// tlsConfig serves a certificate, and the new one when its files change.
func tlsConfig(certFile, keyFile string, log *slog.Logger) (*tls.Config, error) {
	c := &certificate{certFile: certFile, keyFile: keyFile, log: log}
	if err := c.load(); err != nil {
		return nil, fmt.Errorf("tls: %w", err)
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: c.get}, nil
}

type certificate struct {
	certFile, keyFile string
	log               *slog.Logger

	mu      sync.Mutex
	checked time.Time
	changed [2]time.Time // of both files, when they were loaded or last failed to be
	current *tls.Certificate
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.checked) >= recheck {
		if now, err := c.times(); err == nil && now != c.changed {
			if err := c.load(); err != nil {
				c.log.Error("the new certificate cannot be used; the old one stays", "error", err)
			} else {
				c.log.Info("new certificate", "file", c.certFile)
			}
		}
		c.checked = time.Now()
	}
	return c.current, nil
}

func (c *certificate) load() (err error) {
	if c.changed, err = c.times(); err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return err
	}
	c.current, c.checked = &pair, time.Now()
	return nil
}

func (c *certificate) times() (t [2]time.Time, err error) {
	for i, name := range []string{c.certFile, c.keyFile} {
		info, err := os.Stat(name)
		if err != nil {
			return t, err
		}
		t[i] = info.ModTime()
	}
	return t, nil
}
