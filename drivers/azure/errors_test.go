package azure_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/azure/azuretest"
	"sluice/drivers/upstream"
)

// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
func TestAnswersOfTheService(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault azuretest.Fault
		want  error
	}{
		"busy":             {azuretest.Fault{Status: 503, Code: "ServerBusy", Header: http.Header{"Retry-After": {"7"}}}, drivers.ErrSlowDown},
		"too many":         {azuretest.Fault{Status: 429, Code: "TooManyRequests"}, drivers.ErrSlowDown},
		"broken":           {azuretest.Fault{Status: 500, Code: "InternalError"}, drivers.ErrUnavailable},
		"late":             {azuretest.Fault{Status: 500, Code: "OperationTimedOut"}, drivers.ErrUnavailable},
		"silent":           {azuretest.Fault{Drop: true}, drivers.ErrUnavailable},
		"denied":           {azuretest.Fault{Status: 403, Code: "AuthorizationFailure"}, drivers.ErrDenied},
		"leased":           {azuretest.Fault{Status: 412, Code: "LeaseIdMissing"}, drivers.ErrDenied},
		"immutable":        {azuretest.Fault{Status: 409, Code: "BlobImmutableDueToPolicy"}, drivers.ErrDenied},
		"being deleted":    {azuretest.Fault{Status: 409, Code: "ContainerBeingDeleted"}, drivers.ErrNoBucket},
		"of a page blob":   {azuretest.Fault{Status: 409, Code: "InvalidBlobType"}, drivers.ErrConflict},
		"full of blocks":   {azuretest.Fault{Status: 409, Code: "BlockCountExceedsLimit"}, drivers.ErrConflict},
		"blocks of others": {azuretest.Fault{Status: 400, Code: "InvalidBlobOrBlock"}, drivers.ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azuretest.New()
			b := bucket(t, s)
			s.Before = func(string, *http.Request) *azuretest.Fault { return &c.fault }
			_, err := b.Put(t.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
			var at *drivers.Error
			if !errors.Is(err, c.want) || !errors.As(err, &at) || at.Node != "az" || at.Bucket != "photos" || at.Key != "key" {
				t.Errorf("error is %v, want %v", err, c.want)
			}
			var later *drivers.RetryAfter
			if c.fault.Header != nil && (!errors.As(err, &later) || later.After != 7*time.Second) {
				t.Errorf("no Retry-After in %v", err)
			}
			_, err = b.Head(t.Context(), "key", drivers.GetOptions{})
			if !errors.Is(err, c.want) {
				t.Errorf("Head: error is %v, want %v", err, c.want)
			}
			if n := s.Count(""); n != 3 {
				t.Errorf("%d requests: something was repeated", n)
			}
		})
	}
}

func TestErrorsHoldNoSecrets(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	const secret = "c2VjcmV0LXNlY3JldA=="
	sas := "?sv=2024-01-01&sig=" + secret
	s.Before = func(string, *http.Request) *azuretest.Fault {
		return &azuretest.Fault{Status: 403, Code: "AuthenticationFailed"}
	}
	for name, c := range map[string]azure.Config{
		"a signature in a URL that is refused":    {SAS: sas, Endpoint: server.URL + "/acme"},
		"a signature in a URL that leads nowhere": {SAS: sas, Endpoint: "http://" + closed.Addr().String() + "/acme"},
		"a key":                                      {Account: "acme", AccountKey: secret, Endpoint: server.URL + "/acme"},
		"a key that is none":                         {Account: "acme", AccountKey: secret + "!"},
		"a connection string":                        {ConnectionString: "AccountName=acme;AccountKey=" + secret + ";BlobEndpoint=" + server.URL + "/acme"},
		"a connection string that is none":           {ConnectionString: "AccountKey=" + secret},
		"a signature and a connection string":        {ConnectionString: "AccountKey=" + secret, SAS: sas},
		"an endpoint with a signature":               {Endpoint: "https://acme.example" + sas},
		"an endpoint with a password that is no URL": {Endpoint: "https://user:" + secret + "@acme.example:port", Account: "acme"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := upstream.Client(upstream.Config{})
			t.Cleanup(client.CloseIdleConnections)
			d, err := azure.New(c, client, "az")
			if err == nil {
				_, err = d.Bucket("photos").Put(t.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
			}
			if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "sig=") {
				t.Errorf("error is %v", err)
			}
			if d == nil {
				return
			}
			_, err = d.Bucket("photos").(drivers.Joiner).Join(t.Context(), "key", []drivers.Source{{Key: "source", Token: "x", Size: 1}},
				drivers.PutOptions{Size: 1, Digest: func() drivers.Digest { return drivers.Digest{} }})
			if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "sig=") {
				t.Errorf("Join: error is %v", err)
			}
		})
	}
}

func TestContextsThatEndComeBack(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	s.Before = func(string, *http.Request) *azuretest.Fault {
		cancel()
		<-ctx.Done()
		return nil
	}
	_, err := b.Put(ctx, "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
	if !errors.Is(err, context.Canceled) || errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}

func TestBucketNamesThatNoContainerCanHave(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	d := open(t, s)
	for _, name := range []string{"a.b", "Photos", "a--b", "-ab", "ab-", "ab", "$web", "photos_1", strings.Repeat("a", 64)} {
		if err := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrInvalid) {
			t.Errorf("CreateBucket(%q): %v", name, err)
		}
		if _, err := d.StatBucket(t.Context(), name); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("StatBucket(%q): %v", name, err)
		}
		_, err := d.Bucket(name).List(t.Context(), drivers.ListOptions{})
		if !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("List of %q: %v", name, err)
		}
	}
	if n := s.Count(""); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestABucketThatIsBeingDeleted(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	d := open(t, s)
	if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	info, err := d.StatBucket(t.Context(), "photos")
	if err != nil || time.Since(info.Created) > time.Minute {
		t.Errorf("%+v, %v", info, err)
	}
	s.BeginDelete("photos")
	if _, err := d.StatBucket(t.Context(), "photos"); !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("StatBucket: %v", err)
	}
	if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrConflict) {
		t.Errorf("CreateBucket: %v", err)
	}
}

func TestNamesThatAreKeptUnderOthers(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "a/", "/", "//a", "a//b", "ü/世界", "a b", "?x=y#z", "%2F", ".a", "..a/b", "\u2028", ".sluice/keys/00ff",
		strings.Repeat("d/", 253) + "d", strings.Repeat("x", 1024)} {
		if !azure.Takes(name) {
			t.Errorf("%.20q is not taken", name)
		}
	}
	for _, name := range []string{"", ".", "..", "a/.", "a/../b", "a.", "a./b", `a\b`, "\x00", "a\n", "\x7f", "\u0085", "\ue000", "\ufffe", "\uffff", "🚀",
		"\xff", strings.Repeat("d/", 254) + "d", strings.Repeat("x", 1025)} {
		if azure.Takes(name) {
			t.Errorf("%.20q is taken", name)
		}
	}
}

// A listing after a name that no blob can have starts at the next that one can.
func TestWhereListingsStart(t *testing.T) {
	t.Parallel()
	for after, want := range map[string]string{
		"a/b": "a/b", "a\x01b": "a ", `a\b`: "a]", "a\x7f": "a\u00a0", "a\ue000b": "a\uf900", "a\uffff": "b", ".sluice/\U0010ffff": ".sluice0",
		"a\xff": "a", "\U0010ffff": "", "\ufffd\U0010ffff": "",
	} {
		if got := azure.Floor(after); got != want {
			t.Errorf("after %q: %q, want %q", after, got, want)
		}
	}
}
