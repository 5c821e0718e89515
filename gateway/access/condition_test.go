package access

import (
	"fmt"
	"testing"
)

// operatorTests compare the values of a policy with those of a request for the
// key aws:x; nil is a request without it.
var operatorTests = []struct {
	operator, values string
	request          []string
	want             bool
}{
	{"StringEquals", `"a"`, one("a"), true},
	{"StringEquals", `"a"`, one("A"), false},
	{"StringEquals", `["a", "b"]`, one("b"), true},
	{"StringEquals", `"a*"`, one("ab"), false},
	{"StringEquals", `"a*"`, one("a*"), true},
	{"StringEquals", `""`, one(""), true},
	{"StringEquals", `"a"`, nil, false},
	{"StringNotEquals", `"a"`, one("b"), true},
	{"StringNotEquals", `["a", "b"]`, one("b"), false},
	{"StringNotEquals", `"a"`, nil, true},
	{"StringEqualsIgnoreCase", `"aBc"`, one("AbC"), true},
	{"StringEqualsIgnoreCase", `"É"`, one("é"), true},
	{"StringEqualsIgnoreCase", `""`, one(""), true},
	{"StringNotEqualsIgnoreCase", `"aBc"`, one("AbC"), false},
	{"StringLike", `"a?c*"`, one("abcde"), true},
	{"StringLike", `"a?c*"`, one("ac"), false},
	{"StringLike", `"${*}a"`, one("*a"), true},
	{"StringLike", `"${*}a"`, one("ba"), false},
	{"StringNotLike", `"a*"`, one("b"), true},
	{"StringNotLike", `"a*"`, nil, true},
	{"NumericEquals", `"10"`, one("10.0"), true},
	{"NumericEquals", `10`, one("11"), false},
	{"NumericEquals", `"10"`, one("ten"), false},
	{"NumericNotEquals", `"10"`, one("11"), true},
	{"NumericNotEquals", `"10"`, nil, true},
	{"NumericLessThan", `"10"`, one("9"), true},
	{"NumericLessThan", `"10"`, one("10"), false},
	{"NumericLessThan", `"10"`, nil, false},
	{"NumericLessThanEquals", `"10"`, one("10"), true},
	{"NumericGreaterThan", `"-1.5e1"`, one("-14"), true},
	{"NumericGreaterThan", `"10"`, one("NaN"), false},
	{"NumericGreaterThanEquals", `"10"`, one("9.99"), false},
	{"DateEquals", `"2030-01-31"`, one("2030-01-31T00:00:00Z"), true},
	{"DateEquals", `"2030-01-31T02:00:00+02:00"`, one("2030-01-31T00:00Z"), true},
	{"DateNotEquals", `"2030-01-31"`, one("1"), true},
	{"DateLessThan", `"2030-01-31T00:00:00Z"`, one("2030-01-30T23:59:59.999Z"), true},
	{"DateLessThan", `"2030-01-31T00:00:00Z"`, one("soon"), false},
	{"DateLessThanEquals", `"1700000000"`, one("2023-11-14T22:13:20Z"), true},
	{"DateGreaterThan", `1700000000`, one("1700000001"), true},
	{"DateGreaterThanEquals", `"1700000000"`, one("1699999999"), false},
	{"Bool", `"true"`, one("true"), true},
	{"Bool", `true`, one("TRUE"), true},
	{"Bool", `"false"`, one("true"), false},
	{"Bool", `"false"`, one("no"), false},
	{"Bool", `"false"`, nil, false},
	{"IpAddress", `"10.0.0.0/8"`, one("10.255.0.1"), true},
	{"IpAddress", `"10.0.0.0/8"`, one("11.0.0.1"), false},
	{"IpAddress", `"10.0.0.7"`, one("10.0.0.7"), true},
	{"IpAddress", `"10.9.9.9/8"`, one("10.0.0.7"), true},
	{"IpAddress", `"10.0.0.0/8"`, one("::ffff:10.0.0.1"), true},
	{"IpAddress", `"::ffff:10.0.0.0/104"`, one("10.0.0.1"), true},
	{"IpAddress", `"2001:db8::/32"`, one("2001:db8::1%eth0"), true},
	{"IpAddress", `["192.0.2.1", "2001:db8::/32"]`, one("2001:db9::1"), false},
	{"IpAddress", `"::/0"`, one("10.0.0.1"), false},
	{"IpAddress", `"0.0.0.0/0"`, one("unknown"), false},
	{"IpAddress", `"0.0.0.0/0"`, nil, false},
	{"NotIpAddress", `"10.0.0.0/8"`, one("11.0.0.1"), true},
	{"NotIpAddress", `"10.0.0.0/8"`, one("10.0.0.1"), false},
	{"NotIpAddress", `"10.0.0.0/8"`, nil, true},
	{"ArnEquals", `"arn:aws:iam::acme:user/*"`, one("arn:aws:iam::acme:user/a:b"), true},
	{"ArnLike", `"arn:aws:*::acme:user/?"`, one("arn:aws:iam::acme:user/a"), true},
	{"ArnLike", `"arn:aws:iam:*:x:user/a"`, one("arn:aws:iam:y:z:x:user/a"), false},
	{"ArnLike", `"arn:aws:iam::*:root"`, one("arn:aws:iam::acme:x:root"), false},
	{"ArnLike", `"*"`, one("arn:aws:s3:::b"), true},
	{"ArnLike", `"*"`, one("b"), false},
	{"ArnLike", `"arn:aws:iam::${aws:PrincipalAccount}:user/*"`, one("arn:aws:iam::sluice:user/x"), true},
	{"ArnNotEquals", `"arn:aws:s3:::b"`, one("arn:aws:s3:::c"), true},
	{"ArnNotLike", `"arn:aws:s3:::*"`, one("arn:aws:s3:::c"), false},
	{"ArnNotLike", `"arn:aws:s3:::*"`, nil, true},
	{"Null", `"true"`, nil, true},
	{"Null", `true`, []string{}, true},
	{"Null", `"true"`, one("a"), false},
	{"Null", `"false"`, one(""), true},
	{"Null", `false`, nil, false},
	{"StringEqualsIfExists", `"a"`, nil, true},
	{"StringEqualsIfExists", `"a"`, one("b"), false},
	{"IpAddressIfExists", `"10.0.0.0/8"`, nil, true},
	{"BoolIfExists", `"true"`, one("false"), false},
	{"ForAllValues:StringEquals", `["a", "b"]`, []string{"a", "b", "a"}, true},
	{"ForAllValues:StringEquals", `["a", "b"]`, []string{"a", "c"}, false},
	{"ForAllValues:StringEquals", `"a"`, nil, true},
	{"ForAllValues:StringEquals", `"a"`, []string{}, true},
	{"ForAllValues:StringNotEquals", `["a", "b"]`, []string{"c", "d"}, true},
	{"ForAllValues:StringNotEquals", `["a", "b"]`, []string{"c", "a"}, false},
	{"ForAnyValue:StringLike", `["a*", "b"]`, []string{"x", "ab"}, true},
	{"ForAnyValue:StringLike", `["a*", "b"]`, []string{"x", "y"}, false},
	{"ForAnyValue:StringEquals", `"a"`, nil, false},
	{"ForAnyValue:StringEqualsIfExists", `"a"`, nil, true},
	{"ForAnyValue:StringNotEquals", `"a"`, []string{"a", "b"}, true},
	{"ForAnyValue:StringNotEquals", `"a"`, []string{"a", "a"}, false},
	{"ForAnyValue:StringNotEquals", `"a"`, nil, false},
	{"StringEquals", `"a"`, []string{"b", "a"}, true},
	{"StringNotEquals", `"a"`, []string{"b", "a"}, false},
}

func one(v string) []string { return []string{v} }

func TestConditionOperators(t *testing.T) {
	t.Parallel()
	for _, tt := range operatorTests {
		p := mustPolicy(t, allowIf(fmt.Sprintf(`{%q: {"AWS:X": %s}}`, tt.operator, tt.values)))
		r := Request{Identity: app(), Action: "s3:GetObject", Resource: "b/k"}
		if tt.request != nil {
			r.Context = Values{"aws:x": tt.request}
		}
		if got := Evaluate(r, p).Allowed(); got != tt.want {
			t.Errorf("%s %s on %q: %v, want %v", tt.operator, tt.values, tt.request, got, tt.want)
		}
	}
}

func TestConditionsAllHold(t *testing.T) {
	t.Parallel()
	p := mustPolicy(t, allowIf(`{"StringEquals": {"s3:prefix": "home/", "s3:delimiter": "/"}, "NumericLessThanEquals": {"s3:max-keys": 10}}`))
	full := Values{"s3:prefix": {"home/"}, "s3:delimiter": {"/"}, "s3:max-keys": {"10"}}
	r := Request{Action: "s3:ListBucket", Resource: "b", Context: full}
	if d := Evaluate(r, p); d != Allow {
		t.Fatalf("all conditions hold: %v", d)
	}
	for key := range full {
		less := Values{}
		for k, v := range full {
			if k != key {
				less[k] = v
			}
		}
		r.Context = less
		if d := Evaluate(r, p); d != ImplicitDeny {
			t.Errorf("without %s: %v", key, d)
		}
	}
}

func TestTagNamesKeepTheirCase(t *testing.T) {
	t.Parallel()
	p := mustPolicy(t, allowIf(`{"StringEquals": {"S3:ExistingObjectTag/Team": "blue"}}`))
	r := Request{Action: "s3:GetObject", Resource: "b/k", Context: Values{"s3:existingobjecttag/Team": {"blue"}}}
	if d := Evaluate(r, p); d != Allow {
		t.Errorf("the tag itself: %v", d)
	}
	r.Context = Values{"s3:existingobjecttag/team": {"blue"}}
	if d := Evaluate(r, p); d != ImplicitDeny {
		t.Errorf("another tag: %v", d)
	}
}

type contextFunc func(key string) ([]string, bool)

func (f contextFunc) Value(key string) ([]string, bool) { return f(key) }

func TestContextIsAskedOnlyWhenNeeded(t *testing.T) {
	t.Parallel()
	p := mustPolicy(t, oneStatement(`"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*",
		"Condition": {"StringEquals": {"s3:ExistingObjectTag/a": "b"}}`))
	asked := 0
	c := contextFunc(func(string) ([]string, bool) { asked++; return []string{"b"}, true })
	Evaluate(Request{Action: "s3:PutObject", Resource: "b/k", Context: c}, p)
	Evaluate(Request{Action: "s3:GetObject", Resource: "c/k", Context: c}, p)
	if asked != 0 {
		t.Errorf("asked %d times about statements that do not match", asked)
	}
	if d := Evaluate(Request{Action: "s3:GetObject", Resource: "b/k", Context: c}, p); d != Allow || asked != 1 {
		t.Errorf("%v after %d questions, want allow after 1", d, asked)
	}
}
