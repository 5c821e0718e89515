package trees

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
)

func TestStopLeavesNothingInACloud(t *testing.T) {
	t.Setenv("TREES_TEST_FOLDER", t.TempDir())
	cloud := Tree{Name: "folder", Type: "local", Needs: []string{"TREES_TEST_FOLDER"}, config: `{dir: "${env:TREES_TEST_FOLDER}"}`}
	store, err := cloud.Start(t.Context(), t.TempDir(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	opened, err := store.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, bucket := range []string{"first", "second"} {
		if err := opened.Root.CreateBucket(t.Context(), bucket, drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"a", "a/b", "ü"} {
			if _, err := opened.Root.Bucket(bucket).Put(t.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := opened.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(os.Getenv("TREES_TEST_FOLDER") + "/first"); !os.IsNotExist(err) {
		t.Errorf("a bucket is left: %v", err)
	}
}

func TestCloudWithoutAnAccountIsNotStarted(t *testing.T) {
	for _, cloud := range Clouds {
		for _, name := range cloud.Needs {
			t.Setenv(name, "")
		}
		if !slices.Equal(cloud.Missing(), cloud.Needs) {
			t.Errorf("%s: missing %v", cloud.Name, cloud.Missing())
		}
		_, err := cloud.Start(context.Background(), t.TempDir(), t.Output())
		if err == nil || !strings.Contains(err.Error(), cloud.Needs[0]) {
			t.Errorf("%s: %v", cloud.Name, err)
		}
	}
}
