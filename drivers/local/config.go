package local

import (
	"context"
	"fmt"
	"log/slog"

	"sluice/drivers"
)

// Config is the driver's part of the configuration.
type Config struct {
	// Dir is the folder whose sub-folders are the buckets. It is made where it is missing.
	Dir string `yaml:"dir" json:"dir"`
	// Durability is "fsync" (the default: what was acknowledged survives a loss of power) or "none" (it survives a
	// crash of the process, but the kernel writes it out when it likes).
	Durability string `yaml:"durability" json:"durability"`
}

// Options are the options of New. The zero value is the default.
type Options struct {
	Node    string       // named in errors
	NoFsync bool         // durability: none
	Log     *slog.Logger // for what happens outside of any call; nil discards it

	sideFiles bool  // keep all attributes in side files, as on a file system without extended attributes
	portable  bool  // keep names portable, as on a file system that folds case
	cautious  bool  // trust no journal, as on an unknown file system
	noSwaps   bool  // never swap two names, as on a file system that cannot
	listCache int64 // bytes of cached listings; 0 is listCacheSize
}

// Open opens the driver from its configuration.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	o := Options{Node: env.Node, Log: env.Log}
	switch c.Durability {
	case "", "fsync":
	case "none":
		o.NoFsync = true
	default:
		return nil, fmt.Errorf("durability: %q is neither fsync nor none", c.Durability)
	}
	if c.Dir == "" {
		return nil, fmt.Errorf("dir: missing")
	}
	d, err := New(c.Dir, o)
	if err != nil {
		return nil, err
	}
	return d, nil
}
