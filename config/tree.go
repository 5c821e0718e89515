package config

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"sluice/config/strict"
	"sluice/drivers"
	"sluice/drivers/registry"
)

// rootNode is the name of the node that section buckets is; no node of the file can have it, as ":" is not allowed there.
const rootNode = "buckets:"

// routeType is the type of the root.
const routeType = "route"

// Options are what a tree is opened with.
type Options struct {
	Registry registry.Registry // the types that there are, "route" among them
	Log      *slog.Logger      // for drivers; nil discards
	// Wrap is put around every node, as for metrics; nil leaves it out. Closing a wrapper must not close d.
	Wrap func(node string, d drivers.Driver) drivers.Driver
}

// Tree is the open drivers of a file.
type Tree struct {
	Root  drivers.Driver
	Nodes []Opened // children before their parents

	stopSweeping func() // nil before it has begun
}

// Opened is one open node.
type Opened struct {
	Name     string
	Type     string
	Children []string // in the order in which the node asked for them
	Driver   drivers.Driver

	inner drivers.Driver // Driver without its wrapper
}

// Open opens the drivers of a file, each once: what two nodes name is shared. An error of a node points at its place in the
// file; what was open by then is closed. ctx ends the opening, not the drivers.
func (f *File) Open(ctx context.Context, o Options) (*Tree, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &opening{f: f, o: o, t: &Tree{}, open: make(map[string]drivers.Driver)}
	err := b.all(ctx)
	if err != nil {
		return nil, errors.Join(err, b.t.Close())
	}
	b.t.startSweeping(o.Log)
	return b.t, nil
}

// Close closes all nodes, parents before their children. It is called once.
func (t *Tree) Close() error {
	if t.stopSweeping != nil {
		t.stopSweeping()
	}
	var errs []error
	for _, n := range slices.Backward(t.Nodes) {
		if n.Driver != n.inner {
			errs = append(errs, n.Driver.Close())
		}
		if err := n.inner.Close(); err != nil {
			errs = append(errs, fmt.Errorf("closing %s: %w", n.Name, err))
		}
	}
	return errors.Join(errs...)
}

// opening is a Tree that is being opened.
type opening struct {
	f    *File
	o    Options
	t    *Tree
	open map[string]drivers.Driver
	path []string // the nodes that are being opened, each for the one before it
}

// all opens the root, and then the nodes that it does not use, so that a mistake in them is found too.
func (b *opening) all(ctx context.Context) (err error) {
	names := slices.Sorted(maps.Keys(b.f.Drivers))
	switch {
	case !b.f.Buckets.Empty():
		if b.t.Root, err = b.node(ctx, rootNode, Node{Type: routeType, Config: b.f.Buckets}); err != nil {
			return err
		}
	case len(names) == 1:
		if b.t.Root, err = b.child(ctx, names[0]); err != nil {
			return err
		}
	default:
		return errors.New("config: there is no single driver, and nothing says which bucket lives where")
	}
	for _, name := range names {
		if b.open[name] == nil {
			b.o.Log.Warn("no bucket leads to this driver", "driver", name)
			if _, err := b.child(ctx, name); err != nil {
				return err
			}
		}
	}
	return nil
}

// child returns the named node, opened now or before.
func (b *opening) child(ctx context.Context, name string) (drivers.Driver, error) {
	if d, ok := b.open[name]; ok {
		return d, nil
	}
	n, ok := b.f.Drivers[name]
	if !ok {
		return nil, b.mention(name).Errorf("unknown node %q%s", name, strict.Suggest(name, slices.Collect(maps.Keys(b.f.Drivers))))
	}
	if i := slices.Index(b.path, name); i >= 0 {
		return nil, b.mention(name).Errorf("nodes form a circle: %s", strings.Join(append(b.path[i:], name), " -> "))
	}
	return b.node(ctx, name, n)
}

// mention finds where the node that is being opened names another.
func (b *opening) mention(name string) strict.Node {
	if len(b.path) == 0 {
		return b.f.root
	}
	return b.config(b.path[len(b.path)-1]).Find(name)
}

func (b *opening) config(node string) strict.Node {
	if node == rootNode {
		return b.f.Buckets
	}
	return b.f.root.At("drivers", node, "config")
}

// node opens a node.
func (b *opening) node(ctx context.Context, name string, n Node) (drivers.Driver, error) {
	place := b.config(name)
	typ, ok := b.o.Registry[n.Type]
	if !ok {
		return nil, b.f.root.At("drivers", name, "type").Errorf("unknown type %q%s", n.Type, strict.Suggest(n.Type, b.o.Registry.Names()))
	}
	c := typ.Config()
	if err := n.Config.Decode(c); err != nil {
		return nil, err
	}
	b.path = append(b.path, name)
	defer func() { b.path = b.path[:len(b.path)-1] }()
	opened := Opened{Name: strings.TrimSuffix(name, ":"), Type: n.Type}
	d, err := typ.Open(ctx, c, drivers.Env{
		Node: opened.Name,
		Log:  b.o.Log.With("driver", opened.Name),
		Child: func(child string) (drivers.Driver, error) {
			d, err := b.child(ctx, child)
			if err == nil && !slices.Contains(opened.Children, child) {
				opened.Children = append(opened.Children, child)
			}
			return d, err
		},
	})
	if err != nil {
		if _, ok := errors.AsType[*strict.Error](err); ok {
			return nil, err // it points at the very place already
		}
		return nil, place.Errorf("%w", err)
	}
	d = drivers.Staging(d)
	opened.inner = d
	if b.o.Wrap != nil {
		d = b.o.Wrap(opened.Name, d)
	}
	opened.Driver = d
	b.open[name] = d
	b.t.Nodes = append(b.t.Nodes, opened)
	return d, nil
}
