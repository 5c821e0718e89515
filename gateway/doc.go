// Package gateway speaks S3 over HTTP. It knows the contract of package drivers and nothing of any cloud.
//
// The life of a request, in order:
//
//  1. target.go: which bucket and key the URL names, path style or virtual-host style; decoded once, for all that follows.
//  2. route.go: which S3 operation it is: one table of method, sub-resource, IAM action and handler.
//  3. authenticate.go: who signed it (package sigv4), and whether that identity may do it (package access).
//  4. body.go: the body, wrapped once by readers that fail before io.EOF when length, signature or a digest is wrong.
//  5. The handler (getobject.go, putobject.go, listobjects.go, ...) calls the bucket once, with ranges and conditions
//     passed down, and writes the answer.
//  6. errors.go: what a handler returns as error becomes S3's error document; the only place that writes one.
package gateway
