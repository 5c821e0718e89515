package azure_test

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/azure/azuretest"
	"sluice/drivers/drivertest"
	"sluice/drivers/upstream"
)

// open opens a driver, without the layers above it, on a service.
func open(t *testing.T, s *azuretest.Service) *azure.Driver {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := upstream.Client(upstream.Config{})
	t.Cleanup(client.CloseIdleConnections)
	d, err := azure.New(azure.Config{Account: "acme", AccountKey: azuretest.Key, Endpoint: server.URL + "/acme"}, client, "az")
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// layered puts around a driver what a config puts around it.
func layered(d *azure.Driver) drivers.Driver {
	return drivers.Staging(upstream.Wrap(d, upstream.Config{}, drivers.Env{Node: "az", Log: slog.New(slog.DiscardHandler)}))
}

// bucket opens a driver and makes a bucket in it.
func bucket(t *testing.T, s *azuretest.Service) drivers.Bucket {
	t.Helper()
	d := open(t, s)
	if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return d.Bucket("photos")
}

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver { return layered(open(t, azuretest.New())) },
		drivertest.MaxMetadata(maxMetadata()), drivertest.RefusesKeys(refused))
}

func TestConformanceOfAnAwkwardServiceWhereAFewBytesAreMany(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		s := azuretest.New()
		s.ShortPages, s.NoCopies, s.NoBatch = true, true, true
		d := open(t, s)
		azure.Shrink(d, 100<<10)
		return layered(d)
	}, drivertest.MaxMetadata(maxMetadata()), drivertest.RefusesKeys(refused))
}
