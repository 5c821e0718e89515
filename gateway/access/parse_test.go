package access

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParsePolicyAccepts(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]string{
		"lists":             `{"Version": "2012-10-17", "Id": "x", "Statement": [{"Sid": "a", "Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}]}`,
		"one statement":     `{"Statement": {"Effect": "Deny", "NotAction": "*", "NotResource": "*"}}`,
		"old version":       `{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${never closed"}}`,
		"partitions":        oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": ["arn:aws-cn:s3:::b", "arn:aws-us-gov:s3:::b", "arn:*:s3:*:*:b"]`),
		"other services":    oneStatement(`"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"`),
		"empty condition":   allowIf(`{}`),
		"plain scalars":     allowIf(`{"Bool": {"aws:SecureTransport": true}, "NumericLessThan": {"s3:max-keys": 10}}`),
		"any condition key": allowIf(`{"StringEquals": {"token.example.com/id/X:sub": "x", "s3:RequestObjectTag/a b": "c"}}`),
		"empty value":       allowIf(`{"StringEquals": {"s3:prefix": ""}}`),
	} {
		if _, err := ParsePolicy([]byte(doc)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// allowAll is what a statement needs.
const allowAll = `"Effect": "Allow", "Action": "s3:*", "Resource": "*"`

// malformed are policies and what their errors say.
var malformed = map[string]struct{ doc, want string }{
	"empty":                 {``, "is not JSON"},
	"not UTF-8":             {"{\"Id\": \"\xff\"}", "is not UTF-8"},
	"trailing text":         {oneStatement(allowAll) + `x`, "is not JSON"},
	"no object":             {`[]`, "must be an object, found a list"},
	"no statement":          {`{}`, `has no "Statement"`},
	"empty list":            {`{"Statement": []}`, `"Statement" is empty`},
	"null statement":        {`{"Statement": null}`, "statement 1: must be an object, found null"},
	"nesting":               {strings.Repeat(`[`, 100) + strings.Repeat(`]`, 100), "nests deeper"},
	"deep nesting":          {strings.Repeat(`[`, 9999) + strings.Repeat(`]`, 9999), "nests deeper"},
	"unknown header":        {`{"version": "2012-10-17"}`, `"version" is not an element of a policy`},
	"bad version":           {`{"Version": "2020-01-01"}`, `must be "2012-10-17" or`},
	"number as version":     {`{"Version": 1}`, "must be a string"},
	"duplicate member":      {`{"Statement": {"Effect": "Deny", "Effect": "Allow"}}`, `has the member "Effect" twice`},
	"duplicate by escape":   {`{"Statement": {"Effect": "Deny", "\u0045ffect": "Allow"}}`, `has the member "Effect" twice`},
	"unknown element":       {oneStatement(allowAll + `, "Actions": "s3:*"`), `statement 1: "Actions" is not an element`},
	"element in lower case": {oneStatement(`"effect": "Allow"`), `"effect" is not an element`},
	"no effect":             {oneStatement(`"Action": "s3:*", "Resource": "*"`), `has no "Effect"`},
	"bad effect":            {oneStatement(`"Effect": "allow"`), `must be "Allow" or "Deny", found "allow"`},
	"no action":             {oneStatement(`"Effect": "Allow", "Resource": "*"`), `has neither "Action" nor "NotAction"`},
	"both actions":          {oneStatement(allowAll + `, "NotAction": "s3:*"`), `has both "Action" and "NotAction"`},
	"empty actions":         {oneStatement(`"Effect": "Allow", "Action": []`), `"Action" is empty`},
	"action no string":      {oneStatement(`"Effect": "Allow", "Action": [1]`), "list of strings"},
	"action no service":     {oneStatement(`"Effect": "Allow", "Action": "GetObject"`), `"GetObject", which is neither`},
	"action half":           {oneStatement(`"Effect": "Allow", "Action": "s3:"`), "neither"},
	"action wild service":   {oneStatement(`"Effect": "Allow", "Action": "s*:Get"`), "neither"},
	"action with variable":  {oneStatement(`"Effect": "Allow", "Action": "s3:${aws:username}"`), "neither"},
	"no resource":           {oneStatement(`"Effect": "Allow", "Action": "s3:*"`), `has neither "Resource"`},
	"resource no ARN":       {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "bucket/*"`), "nor an ARN"},
	"resource other":        {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:ec2:::x"`), "not a resource of s3"},
	"resource partition":    {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:minio:s3:::x"`), "nor an ARN"},
	"resource region":       {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:eu-west-1::x"`), "no region or account"},
	"resource empty":        {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::"`), "names no bucket"},
	"variable open":         {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username"`), "does not end"},
	"variable no key":       {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${username}"`), `not like "aws:SourceIp"`},
	"variable default":      {oneStatement(`"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username, x}"`), "single quotes"},
	"principal":             {oneStatement(allowAll + `, "Principal": "*"`), "identity policy cannot name a principal"},
	"not principal":         {oneStatement(allowAll + `, "NotPrincipal": "*"`), "identity policy cannot name a principal"},
	"sid type":              {oneStatement(allowAll + `, "Sid": 1`), `"Sid" must be a string`},
	"sid twice":             {`{"Statement": [{"Sid": "a", ` + allowAll + `}, {"Sid": "a", ` + allowAll + `}]}`, `statement 2 (Sid "a"): another`},
	"sid named":             {`{"Statement": [{` + allowAll + `}, {"Sid": "second", "Effect": "x"}]}`, `statement 2 (Sid "second"): "Effect"`},
	"condition list":        {allowIf(`[]`), `"Condition" must be an object`},
	"operator unknown":      {allowIf(`{"StringIs": {"aws:x": "y"}}`), `"StringIs", which is not a condition operator`},
	"operator case":         {allowIf(`{"stringequals": {"aws:x": "y"}}`), "not a condition operator"},
	"operator empty":        {allowIf(`{"StringEquals": {}}`), "at least one key"},
	"two prefixes":          {allowIf(`{"ForAnyValue:ForAllValues:StringEquals": {"aws:x": "y"}}`), "not a condition operator"},
	"two suffixes":          {allowIf(`{"StringEqualsIfExistsIfExists": {"aws:x": "y"}}`), "not a condition operator"},
	"null suffix":           {allowIf(`{"NullIfExists": {"aws:x": "true"}}`), "takes no prefix"},
	"null value":            {allowIf(`{"Null": {"aws:x": "yes"}}`), "neither true nor false"},
	"values empty":          {allowIf(`{"StringEquals": {"aws:x": []}}`), `key "aws:x" is empty`},
	"value object":          {allowIf(`{"StringEquals": {"aws:x": {}}}`), "found an object"},
	"value null":            {allowIf(`{"StringEquals": {"aws:x": [null]}}`), "found null"},
	"key without service":   {allowIf(`{"StringEquals": {"SourceIp": "y"}}`), "not like"},
	"key with variable":     {allowIf(`{"StringEquals": {"aws:${aws:username}": "y"}}`), "character"},
	"bad number":            {allowIf(`{"NumericEquals": {"s3:max-keys": "NaN"}}`), "not a number"},
	"hex number":            {allowIf(`{"NumericEquals": {"s3:max-keys": "0x10"}}`), "not a number"},
	"infinite number":       {allowIf(`{"NumericEquals": {"s3:max-keys": "1e999"}}`), "not a number"},
	"bad date":              {allowIf(`{"DateEquals": {"aws:CurrentTime": "tomorrow"}}`), "not a date"},
	"year as date":          {allowIf(`{"DateLessThan": {"aws:CurrentTime": "2030"}}`), "not a date"},
	"bad bool":              {allowIf(`{"Bool": {"aws:SecureTransport": "1"}}`), "neither true nor false"},
	"bad address":           {allowIf(`{"IpAddress": {"aws:SourceIp": "10.0.0"}}`), "not an address range"},
	"bad range":             {allowIf(`{"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}`), "not an address range"},
	"bad ARN value":         {allowIf(`{"ArnLike": {"aws:SourceArn": "arn:aws:s3"}}`), "not an ARN"},
}

func TestParsePolicyRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range malformed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := ParsePolicy([]byte(tt.doc))
			if !errors.Is(err, ErrMalformedPolicy) || !strings.Contains(fmt.Sprint(err), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestParsePolicyLimits(t *testing.T) {
	t.Parallel()
	const small = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	many := func(n int, what string) string { return strings.TrimSuffix(strings.Repeat(what+",", n), ",") }
	for name, doc := range map[string]string{
		"document":   strings.Repeat(" ", MaxPolicySize) + `{"Statement": ` + small + `}`,
		"statements": `{"Statement": [` + many(MaxStatements+1, small) + `]}`,
		"actions":    oneStatement(`"Effect": "Allow", "Action": [` + many(maxValues+1, `"*"`) + `]`),
		"wildcards":  oneStatement(`"Effect": "Allow", "Action": "*", "Resource": ["arn:aws:s3:::a*` + strings.Repeat("?", 300) + `", "arn:aws:s3:::*` + strings.Repeat("a?", 213) + `"]`),
		"values":     allowIf(`{"StringEquals": {"s3:prefix": [` + many(maxValues+1, `"a"`) + `]}}`),
	} {
		if _, err := ParsePolicy([]byte(doc)); err == nil || !strings.Contains(err.Error(), "most") {
			t.Errorf("too many %s: error %v", name, err)
		}
	}
	if _, err := ParsePolicy([]byte(`{"Statement": [` + many(MaxStatements, small) + `]}`)); err != nil {
		t.Error(err)
	}
}

func TestParseBucketPolicy(t *testing.T) {
	t.Parallel()
	statement := func(principal, action, resource string) string {
		return oneStatement(fmt.Sprintf(`"Effect": "Deny", %s, "Action": %q, "Resource": %q`, principal, action, resource))
	}
	const everyone = `"Principal": "*"`
	for _, tt := range []struct{ name, doc, want string }{
		{"bucket", statement(everyone, "s3:*", "arn:aws:s3:::photos"), ""},
		{"object", statement(everyone, "*", "arn:aws:s3:::photos/*"), ""},
		{"wildcard", statement(everyone, "S3:GetObject", "arn:aws:s3:::ph*"), ""},
		{"wildcard after", statement(everyone, "s3:*", "arn:aws:s3:::photos*"), ""},
		{"all", statement(everyone, "s3:*", "*"), ""},
		{"all as ARN", statement(everyone, "s3:*", "arn:aws:s3:::*/*"), ""},
		{"user", statement(`"Principal": {"AWS": ["arn:aws:iam::sluice:user/app", "arn:aws:iam::123456789012:root", "finance"]}`, "s3:*", "*"), ""},
		{"role", statement(`"Principal": {"AWS": "arn:aws:iam::123456789012:role/x"}`, "s3:*", "*"), ""},
		{"service", statement(`"NotPrincipal": {"Service": "logging.s3.amazonaws.com"}`, "s3:*", "*"), ""},
		{"canonical", statement(`"Principal": {"CanonicalUser": "`+CanonicalID("x")+`"}`, "s3:*", "*"), ""},
		{"other bucket", statement(everyone, "s3:*", "arn:aws:s3:::videos/*"), "not in bucket"},
		{"longer name", statement(everyone, "s3:*", "arn:aws:s3:::photos2"), "not in bucket"},
		{"shorter name", statement(everyone, "s3:*", "arn:aws:s3:::photo"), "not in bucket"},
		{"other service", statement(everyone, "ec2:*", "*"), "s3 actions only"},
		{"no principal", statement(`"Sid": "x"`, "s3:*", "*"), `has neither "Principal"`},
		{"plain principal", statement(`"Principal": "app"`, "s3:*", "*"), `must be "*"`},
		{"empty principal", statement(`"Principal": {}`, "s3:*", "*"), `must be "*"`},
		{"empty list", statement(`"Principal": {"AWS": []}`, "s3:*", "*"), "is empty"},
		{"unknown type", statement(`"Principal": {"LDAP": "x"}`, "s3:*", "*"), "unknown principal type"},
		{"wild ARN", statement(`"Principal": {"AWS": "arn:aws:iam::sluice:user/*"}`, "s3:*", "*"), "nor an ARN of a user"},
		{"wild account", statement(`"Principal": {"AWS": "arn:aws:iam::*:root"}`, "s3:*", "*"), "nor an ARN of a user"},
		{"s3 ARN", statement(`"Principal": {"AWS": "arn:aws:s3:::photos"}`, "s3:*", "*"), "nor an ARN of a user"},
		{"bad canonical", statement(`"Principal": {"CanonicalUser": "abc"}`, "s3:*", "*"), "not a canonical user ID"},
		{"allow others", strings.Replace(statement(`"NotPrincipal": "*"`, "s3:*", "*"), "Deny", "Allow", 1), "cannot stand with Effect Allow"},
	} {
		_, err := ParseBucketPolicy([]byte(tt.doc), "photos")
		if tt.want == "" && err != nil || tt.want != "" && !strings.Contains(fmt.Sprint(err), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := ParseBucketPolicy([]byte(statement(everyone, "s3:*", "*")), ""); err == nil {
		t.Error("a bucket policy without a bucket is accepted")
	}
}

func FuzzParsePolicy(f *testing.F) {
	for _, name := range builtinNames() {
		doc, _ := BuiltinDocument(name)
		f.Add([]byte(doc))
	}
	f.Add([]byte(oneStatement(`"Effect": "Deny", "NotAction": "s3:Get*", "NotResource": "arn:aws:s3:::b/${aws:username, 'x'}/*"`)))
	f.Add([]byte(oneStatement(`"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::a:user/b"}, "Action": "*", "Resource": "*"`)))
	f.Add([]byte(allowIf(`{"ForAllValues:ArnLike": {"aws:SourceArn": "arn:aws:*:${aws:userid}:*:?"}, "Null": {"s3:prefix": true}}`)))
	f.Add([]byte(allowIf(`{"IpAddress": {"aws:SourceIp": ["::/0", "10.1.2.3/8"]}, "DateLessThanIfExists": {"aws:CurrentTime": "2030-01-31"}}`)))
	f.Fuzz(func(t *testing.T, doc []byte) {
		r := Request{
			Identity: app(), Action: "s3:GetObject", Resource: "b/k", ResourceAccount: DefaultAccount,
			Context: Values{"aws:sourceip": {"10.0.0.1"}, "s3:prefix": {"a", "b"}, "aws:sourcearn": {"arn:aws:s3:::b"}},
		}
		if p, err := ParsePolicy(doc); err == nil {
			r.Identity.Policies = []*Policy{p}
			if d := Evaluate(r, p); d != Authorize(r, nil) {
				t.Fatalf("Evaluate says %v, Authorize differs", d)
			}
			r.Action = "sluice:Reload"
			r.Identity.Account = ""
			if Authorize(r, nil).Allowed() {
				t.Fatal("an identity without account is an administrator")
			}
		} else if !errors.Is(err, ErrMalformedPolicy) {
			t.Fatalf("error %v is not ErrMalformedPolicy", err)
		}
		r.Action = "s3:GetObject"
		if p, err := ParseBucketPolicy(doc, "b"); err == nil {
			p.Public()
			Authorize(r, p)
		}
	})
}
