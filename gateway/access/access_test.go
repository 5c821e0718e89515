package access

import (
	"fmt"
	"testing"
)

func mustPolicy(t testing.TB, doc string) *Policy {
	t.Helper()
	p, err := ParsePolicy([]byte(doc))
	if err != nil {
		t.Fatalf("ParsePolicy(%s): %v", doc, err)
	}
	return p
}

func mustBucketPolicy(t testing.TB, doc string) *BucketPolicy {
	t.Helper()
	p, err := ParseBucketPolicy([]byte(doc), "photos")
	if err != nil {
		t.Fatalf("ParseBucketPolicy(%s): %v", doc, err)
	}
	return p
}

func mustBuiltin(t testing.TB, name string) *Policy {
	t.Helper()
	p, ok := Builtin(name)
	if !ok {
		t.Fatalf("no built-in policy %q", name)
	}
	return p
}

// oneStatement is a policy of one statement with the given further elements.
func oneStatement(elements string) string {
	return `{"Version": "2012-10-17", "Statement": {` + elements + `}}`
}

// allowIf is a policy that allows everything under a condition.
func allowIf(condition string) string {
	return oneStatement(fmt.Sprintf(`"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": %s`, condition))
}

func app(policies ...*Policy) *Identity {
	return &Identity{
		Name: "app", Account: DefaultAccount, AccessKey: "APPKEY",
		SecretKey: NewSecret("canary-secret"), Policies: policies,
	}
}
