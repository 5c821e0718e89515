package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// newTestSet has two accounts, an anonymous one, and a policy of its own.
func newTestSet(t *testing.T) (*Set, *Policy) {
	t.Helper()
	custom := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*"`))
	s, err := NewSet(Config{
		Identities: []IdentityConfig{
			{Name: "app", AccessKey: "APPKEY", SecretKey: NewSecret("canary-secret"), Policies: []string{"readwrite", "mine"}},
			{Name: "app", AccessKey: "APPKEY2", SecretKey: NewSecret("canary-secret")},
			{Name: "audit", Account: "finance", AccessKey: "AUDIT", SecretKey: NewSecret("canary-secret")},
		},
		Anonymous: &AnonymousConfig{Account: "public", Policies: []string{"readonly"}},
		Policies:  map[string]*Policy{"mine": custom},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, custom
}

func TestSetLooksUpIdentities(t *testing.T) {
	t.Parallel()
	s, custom := newTestSet(t)
	id, ok := s.Lookup("APPKEY")
	if !ok || id.Name != "app" || id.Account != DefaultAccount || len(id.Policies) != 2 || id.Policies[1] != custom {
		t.Errorf("APPKEY: %+v, %v", id, ok)
	}
	for _, key := range []string{"", "appkey", "APPKEY ", "x"} {
		if id, ok := s.Lookup(key); ok || id != nil {
			t.Errorf("%q is found", key)
		}
	}
	if a := s.Anonymous(); !a.Anonymous() || a.Account != "public" || len(a.Policies) != 1 {
		t.Errorf("anonymous: %+v", a)
	}
	if got := s.Identities(); len(got) != 3 || got[0].AccessKey != "APPKEY" || got[2].Name != "audit" {
		t.Errorf("identities: %v", got)
	}
}

func TestSetFindsAccountsByCanonicalID(t *testing.T) {
	t.Parallel()
	s, _ := newTestSet(t)
	for _, account := range []string{"sluice", "finance", "public"} {
		if got, ok := s.Account(CanonicalID(account)); !ok || got != account {
			t.Errorf("account of the ID of %s: %q, %v", account, got, ok)
		}
	}
	if _, ok := s.Account("x"); ok {
		t.Error("an account is found for an unknown ID")
	}
}

func TestEmptySetAllowsNobody(t *testing.T) {
	t.Parallel()
	s, err := NewSet(Config{})
	if err != nil {
		t.Fatal(err)
	}
	r := Request{Identity: s.Anonymous(), Action: "s3:GetObject", Resource: "b/k", ResourceAccount: DefaultAccount}
	if d := Authorize(r, nil); d != ImplicitDeny {
		t.Error(d)
	}
}

func TestNewSetRefuses(t *testing.T) {
	t.Parallel()
	const canary = "canary-secret"
	good := IdentityConfig{Name: "app", AccessKey: "APPKEY", SecretKey: NewSecret(canary)}
	tests := map[string]struct {
		change func(*IdentityConfig)
		want   string
	}{
		"no name":          {func(c *IdentityConfig) { c.Name = "" }, "name must be"},
		"name":             {func(c *IdentityConfig) { c.Name = "a/b" }, "name must be"},
		"wild name":        {func(c *IdentityConfig) { c.Name = "*" }, "name must be"},
		"account":          {func(c *IdentityConfig) { c.Account = "a:b" }, "account"},
		"long account":     {func(c *IdentityConfig) { c.Account = strings.Repeat("a", 65) }, "account"},
		"no access key":    {func(c *IdentityConfig) { c.AccessKey = "" }, "access key is empty"},
		"short access key": {func(c *IdentityConfig) { c.AccessKey = "ab" }, "3 to 128"},
		"access key":       {func(c *IdentityConfig) { c.AccessKey = "a/bc" }, "3 to 128"},
		"no secret":        {func(c *IdentityConfig) { c.SecretKey = Secret{} }, "secret key is empty"},
		"empty secret":     {func(c *IdentityConfig) { c.SecretKey = NewSecret("") }, "secret key is empty"},
		"short secret":     {func(c *IdentityConfig) { c.SecretKey = NewSecret(canary[:7]) }, "8 to 256"},
		"long secret":      {func(c *IdentityConfig) { c.SecretKey = NewSecret(strings.Repeat(canary, 40)) }, "8 to 256"},
		"newline":          {func(c *IdentityConfig) { c.SecretKey = NewSecret(canary + "\n") }, "white space"},
		"unknown policy":   {func(c *IdentityConfig) { c.Policies = []string{"root"} }, `policy "root" is unknown; there are admin`},
		"nameless policy":  {func(c *IdentityConfig) { c.Policies = []string{""} }, `policy "" is unknown`},
	}
	for name, tt := range tests {
		c := good
		tt.change(&c)
		_, err := NewSet(Config{Identities: []IdentityConfig{c}})
		if text := fmt.Sprint(err); !strings.Contains(text, tt.want) || strings.Contains(text, canary[:7]) {
			t.Errorf("%s: error %v, want %q", name, err, tt.want)
		}
	}
	_, err := NewSet(Config{
		Identities: []IdentityConfig{good, good},
		Anonymous:  &AnonymousConfig{Policies: []string{"nope"}},
		Policies:   map[string]*Policy{"admin": {}, "void": nil},
	})
	for _, want := range []string{`identity 2 ("app"): access key "APPKEY" is also`, `anonymous identity: policy "nope"`, `"admin" has the name`, `"void" is empty`} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("error %v, want %q too", err, want)
		}
	}
	if _, err := NewSet(Config{Anonymous: &AnonymousConfig{Account: "a b"}}); err == nil {
		t.Error("a malformed anonymous account is accepted")
	}
}

func TestSecretNeverShows(t *testing.T) {
	t.Parallel()
	const canary = "canary-secret"
	type inner struct{ key Secret } // unexported: fmt cannot call methods
	secret := NewSecret(canary)
	id := app()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
		for _, value := range []any{secret, &secret, *id, id, inner{secret}, []Secret{secret}, map[string]Secret{"k": secret},
			IdentityConfig{SecretKey: secret}} {
			fmt.Fprintf(&out, verb+"\n", value)
		}
	}
	fmt.Fprintln(&out, secret, secret.String(), secret.GoString(), fmt.Errorf("bad %w", fmt.Errorf("%v", id)))
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "secret", secret, "identity", id, "inner", inner{secret})
	}
	encoded, err := json.Marshal(map[string]any{"secret": secret, "identity": id})
	if err != nil {
		t.Fatal(err)
	}
	out.Write(encoded)
	if s := out.String(); strings.Contains(s, canary) || strings.Contains(s, fmt.Sprintf("%x", canary)) ||
		strings.Contains(s, fmt.Sprintf("%X", canary)) {
		t.Errorf("the secret shows in:\n%s", s)
	}
	if !bytes.Contains(encoded, []byte(redacted)) {
		t.Errorf("JSON is %s", encoded)
	}
}

func TestSecretHoldsItsText(t *testing.T) {
	t.Parallel()
	var read Secret
	if err := json.Unmarshal([]byte(`"canary"`), &read); err != nil || read.Reveal() != "canary" {
		t.Errorf("read from JSON: %q, %v", read.Reveal(), err)
	}
	if !read.Equal(NewSecret("canary")) || read.Equal(NewSecret("canarY")) || read.Equal(Secret{}) || !(Secret{}).Equal(NewSecret("")) {
		t.Error("Equal is wrong")
	}
}

func TestCanonicalID(t *testing.T) {
	t.Parallel()
	// Fixed for ever: clients keep it in grants.
	const want = "e67d74c2bba6c5830dc219ca8b6f41ec2594c84be2eb36574d150bd1d2884d7e"
	if got := CanonicalID(DefaultAccount); got != want {
		t.Errorf("ID of %q is %s, want %s", DefaultAccount, got, want)
	}
	if CanonicalID("a") == CanonicalID("b") || len(CanonicalID("")) != 64 {
		t.Error("IDs are not distinct or not 64 digits")
	}
	a, b := app(), app()
	b.Account = "other"
	if a.UserID() == b.UserID() || len(a.UserID()) != 32 {
		t.Error("user IDs are not distinct or not 32 digits")
	}
}
