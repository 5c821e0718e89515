package drivers_test

import (
	"context"
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

func straight(ctx context.Context, _ *drivers.Call, next func(context.Context) error) error {
	return next(ctx)
}

// fussyLimits: a name is twice as long as its key.
var fussyLimits = []drivertest.Option{drivertest.RefusesKeys(func(key string) bool {
	return len(key) > 505 && !fussyBucket{}.Takes(key)
})}

func TestConformance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		open    func() drivers.Driver
		options []drivertest.Option
	}{
		{"intercept", func() drivers.Driver { return drivers.Intercept(mem.New(), straight) }, nil},
		{"intercept of plain", func() drivers.Driver { return drivers.Intercept(drivertest.Plain(mem.New()), straight) },
			[]drivertest.Option{drivertest.WithoutMultipart()}},
		{"staging", func() drivers.Driver { return drivers.Staging(drivertest.Plain(mem.New())) },
			[]drivertest.Option{drivertest.Staged()}},
		{"staging of a store that is fussy about names", func() drivers.Driver { return drivers.Staging(fussy()) }, fussyLimits},
		{"staging of an intercept of it", func() drivers.Driver { return drivers.Staging(drivers.Intercept(fussy(), straight)) }, fussyLimits},
		{"staging of an intercept", func() drivers.Driver {
			return drivers.Staging(drivers.Intercept(drivertest.Plain(mem.New()), straight))
		}, []drivertest.Option{drivertest.Staged()}},
		{"intercept of staging", func() drivers.Driver {
			return drivers.Intercept(drivers.Staging(drivertest.Plain(mem.New())), straight)
		}, []drivertest.Option{drivertest.Staged()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			drivertest.Run(t, func(*testing.T) drivers.Driver { return c.open() }, c.options...)
		})
	}
}
