package gcs_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/gcs"
	"sluice/drivers/gcs/gcstest"
	"sluice/drivers/upstream"
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

// account makes the credentials of a service account that gets its tokens from a server.
func account(t *testing.T, tokens string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "sluice@example.org", "private_key_id": "1", "token_uri": tokens,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "credentials.json")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestOpenWithCredentials(t *testing.T) {
	t.Setenv("STORAGE_EMULATOR_HOST", "")
	for _, c := range []struct {
		status int
		token  string
		want   error
	}{
		{http.StatusOK, `{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 3600}`, nil},
		{http.StatusBadRequest, `{"error": "invalid_grant"}`, drivers.ErrDenied},
	} {
		tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(c.status)
			_, _ = io.WriteString(w, c.token)
		}))
		t.Cleanup(tokens.Close)
		server := gcstest.New()
		t.Cleanup(server.Close)
		server.Fail = func(_ string, r *http.Request) int {
			if r.Header.Get("Authorization") != "Bearer t0ken" {
				return http.StatusUnauthorized
			}
			return 0
		}
		config := gcs.Config{Project: "p", Endpoint: server.URL, CredentialsFile: account(t, tokens.URL), Upstream: upstream.Config{Attempts: 1}}
		d, err := gcs.Open(t.Context(), config, drivers.Env{Node: "gcp"})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); !errors.Is(err, c.want) {
			t.Errorf("error is %v, want %v", err, c.want)
		}
		b := d.Bucket("photos")
		_, err = b.Put(t.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
		if !errors.Is(err, c.want) {
			t.Errorf("error is %v, want %v", err, c.want)
		}
		obj, err := b.Get(t.Context(), "key", drivers.GetOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("error is %v, want %v", err, c.want)
		}
		if err == nil {
			obj.Body.Close()
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if len(drivers.Limits(d)) == 0 {
			t.Error("it tells no limits")
		}
	}
}

func TestBucketsHaveOtherNamesAtTheStore(t *testing.T) {
	t.Setenv("STORAGE_EMULATOR_HOST", "")
	server := gcstest.New()
	t.Cleanup(server.Close)
	c := gcs.Config{Project: "p", Endpoint: server.URL, Anonymous: true, Names: upstream.Names{
		BucketPrefix: "acme-", BucketNames: map[string]string{"photos": "old-photos"},
	}}
	d, err := gcs.Open(t.Context(), c, drivers.Env{Node: "gcp"})
	if err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string]string{"films": "acme-films", "photos": "old-photos"} {
		if err := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Bucket(name).Put(t.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1}); err != nil {
			t.Error(err)
		}
		if server.Object(stored, "key") == nil {
			t.Errorf("%s is not %s at the store", name, stored)
		}
	}
	if all, err := d.ListBuckets(t.Context()); err != nil || len(all) != 2 || all[0].Name != "films" || all[1].Name != "photos" {
		t.Errorf("buckets are %+v, %v", all, err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
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
