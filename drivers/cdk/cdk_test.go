package cdk_test

import (
	"strings"
	"testing"

	"gocloud.dev/blob"

	"sluice/drivers"
	"sluice/drivers/cdk"
	"sluice/drivers/drivertest"
)

// open opens a driver with multipart uploads, as a config does.
func open(t *testing.T, c cdk.Config) drivers.Driver {
	t.Helper()
	c.TempDir = t.TempDir()
	d, err := cdk.Open(t.Context(), c, drivers.Env{Node: "any"})
	if err != nil {
		t.Fatal(err)
	}
	return drivers.Staging(d)
}

func TestConformanceInMemory(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver { return open(t, cdk.Config{URL: "mem://"}) }, drivertest.Staged())
}

func TestConformanceOfAFolder(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver { return open(t, cdk.Config{URL: "file://" + t.TempDir()}) }, folderLimits(t)...)
}

func TestConformanceOfAStoreAcrossANetwork(t *testing.T) {
	t.Parallel()
	takes := cdk.New(nil).Bucket("any").(drivers.Namer).Takes
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		return drivers.Staging(cdk.NewRemote(t.TempDir(), func() *blob.Bucket { return blob.NewBucket(newCounted()) }))
	}, drivertest.RefusesKeys(func(key string) bool { return !takes(key) && len(key) > longest }), drivertest.MaxMetadata(7<<10))
}

// longest is the length of keys that fit under their hexadecimal.
const longest = (drivers.MaxKeyLength - len(".sluice/keys/")) / 2

// folderLimits are what a folder cannot do.
func folderLimits(t *testing.T) []drivertest.Option {
	d, err := cdk.Open(t.Context(), cdk.Config{URL: "file://" + t.TempDir()}, drivers.Env{})
	if err != nil {
		t.Fatal(err)
	}
	takes := d.Bucket("any").(drivers.Namer).Takes
	return []drivertest.Option{
		drivertest.RefusesKeys(func(key string) bool { return !takes(key) && len(key) > longest }),
		drivertest.Files(func(key string) bool { return takes(key) && !strings.HasPrefix(key, ".sluice/") }),
	}
}
