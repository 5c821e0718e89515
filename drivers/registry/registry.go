// Package registry is the list of driver types that a config can name. It is a value, which one place fills
// (drivers/all); nothing registers itself.
//
//	r := registry.Registry{"mem": registry.Of(mem.Open), "local": registry.Of(local.Open)}
package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"sluice/drivers"
)

// Registry is the driver types by name.
type Registry map[string]Type

// Type is one type of driver. Its zero value is of no use; call [Of].
type Type struct {
	zero func() any
	open func(ctx context.Context, config any, env drivers.Env) (drivers.Driver, error)
}

// Of makes a Type of a package's Open and its Config.
func Of[C any](open func(ctx context.Context, config C, env drivers.Env) (drivers.Driver, error)) Type {
	return Type{
		zero: func() any { return new(C) },
		open: func(ctx context.Context, config any, env drivers.Env) (drivers.Driver, error) {
			c, ok := config.(*C)
			if !ok {
				return nil, fmt.Errorf("registry: config is a %T, want a %T", config, c)
			}
			return open(ctx, *c, env)
		},
	}
}

// Config returns a pointer to a zero Config of the type, to be decoded into and given to Open.
func (t Type) Config() any { return t.zero() }

// Open opens a driver; config is what Config returned.
func (t Type) Open(ctx context.Context, config any, env drivers.Env) (drivers.Driver, error) {
	return t.open(ctx, config, env)
}

// Names returns the names of all types in order.
func (r Registry) Names() []string { return slices.Sorted(maps.Keys(r)) }
