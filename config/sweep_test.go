package config_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/config"
	"sluice/config/strict"
	"sluice/drivers"
	"sluice/drivers/mem"
	"sluice/drivers/registry"
	"sluice/drivers/route"
)

// swept is a driver that counts its sweeps.
type swept struct {
	drivers.Driver
	times *atomic.Int64
}

func (s swept) Sweep(ctx context.Context, age time.Duration) error {
	if age >= time.Hour && ctx.Err() == nil {
		s.times.Add(1)
	}
	return nil
}

func TestLeftoversAreSweptNowAndThenUntilTheTreeIsClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int64
		f, err := config.Parse("test.yaml", []byte("anonymous: {policies: [readonly]}\ndrivers: {store: {type: swept}}\n"), strict.References{})
		if err != nil {
			t.Fatal(err)
		}
		type none struct{}
		tree, err := f.Open(t.Context(), config.Options{Registry: registry.Registry{
			"route": registry.Of(route.Open),
			"swept": registry.Of(func(context.Context, none, drivers.Env) (drivers.Driver, error) {
				return swept{mem.New(), &times}, nil
			}),
		}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if n := times.Load(); n < 4 || n > 16 {
			t.Errorf("%d sweeps in two days", n)
		}
		if err := tree.Close(); err != nil {
			t.Error(err)
		}
	})
}
