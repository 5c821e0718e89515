// Package trees is the list of stores that everything is run on. A tree is the config of a driver and the server that it
// needs:
//
//	store, err := tree.Start(ctx, t.TempDir(), t.Output()) // starts the emulator
//	opened, err := store.Open(ctx)                         // its driver in this process, as the gateway opens it
//	text := store.Config(state, key, secret)               // or the config of a gateway
//	err := store.Stop(ctx)
//
// The environment variable SLUICE_TREES, a list with commas, chooses trees; without it, all are chosen but for those that are
// only for who asks for them.
package trees

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sluice/drivers/all"
	"sluice/integration/emulators"
	"sluice/integration/server"
)

// Tree is a kind of store.
type Tree struct {
	Name     string
	Type     string   // the driver's, in the registry
	InMemory bool     // the process that opens the driver holds the objects in its memory
	Files    bool     // objects are files at their keys: a and a/b exclude each other, and no key ends in "/"
	Slow     bool     // what takes many requests or much data is to be scaled down
	Second   bool     // for tests, or a second opinion on a driver: the clients that are Go libraries do
	Named    bool     // left out unless SLUICE_TREES names it
	Needs    []string // environment variables that tell an account of a real cloud; nil for what runs here

	emulator emulators.Emulator // what the driver needs running, nil for nothing
	config   string             // the driver's, with {listen} of the emulator, {data}, a folder, and {prefix}, something random
}

// s3Config is the config of the driver s3 for every server that emulates S3.
const s3Config = `{endpoint: "http://{listen}", region: us-east-1, path_style: true, access_key: ` + emulators.AccessKey +
	`, secret_key: ` + emulators.SecretKey + `}`

// List is all trees that need nothing from outside.
var List = []Tree{
	{Name: "local", Type: "local", config: `{dir: "{data}"}`},
	{Name: "mem", Type: "mem", InMemory: true, Second: true, config: `{}`},
	{Name: "s3", Type: "s3", Files: true, Slow: true, emulator: emulators.VersityGW, config: s3Config},
	{Name: "s3-sluice", Type: "s3", Slow: true, Second: true, emulator: emulators.Sluice, config: s3Config},
	{Name: "s3-minio", Type: "s3", Named: true, emulator: emulators.MinIO, config: s3Config},
	{Name: "gcs", Type: "gcs", Slow: true, emulator: emulators.FakeGCS,
		config: `{project: integration, endpoint: "http://{listen}", anonymous: true}`},
	{Name: "azure", Type: "azure", Slow: true, emulator: emulators.Azurite,
		config: `{account: ` + emulators.AzureAccount + `, account_key: "` + emulators.AzureKey + `", endpoint: "http://{listen}/` + emulators.AzureAccount + `"}`},
	{Name: "cdk-mem", Type: "cdk", InMemory: true, Slow: true, Second: true, config: `{url: "mem://"}`},
	{Name: "cdk-file", Type: "cdk", Files: true, Slow: true, config: `{url: "file://{data}"}`},
}

// Selected returns the trees that SLUICE_TREES names, or all that are built in. A name of a tree that is not there is an error.
func Selected() ([]Tree, error) {
	list := os.Getenv("SLUICE_TREES")
	registry := all.Registry()
	if list == "" {
		return slices.DeleteFunc(slices.Clone(List), func(t Tree) bool {
			_, built := registry[t.Type]
			return t.Named || !built
		}), nil
	}
	var selected []Tree
	for name := range strings.SplitSeq(list, ",") {
		t, err := Named(name)
		if err != nil {
			return nil, err
		}
		selected = append(selected, t)
	}
	return selected, nil
}

// Named returns the tree with the name.
func Named(name string) (Tree, error) {
	all := slices.Concat(List, Clouds)
	i := slices.IndexFunc(all, func(t Tree) bool { return t.Name == name })
	if i < 0 {
		return Tree{}, fmt.Errorf("trees: there is no tree %q", name)
	}
	return all[i], nil
}

// Start starts what the tree needs, in the folder dir; its output goes to log. Whoever called it calls Stop on what is
// returned.
func (t Tree) Start(ctx context.Context, dir string, log io.Writer) (*Store, error) {
	if missing := t.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("trees: %s needs %s in the environment", t.Name, strings.Join(missing, ", "))
	}
	s := &Store{Tree: t}
	data := filepath.Join(dir, "objects")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	fill := []string{"{data}", data, "{prefix}", "sluice-" + strings.ToLower(rand.Text()[:8]) + "-"}
	if t.emulator != nil {
		work := filepath.Join(dir, "emulator")
		if err := os.MkdirAll(work, 0o700); err != nil {
			return nil, err
		}
		c, err := t.emulator(ctx, work)
		if err != nil {
			return nil, err
		}
		c.Log = log
		if s.emulator, err = server.Start(ctx, c); err != nil {
			return nil, err
		}
		fill = append(fill, "{listen}", s.emulator.Listen)
	}
	s.config = strings.NewReplacer(fill...).Replace(t.config)
	return s, nil
}
