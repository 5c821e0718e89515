package gateway_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/gateway"
	"sluice/state"
)

// A policy is judged on the very values that the request is carried out with.
func TestPoliciesAreJudgedOnWhatIsDone(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"), withPolicy(`{"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*", "Condition": {"StringLike": {"s3:prefix": "public/*"}}},
		{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"},
		{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::photos/once/*", "Condition": {"Null": {"s3:if-none-match": "true"}}},
		{"Effect": "Allow", "Action": "s3:PutObjectTagging", "Resource": "*", "Condition": {"StringEquals": {"s3:RequestObjectTag/team": "red"}}}]}`))
	s.want(200, "PUT", "/photos/once/key", "first")
	s.want(200, "PUT", "/photos/tagged", "x", "X-Amz-Tagging", "team=blue")
	for _, c := range []struct {
		method, path, body string
		header             []string
		status             int
		code               string
	}{
		{"GET", "/photos?prefix=public/", "", nil, 200, ""},
		{"GET", "/photos?prefix=secret/", "", nil, 403, "AccessDenied"},
		{"GET", "/photos?prefix=secret/&prefix=public/", "", nil, 400, "InvalidArgument"},
		{"PUT", "/photos/once/key", "second", nil, 403, "AccessDenied"},
		{"PUT", "/photos/once/key", "second", []string{"If-None-Match", `"x"`}, 403, "AccessDenied"},
		{"PUT", "/photos/once/key", "second", []string{"If-None-Match", ""}, 400, "InvalidArgument"},
		{"PUT", "/photos/once/key", "second", []string{"If-None-Match", "*"}, 412, "PreconditionFailed"},
		{"PUT", "/photos/once/other", "second", []string{"If-None-Match", "*"}, 200, ""},
		{"PUT", "/photos/a", "x", []string{"If-Match", ""}, 400, "InvalidArgument"},
		{"PUT", "/photos/a", "x", []string{"X-Amz-Storage-Class", "STANDARD", "X-Amz-Storage-Class", "GLACIER"}, 400, "InvalidArgument"},
		{"PUT", "/photos/a", "x", []string{"X-Amz-Tagging", "team=red"}, 200, ""},
		{"PUT", "/photos/a", "x", []string{"X-Amz-Tagging", "team=blue"}, 403, "AccessDenied"},
		{"PUT", "/photos/a?tagging", taggingXML("team", "red"), nil, 200, ""},
		{"PUT", "/photos/a?tagging", taggingXML("team", "blue"), []string{"X-Amz-Tagging", "team=red"}, 403, "AccessDenied"},
		{"PUT", "/photos/copy", "", []string{"X-Amz-Copy-Source", "/photos/once/key"}, 200, ""},
		{"PUT", "/photos/copy", "", []string{"X-Amz-Copy-Source", "/photos/tagged", "X-Amz-Tagging", "team=red"}, 403, "AccessDenied"},
	} {
		s.do(limited, c.method, c.path, c.body, c.header...).check(t, c.method+" "+c.path+" "+strings.Join(c.header, " "), c.status, c.code)
	}
	if a := s.want(200, "GET", "/photos/once/key", ""); a.body != "first" {
		t.Errorf("a write-once object is %q", a.body)
	}
}

func TestARangeOfAnotherVersionIsTheWholeObject(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "hello")
	if a := s.want(200, "GET", "/photos/key", "", "Range", "bytes=1-2", "If-Range", `"other"`); a.body != "hello" {
		t.Errorf("%q", a.body)
	}
}

// forgetful fails to record buckets.
type forgetful struct{ state.Store }

func (forgetful) PutBucket(context.Context, state.Bucket) error { return errors.New("disk I/O error") }

func TestABucketWhoseOwnerCannotBeRecordedIsNotMade(t *testing.T) {
	t.Parallel()
	d := newMem(t)
	s := start(t, d, func(o *gateway.Options) { o.State = forgetful{o.State} })
	s.wantCode(500, "InternalError", "PUT", "/photos", "")
	if _, err := d.StatBucket(t.Context(), "photos"); !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("the bucket is there: %v", err)
	}
}

func TestAPanicIsOneFailedRequestAndLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	broken := spy(newMem(t, "photos"), func(op, _, _ string) error {
		if op == "Get" {
			panic("a bug")
		}
		return nil
	})
	s := start(t, broken, func(o *gateway.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	s.want(200, "PUT", "/photos/key", "hello")
	a := s.wantCode(500, "InternalError", "GET", "/photos/key", "")
	for _, want := range []string{"a bug", a.header.Get("X-Amz-Request-Id"), "policyinput_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q", want)
		}
	}
	s.want(200, "HEAD", "/photos/key", "")
}
