package gcs_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/gcs"
	"sluice/drivers/gcs/gcstest"
)

func TestOpen(t *testing.T) {
	server := gcstest.New()
	t.Cleanup(server.Close)
	for name, host := range map[string]string{"by the config": "", "by the environment": server.URL, "by a bare host": strings.TrimPrefix(server.URL, "http://")} {
		t.Setenv("STORAGE_EMULATOR_HOST", host)
		c := gcs.Config{Project: "p", Location: "EU"}
		if host == "" {
			c.Endpoint, c.Anonymous = server.URL+"/", true
		}
		d, err := gcs.Open(t.Context(), c, drivers.Env{Node: "gcp"})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{Region: "us-east-1"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if info, err := d.StatBucket(t.Context(), "photos"); err != nil || info.Region != "eu" || info.Created.IsZero() {
			t.Errorf("%s: the bucket is %+v, %v", name, info, err)
		}
		if err := errors.Join(d.DeleteBucket(t.Context(), "photos"), d.Close()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOpenWithCredentials(t *testing.T) {
	t.Setenv("STORAGE_EMULATOR_HOST", "")
	file := filepath.Join(t.TempDir(), "credentials.json")
	user, err := json.Marshal(map[string]string{"type": "authorized_user", "client_id": "id", "client_secret": "s3cret", "refresh_token": "t0ken"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, user, 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := gcs.Open(t.Context(), gcs.Config{Project: "p", CredentialsFile: file}, drivers.Env{Node: "gcp"})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if len(drivers.Limits(d)) == 0 {
		t.Error("it tells no limits")
	}
}

func TestConfigsThatCannotBe(t *testing.T) {
	t.Setenv("STORAGE_EMULATOR_HOST", "")
	for name, c := range map[string]gcs.Config{
		"no project":                     {Endpoint: "http://127.0.0.1:1", Anonymous: true},
		"endpoint with a path":           {Project: "p", Endpoint: "http://127.0.0.1:1/storage/v1", Anonymous: true},
		"endpoint without a scheme":      {Project: "p", Endpoint: "127.0.0.1:1", Anonymous: true},
		"endpoint with a password":       {Project: "p", Endpoint: "http://me:s3cret@127.0.0.1:1", Anonymous: true},
		"anonymous credentials":          {Project: "p", Anonymous: true, CredentialsFile: "x"},
		"credentials that are not there": {Project: "p", CredentialsFile: "/nonexistent.json"},
	} {
		if d, err := gcs.Open(t.Context(), c, drivers.Env{Node: "gcp"}); err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v, %v", name, d, err)
		}
	}
}

func TestNamesOfBuckets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, name := range []string{
		"ab", "Photos", "-photos", "photos-", "pho tos", "goog-photos", "my-google-photos", strings.Repeat("p", 64), "a..b", "a/b", ".ab", "ab.", "ü-photos", "",
	} {
		if err := w.d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrInvalid) {
			t.Errorf("%q: error is %v", name, err)
		}
		if _, err := w.d.StatBucket(t.Context(), name); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("%q: error is %v", name, err)
		}
		if err := w.d.DeleteBucket(t.Context(), name); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("%q: error is %v", name, err)
		}
	}
	w.asked() // of none of them
	for _, name := range []string{"a_b", "photos.example.org", strings.Repeat("p", 63), "0-0"} {
		w.must(w.d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{Region: "europe-west1"}))
		if info, err := w.d.StatBucket(t.Context(), name); err != nil || info.Region != "europe-west1" {
			t.Errorf("%q is %+v, %v", name, info, err)
		}
	}
}
