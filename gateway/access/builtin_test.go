package access

import (
	"slices"
	"testing"
)

func TestBuiltinPolicies(t *testing.T) {
	t.Parallel()
	tests := map[string]string{ // action: who may, of admin readwrite readonly writeonly
		"sluice:Reload":                "a",
		"s3:ListAllMyBuckets":          "arR",
		"s3:CreateBucket":              "ar",
		"s3:DeleteBucket":              "ar",
		"s3:ListBucket":                "arR",
		"s3:GetObject":                 "arR",
		"s3:GetObjectVersion":          "arR",
		"s3:GetBucketPolicy":           "arR",
		"s3:PutBucketPolicy":           "ar",
		"s3:GetBucketLocation":         "arRw",
		"s3:PutObject":                 "arw",
		"s3:PutObjectAcl":              "ar",
		"s3:AbortMultipartUpload":      "arw",
		"s3:ListMultipartUploadParts":  "arRw",
		"s3:DeleteObject":              "ar",
		"s3:BypassGovernanceRetention": "ar",
		"iam:CreateUser":               "",
	}
	letters := map[string]rune{"admin": 'a', "readwrite": 'r', "readonly": 'R', "writeonly": 'w'}
	for _, name := range builtinNames() {
		p := mustBuiltin(t, name)
		for action, who := range tests {
			want := slices.Contains([]rune(who), letters[name])
			r := Request{Identity: app(p), Action: action, Resource: "b/k", ResourceAccount: DefaultAccount}
			if got := Authorize(r, nil).Allowed(); got != want {
				t.Errorf("%s may %s: %v, want %v", name, action, got, want)
			}
		}
	}
	if _, ok := Builtin("Admin"); ok {
		t.Error("names have no case")
	}
}

func TestPublicBucketPolicies(t *testing.T) {
	t.Parallel()
	const everyone = `"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "s3:GetObject", "Resource": "*"`
	for elements, want := range map[string]bool{
		everyone: true,
		`"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"`:                         false,
		`"Effect": "Allow", "Principal": {"AWS": "sluice"}, "Action": "s3:*", "Resource": "*"`:          false,
		everyone + `, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/32"}}`:                      false,
		everyone + `, "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}`:    false,
		everyone + `, "Condition": {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "0.0.0.0/0"]}}`:        true,
		everyone + `, "Condition": {"IpAddress": {"aws:SourceIp": "2001::/16"}}`:                        true,
		everyone + `, "Condition": {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}`:                    true,
		everyone + `, "Condition": {"IpAddressIfExists": {"aws:SourceIp": "10.0.0.0/8"}}`:               true,
		everyone + `, "Condition": {"Null": {"aws:SourceIp": "false"}}`:                                 true,
		everyone + `, "Condition": {"StringEquals": {"aws:PrincipalAccount": "sluice"}}`:                false,
		everyone + `, "Condition": {"StringEqualsIgnoreCase": {"aws:username": "app"}}`:                 false,
		everyone + `, "Condition": {"StringLike": {"aws:PrincipalAccount": "*"}}`:                       true,
		everyone + `, "Condition": {"StringEquals": {"aws:username": "${aws:username}"}}`:               true,
		everyone + `, "Condition": {"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::sluice:user/app"}}`: false,
		everyone + `, "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/app"}}`:        true,
		everyone + `, "Condition": {"StringLike": {"aws:Referer": "https://example.com"}}`:              true,
		everyone + `, "Condition": {"DateLessThan": {"aws:SourceVpc": "2030-01-31"}}`:                   true,
	} {
		if got := mustBucketPolicy(t, oneStatement(elements)).Public(); got != want {
			t.Errorf("%s: public %v, want %v", elements, got, want)
		}
	}
	if (*BucketPolicy)(nil).Public() {
		t.Error("no policy is public")
	}
}
