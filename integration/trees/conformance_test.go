package trees

import (
	"context"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
)

// longest is the length of keys that have a place under their hexadecimal, where a store does not take them as they are
// (drivers.Staging).
const longest = (drivers.MaxKeyLength - len(".sluice/keys/")) / 2

// takes says which keys a store takes by itself.
type takes func(key string) bool

// refuses are the keys that have no place in a store in any form.
func (t takes) refuses(key string) bool { return !t(key) && len(key) > longest }

// limits are what each store cannot do, and why.
var limits = map[string]func(takes) []drivertest.Option{
	"s3":        func(t takes) []drivertest.Option { return append(limitsOfS3(t), withoutVersityGW()...) },
	"s3-sluice": limitsOfS3,
	"aws":       limitsOfS3,
	"s3-minio":  limitsOfS3,
	"gcs":       func(t takes) []drivertest.Option { return append(limitsOfGCS(t), withoutFakeGCS()...) },
	"google":    limitsOfGCS,

	"azure":       limitsOfAzure,
	"azure-cloud": limitsOfAzure,
	"cdk-mem": func(takes) []drivertest.Option {
		return []drivertest.Option{drivertest.Staged()} // it takes every key, so that the staging prefix is all that is kept from clients
	},
	"cdk-file": func(t takes) []drivertest.Option {
		return []drivertest.Option{
			drivertest.RefusesKeys(t.refuses), // names in a folder are as long as its file system allows
			drivertest.Files(func(key string) bool { return t(key) && !strings.HasPrefix(key, drivers.StagingPrefix) }), // objects are files at their keys
		}
	},
}

// limitsOfS3 are what S3 itself cannot do.
func limitsOfS3(takes) []drivertest.Option {
	return []drivertest.Option{drivertest.StoreETags(), drivertest.SpeaksS3(), drivertest.MaxMetadata(2 << 10)}
}

// limitsOfGCS are what Google Cloud Storage cannot do: it has 8 KiB of metadata, and the entry that keeps size and ETag is part
// of it. It has no uploads of parts, which are staged.
func limitsOfGCS(takes) []drivertest.Option {
	entry := "sluice" + `{"size":1,"etag":"9dd4e461268c8034f5c8564e155c67a6"}`
	return []drivertest.Option{drivertest.Staged(), drivertest.MaxMetadata(8<<10 - len(entry))}
}

// limitsOfAzure are what Azure cannot do: names of more than 254 segments, or that sort otherwise there, have no place once their
// hexadecimal is too long; and of 8 KiB of metadata the entry that keeps what has no other place takes some: here all of the
// suite's, because its names have hyphens.
func limitsOfAzure(t takes) []drivertest.Option {
	return []drivertest.Option{drivertest.RefusesKeys(t.refuses), drivertest.MaxMetadata(7936)}
}

// TestConformance runs the suite of drivers on each store, one store after the other, because emulators are slow enough with
// two requests at a time.
func TestConformance(t *testing.T) {
	selected, err := Selected()
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range selected {
		t.Run(tree.Name, func(t *testing.T) {
			var leaf drivers.Driver // once it is open
			takes := func(key string) bool {
				n, ok := leaf.Bucket("any").(drivers.Namer)
				return !ok || n.Takes(key)
			}
			var options []drivertest.Option
			if l := limits[tree.Name]; l != nil {
				options = l(takes)
			}
			drivertest.Run(t, func(t *testing.T) drivers.Driver {
				d := open(t, tree)
				leaf = drivers.Base(d)
				return d
			}, options...)
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
		if err := store.Stop(context.WithoutCancel(t.Context())); err != nil {
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
