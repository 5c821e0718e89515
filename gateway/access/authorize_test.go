package access

import (
	"fmt"
	"testing"
)

func TestEvaluateOrder(t *testing.T) {
	t.Parallel()
	allow := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "*"`))
	deny := mustPolicy(t, oneStatement(`"Effect": "Deny", "Action": "s3:Delete*", "Resource": "arn:aws:s3:::b/*"`))
	for _, policies := range [][]*Policy{{allow, deny}, {deny, allow}, {allow, nil, deny, allow}} {
		if d := Evaluate(Request{Action: "s3:DeleteObject", Resource: "b/k"}, policies...); d != ExplicitDeny {
			t.Errorf("deny among allows: %v", d)
		}
		if d := Evaluate(Request{Action: "s3:GetObject", Resource: "b/k"}, policies...); d != Allow {
			t.Errorf("deny of something else: %v", d)
		}
	}
	if d := Evaluate(Request{Action: "s3:GetObject", Resource: "b/k"}); d != ImplicitDeny {
		t.Errorf("no policy: %v", d)
	}
	if d := Decision(0); d.Allowed() || d.String() != "implicit deny" {
		t.Errorf("zero decision: %v", d)
	}
}

func TestNotActionAndNotResource(t *testing.T) {
	t.Parallel()
	p := mustPolicy(t, oneStatement(`"Effect": "Allow", "NotAction": ["s3:Delete*", "sluice:*"], "NotResource": ["arn:aws:s3:::secret", "arn:aws:s3:::secret/*"]`))
	for _, tt := range []struct {
		action, resource string
		want             Decision
	}{
		{"s3:GetObject", "b/k", Allow},
		{"s3:DeleteObject", "b/k", ImplicitDeny},
		{"s3:GetObject", "secret/k", ImplicitDeny},
		{"s3:ListBucket", "secret", ImplicitDeny},
		{"s3:GetObject", "secret2/k", Allow},
	} {
		if d := Evaluate(Request{Action: tt.action, Resource: tt.resource}, p); d != tt.want {
			t.Errorf("%s on %s: %v, want %v", tt.action, tt.resource, d, tt.want)
		}
	}
}

func TestBucketNamesAreNotPrefixes(t *testing.T) {
	t.Parallel()
	p := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]`))
	for resource, want := range map[string]bool{
		"b": true, "b/": true, "b/k": true, "b//k": true, "b/../c/k": true, // keys are text, not paths
		"bb": false, "bb/k": false, "B/k": false, "": false, "c/b/k": false,
	} {
		if got := Evaluate(Request{Action: "s3:GetObject", Resource: resource}, p).Allowed(); got != want {
			t.Errorf("%q: %v, want %v", resource, got, want)
		}
	}
}

func TestAuthorizeAcrossAccounts(t *testing.T) {
	t.Parallel()
	readwrite := mustBuiltin(t, "readwrite")
	const no, deny, yes = ImplicitDeny, ExplicitDeny, Allow
	home, guest := app(), app()
	guest.Account = "finance"
	homeRW, guestRW := app(readwrite), app(readwrite)
	guestRW.Account = "finance"
	stray := app(readwrite)
	stray.Account = ""
	public := &Identity{Account: DefaultAccount, Policies: []*Policy{mustBuiltin(t, "readonly")}}
	elsewhere := &Identity{Account: "finance", Policies: []*Policy{readwrite}}

	policy := func(effect, principal string) string {
		return oneStatement(fmt.Sprintf(`"Effect": %q, "Principal": %s, "Action": "s3:GetObject", "Resource": "*"`, effect, principal))
	}
	everyone := policy("Allow", `"*"`)
	const (
		homeUser    = `{"AWS": "arn:aws:iam::sluice:user/app"}`
		homeRoot    = `{"AWS": "arn:aws:iam::sluice:root"}`
		guestUser   = `{"AWS": "arn:aws:iam::finance:user/app"}`
		guestRoot   = `{"AWS": ["finance"]}`
		namelessARN = `{"AWS": "arn:aws:iam:::user/app"}`
	)
	canonical := fmt.Sprintf(`{"CanonicalUser": %q}`, CanonicalID("finance"))
	checkAuthorize(t, []authorizeTest{
		{"home, nothing", home, "", no},
		{"home, own policy", homeRW, "", yes},
		{"home, bucket for everyone", home, everyone, yes},
		{"home, bucket for the user", home, policy("Allow", homeUser), yes},
		{"home, ARN without account", home, policy("Allow", namelessARN), yes},
		{"home, bucket for the account", home, policy("Allow", homeRoot), no},
		{"home, own and bucket for the account", homeRW, policy("Allow", homeRoot), yes},
		{"home, bucket for another", home, policy("Allow", guestUser), no},
		{"home, denied by name", homeRW, policy("Deny", homeUser), deny},
		{"home, denied by account", homeRW, policy("Deny", homeRoot), deny},
		{"home, denied with all", homeRW, policy("Deny", `{"AWS": "*"}`), deny},
		{"home, other user denied", homeRW, policy("Deny", guestUser), yes},
		{"guest, own policy only", guestRW, "", no},
		{"guest, bucket only", guest, everyone, no},
		{"guest, both by user", guestRW, policy("Allow", guestUser), yes},
		{"guest, both by account", guestRW, policy("Allow", guestRoot), yes},
		{"guest, both by canonical ID", guestRW, policy("Allow", canonical), yes},
		{"guest, both by everyone", guestRW, everyone, yes},
		{"guest, same name elsewhere", guestRW, policy("Allow", homeUser), no},
		{"guest, denied", guestRW, policy("Deny", canonical), deny},
		{"stray, own policy", stray, "", no},
		{"stray, both", stray, everyone, yes},
		{"stray, nameless ARN", stray, policy("Allow", namelessARN), no},
		{"nobody, nothing", nil, "", no},
		{"nobody, everyone", nil, everyone, yes},
		{"nobody, AWS everyone", nil, policy("Allow", `{"AWS": "*"}`), yes},
		{"nobody, the account", nil, policy("Allow", homeRoot), no},
		{"public, own policy", public, "", yes},
		{"public, the account", elsewhere, policy("Allow", guestRoot), no},
		{"public, of another account", elsewhere, "", no},
		{"public, of another account, everyone", elsewhere, everyone, yes},
		{"public, denied", public, policy("Deny", `"*"`), deny},
		{"service only", home, policy("Allow", `{"Service": "logging.s3.amazonaws.com"}`), no},
	})
}

type authorizeTest struct {
	name     string
	identity *Identity
	bucket   string // bucket policy, "" for none
	want     Decision
}

// checkAuthorize reads an object of a bucket of the default account.
func checkAuthorize(t *testing.T, tests []authorizeTest) {
	t.Helper()
	for _, tt := range tests {
		var bucket *BucketPolicy
		if tt.bucket != "" {
			bucket = mustBucketPolicy(t, tt.bucket)
		}
		r := Request{Identity: tt.identity, Action: "s3:GetObject", Resource: "photos/k", ResourceAccount: DefaultAccount}
		if d := Authorize(r, bucket); d != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, d, tt.want)
		}
		// A bucket without owner is nobody's home.
		r.ResourceAccount = ""
		if d := Authorize(r, bucket); bucket == nil && d != ImplicitDeny {
			t.Errorf("%s, bucket without owner: %v", tt.name, d)
		}
	}
}

func TestNotPrincipalDeniesEverybodyElse(t *testing.T) {
	t.Parallel()
	bucket := mustBucketPolicy(t, oneStatement(`"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::sluice:user/app"}, "Action": "s3:*", "Resource": "*"`))
	eve := app(mustBuiltin(t, "admin"))
	eve.Name = "eve"
	for _, tt := range []struct {
		identity *Identity
		want     Decision
	}{{app(mustBuiltin(t, "admin")), Allow}, {eve, ExplicitDeny}, {nil, ExplicitDeny}} {
		r := Request{Identity: tt.identity, Action: "s3:GetObject", Resource: "photos/k", ResourceAccount: DefaultAccount}
		if d := Authorize(r, bucket); d != tt.want {
			t.Errorf("%s: %v, want %v", tt.identity.ARN(), d, tt.want)
		}
	}
}

// Row 16: an explicit Deny beats the governance bypass, whoever asks.
func TestRow16ExplicitDenyBeatsEverything(t *testing.T) {
	t.Parallel()
	const denial = `"Effect": "Deny", "Action": "s3:BypassGovernanceRetention", "Resource": "arn:aws:s3:::photos/*"`
	own := mustPolicy(t, oneStatement(denial))
	bucketDeny := mustBucketPolicy(t, oneStatement(denial+`, "Principal": "*"`))
	bucketAllow := mustBucketPolicy(t, oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Principal": {"AWS": "sluice"}`))
	admin := mustBuiltin(t, "admin")
	for _, tt := range []struct {
		name     string
		identity *Identity
		bucket   *BucketPolicy
	}{
		{"own deny first", app(own, admin), bucketAllow},
		{"own deny last", app(admin, own), bucketAllow},
		{"bucket deny", app(admin), bucketDeny},
		{"both deny", app(admin, own), bucketDeny},
	} {
		for _, action := range []string{"s3:BypassGovernanceRetention", "S3:BYPASSGOVERNANCERETENTION"} {
			r := Request{Identity: tt.identity, Action: action, Resource: "photos/k", ResourceAccount: DefaultAccount,
				Context: Values{"s3:x-amz-bypass-governance-retention": {"true"}}}
			if d := Authorize(r, tt.bucket); d != ExplicitDeny {
				t.Errorf("%s, %s: %v", tt.name, action, d)
			}
		}
	}
}

// Row 18: without an account or without a key nobody administers the gateway.
func TestRow18AccountlessIdentityIsNeverAdmin(t *testing.T) {
	t.Parallel()
	admin := mustBuiltin(t, "admin")
	all := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "*", "Resource": "*"`))
	accountless := app(admin, all)
	accountless.Account = ""
	keyless := app(admin, all)
	keyless.AccessKey = ""
	open := mustBucketPolicy(t, oneStatement(`"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"`))
	for name, identity := range map[string]*Identity{
		"nil": nil, "zero": {}, "no account": accountless, "no key": keyless, "no policy": app(),
		"readwrite": app(mustBuiltin(t, "readwrite")),
	} {
		for _, account := range []string{"", DefaultAccount} {
			for _, action := range []string{"sluice:Reload", "SLUICE:Reload", "admin:x", "*", "", ":", "reload"} {
				r := Request{Identity: identity, Action: action, ResourceAccount: account}
				if d := Authorize(r, open); d != ImplicitDeny {
					t.Errorf("%s, account %q: %q: %v", name, account, action, d)
				}
			}
		}
	}
	if d := Authorize(Request{Identity: app(admin), Action: "sluice:Reload"}, nil); d != Allow {
		t.Errorf("admin: %v", d)
	}
}

// S3 resources name no part of the gateway itself.
func TestS3ResourcesDoNotCoverAdministration(t *testing.T) {
	t.Parallel()
	p := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::*"`))
	if d := Authorize(Request{Identity: app(p), Action: "sluice:Reload"}, nil); d != ImplicitDeny {
		t.Errorf("administration: %v", d)
	}
	r := Request{Identity: app(p), Action: "s3:ListAllMyBuckets", ResourceAccount: DefaultAccount}
	if d := Authorize(r, nil); d != Allow {
		t.Errorf("list of buckets: %v", d)
	}
}

func TestIdentityKeys(t *testing.T) {
	t.Parallel()
	named, forged := app(), Values{
		"aws:username": {"eve"}, "aws:userid": {"eve"}, "aws:principalarn": {"eve"}, "aws:principalaccount": {"eve"},
		"aws:principaltype": {"eve"}, "aws:resourceaccount": {"eve"}, "s3:resourceaccount": {"eve"}, "s3:prefix": {"p"},
	}
	for key, want := range map[string][2]string{ // named, anonymous
		"aws:username":         {"app", ""},
		"aws:userid":           {named.UserID(), "anonymous"},
		"aws:principalarn":     {"arn:aws:iam::sluice:user/app", ""},
		"aws:principalaccount": {"sluice", ""},
		"aws:principaltype":    {"User", "Anonymous"},
		"aws:resourceaccount":  {"finance", "finance"},
		"s3:resourceaccount":   {"finance", "finance"},
		"s3:prefix":            {"p", "p"},
	} {
		for i, identity := range []*Identity{named, {Account: "x"}} {
			r := Request{Identity: identity, ResourceAccount: "finance", Context: forged}
			values, ok := r.value(key)
			if got := fmt.Sprint(values); ok != (want[i] != "") || ok && got != "["+want[i]+"]" {
				t.Errorf("%s of %v: %s %v, want %q", key, identity.ARN(), got, ok, want[i])
			}
		}
	}
}
