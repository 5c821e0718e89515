package config

import (
	"testing"

	"sluice/drivers"
)

// A root that leads to named buckets alone must not put staged uploads in the place of a store's own.
func TestUploadsOfARoutedBucketAreTheStoresOwn(t *testing.T) {
	t.Parallel()
	for _, buckets := range []string{`{photos: {driver: disk}}`, `{"*": {driver: disk}}`, `{photos: {driver: disk, prefix: a/}}`} {
		f := parse(t, someone+"drivers: {disk: {type: mem}}\nbuckets: "+buckets+"\n")
		tree, err := f.Open(t.Context(), Options{Registry: testRegistry(&events{})})
		if err != nil {
			t.Fatal(err)
		}
		defer tree.Close()
		if err := tree.Root.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := drivers.Multiparts(tree.Root.Bucket("photos")).CreateUpload(t.Context(), "a", drivers.CreateUploadOptions{}); err != nil {
			t.Fatal(err)
		}
		page, err := drivers.Multiparts(tree.Nodes[0].Driver.Bucket("photos")).ListUploads(t.Context(), drivers.ListUploadsOptions{})
		if err != nil || len(page.Uploads) != 1 {
			t.Errorf("%s: the store has %d uploads, %v", buckets, len(page.Uploads), err)
		}
	}
}
