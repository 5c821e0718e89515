package gateway

import "strings"

// unbuilt are headers that ask for what is not built. Ignoring them would be a false promise.
var unbuilt = map[string]string{
	"X-Amz-Server-Side-Encryption":                                "server-side encryption",
	"X-Amz-Server-Side-Encryption-Customer-Algorithm":             "SSE-C",
	"X-Amz-Server-Side-Encryption-Customer-Key":                   "SSE-C",
	"X-Amz-Server-Side-Encryption-Customer-Key-Md5":               "SSE-C",
	"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id":                 "SSE-KMS",
	"X-Amz-Server-Side-Encryption-Context":                        "SSE-KMS",
	"X-Amz-Server-Side-Encryption-Bucket-Key-Enabled":             "SSE-KMS",
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Algorithm": "SSE-C",
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key":       "SSE-C",
	"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key-Md5":   "SSE-C",
	"X-Amz-Bucket-Object-Lock-Enabled":                            "object lock",
	"X-Amz-Object-Lock-Mode":                                      "object lock",
	"X-Amz-Object-Lock-Retain-Until-Date":                         "object lock",
	"X-Amz-Object-Lock-Legal-Hold":                                "object lock",
	"X-Amz-Mfa":                                                   "MFA delete",
	"X-Amz-Write-Offset-Bytes":                                    "appending to objects",
	"X-Amz-Rename-Source":                                         "RenameObject",
}

// refuseUnbuilt answers requests for what is not built, whatever the operation.
func (q *request) refuseUnbuilt() error {
	acl := false
	for name, values := range q.r.Header {
		if !strings.HasPrefix(name, "X-Amz-") {
			continue
		}
		if what, ok := unbuilt[name]; ok && !strings.EqualFold(values[0], "false") && values[0] != "" {
			return notImplemented(what + " (" + name + ")")
		}
		acl = acl || name == "X-Amz-Acl" || name == "X-Amz-Object-Ownership" || strings.HasPrefix(name, "X-Amz-Grant-")
	}
	if acl {
		return q.refuseACL()
	}
	return nil
}

// refuseACL lets pass what changes nothing where ACLs are off (BucketOwnerEnforced, S3's default since 2023).
func (q *request) refuseACL() error {
	switch acl := q.header("X-Amz-Acl"); acl {
	case "", "private", "bucket-owner-full-control", "bucket-owner-read":
	case "public-read", "public-read-write", "authenticated-read", "aws-exec-read", "log-delivery-write":
		return errACLNotSupported
	default:
		return invalidArgument("x-amz-acl", acl, "")
	}
	for _, g := range []string{"Read", "Write", "Read-Acp", "Write-Acp", "Full-Control"} {
		if q.header("X-Amz-Grant-"+g) != "" {
			return errACLNotSupported
		}
	}
	switch o := q.header("X-Amz-Object-Ownership"); o {
	case "", "BucketOwnerEnforced":
	case "BucketOwnerPreferred", "ObjectWriter":
		return notImplemented("object ownership " + o)
	default:
		return invalidArgument("x-amz-object-ownership", o, "Invalid x-amz-object-ownership header: "+o)
	}
	return nil
}
