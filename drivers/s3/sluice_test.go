package s3_test

import (
	"io"
	"log"
	"net/http/httptest"
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
	"sluice/drivers/s3"
	"sluice/gateway"
	"sluice/gateway/access"
	"sluice/state"
)

const (
	accessKey = "SLUICEKEY"
	secretKey = "sluice-secret"
)

// startSluice runs a gateway on a driver in memory, the S3 store that the conformance suite runs on here. It is in a region where
// making a bucket again is an error.
func startSluice(t testing.TB) *httptest.Server {
	t.Helper()
	store, err := state.Open(t.Context(), state.Config{Engine: state.EngineMemory})
	if err != nil {
		t.Fatal(err)
	}
	set, err := access.NewSet(access.Config{Identities: []access.IdentityConfig{
		{Name: "node", AccessKey: accessKey, SecretKey: access.NewSecret(secretKey), Policies: []string{"admin"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	g := gateway.New(gateway.Options{Tree: gateway.Tree{Driver: mem.New(), Identities: set}, State: store, Region: "eu-west-1"})
	server := httptest.NewUnstartedServer(g)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(func() {
		server.Close()
		_ = store.Close()
	})
	return server
}

func sluiceConfig(server *httptest.Server) s3.Config {
	return s3.Config{Endpoint: server.URL, Region: "eu-west-1", PathStyle: true, AccessKey: accessKey, SecretKey: secretKey}
}

// s3Limits are what S3 itself cannot do.
func s3Limits() []drivertest.Option {
	return []drivertest.Option{drivertest.StoreETags(), drivertest.SpeaksS3(), drivertest.MaxMetadata(2 << 10)}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		d, err := s3.New(t.Context(), sluiceConfig(startSluice(t)), s3.Options{Node: "aws"})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}, s3Limits()...)
}

func TestConformanceAsOpened(t *testing.T) {
	t.Parallel()
	drivertest.Run(t, func(t *testing.T) drivers.Driver {
		d, err := s3.Open(t.Context(), sluiceConfig(startSluice(t)), drivers.Env{Node: "aws"})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}, s3Limits()...)
}

// TestConformanceWithoutTrailers runs on stores that take checksums ahead alone, or never, less what needs those of parts.
func TestConformanceWithoutTrailers(t *testing.T) {
	t.Parallel()
	limits := s3Limits()
	for _, check := range []string{
		"Upload/parts are listed in pages", "Upload/uploads are listed in pages", "Upload/parts are copied from ranges",
		"Upload/checksums of the full object", "Upload/composite checksums", "Upload/a bad list leaves the upload as it is",
	} {
		limits = append(limits, drivertest.Without(check, "such a store has no checksums of parts"))
	}
	for mode, limits := range map[string][]drivertest.Option{
		"header": limits,
		"none":   append(limits, drivertest.Without("Copy/computes the checksum asked for", "such a store computes none")),
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			drivertest.Run(t, func(t *testing.T) drivers.Driver {
				c := sluiceConfig(startSluice(t))
				c.Checksum = mode
				d, err := s3.New(t.Context(), c, s3.Options{Node: "aws"})
				if err != nil {
					t.Fatal(err)
				}
				return d
			}, limits...)
		})
	}
}
