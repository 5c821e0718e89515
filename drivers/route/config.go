package route

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/drivers"
)

// Any is the pattern that fits all buckets.
const Any = "*"

// Config is the routes by bucket name or pattern.
type Config map[string]Target

// Target is where a bucket lives.
type Target struct {
	Driver   string `yaml:"driver" jsonschema:"the node whose store keeps the bucket"`
	Bucket   string `yaml:"bucket" jsonschema:"the bucket's name at the store, where it differs"`
	Prefix   string `yaml:"prefix" jsonschema:"only the objects under this prefix, which ends with /"`
	Alias    string `yaml:"alias" jsonschema:"the bucket that this is a second name of; only read_only goes with it"`
	ReadOnly bool   `yaml:"read_only" jsonschema:"refuse every change"`
}

// Open opens the nodes that the routes name.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	routes := make(map[string]Route, len(c))
	for _, name := range slices.Sorted(maps.Keys(c)) {
		t := c[name]
		r := Route{Bucket: t.Bucket, Prefix: t.Prefix, Alias: t.Alias, ReadOnly: t.ReadOnly}
		switch {
		case t.Alias != "" && t.Driver != "":
			return nil, fmt.Errorf("bucket %q has an alias and a driver: an alias lives where its bucket does", name)
		case t.Alias == "" && t.Driver == "":
			return nil, fmt.Errorf("bucket %q has no driver", name)
		case t.Driver != "":
			var err error
			if r.Driver, err = env.Child(t.Driver); err != nil {
				return nil, err
			}
		}
		routes[name] = r
	}
	return New(routes)
}

// Route is a Target with its driver open.
type Route struct {
	Driver   drivers.Driver // stays the caller's: who opened it closes it; nil for an alias
	Bucket   string         // the name at the store; "" is the same
	Prefix   string
	Alias    string
	ReadOnly bool
}

func (r Route) check(name string) error {
	switch {
	case name == "":
		return errors.New("route: a bucket's name is empty")
	case r.Alias != "":
		return r.checkAlias(name)
	case r.Driver == nil:
		return fmt.Errorf("route: bucket %q has no driver", name)
	case strings.Count(name, Any) > 1:
		return fmt.Errorf(`route: bucket %q: a pattern has one "*"`, name)
	case isPattern(name) && r.Bucket != "":
		return fmt.Errorf("route: %q is for many buckets and cannot name one", name)
	}
	return checkPrefix(name, r.Prefix)
}

func (r Route) checkAlias(name string) error {
	switch {
	case isPattern(name) || isPattern(r.Alias):
		return fmt.Errorf("route: alias %q of %q: a pattern is no alias and has none", name, r.Alias)
	case r.Driver != nil || r.Bucket != "" || r.Prefix != "":
		return fmt.Errorf("route: alias %q says where it lives: that is for %q to say", name, r.Alias)
	}
	return nil
}

// maxPrefix leaves room for keys.
const maxPrefix = drivers.MaxKeyLength / 2

func checkPrefix(name, prefix string) error {
	switch {
	case prefix == "":
		return nil
	case !strings.HasSuffix(prefix, "/"):
		return fmt.Errorf(`route: bucket %q: prefix %q does not end with "/"`, name, prefix)
	case len(prefix) > maxPrefix || drivers.CheckKey(prefix) != nil:
		return fmt.Errorf("route: bucket %q: a prefix is up to %d bytes of UTF-8", name, maxPrefix)
	case strings.HasPrefix(prefix, ".sluice/"):
		return fmt.Errorf("route: bucket %q: prefix %q is Sluice's own", name, prefix)
	}
	return nil
}
