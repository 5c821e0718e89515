// Package sigv4 signs and verifies AWS Signature Version 4 as Amazon S3 speaks
// it: the Authorization header, presigned URLs, POST policy forms, and the
// chain of chunk signatures of streaming uploads.
//
// It does no I/O and keeps no state beyond a bounded cache of signing keys.
// A Verifier answers one question about a request that has not been rewritten
// yet: who signed exactly this, and how is the body declared? Whatever it does
// not understand it refuses.
//
//	v := &sigv4.Verifier{Region: "eu-west-1", Lookup: identities.Secret}
//	switch {
//	case sigv4.IsAnonymous(r):
//		// no credentials of any kind
//	default:
//		who, err := v.Verify(r) // err is a *sigv4.Error that carries the S3 code
//	}
//
// # What is signed
//
// The canonical path is the request's decoded path, encoded once, dot segments
// and double slashes left alone; so the key that is authorized is the key that
// is stored. The canonical query is decoded once, "+" being a space as in
// url.ParseQuery (every AWS SDK sends a space as %20 and a plus as %2B), encoded
// again and sorted. Header values are trimmed, runs of spaces folded, and
// repeated fields joined by commas.
//
// # What is refused although AWS's documents leave it open
//
//   - Host and every x-amz-* header of the request must be signed, presigned
//     URLs included. The one exception is X-Amz-Content-Sha256 beside a
//     presigned URL: its value is the last line of the canonical request, so it
//     is bound by the signature in any case. Names such as X-Amzn-Trace-Id and
//     Amz-Sdk-Request do not start with x-amz- and may come unsigned; headers
//     that a CDN adds under x-amz- (X-Amz-Cf-Id) have to be removed in front.
//   - An unknown access key is answered like a wrong secret, in words and in
//     work done.
//   - Authentication parameters that come twice, in another letter case, or in
//     the header and in the query at once.
//   - A Date header that contradicts X-Amz-Date by more than the allowed skew.
package sigv4
