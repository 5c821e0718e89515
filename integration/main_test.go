package integration

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/integration/server"
)

// Credentials of the gateway under test.
const (
	accessKey = "integrationkey"
	secretKey = "integration-secret-key"
	region    = "us-east-1"
)

// env holds what TestMain prepares once; tests only read it.
var env struct {
	command []string       // how to start a server
	shared  *server.Server // the one that the clients share
}

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "integration:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	dir, err := os.MkdirTemp("", "sluice-integration-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if env.command, err = command(dir); err != nil {
		return 1, err
	}
	log, err := os.Create(filepath.Join(dir, "sluice.log"))
	if err != nil {
		return 1, err
	}
	defer log.Close()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		return 1, err
	}
	c := config(data)
	c.Log = log
	if env.shared, err = server.Start(context.Background(), c); err != nil {
		return 1, fmt.Errorf("%w\n%s", err, tail(log.Name()))
	}
	code = m.Run()
	if err := env.shared.Stop(); err != nil {
		return 1, fmt.Errorf("stopping the gateway: %w\n%s", err, tail(log.Name()))
	}
	if code != 0 {
		fmt.Fprintf(os.Stderr, "the gateway's last lines:\n%s\n", tail(log.Name()))
	}
	return code, nil
}

// command returns how to start a server: SLUICE_CMD, a whole command line (to
// hold the suite itself against another server), or the gateway.
func command(dir string) ([]string, error) {
	if cmd := os.Getenv("SLUICE_CMD"); cmd != "" {
		return strings.Fields(cmd), nil
	}
	return server.Gateway(context.Background(), dir)
}

// config describes a gateway on the folder data.
func config(data string) server.Config {
	return server.Config{
		Command: env.command,
		Env:     []string{"SLUICE_ACCESS_KEY=" + accessKey, "SLUICE_SECRET_KEY=" + secretKey},
		Data:    data,
	}
}

// start runs a gateway of the test's own and stops it when the test ends.
func start(t *testing.T, c server.Config) *server.Server {
	t.Helper()
	c.Log = t.Output()
	s, err := server.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping the gateway: %v", err)
		}
	})
	return s
}

// tail returns the last 4 KiB of a log file.
func tail(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4096):])
}
