package access_test

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"sluice/gateway/access"
)

// matrix makes random policies and requests from few words, so that they meet
// often.
type matrix struct{ *rand.Rand }

func pick[T any](m matrix, from ...T) T { return from[m.IntN(len(from))] }

// some returns one text or a list of up to three.
func (m matrix) some(from ...string) any {
	if m.IntN(2) == 0 {
		return pick(m, from...)
	}
	var all []string
	for range 1 + m.IntN(3) {
		all = append(all, pick(m, from...))
	}
	return all
}

func (m matrix) document(bucket bool) string {
	d := map[string]any{}
	if version := pick(m, "2012-10-17", "2012-10-17", "2008-10-17", ""); version != "" {
		d["Version"] = version
	}
	var statements []any
	for range 1 + m.IntN(3) {
		statements = append(statements, m.statement(bucket))
	}
	d["Statement"] = statements
	text, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (m matrix) statement(bucket bool) map[string]any {
	s := map[string]any{"Effect": pick(m, "Allow", "Allow", "Deny")}
	actions := []string{"*", "s3:*", "s3:GetObject", "S3:Get*", "s3:put?bject", "s3:*Object", "*:*", "s3:ListBucket"}
	if !bucket {
		actions = append(actions, "sluice:*", "kms:Decrypt")
	}
	s[pick(m, "Action", "Action", "Action", "NotAction")] = m.some(actions...)
	s[pick(m, "Resource", "Resource", "Resource", "NotResource")] = m.some("*",
		"arn:aws:s3:::photos", "arn:aws:s3:::photos/*", "arn:aws:s3:::photos/a?c*", "arn:aws:s3:::*/*.jpg", "arn:aws:s3:::*",
		"arn:aws:s3:::photos/${aws:username}/*", "arn:aws:s3:::photos/${s3:prefix, 'app'}/*", "arn:aws:s3:::photos/${aws:none}*",
		"arn:aws:s3:::photos/${*}${?}${$}")
	if bucket {
		name := "Principal"
		if s["Effect"] == "Deny" && m.IntN(3) == 0 {
			name = "NotPrincipal"
		}
		s[name] = m.principal()
	}
	if m.IntN(2) == 0 {
		s["Condition"] = m.conditions()
	}
	return s
}

func (m matrix) principal() any {
	if m.IntN(3) == 0 {
		return "*"
	}
	return map[string]any{"AWS": m.some("*", "arn:aws:iam::sluice:user/app", "arn:aws:iam::sluice:root", "finance",
		"arn:aws:iam::finance:user/app", "arn:aws:iam::sluice:user/eve", "arn:aws:iam::sluice:role/app")}
}

func (m matrix) conditions() map[string]any {
	block := map[string]any{}
	for range 1 + m.IntN(2) {
		name, key, values := m.comparison()
		name = pick(m, "", "", "ForAllValues:", "ForAnyValue:") + name + pick(m, "", "", "IfExists")
		if m.IntN(12) == 0 {
			name, values = "Null", m.some("true", "false")
		}
		block[name] = map[string]any{key: values}
	}
	return block
}

func (m matrix) comparison() (name, key string, values any) {
	order := []string{"Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"}
	switch m.IntN(6) {
	case 0:
		return "Numeric" + pick(m, order...), "s3:max-keys", m.some("10", "-1", "10.5", "1e1")
	case 1:
		return "Date" + pick(m, order...), "aws:CurrentTime", m.some("2030-01-31T00:00:00Z", "2029-12-31T23:00:00-01:00")
	case 2:
		return pick(m, "IpAddress", "NotIpAddress"), "aws:SourceIp", m.some("10.0.0.0/8", "10.1.2.3", "2001:db8::/32", "0.0.0.0/0")
	case 3:
		return "Bool", "aws:SecureTransport", m.some("true", "false")
	case 4:
		return pick(m, "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"), "aws:PrincipalArn",
			m.some("arn:aws:iam::sluice:user/*", "arn:aws:iam::*:user/app", "arn:*:iam::fin?nce:*", "arn:aws:iam::sluice:user/${aws:username}")
	default:
		return "String" + pick(m, "Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"),
			pick(m, "s3:prefix", "S3:Prefix", "aws:username", "s3:ResourceAccount", "s3:RequestObjectTagKeys"),
			m.some("", "app", "APP", "a*", "a?p", "${aws:username}", "${s3:prefix}", "${aws:none}", "${aws:none, 'app'}", "sluice", "${*}")
	}
}

func (m matrix) request() naiveRequest {
	r := naiveRequest{
		user:    pick(m, "app", "app", "eve", ""),
		account: pick(m, "sluice", "sluice", "finance"),
		owner:   pick(m, "sluice", "sluice", "finance"),
		action:  pick(m, "s3:GetObject", "s3:PutObject", "S3:LISTBUCKET", "sluice:Reload"),
		resource: pick(m, "photos", "photos/abc", "photos/a/c.jpg", "photos/app/x", "photos/eve/é.jpg", "photos/*?$",
			"photos/${aws:username}/x", "videos/x"),
		context: map[string][]string{},
	}
	for _, key := range []struct {
		name   string
		values []string
	}{
		{"s3:prefix", []string{"", "app", "App", "axp", "*"}},
		{"s3:max-keys", []string{"10", "9", "10.5", "ten"}},
		{"aws:currenttime", []string{"2030-01-31T00:00:00Z", "2030-01-01T00:00:00Z", "now"}},
		{"aws:securetransport", []string{"true", "false", "FALSE"}},
		{"aws:sourceip", []string{"10.1.2.3", "11.0.0.1", "2001:db8::1", "nowhere"}},
		{"s3:requestobjecttagkeys", []string{"app", "axp", "b"}},
	} {
		switch m.IntN(5) {
		case 0: // absent
		case 1:
			r.context[key.name] = []string{pick(m, key.values...), pick(m, key.values...)}
		default:
			r.context[key.name] = []string{pick(m, key.values...)}
		}
	}
	return r
}

func (r naiveRequest) real(t *testing.T, policies []string) access.Request {
	t.Helper()
	identity := &access.Identity{Name: r.user, Account: r.account}
	if r.user != "" {
		identity.AccessKey = "KEY"
	}
	for _, document := range policies {
		p, err := access.ParsePolicy([]byte(document))
		if err != nil {
			t.Fatalf("%s: %v", document, err)
		}
		identity.Policies = append(identity.Policies, p)
	}
	return access.Request{
		Identity: identity, Action: r.action, Resource: r.resource, ResourceAccount: r.owner, Context: access.Values(r.context),
	}
}

func TestAgreesWithNaiveEvaluator(t *testing.T) {
	t.Parallel()
	const rounds, requests = 500, 10
	m := matrix{rand.New(rand.NewPCG(1, 2))}
	seen := map[string]int{}
	for range rounds {
		var policies []string
		for range m.IntN(3) {
			policies = append(policies, m.document(false))
		}
		bucketText := ""
		var bucket *access.BucketPolicy
		if m.IntN(2) == 0 {
			bucketText = m.document(true)
			var err error
			if bucket, err = access.ParseBucketPolicy([]byte(bucketText), "photos"); err != nil {
				t.Fatalf("%s: %v", bucketText, err)
			}
		}
		for range requests {
			r := m.request()
			want := naiveAuthorize(policies, bucketText, r)
			seen[want]++
			if got := access.Authorize(r.real(t, policies), bucket).String(); got != want {
				t.Fatalf("%v, the naive evaluator says %v\nrequest  %+v\npolicies %s\nbucket   %s", got, want, r, policies, bucketText)
			}
		}
	}
	for _, verdict := range []string{"allow", "explicit deny", "implicit deny"} {
		if seen[verdict] < rounds*requests/20 {
			t.Errorf("only %d of %d cases are %s: the matrix tests too little", seen[verdict], rounds*requests, verdict)
		}
	}
	t.Logf("cases: %v", seen)
}
