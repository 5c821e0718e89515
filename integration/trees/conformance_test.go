package trees

import (
	"context"
	"strings"
	"sync"
	"testing"

	"sluice/drivers"
	"sluice/drivers/cdk"
	"sluice/drivers/drivertest"
)

// limits are what each store cannot do, and why.
var limits = map[string][]drivertest.Option{
	"cdk-mem": {drivertest.Staged()},
	"cdk-file": { // paths of files, which exclude a beside a/b; other keys lie under their hexadecimal, which makes them long
		drivertest.Files(isPath),
		drivertest.RefusesKeys(func(key string) bool { return !isPath(key) && len(key) > longestOddKey }),
	},
}

const longestOddKey = (drivers.MaxKeyLength - len(".sluice/keys/")) / 2

// isPath tells whether the driver cdk keeps a key as the path of a file.
func isPath(key string) bool {
	return isInFolder().Takes(key) && !strings.HasPrefix(key, ".sluice/")
}

var isInFolder = sync.OnceValue(func() drivers.Namer {
	d, err := cdk.Open(context.Background(), cdk.Config{URL: "file:///"}, drivers.Env{})
	if err != nil {
		panic(err)
	}
	return d.Bucket("any").(drivers.Namer)
})

// TestConformance runs the suite of drivers on each store, one store after the other, because emulators are slow enough with
// two requests at a time.
func TestConformance(t *testing.T) {
	selected, err := Selected()
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range selected {
		t.Run(tree.Name, func(t *testing.T) {
			drivertest.Run(t, func(t *testing.T) drivers.Driver { return open(t, tree) }, limits[tree.Name]...)
		})
	}
}

// open starts a store and opens it.
func open(t *testing.T, tree Tree) drivers.Driver {
	t.Helper()
	store, err := tree.Start(t.Context(), t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Stop(); err != nil {
			t.Error(err)
		}
	})
	opened, err := store.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return opened.Root
}
