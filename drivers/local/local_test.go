//go:build unix

package local

import (
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
)

// modes are the ways in which the driver can work, each of which keeps the whole contract.
var modes = map[string]Options{
	"fsync":     {},
	"none":      {NoFsync: true},
	"sidefiles": {NoFsync: true, sideFiles: true},
	"portable":  {NoFsync: true, portable: true},
	"cautious":  {cautious: true, noSwaps: true},
}

func TestConformance(t *testing.T) {
	t.Parallel()
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drivertest.Run(t, func(t *testing.T) drivers.Driver { return open(t, t.TempDir(), o) })
		})
	}
}

func open(t testing.TB, dir string, o Options) *Driver {
	t.Helper()
	d, err := New(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
