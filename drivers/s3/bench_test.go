package s3_test

import (
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/s3"
)

// BenchmarkDriver includes the store, a gateway on memory in the same process.
func BenchmarkDriver(b *testing.B) {
	drivertest.Bench(b, func(b *testing.B) drivers.Driver {
		d, err := s3.Open(b.Context(), sluiceConfig(startSluice(b)), drivers.Env{Node: "aws"})
		if err != nil {
			b.Fatal(err)
		}
		return d
	})
}
