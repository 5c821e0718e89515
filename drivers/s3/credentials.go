package s3

import (
	"cmp"
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// defaultSession names the sessions of assumed roles.
const defaultSession = "sluice"

// identity returns the region and the credentials that c asks for. It does no I/O but reading files; roles are asked for through
// client, when they are needed.
func (c Config) identity(ctx context.Context, client *http.Client) (aws.Config, error) {
	base, err := c.base(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	base.HTTPClient = client
	if base.Region == "" && c.Endpoint != "" {
		base.Region = "us-east-1"
	}
	if base.Region == "" {
		return aws.Config{}, fmt.Errorf("region: missing")
	}
	if w := c.WebIdentity; w != (WebIdentity{}) {
		base.Credentials = aws.NewCredentialsCache(stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(base), w.RoleARN,
			stscreds.IdentityTokenFile(w.TokenFile), func(o *stscreds.WebIdentityRoleOptions) { o.RoleSessionName = defaultSession }))
	}
	if r := c.AssumeRole; r.ARN != "" {
		base.Credentials = aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(base), r.ARN, func(o *stscreds.AssumeRoleOptions) {
			o.RoleSessionName = cmp.Or(r.SessionName, defaultSession)
			if r.ExternalID != "" {
				o.ExternalID = &r.ExternalID
			}
		}))
	}
	return base, nil
}

// base returns the fixed keys, or else what the SDK's chain finds. With fixed keys nothing of the surroundings counts.
func (c Config) base(ctx context.Context) (aws.Config, error) {
	if c.AccessKey != "" {
		keys := credentials.NewStaticCredentialsProvider(c.AccessKey, string(c.SecretKey), string(c.SessionToken))
		return aws.Config{Region: c.Region, Credentials: keys}, nil
	}
	var options []func(*config.LoadOptions) error
	if c.Region != "" {
		options = append(options, config.WithRegion(c.Region))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	found, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return aws.Config{}, fmt.Errorf("the SDK's chain of credentials: %w", err)
	}
	return aws.Config{Region: found.Region, Credentials: found.Credentials}, nil
}
