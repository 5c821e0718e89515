package gcs_test

import (
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/gcs"
	"sluice/drivers/gcs/gcstest"
	"sluice/drivers/upstream"
)

// What is left for user metadata beside the driver's own entry, which has an ETag where the body is in memory.
const (
	maxMetadata         = 8<<10 - len("sluice"+`{"size":1}`)
	maxMetadataBuffered = maxMetadata - len(`,"etag":"9dd4e461268c8034f5c8564e155c67a6"`)
)

// newDriver opens a driver on a store of its own.
func newDriver(t *testing.T, change func(*gcstest.Server)) (*gcs.Driver, *gcstest.Server) {
	t.Helper()
	server := gcstest.New()
	t.Cleanup(server.Close)
	if change != nil {
		change(server)
	}
	client := upstream.Client(upstream.Config{})
	t.Cleanup(client.CloseIdleConnections)
	d, err := gcs.New(client, gcs.Options{Node: "gcp", Project: "p", Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return d, server
}

func TestConformance(t *testing.T) {
	t.Parallel()
	t.Run("bare", func(t *testing.T) {
		t.Parallel()
		drivertest.Run(t, func(t *testing.T) drivers.Driver {
			d, _ := newDriver(t, nil)
			return d
		}, drivertest.WithoutMultipart(), drivertest.MaxMetadata(maxMetadata))
	})
	t.Run("staging", func(t *testing.T) {
		t.Parallel()
		drivertest.Run(t, func(t *testing.T) drivers.Driver {
			d, _ := newDriver(t, func(s *gcstest.Server) {
				s.LeavesSources = true // as emulators do
				s.RewriteBytes = 1000
			})
			return drivers.Staging(upstream.Wrap(d, upstream.Config{}, drivers.Env{Node: "gcp"}))
		}, drivertest.Staged(), drivertest.MaxMetadata(maxMetadataBuffered))
	})
}
