package s3_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/s3"
	"sluice/drivers/upstream"
)

func TestAConfigThatMakesNoSenseIsRefused(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]s3.Config{
		"checksum":                  {Region: "r", Checksum: "md5"},
		"endpoint":                  {Region: "r", Endpoint: "store.example.com"},
		"endpoint: wants":           {Endpoint: "https://user:secret@store.example.com"},
		"access_key and secret_key": {Region: "r", AccessKey: "A"},
		"one without the other":     {Region: "r", SecretKey: "verysecret"},
		"profile: beside":           {Region: "r", AccessKey: "A", SecretKey: "verysecret", Profile: "p"},
		"web_identity: wants":       {Region: "r", WebIdentity: s3.WebIdentity{RoleARN: "arn"}},
		"web_identity: beside":      {Region: "r", AccessKey: "A", SecretKey: "verysecret", WebIdentity: s3.WebIdentity{RoleARN: "arn", TokenFile: "f"}},
		"assume_role: wants":        {Region: "r", AssumeRole: s3.AssumeRole{ExternalID: "x"}},
		"region: missing":           {AccessKey: "A", SecretKey: "verysecret"},
		"bucket_prefix":             {Region: "r", AccessKey: "A", SecretKey: "verysecret", Names: upstream.Names{BucketPrefix: "a/"}},
		"attempts":                  {Region: "r", AccessKey: "A", SecretKey: "verysecret", Upstream: upstream.Config{Attempts: -1}},
	} {
		_, err := s3.Open(t.Context(), c, drivers.Env{Node: "aws"})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret@") || strings.Contains(err.Error(), "verysecret") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestSecretsDoNotShow(t *testing.T) {
	t.Parallel()
	c := s3.Config{AccessKey: "A", SecretKey: "verysecret", SessionToken: "verysecret"}
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	textLog(&log).Info("opened", "key", c.SecretKey, "config", c)
	for _, shown := range []string{string(text), fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%q", c.SecretKey), log.String()} {
		if strings.Contains(shown, "verysecret") {
			t.Errorf("%s", shown)
		}
	}
}

func TestKeysOfItsOwnNeedNothingElse(t *testing.T) {
	t.Setenv("AWS_PROFILE", "not-there") // which would fail, were it looked at
	t.Setenv("AWS_ACCESS_KEY_ID", "FROMENV")
	t.Setenv("AWS_ENDPOINT_URL", "https://elsewhere.invalid")
	f := startFake(t, always(answer{}))
	d := f.open(t, s3.Config{AccessKey: "OWNKEY", SecretKey: "verysecret", SessionToken: "token"})
	if _, err := d.StatBucket(t.Context(), "photos"); err != nil {
		t.Fatal(err)
	}
	r := f.only(t)
	if !strings.Contains(r.Header.Get("Authorization"), "Credential=OWNKEY/") || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/s3/") ||
		r.Header.Get("X-Amz-Security-Token") != "token" || r.Host != "s3.eu-west-1.amazonaws.com" {
		t.Errorf("%s %v", r.Host, r.Header)
	}
}

func TestTheChainOfCredentialsIsTheSDKs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "credentials")
	if err := os.WriteFile(file, []byte("[other]\naws_access_key_id = PROFILEKEY\naws_secret_access_key = verysecret\nregion = ap-south-1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", file)
	t.Setenv("AWS_CONFIG_FILE", file)
	t.Setenv("AWS_ACCESS_KEY_ID", "ENVKEY")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "verysecret")
	t.Setenv("AWS_REGION", "sa-east-1")
	for want, c := range map[string]s3.Config{
		"ENVKEY sa-east-1":     {},
		"PROFILEKEY sa-east-1": {Profile: "other"}, // the environment comes before the file
		"PROFILEKEY us-west-2": {Profile: "other", Region: "us-west-2"},
	} {
		f := startFake(t, always(answer{}))
		c.PathStyle = true
		d, err := s3.New(t.Context(), c, s3.Options{HTTP: f.client(t)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.StatBucket(t.Context(), "photos"); err != nil {
			t.Fatal(err)
		}
		key, region, _ := strings.Cut(want, " ")
		if a := f.only(t).Header.Get("Authorization"); !strings.Contains(a, "Credential="+key+"/") || !strings.Contains(a, "/"+region+"/") {
			t.Errorf("%+v: %s, want %s", c, a, want)
		}
	}
}

func TestRolesAreAssumed(t *testing.T) {
	t.Parallel()
	const issued = `<Credentials><AccessKeyId>ROLEKEY</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>roletoken</SessionToken>` +
		`<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>`
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("webtoken"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		config s3.Config
		asked  []string
	}{
		"AssumeRole": {
			s3.Config{AssumeRole: s3.AssumeRole{ARN: "arn:aws:iam::1:role/r", ExternalID: "xid", SessionName: "me"}},
			[]string{"RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr", "ExternalId=xid", "RoleSessionName=me"},
		},
		"AssumeRoleWithWebIdentity": {
			s3.Config{WebIdentity: s3.WebIdentity{RoleARN: "arn:web", TokenFile: token}},
			[]string{"WebIdentityToken=webtoken", "RoleArn=arn%3Aweb", "RoleSessionName=sluice"},
		},
	} {
		f := startFake(t, func(r request) answer {
			if strings.HasPrefix(r.Host, "sts.") {
				return answer{body: "<" + name + "Response><" + name + "Result>" + issued + "</" + name + "Result></" + name + "Response>"}
			}
			return answer{}
		})
		d := f.open(t, c.config)
		for range 3 {
			if _, err := d.StatBucket(t.Context(), "photos"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		all := f.seen()
		if len(all) != 4 { // the role's keys are kept
			t.Errorf("%s: %d requests", name, len(all))
		}
		for _, want := range append(c.asked, "Action="+name) {
			if !strings.Contains(all[0].body, want) {
				t.Errorf("%s: asked with %s", name, all[0].body)
			}
		}
		if r := all[1]; r.Header.Get("X-Amz-Security-Token") != "roletoken" || !strings.Contains(r.Header.Get("Authorization"), "Credential=ROLEKEY/") {
			t.Errorf("%s: %v", name, r.Header)
		}
	}
}

func TestBucketsGoIntoTheHostName(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{}))
	c := s3.Config{Region: "eu-west-1", AccessKey: "A", SecretKey: "s", Endpoint: "https://store.example.com"}
	d, err := s3.New(t.Context(), c, s3.Options{HTTP: f.client(t)})
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a/b", "//a", "..", "a/../b", "%2F"} {
		if _, err := d.Bucket("photos").Put(t.Context(), key, strings.NewReader(""), drivers.PutOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"/a/b", "///a", "/..", "/a/../b", "/%252F"}
	for i, r := range f.seen() {
		if path, _, _ := strings.Cut(r.RequestURI, "?"); r.Host != "photos.store.example.com" || path != want[i] {
			t.Errorf("%s %s, want %s", r.Host, path, want[i])
		}
	}
}

func TestNodesNameTheirBuckets(t *testing.T) {
	t.Parallel()
	server := startSluice(t)
	c := sluiceConfig(server)
	plain, err := s3.Open(t.Context(), c, drivers.Env{Node: "plain"})
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	c.BucketPrefix, c.BucketNames = "acme-", map[string]string{"photos": "acme-photos-eu"}
	named, err := s3.Open(t.Context(), c, drivers.Env{Node: "named"})
	if err != nil {
		t.Fatal(err)
	}
	defer named.Close()
	for _, name := range []string{"photos", "videos"} {
		if err := named.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"acme-photos-eu", "acme-videos"} {
		if _, err := plain.StatBucket(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}

func TestLimitsAreThoseOfTheConfig(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		config       s3.Config
		with, absent string
	}{
		{s3.Config{Region: "r"}, "conditional writes", "conditional deletes"},
		{s3.Config{Region: "r", Endpoint: "https://bucket.vpce-1.s3.eu-west-1.vpce.amazonaws.com"}, "large copies", "conditional deletes"},
		{s3.Config{Endpoint: "https://store.example.com"}, "conditional deletes", "checksums"},
		{s3.Config{Endpoint: "https://store.example.com", Checksum: "none"}, "user metadata", "AWS"},
		{s3.Config{Endpoint: "https://store.example.com", Checksum: "header"}, "where clients send them ahead", "user metadata"},
	} {
		c.config.AccessKey, c.config.SecretKey = "A", "s"
		d, err := s3.Open(t.Context(), c.config, drivers.Env{})
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(drivers.Limits(d))
		if !strings.Contains(text, c.with) || strings.Contains(text, c.absent) {
			t.Errorf("%+v: %s", c.config, text)
		}
		d.Close()
	}
}
