package mem

import (
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(*testing.T) drivers.Driver { return New() })
}
