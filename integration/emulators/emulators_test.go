package emulators

import (
	"net/http"
	"strings"
	"testing"

	"sluice/integration/server"
)

func TestEmulatorsStartAndAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		emulator      Emulator
		path          string
		header, value string // of the answer; the value's beginning
	}{
		{"azurite", Azurite, "/" + AzureAccount, "Server", "Azurite-Blob/"},
		{"fake-gcs-server", FakeGCS, "/storage/v1/b?project=p", "Content-Type", "application/json"},
		{"versitygw", VersityGW, "/bucket", "Server", "VERSITYGW"},
		{"sluice", Sluice, "/bucket", "Server", "Sluice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config, err := c.emulator(t.Context(), t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			config.Log = t.Output()
			s, err := server.Start(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Kill()
			resp, err := http.Get(s.Endpoint() + c.path)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if !strings.HasPrefix(resp.Header.Get(c.header), c.value) {
				t.Errorf("%s: %s, %v", c.path, resp.Status, resp.Header)
			}
		})
	}
}
