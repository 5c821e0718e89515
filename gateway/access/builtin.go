package access

// Builtin returns a policy that needs no writing, by its name:
//
//   - admin: everything, Sluice's own administration (sluice:*) included;
//   - readwrite: everything of S3, so also creating and deleting buckets and
//     changing their settings and policies, but no administration;
//   - readonly: reads and listings of objects, buckets and their settings
//     (s3:Get*, s3:List*, which covers HeadObject and HeadBucket);
//   - writeonly: uploads, also in parts, into existing buckets, without
//     reading, listing or deleting. Who uploads to an existing key replaces it.
//
// All are for the identity's own account; see [Authorize].
func Builtin(name string) (*Policy, bool) {
	doc, ok := BuiltinDocument(name)
	if !ok {
		return nil, false
	}
	p, err := ParsePolicy([]byte(doc))
	return p, err == nil
}

// BuiltinDocument returns a built-in policy as IAM JSON, to show it or to
// start one's own from.
func BuiltinDocument(name string) (string, bool) {
	switch name {
	case "admin":
		return `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:*", "sluice:*"], "Resource": "*"}]}`, true
	case "readwrite":
		return `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}`, true
	case "readonly":
		return `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": "*"}]}`, true
	case "writeonly":
		// Clients ask for the location before they upload.
		return `{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Resource": "*", "Action": ["s3:PutObject", "s3:PutObjectTagging",
   "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts", "s3:GetBucketLocation"]}]}`, true
	}
	return "", false
}

func builtinNames() []string { return []string{"admin", "readwrite", "readonly", "writeonly"} }
