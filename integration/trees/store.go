package trees

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"sluice/config"
	"sluice/config/strict"
	"sluice/drivers/all"
	"sluice/integration/server"
)

// Store is a tree that can be used now.
type Store struct {
	Tree
	emulator *server.Server // nil where there is none
	config   string
}

// Node is the store as a node of a gateway's config, on one line.
func (s *Store) Node() string { return fmt.Sprintf("{type: %s, config: %s}", s.Type, s.config) }

// Config is the config of a gateway that has the store for all buckets, keeps its own state in the folder state, and knows
// one identity, which may do everything.
func (s *Store) Config(state, accessKey, secretKey string) string {
	return fmt.Sprintf(`state: {engine: embedded, dir: %q}
identities:
  - {name: main, access_key: %q, secret_key: %q, policies: [admin]}
drivers:
  store: %s
`, state, accessKey, secretKey, s.Node())
}

// Open opens the store in this process, as the gateway does, with metrics around it. Closing the root does nothing; closing
// the tree does.
func (s *Store) Open(ctx context.Context) (*config.Tree, error) {
	f, err := config.Parse(s.Name, []byte(s.Config("unused", "accesskey", "secretkey")), strict.OS("."))
	if err != nil {
		return nil, err
	}
	observe, err := all.Observe(prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	return f.Open(ctx, config.Options{Registry: all.Registry(), Wrap: observe})
}

// Stop ends the emulator, which loses what it holds in memory. In a real cloud it deletes all buckets that were made through the
// store.
func (s *Store) Stop(ctx context.Context) error {
	if len(s.Needs) > 0 {
		return s.clean(ctx)
	}
	if s.emulator == nil {
		return nil
	}
	return s.emulator.Kill()
}
