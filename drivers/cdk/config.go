package cdk

import (
	"context"
	"fmt"
	"net/url"

	"gocloud.dev/blob"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Config is the node's config: URL or Buckets.
type Config struct {
	URL     string            `yaml:"url" jsonschema:"mem:// or file:///folder, where clients make and delete buckets"`
	Buckets map[string]string `yaml:"buckets" jsonschema:"the buckets there are, by name: their URLs for gocloud.dev/blob"`
	TempDir string            `yaml:"temp_dir" jsonschema:"the folder where large bodies wait; the system's own if absent"`

	Upstream upstream.Config `yaml:"upstream" jsonschema:"how stores across a network are asked"`
}

// Open opens a driver from its config.
func Open(ctx context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	if err := c.Upstream.Check(); err != nil {
		return nil, err
	}
	set, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	d := &driver{node: env.Node, tempDir: c.TempDir, buckets: set}
	if !d.isRemote() {
		return d, nil
	}
	return upstream.Wrap(d, c.Upstream, env), nil
}

// isRemote tells whether any bucket is across a network.
func (d *driver) isRemote() bool {
	set, _ := d.buckets.(fixed)
	for _, s := range set {
		if s.kind == remote {
			return true
		}
	}
	return false
}

// New returns a driver of buckets that are open, by the names that clients know them by. It closes them when it is closed. They are
// taken for buckets of a store across a network.
func New(open map[string]*blob.Bucket) drivers.Driver {
	set := make(fixed, len(open))
	for name, b := range open {
		set[name] = &store{Bucket: b, kind: remote}
	}
	return &driver{node: "cdk", buckets: set}
}

func (c Config) open(ctx context.Context) (buckets, error) {
	switch {
	case c.URL != "" && len(c.Buckets) > 0:
		return nil, fmt.Errorf("url and buckets exclude each other: %w", drivers.ErrInvalid)
	case c.URL != "":
		return openDynamic(c.URL)
	case len(c.Buckets) > 0:
		return openFixed(ctx, c.Buckets)
	}
	return nil, fmt.Errorf("url or buckets: missing: %w", drivers.ErrInvalid)
}

// openDynamic opens a store in which buckets can be made.
func openDynamic(raw string) (buckets, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("url: %w: %w", hide(err, raw), drivers.ErrInvalid)
	}
	switch u.Scheme {
	case memScheme:
		return newMemory(), nil
	case fileScheme:
		return openFolders(u)
	}
	return nil, fmt.Errorf("url: clients cannot make buckets in %s: name each with its URL under buckets: %w", u.Scheme, drivers.ErrInvalid)
}
