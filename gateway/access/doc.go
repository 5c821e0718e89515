// Package access decides who may do what: it holds the identities that sign
// requests, parses IAM-style policies and bucket policies, and evaluates them.
// It is pure: no files, no network, no HTTP, no clock.
//
// Identities name their policies, built-in or written in IAM's JSON:
//
//	identities:
//	  - {name: app, access_key: APPKEY, secret_key: "${env:APP_SECRET}", policies: [readwrite]}
//	  - {name: audit, account: finance, access_key: AUDITKEY, secret_key: "${env:AUDIT_SECRET}", policies: [readonly]}
//
// The built-in policies are admin, readwrite, readonly and writeonly; see
// [Builtin]. A policy of one's own looks as it does on AWS:
//
//	{"Version": "2012-10-17", "Statement": [{
//	  "Sid": "OwnFolder", "Effect": "Allow",
//	  "Action": ["s3:GetObject", "s3:PutObject"],
//	  "Resource": "arn:aws:s3:::home/${aws:username}/*",
//	  "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]}
//
// # Rules
//
// An explicit Deny beats every Allow, and what nothing allows is denied. Every
// bucket belongs to an account, that of the identity that created it. Inside
// the account an identity's own policies or the bucket's policy may allow a
// request; from another account both must. Requests without a signature are
// made by the anonymous identity, which a bucket policy can allow through the
// principal "*" and nothing else. Actions of other services than s3 (Sluice's
// own are sluice:*) are allowed by identity policies alone, and only to an
// authenticated identity that has an account.
//
// The semantics follow the IAM User Guide, "Policy evaluation logic" and "IAM
// JSON policy elements reference"; where that leaves room, the choice is
// written on the function that makes it.
package access
