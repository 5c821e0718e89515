package gateway

import (
	"net/http"
	"net/url"
)

// scope is what an operation is about.
type scope uint8

const (
	onService scope = iota
	onBucket
	onObject
)

// operation is one row of the route table: an S3 API operation.
type operation struct {
	name    string // S3's name
	method  string
	scope   scope
	query   []string // sub-resources that select it, all present; "name=value" asks for a value too
	header  string   // a header that selects it
	action  string   // the IAM action that it needs on its bucket or key; "" where the handler asks by itself
	handler func(*request) error
}

// route finds the operation of a request: the first row of its method and scope whose selectors are all there.
func route(method, bucket, key string, query url.Values, header http.Header) (*operation, error) {
	sc := onService
	switch {
	case key != "":
		sc = onObject
	case bucket != "":
		sc = onBucket
	}
	for _, op := range operations[sc] {
		if op.method == method && op.selected(query, header) {
			if len(op.query) == 0 && namesSubresource(method, sc, query) {
				return nil, errMethodNotAllowed
			}
			return op, nil
		}
	}
	return nil, errMethodNotAllowed
}

// namesSubresource tells whether a request that changes something names a sub-resource: DELETE ?acl, which S3 does not
// have, must not delete the object itself.
func namesSubresource(method string, sc scope, query url.Values) bool {
	if len(query) == 0 || method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions {
		return false
	}
	for _, op := range operations[sc] {
		if len(op.query) > 0 && query.Has(op.query[0]) {
			return true
		}
	}
	return false
}

func (op *operation) selected(query url.Values, header http.Header) bool {
	if len(op.query) > len(query) || op.header != "" && len(header[op.header]) == 0 {
		return false
	}
	for _, sel := range op.query {
		if !selects(sel, query) {
			return false
		}
	}
	return true
}

func selects(sel string, query url.Values) bool {
	for i := range sel {
		if sel[i] == '=' {
			return query.Get(sel[:i]) == sel[i+1:]
		}
	}
	return query.Has(sel)
}

// operations is the route table by scope: all of S3's operations. A row without a handler answers NotImplemented with
// its name. More selective rows come first.
var operations = group(objectOperations(), bucketOperations(), serviceOperations())

func group(all ...[]operation) (table [3][]*operation) {
	for _, ops := range all {
		for i := range ops {
			table[ops[i].scope] = append(table[ops[i].scope], &ops[i])
		}
	}
	return table
}

func serviceOperations() []operation {
	return []operation{
		{"ListDirectoryBuckets", "GET", onService, []string{"x-id=ListDirectoryBuckets"}, "", "s3:ListAllMyBuckets", nil},
		{"ListBuckets", "GET", onService, nil, "", "s3:ListAllMyBuckets", (*request).listBuckets},
	}
}

func objectOperations() []operation {
	const copySource = "X-Amz-Copy-Source"
	q := func(s ...string) []string { return s }
	return []operation{
		{"UploadPartCopy", "PUT", onObject, q("uploadId", "partNumber"), copySource, "s3:PutObject", (*request).uploadPartCopy},
		{"UploadPart", "PUT", onObject, q("uploadId"), "", "s3:PutObject", (*request).uploadPart},
		{"ListParts", "GET", onObject, q("uploadId"), "", "s3:ListMultipartUploadParts", (*request).listParts},
		{"CreateMultipartUpload", "POST", onObject, q("uploads"), "", "s3:PutObject", (*request).createMultipartUpload},
		{"CompleteMultipartUpload", "POST", onObject, q("uploadId"), "", "s3:PutObject", (*request).completeMultipartUpload},
		{"AbortMultipartUpload", "DELETE", onObject, q("uploadId"), "", "s3:AbortMultipartUpload", (*request).abortMultipartUpload},
		{"GetObjectTagging", "GET", onObject, q("tagging"), "", "s3:GetObjectTagging", (*request).getObjectTagging},
		{"PutObjectTagging", "PUT", onObject, q("tagging"), "", "", (*request).putObjectTagging},
		{"DeleteObjectTagging", "DELETE", onObject, q("tagging"), "", "s3:DeleteObjectTagging", (*request).deleteObjectTagging},
		{"GetObjectAnnotation", "GET", onObject, q("annotation", "annotationName"), "", "s3:GetObjectAnnotation", nil},
		{"ListObjectAnnotations", "GET", onObject, q("annotation"), "", "s3:ListObjectAnnotations", nil},
		{"PutObjectAnnotation", "PUT", onObject, q("annotation"), "", "s3:PutObjectAnnotation", nil},
		{"DeleteObjectAnnotation", "DELETE", onObject, q("annotation"), "", "s3:DeleteObjectAnnotation", nil},
		{"GetObjectAttributes", "GET", onObject, q("attributes"), "", "s3:GetObjectAttributes", (*request).getObjectAttributes},
		{"GetObjectAcl", "GET", onObject, q("acl"), "", "s3:GetObjectAcl", (*request).getObjectACL},
		{"PutObjectAcl", "PUT", onObject, q("acl"), "", "s3:PutObjectAcl", (*request).putACL},
		{"GetObjectLegalHold", "GET", onObject, q("legal-hold"), "", "s3:GetObjectLegalHold", nil},
		{"PutObjectLegalHold", "PUT", onObject, q("legal-hold"), "", "s3:PutObjectLegalHold", nil},
		{"GetObjectRetention", "GET", onObject, q("retention"), "", "s3:GetObjectRetention", nil},
		{"PutObjectRetention", "PUT", onObject, q("retention"), "", "s3:PutObjectRetention", nil},
		{"GetObjectTorrent", "GET", onObject, q("torrent"), "", "s3:GetObjectTorrent", nil},
		{"RestoreObject", "POST", onObject, q("restore"), "", "s3:RestoreObject", nil},
		{"SelectObjectContent", "POST", onObject, q("select"), "", "s3:GetObject", nil},
		{"UpdateObjectEncryption", "PUT", onObject, q("encryption"), "", "s3:UpdateObjectEncryption", nil},
		{"RenameObject", "PUT", onObject, q("renameObject"), "", "s3:PutObject", nil},
		{"CopyObject", "PUT", onObject, nil, copySource, "s3:PutObject", (*request).copyObject},
		{"PutObject", "PUT", onObject, nil, "", "s3:PutObject", (*request).putObject},
		{"GetObject", "GET", onObject, nil, "", "s3:GetObject", (*request).getObject},
		{"HeadObject", "HEAD", onObject, nil, "", "s3:GetObject", (*request).headObject},
		{"DeleteObject", "DELETE", onObject, nil, "", "s3:DeleteObject", (*request).deleteObject},
		{"OptionsObject", "OPTIONS", onObject, nil, "", "", nil},
	}
}

func bucketOperations() []operation {
	rows := []operation{
		{"DeleteObjects", "POST", onBucket, []string{"delete"}, "", "", (*request).deleteObjects},
		{"ListMultipartUploads", "GET", onBucket, []string{"uploads"}, "", "s3:ListBucketMultipartUploads", (*request).listMultipartUploads},
		{"ListObjectVersions", "GET", onBucket, []string{"versions"}, "", "s3:ListBucketVersions", (*request).listObjectVersions},
		{"GetBucketLocation", "GET", onBucket, []string{"location"}, "", "s3:GetBucketLocation", (*request).getBucketLocation},
		{"GetBucketTagging", "GET", onBucket, []string{"tagging"}, "", "s3:GetBucketTagging", (*request).getBucketTagging},
		{"PutBucketTagging", "PUT", onBucket, []string{"tagging"}, "", "s3:PutBucketTagging", (*request).putBucketTagging},
		{"DeleteBucketTagging", "DELETE", onBucket, []string{"tagging"}, "", "s3:PutBucketTagging", (*request).deleteBucketTagging},
		{"GetBucketVersioning", "GET", onBucket, []string{"versioning"}, "", "s3:GetBucketVersioning", (*request).getBucketVersioning},
		{"PutBucketVersioning", "PUT", onBucket, []string{"versioning"}, "", "s3:PutBucketVersioning", nil},
		{"GetBucketAcl", "GET", onBucket, []string{"acl"}, "", "s3:GetBucketAcl", (*request).getBucketACL},
		{"PutBucketAcl", "PUT", onBucket, []string{"acl"}, "", "s3:PutBucketAcl", (*request).putACL},
	}
	rows = append(rows, bucketSettings()...)
	return append(rows,
		operation{"CreateSession", "GET", onBucket, []string{"session"}, "", "s3express:CreateSession", nil},
		operation{"PostObject", "POST", onBucket, nil, "", "s3:PutObject", nil},
		operation{"ListObjectsV2", "GET", onBucket, []string{"list-type=2"}, "", "s3:ListBucket", (*request).listObjectsV2},
		operation{"ListObjects", "GET", onBucket, nil, "", "s3:ListBucket", (*request).listObjects},
		operation{"HeadBucket", "HEAD", onBucket, nil, "", "s3:ListBucket", (*request).headBucket},
		operation{"CreateBucket", "PUT", onBucket, nil, "", "s3:CreateBucket", (*request).createBucket},
		operation{"DeleteBucket", "DELETE", onBucket, nil, "", "s3:DeleteBucket", (*request).deleteBucket},
		operation{"OptionsBucket", "OPTIONS", onBucket, nil, "", "", nil},
	)
}
