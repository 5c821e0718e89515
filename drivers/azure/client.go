package azure

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

// account is a storage account and the way in.
type account struct {
	*service.Client
	identity azcore.TokenCredential // nil where a key or a SAS is used
}

// open makes the client that the config describes. It asks nobody. Its errors hold no secret.
func (c Config) open(client *http.Client) (account, error) {
	o := &service.ClientOptions{ClientOptions: clientOptions(client)}
	endpoint := strings.TrimSuffix(c.Endpoint, "/")
	if endpoint == "" {
		endpoint = "https://" + c.Account + ".blob.core.windows.net"
	}
	switch {
	case c.ConnectionString != "":
		s, err := service.NewClientFromConnectionString(c.ConnectionString, o)
		if err != nil {
			return account{}, errors.New("connection_string: not a connection string of a storage account")
		}
		return account{Client: s}, nil
	case c.AccountKey != "":
		key, err := service.NewSharedKeyCredential(c.Account, c.AccountKey)
		if err != nil {
			return account{}, errors.New("account_key: not in base64")
		}
		s, err := service.NewClientWithSharedKeyCredential(endpoint, key, o)
		return account{Client: s}, err
	case c.SAS != "":
		s, err := service.NewClientWithNoCredential(endpoint+"?"+strings.TrimPrefix(c.SAS, "?"), o)
		if err != nil {
			return account{}, errors.New("sas: not the query of a URL")
		}
		return account{Client: s}, nil
	}
	identity, err := azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: o.ClientOptions})
	if err != nil {
		return account{}, fmt.Errorf("no credential of the environment is of use: %w", err)
	}
	s, err := service.NewClient(endpoint, identity, o)
	return account{s, identity}, err
}

// clientOptions turns off what would be done twice: retries are for the layer above.
func clientOptions(client *http.Client) azcore.ClientOptions {
	return azcore.ClientOptions{
		Transport:        client,
		Retry:            policy.RetryOptions{MaxRetries: -1},
		Telemetry:        policy.TelemetryOptions{ApplicationID: "sluice"},
		PerRetryPolicies: []policy.Policy{wholeBatches{}},
	}
}

// wholeBatches reads the answers to batches to their end and closes them, which the SDK does not: their connections would be lost.
type wholeBatches struct{}

// Do implements policy.Policy.
func (wholeBatches) Do(r *policy.Request) (*http.Response, error) {
	resp, err := r.Next()
	if err != nil || r.Raw().URL.Query().Get("comp") != "batch" {
		return resp, err
	}
	answers, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswers))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answers))
	return resp, nil
}

// maxAnswers bounds the answer to a batch: 256 of some 500 bytes each.
const maxAnswers = 4 << 20

// scope is what a token must be good for.
const scope = "https://storage.azure.com/.default"

// sourceLife is how long the service may take a URL that it reads a source from.
const sourceLife = time.Hour

// source returns the URL by which the service itself may read a blob, and the header that goes with it, if one must.
// https://learn.microsoft.com/rest/api/storageservices/put-block-from-url
func (a account) source(ctx context.Context, b *blob.Client) (url string, authorization *string, err error) {
	if a.identity != nil {
		t, err := a.identity.GetToken(ctx, policy.TokenRequestOptions{Scopes: []string{scope}})
		if err != nil {
			return "", nil, err
		}
		bearer := "Bearer " + t.Token
		return b.URL(), &bearer, nil
	}
	url, err = b.GetSASURL(sas.BlobPermissions{Read: true}, time.Now().Add(sourceLife), nil)
	if errors.Is(err, bloberror.MissingSharedKeyCredential) { // it has a SAS in it
		return b.URL(), nil, nil
	}
	return url, nil, err
}
