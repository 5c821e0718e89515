package access

import "testing"

func TestPolicyVariables(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, resource, request string
		context                 Values
		want                    bool
	}{
		{"user name", "b/${aws:username}/*", "b/app/x", nil, true},
		{"any case", "b/${AWS:UserName}/*", "b/app/x", nil, true},
		{"other user", "b/${aws:username}/*", "b/eve/x", nil, false},
		{"user ID", "b/${aws:userid}", "b/" + app().UserID(), nil, true},
		{"ARN", "b/${aws:PrincipalArn}", "b/arn:aws:iam::sluice:user/app", nil, true},
		{"two", "b/${aws:username}/${s3:prefix}*", "b/app/p1", Values{"s3:prefix": {"p"}}, true},
		{"bucket name", "${aws:username}-home/*", "app-home/x", nil, true},
		{"no value", "b/${s3:prefix}*", "b/x", nil, false},
		{"no value, empty text", "b/${s3:prefix}", "b/", nil, false},
		{"two values", "b/${s3:prefix}", "b/p", Values{"s3:prefix": {"p", "q"}}, false},
		{"default", "b/${s3:prefix, 'all'}/*", "b/all/x", nil, true},
		{"default unused", "b/${s3:prefix, 'all'}/*", "b/all/x", Values{"s3:prefix": {"p"}}, false},
		{"default with brace", "b/${s3:prefix,'a}b'}", "b/a}b", nil, true},
		{"default empty", "b/${s3:prefix, ''}x", "b/x", nil, true},
		{"default is literal", "b/${s3:prefix, '*'}", "b/x", nil, false},
		{"value is literal", "b/${s3:prefix}", "b/x", Values{"s3:prefix": {"*"}}, false},
		{"value is no variable", "b/${s3:prefix}", "b/${aws:username}", Values{"s3:prefix": {"${aws:username}"}}, true},
		{"star", "b/${*}", "b/*", nil, true},
		{"star is literal", "b/${*}", "b/x", nil, false},
		{"question mark", "b/${?}", "b/?", nil, true},
		{"dollar", "b/${$}{aws:username}", "b/${aws:username}", nil, true},
		{"plain dollar", "b/$x", "b/$x", nil, true},
		{"client cannot name itself", "b/${aws:username}", "b/eve", Values{"aws:username": {"eve"}}, false},
	}
	for _, tt := range tests {
		p := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::`+tt.resource+`"`))
		r := Request{Identity: app(), Action: "s3:GetObject", Resource: tt.request, Context: tt.context}
		if got := Evaluate(r, p).Allowed(); got != tt.want {
			t.Errorf("%s: %q covers %q: %v, want %v", tt.name, tt.resource, tt.request, got, tt.want)
		}
	}
}

func TestPolicyVariablesInConditions(t *testing.T) {
	t.Parallel()
	tests := []struct {
		condition string
		prefix    string
		want      bool
	}{
		{`{"StringEquals": {"s3:prefix": "home/${aws:username}"}}`, "home/app", true},
		{`{"StringLike": {"s3:prefix": "home/${aws:username}/*"}}`, "home/app/x", true},
		{`{"StringLike": {"s3:prefix": "home/${aws:username}/*"}}`, "home/eve/x", false},
		{`{"StringEqualsIgnoreCase": {"s3:prefix": "HOME/${aws:username}"}}`, "home/App", true},
		{`{"StringEquals": {"s3:prefix": "${aws:none}"}}`, "", false},
		{`{"StringNotEquals": {"s3:prefix": "${aws:none}"}}`, "", true},
		{`{"StringEqualsIgnoreCase": {"s3:prefix": "${aws:none}"}}`, "", false},
		{`{"StringNotLike": {"s3:prefix": "${aws:none, 'x'}*"}}`, "xy", false},
	}
	for _, tt := range tests {
		r := Request{Identity: app(), Action: "s3:ListBucket", Resource: "b", Context: Values{"s3:prefix": {tt.prefix}}}
		if got := Evaluate(r, mustPolicy(t, allowIf(tt.condition))).Allowed(); got != tt.want {
			t.Errorf("%s with prefix %q: %v, want %v", tt.condition, tt.prefix, got, tt.want)
		}
	}
}

func TestOldVersionHasNoVariables(t *testing.T) {
	t.Parallel()
	for _, version := range []string{``, `"Version": "2008-10-17", `} {
		p := mustPolicy(t, `{`+version+`"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}}`)
		r := Request{Identity: app(), Action: "s3:GetObject", Resource: "b/app"}
		if d := Evaluate(r, p); d != ImplicitDeny {
			t.Errorf("%q: the variable is filled in: %v", version, d)
		}
		r.Resource = "b/${aws:username}"
		if d := Evaluate(r, p); d != Allow {
			t.Errorf("%q: the text itself: %v", version, d)
		}
	}
	// The version counts wherever it stands in the document.
	p := mustPolicy(t, `{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/${aws:username}"}, "Version": "2012-10-17"}`)
	if d := Evaluate(Request{Identity: app(), Action: "s3:GetObject", Resource: "b/app"}, p); d != Allow {
		t.Errorf("version after the statements: %v", d)
	}
}
