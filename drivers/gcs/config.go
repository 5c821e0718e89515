package gcs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"cloud.google.com/go/auth"
	"cloud.google.com/go/auth/credentials"
	"cloud.google.com/go/auth/httptransport"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Config is the driver's part of the configuration.
type Config struct {
	// Project is where buckets are listed and created: its ID or number.
	Project string `yaml:"project" jsonschema:"the project of the buckets"`
	// Location of new buckets, such as EU or europe-west1. Without it, that of the client's request where the store has it.
	Location string `yaml:"location" jsonschema:"where new buckets are; US if absent, unless the client says"`
	// CredentialsFile is of a service account, a user, or a federated identity, in JSON.
	CredentialsFile string `yaml:"credentials_file" jsonschema:"application default credentials if absent"`
	// Endpoint is the store's URL, without a path.
	Endpoint string `yaml:"endpoint" jsonschema:"the URL of an emulator or a private endpoint; https://storage.googleapis.com if absent"`
	// Anonymous sends no credentials.
	Anonymous bool `yaml:"anonymous" jsonschema:"ask without credentials, as emulators want it"`

	upstream.Names `yaml:",inline"`
	Upstream       upstream.Config `yaml:"upstream" jsonschema:"time-outs, retries and bounds"`
}

const (
	publicEndpoint = "https://storage.googleapis.com"
	emulatorHost   = "STORAGE_EMULATOR_HOST"
	// scope is what the driver may do: read and write objects, make and drop buckets.
	scope = "https://www.googleapis.com/auth/devstorage.full_control"
)

// Open opens a driver; it asks the store nothing.
func Open(_ context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	if err := errors.Join(c.Upstream.Check(), c.Names.Check()); err != nil {
		return nil, err
	}
	if host := os.Getenv(emulatorHost); host != "" && c.Endpoint == "" {
		if !strings.Contains(host, "://") {
			host = "http://" + host
		}
		c.Endpoint, c.Anonymous = host, true
	}
	client, err := newClient(c)
	if err != nil {
		return nil, err
	}
	d, err := New(client, Options{Node: env.Node, Project: c.Project, Location: c.Location, Endpoint: c.Endpoint})
	if err != nil {
		return nil, err
	}
	return upstream.Rename(upstream.Wrap(d, c.Upstream, env), c.Names), nil
}

// newClient returns an HTTP client that has the config's credentials.
func newClient(c Config) (*http.Client, error) {
	plain := upstream.Client(c.Upstream)
	if c.Anonymous {
		if c.CredentialsFile != "" {
			return nil, fmt.Errorf("gcs: anonymous, and yet a credentials_file: %w", drivers.ErrInvalid)
		}
		return plain, nil
	}
	creds, err := findCredentials(c.CredentialsFile, &credentials.DetectOptions{Scopes: []string{scope}, Client: plain})
	if err != nil {
		return nil, fmt.Errorf("gcs: credentials: %w", err)
	}
	client := *plain
	if err := httptransport.AddAuthorizationMiddleware(&client, creds); err != nil {
		return nil, fmt.Errorf("gcs: credentials: %w", err)
	}
	client.Transport = authorized{client.Transport, plain}
	return &client, nil
}

// findCredentials reads a file of credentials, of any type, or finds those of the place where the process runs.
func findCredentials(file string, o *credentials.DetectOptions) (*auth.Credentials, error) {
	if file == "" {
		return credentials.DetectDefault(o)
	}
	doc, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var kind struct{ Type credentials.CredType }
	if err := json.Unmarshal(doc, &kind); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return credentials.NewCredentialsFromJSON(kind.Type, doc, o)
}

// authorized is a transport that adds credentials to what it sends by plain.
type authorized struct {
	http.RoundTripper
	plain *http.Client
}

// CloseIdleConnections is what http.Client looks for.
func (a authorized) CloseIdleConnections() { a.plain.CloseIdleConnections() }

// Options are the options of New.
type Options struct {
	Node     string // named in errors
	Project  string
	Location string // of new buckets
	Endpoint string // the store's URL; "" is the public one
}

// endpointURL checks an endpoint.
func endpointURL(endpoint string) (*url.URL, error) {
	if endpoint == "" {
		endpoint = publicEndpoint
	}
	u, err := url.Parse(endpoint)
	switch {
	case err != nil:
		return nil, fmt.Errorf("gcs: endpoint: %w", errors.Unwrap(err)) // without the URL, which may hold a password
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.User != nil, strings.Trim(u.Path, "/") != "", u.RawQuery != "":
		return nil, fmt.Errorf("gcs: endpoint is not a URL like %s: %w", publicEndpoint, drivers.ErrInvalid)
	}
	u.Path = ""
	return u, nil
}
