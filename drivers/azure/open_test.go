package azure_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/azure/azuretest"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	down := func(string, *http.Request) *azuretest.Fault {
		return &azuretest.Fault{Status: 403, Code: "AuthorizationFailure"}
	}
	for name, c := range map[string]struct {
		service *azuretest.Service
		want    error
		logged  string
	}{
		"an account": {&azuretest.Service{}, nil, ""},
		"an account with a hierarchical namespace": {&azuretest.Service{Hierarchical: true}, drivers.ErrUnsupported, ""},
		"an account that does not say what it is":  {&azuretest.Service{Before: down}, nil, "does not say whether"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azuretest.New()
			s.Hierarchical, s.Before = c.service.Hierarchical, c.service.Before
			server := httptest.NewServer(s)
			t.Cleanup(server.Close)
			var log bytes.Buffer
			d, err := azure.Open(t.Context(), azure.Config{Account: "acme", AccountKey: azuretest.Key, Endpoint: server.URL + "/acme/"},
				drivers.Env{Node: "az", Log: slog.New(slog.NewTextHandler(&log, nil))})
			if !errors.Is(err, c.want) || !strings.Contains(log.String(), c.logged) {
				t.Errorf("error is %v, want %v; log: %s", err, c.want, &log)
			}
			if d != nil {
				if err := d.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestConfigsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]azure.Config{
		"account":           {},
		"sas":               {Account: "a", AccountKey: "a2V5", SAS: "sig=x"},
		"connection_string": {Account: "a", ConnectionString: "UseDevelopmentStorage=true"},
		"endpoint":          {Account: "a", Endpoint: "acme"},
		"account_key":       {Account: "a", AccountKey: "?"},
	} {
		if _, err := azure.New(c, http.DefaultClient, "az"); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
