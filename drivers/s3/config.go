package s3

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Config is the node's config; the package comment shows it.
type Config struct {
	upstream.Names `yaml:",inline"`
	Region         string          `yaml:"region" jsonschema:"the region of the buckets; that of the SDK's chain if absent, us-east-1 beside an endpoint"`
	Endpoint       string          `yaml:"endpoint" jsonschema:"the URL of a store that is not AWS's own"`
	PathStyle      bool            `yaml:"path_style" jsonschema:"put the bucket into the path and not into the host name"`
	AccessKey      string          `yaml:"access_key" jsonschema:"a fixed key, with secret_key"`
	SecretKey      Secret          `yaml:"secret_key" jsonschema:"the secret of access_key"`
	SessionToken   Secret          `yaml:"session_token" jsonschema:"that goes with temporary keys"`
	Profile        string          `yaml:"profile" jsonschema:"the profile of the shared config files"`
	AssumeRole     AssumeRole      `yaml:"assume_role" jsonschema:"a role that the credentials assume"`
	WebIdentity    WebIdentity     `yaml:"web_identity" jsonschema:"a role that a token in a file stands for"`
	Checksum       string          `yaml:"checksum" enum:"trailer,header,none" jsonschema:"how the store takes checksums; trailer if absent"`
	Upstream       upstream.Config `yaml:"upstream" jsonschema:"time-outs, retries and bounds"`
}

// AssumeRole is a role that is assumed through AWS STS.
type AssumeRole struct {
	ARN         string `yaml:"arn" jsonschema:"the role"`
	ExternalID  string `yaml:"external_id" jsonschema:"what the role's owner asks for, if anything"`
	SessionName string `yaml:"session_name" jsonschema:"sluice if absent"`
}

// WebIdentity is a role that is assumed by a token, which is read again whenever it is needed.
type WebIdentity struct {
	RoleARN   string `yaml:"role_arn" jsonschema:"the role"`
	TokenFile string `yaml:"token_file" jsonschema:"the file that holds the token"`
}

// Secret is a text that does not show itself when it is printed or logged.
type Secret string

// String returns "REDACTED".
func (Secret) String() string { return "REDACTED" }

// GoString returns "REDACTED".
func (Secret) GoString() string { return "REDACTED" }

// LogValue returns "REDACTED".
func (Secret) LogValue() slog.Value { return slog.StringValue("REDACTED") }

// MarshalText returns "REDACTED".
func (Secret) MarshalText() ([]byte, error) { return []byte("REDACTED"), nil }

// check returns an error for what makes no sense.
func (c Config) check() error {
	switch c.Checksum {
	case "", "trailer", "header", "none":
	default:
		return fmt.Errorf("checksum: %q is none of trailer, header, none", c.Checksum)
	}
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
			return fmt.Errorf("endpoint: wants a URL such as https://s3.example.com")
		}
	}
	if err := c.checkCredentials(); err != nil {
		return err
	}
	if err := c.Names.Check(); err != nil {
		return err
	}
	return c.Upstream.Check()
}

// isAWS tells whether the store is AWS's own, perhaps by an endpoint in a private network.
func (c Config) isAWS() bool {
	if c.Endpoint == "" {
		return true
	}
	u, err := url.Parse(c.Endpoint)
	return err == nil && (strings.HasSuffix(u.Hostname(), ".amazonaws.com") || strings.HasSuffix(u.Hostname(), ".amazonaws.com.cn"))
}

func (c Config) checkCredentials() error {
	fixed := c.AccessKey != "" || c.SecretKey != "" || c.SessionToken != ""
	web := c.WebIdentity != WebIdentity{}
	switch {
	case fixed && (c.AccessKey == "" || c.SecretKey == ""):
		return fmt.Errorf("access_key and secret_key: one without the other")
	case fixed && c.Profile != "":
		return fmt.Errorf("profile: beside access_key")
	case web && (c.WebIdentity.RoleARN == "" || c.WebIdentity.TokenFile == ""):
		return fmt.Errorf("web_identity: wants role_arn and token_file")
	case web && fixed:
		return fmt.Errorf("web_identity: beside access_key")
	case c.AssumeRole != AssumeRole{} && c.AssumeRole.ARN == "":
		return fmt.Errorf("assume_role: wants arn")
	}
	return nil
}

// Open opens the driver from its configuration, with all that [upstream.Wrap] and [upstream.Rename] put around it.
func Open(ctx context.Context, c Config, env drivers.Env) (drivers.Driver, error) {
	d, err := New(ctx, c, Options{Node: env.Node, Log: env.Log})
	if err != nil {
		return nil, err
	}
	return upstream.Rename(upstream.Wrap(d, c.Upstream, env), c.Names), nil
}

// Options are the options of New. The zero value is the default.
type Options struct {
	Node string       // named in errors
	Log  *slog.Logger // for what happens outside of any call; nil discards it
	HTTP *http.Client // asks the store; nil makes one as c.Upstream says
}
