package mem_test

import (
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver { return mem.New() })
}

func BenchmarkMem(b *testing.B) {
	drivertest.Bench(b, func(*testing.B) drivers.Driver { return mem.New() })
}
