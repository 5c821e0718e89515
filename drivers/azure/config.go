package azure

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Config is the driver's part of the configuration. At most one of AccountKey, SAS and ConnectionString is set; without any,
// the environment says who is asking, by the SDK's default chain: variables, workload identity, managed identity, the az command.
type Config struct {
	Account          string `yaml:"account" jsonschema:"the storage account"`
	Endpoint         string `yaml:"endpoint" jsonschema:"the URL of its Blob service; https://ACCOUNT.blob.core.windows.net if absent"`
	AccountKey       string `yaml:"account_key" jsonschema:"one of the account's keys"`
	SAS              string `yaml:"sas" jsonschema:"a shared access signature for the account, as the portal shows it"`
	ConnectionString string `yaml:"connection_string" jsonschema:"all of it in one, as the portal shows it"`

	upstream.Names `yaml:",inline"`
	Upstream       upstream.Config `yaml:"upstream" jsonschema:"time-outs, retries and bounds"`
}

func (c Config) check() error {
	ways := 0
	for _, secret := range []string{c.AccountKey, c.SAS, c.ConnectionString} {
		if secret != "" {
			ways++
		}
	}
	switch {
	case ways > 1:
		return errors.New("account_key, sas and connection_string: only one of them can be set")
	case c.ConnectionString != "" && (c.Account != "" || c.Endpoint != ""):
		return errors.New("connection_string: has account and endpoint in it; leave those out")
	case c.ConnectionString == "" && c.Account == "" && (c.Endpoint == "" || c.AccountKey != ""):
		return errors.New("account: missing")
	}
	return checkEndpoint(c.Endpoint)
}

func checkEndpoint(endpoint string) error {
	u, err := url.Parse(endpoint)
	if endpoint != "" && (err != nil || u.Host == "" || u.RawQuery != "" || u.User != nil) {
		return errors.New("endpoint: not a URL, or one with more than a host and a path")
	}
	return nil
}

// inquiryTimeout is how long Open waits for the account to say what it is.
const inquiryTimeout = 5 * time.Second

// Open opens the driver from its configuration. An account that does not answer is no error: it may answer later.
func Open(ctx context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	if err := errors.Join(c.Upstream.Check(), c.Names.Check()); err != nil {
		return nil, err
	}
	d, err := New(c, upstream.Client(c.Upstream), env.Node)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, inquiryTimeout)
	defer cancel()
	switch err := d.inquire(ctx); {
	case errors.Is(err, errHierarchical):
		return nil, err
	case err != nil:
		env.Log.Warn("the storage account does not say whether it has a hierarchical namespace, which cannot be served", "error", err)
	}
	return upstream.Rename(upstream.Wrap(d, c.Upstream, env), c.Names), nil
}

// errHierarchical is an account in which a name is a path.
var errHierarchical = fmt.Errorf("the account has a hierarchical namespace, which cannot hold S3's keys: no \"a\" beside \"a/b\", "+
	"no \"a//b\", and another order; use an account without: %w", drivers.ErrUnsupported)

// inquire asks for the kind of the account, and fails with errHierarchical.
// https://learn.microsoft.com/rest/api/storageservices/get-account-information
func (d *Driver) inquire(ctx context.Context) error {
	info, err := d.account.GetAccountInfo(ctx, nil)
	if err == nil && info.IsHierarchicalNamespaceEnabled != nil && *info.IsHierarchicalNamespaceEnabled {
		err = errHierarchical
	}
	return d.fail("Open", "", "", err)
}
