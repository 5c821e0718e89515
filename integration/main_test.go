package integration

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"sluice/integration/server"
	"sluice/integration/trees"
)

// Credentials of the gateway under test.
const (
	accessKey = "integrationkey"
	secretKey = "integration-secret-key"
	region    = "us-east-1"
)

// command is how to start a gateway with the config {data}/sluice.yaml, or SLUICE_CMD, a whole command line that holds the
// suite itself against another server. TestMain sets it once.
var command []string

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
	if cmd := os.Getenv("SLUICE_CMD"); cmd != "" {
		command = strings.Fields(cmd)
	} else if command, err = server.Configured(context.Background(), dir); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// gateway is a running gateway and what it stands on.
type gateway struct {
	*server.Server
	tree trees.Tree
}

// start runs a gateway on a store of its own until the test ends.
func start(t *testing.T, tree trees.Tree) *gateway {
	t.Helper()
	s, err := server.Start(t.Context(), configure(t, tree))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Errorf("stopping the gateway: %v", err)
		}
	})
	return &gateway{s, tree}
}

// configure starts a store, which is there until the test ends, and describes a gateway on it.
func configure(t *testing.T, tree trees.Tree) server.Config {
	t.Helper()
	store, err := tree.Start(t.Context(), t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("stopping the store: %v", err)
		}
	})
	c, err := store.Gateway(command, t.TempDir(), accessKey, secretKey)
	if err != nil {
		t.Fatal(err)
	}
	c.Log = t.Output()
	return c
}
