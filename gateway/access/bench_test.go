package access

import (
	"fmt"
	"strings"
	"testing"
)

// benchPolicy is a typical policy: a few statements, one with conditions.
const benchPolicy = `{"Version": "2012-10-17", "Statement": [
  {"Sid": "List", "Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetBucketLocation"], "Resource": "arn:aws:s3:::photos",
   "Condition": {"StringLike": {"s3:prefix": ["", "home/*"]}}},
  {"Sid": "Objects", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::photos/*"},
  {"Sid": "Own", "Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::home/${aws:username}/*"},
  {"Sid": "Inside", "Effect": "Deny", "Action": "s3:*", "Resource": "*",
   "Condition": {"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}, "Bool": {"aws:SecureTransport": "false"}}}]}`

func BenchmarkAuthorize(b *testing.B) {
	policy := mustPolicy(b, benchPolicy)
	values := Values{"aws:sourceip": {"10.1.2.3"}, "aws:securetransport": {"true"}, "s3:prefix": {"home/app"}}
	bucket := mustBucketPolicy(b, oneStatement(`"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::photos/*",
		"Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}`))
	builtin := mustBuiltin(b, "readwrite")
	for _, bb := range []struct {
		name             string
		policy           *Policy
		bucket           *BucketPolicy
		action, resource string
	}{
		{"builtin", builtin, nil, "s3:GetObject", "photos/2024/06/01/IMG_0001.jpg"},
		{"object", policy, nil, "s3:GetObject", "photos/2024/06/01/IMG_0001.jpg"},
		{"object+bucket-policy", policy, bucket, "s3:GetObject", "photos/2024/06/01/IMG_0001.jpg"},
		{"list", policy, nil, "s3:ListBucket", "photos"},
		{"variable", policy, nil, "s3:GetObject", "home/app/notes.txt"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			r := Request{Identity: app(bb.policy), Action: bb.action, Resource: bb.resource, ResourceAccount: DefaultAccount, Context: values}
			if d := Authorize(r, bb.bucket); d != Allow {
				b.Fatal(d)
			}
			b.ReportAllocs()
			for b.Loop() {
				Authorize(r, bb.bucket)
			}
		})
	}
}

func BenchmarkWildcard(b *testing.B) {
	for _, text := range []string{"photos/*", "*/2024/*.jpg", "*a*a*a*a*a*a*b"} {
		b.Run(text, func(b *testing.B) {
			p, err := compilePattern(text, wildcards)
			if err != nil {
				b.Fatal(err)
			}
			s := fmt.Sprintf("photos/2024/%0900d", 0)
			for b.Loop() {
				matchPieces(p.pieces, s, false)
			}
		})
	}
}

func BenchmarkParsePolicy(b *testing.B) {
	for b.Loop() {
		if _, err := ParsePolicy([]byte(benchPolicy)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWorstPolicy is about the most that a policy's owner can make a
// request cost: wildcards that nearly match a full key at every place.
func BenchmarkWorstPolicy(b *testing.B) {
	for _, shape := range []struct{ name, pattern string }{
		{"one run", "*" + strings.Repeat("a?", maxFloating) + "b"},
		{"short runs", "*a?a?a?a?b"},
		{"stars", strings.Repeat("*a", 500) + "b"},
		{"literal", "*" + strings.Repeat("a", 500)},
	} {
		b.Run(shape.name, func(b *testing.B) {
			text := fmt.Sprintf("%q", "arn:aws:s3:::photos/"+shape.pattern)
			n := min(maxValues, (MaxPolicySize-200)/len(text))
			if single := strings.Count(shape.pattern, "?"); single > 0 {
				n = min(n, maxFloating/single)
			}
			list := strings.TrimSuffix(strings.Repeat(text+",", n), ",")
			p := mustPolicy(b, oneStatement(`"Effect": "Allow", "Action": "*", "Resource": [`+list+`]`))
			key := strings.Repeat("a", 1023) + "c"
			r := Request{Identity: app(p), Action: "s3:GetObject", Resource: "photos/" + key, ResourceAccount: DefaultAccount}
			for b.Loop() {
				Authorize(r, nil)
			}
		})
	}
}
