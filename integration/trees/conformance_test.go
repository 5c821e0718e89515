package trees

import (
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
)

// limits are what each store cannot do, and why.
var limits = map[string][]drivertest.Option{}

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
