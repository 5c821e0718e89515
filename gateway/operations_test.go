package gateway_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/gateway"
)

// The operations of the Amazon S3 API reference ("Actions", API version 2006-03-01), split by what the gateway does with
// them. A change of either list is a change of what Sluice promises.
var (
	built = strings.Fields(`
		AbortMultipartUpload CompleteMultipartUpload CopyObject CreateBucket CreateMultipartUpload DeleteBucket
		DeleteBucketCors DeleteBucketEncryption DeleteBucketLifecycle DeleteBucketPolicy DeleteBucketReplication
		DeleteBucketTagging DeleteBucketWebsite DeleteObject DeleteObjectTagging DeleteObjects DeletePublicAccessBlock
		GetBucketAccelerateConfiguration GetBucketAcl GetBucketCors GetBucketEncryption GetBucketLifecycleConfiguration
		GetBucketLocation GetBucketLogging GetBucketNotificationConfiguration GetBucketOwnershipControls GetBucketPolicy
		GetBucketPolicyStatus GetBucketReplication GetBucketRequestPayment GetBucketTagging GetBucketVersioning
		GetBucketWebsite GetObject GetObjectAcl GetObjectAttributes GetObjectLockConfiguration GetObjectTagging
		GetPublicAccessBlock HeadBucket HeadObject ListBuckets ListMultipartUploads ListObjectVersions ListObjects
		ListObjectsV2 ListParts PutBucketAcl PutBucketTagging PutObject PutObjectAcl PutObjectTagging UploadPart
		UploadPartCopy`)
	unbuilt = strings.Fields(`
		CreateBucketMetadataConfiguration CreateBucketMetadataTableConfiguration CreateSession
		DeleteBucketAnalyticsConfiguration DeleteBucketIntelligentTieringConfiguration DeleteBucketInventoryConfiguration
		DeleteBucketMetadataConfiguration DeleteBucketMetadataTableConfiguration DeleteBucketMetricsConfiguration
		DeleteBucketOwnershipControls DeleteObjectAnnotation GetBucketAbac GetBucketAnalyticsConfiguration
		GetBucketIntelligentTieringConfiguration GetBucketInventoryConfiguration GetBucketMetadataConfiguration
		GetBucketMetadataTableConfiguration GetBucketMetricsConfiguration GetObjectAnnotation GetObjectLegalHold
		GetObjectRetention GetObjectTorrent ListBucketAnalyticsConfigurations ListBucketIntelligentTieringConfigurations
		ListBucketInventoryConfigurations ListBucketMetricsConfigurations ListDirectoryBuckets ListObjectAnnotations
		PutBucketAbac PutBucketAccelerateConfiguration PutBucketAnalyticsConfiguration PutBucketCors PutBucketEncryption
		PutBucketIntelligentTieringConfiguration PutBucketInventoryConfiguration PutBucketLifecycleConfiguration
		PutBucketLogging PutBucketMetricsConfiguration PutBucketNotificationConfiguration PutBucketOwnershipControls
		PutBucketPolicy PutBucketReplication PutBucketRequestPayment PutBucketVersioning PutBucketWebsite
		PutObjectAnnotation PutObjectLegalHold PutObjectLockConfiguration PutObjectRetention PutPublicAccessBlock
		RenameObject RestoreObject SelectObjectContent UpdateBucketMetadataAnnotationTableConfiguration
		UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
		UpdateObjectEncryption`)
	// Of other endpoints, or another name for the same request.
	elsewhere = map[string]string{
		"WriteGetObjectResponse": "answered by the Object Lambda endpoint",
		"GetBucketLifecycle":     "older name of GetBucketLifecycleConfiguration",
		"PutBucketLifecycle":     "older name of PutBucketLifecycleConfiguration",
		"GetBucketNotification":  "older name of GetBucketNotificationConfiguration",
		"PutBucketNotification":  "older name of PutBucketNotificationConfiguration",
	}
	// Rows that are requests of the protocol and no operations of the API reference.
	protocol = strings.Fields("PostObject OptionsObject OptionsBucket")
)

func TestEveryOperationOfS3IsInTheRouteTable(t *testing.T) {
	t.Parallel()
	var gotBuilt, gotUnbuilt []string
	for _, op := range gateway.Operations() {
		switch {
		case slices.Contains(protocol, op.Name):
		case op.Built:
			gotBuilt = append(gotBuilt, op.Name)
		default:
			gotUnbuilt = append(gotUnbuilt, op.Name)
		}
		if _, ok := elsewhere[op.Name]; ok {
			t.Errorf("%s is in the route table; it is %s", op.Name, elsewhere[op.Name])
		}
	}
	slices.Sort(gotBuilt)
	slices.Sort(gotUnbuilt)
	if diff := cmp.Diff(slices.Sorted(slices.Values(built)), gotBuilt); diff != "" {
		t.Errorf("built operations (-listed +table):\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(unbuilt)), gotUnbuilt); diff != "" {
		t.Errorf("unbuilt operations (-listed +table):\n%s", diff)
	}
}

// target returns the path and headers that reach a row of the table.
func target(op gateway.Operation, bucket string) (path string, header []string) {
	path = "/"
	if op.Bucket {
		path += bucket
	}
	if op.Key {
		path += "/key"
	}
	for i, q := range op.Query {
		sep := "&"
		if i == 0 {
			sep = "?"
		}
		if path += sep + q; q == "partNumber" {
			path += "=1"
		}
	}
	if op.Header != "" {
		header = []string{op.Header, "/" + bucket + "/key"}
	}
	return path, header
}

func TestEveryRowOfTheRouteTableIsReachable(t *testing.T) {
	t.Parallel()
	reached := make(chan string, 1)
	s := startMem(t, observe(func(e gateway.Event) { reached <- e.Operation }))
	for _, op := range gateway.Operations() {
		path, header := target(op, "photos")
		s.do(admin, op.Method, path, "", header...)
		if got := <-reached; got != op.Name {
			t.Errorf("%s %s is %s, want %s", op.Method, path, got, op.Name)
		}
	}
}

func TestUnbuiltOperationsSayNotImplementedWithTheirName(t *testing.T) {
	t.Parallel()
	var c calls
	s := start(t, spy(newMem(t, "photos"), c.hook))
	for _, op := range gateway.Operations() {
		if op.Built {
			continue
		}
		path, header := target(op, "photos")
		a := s.do(admin, op.Method, path, "<x/>", header...)
		if op.Name == "CreateSession" { // of the service s3express, which no s3:* allows
			a.check(t, op.Name, 403, "AccessDenied")
			continue
		}
		a.check(t, op.Name, 501, "NotImplemented")
		if !strings.Contains(a.text("Message"), op.Name) {
			t.Errorf("%s: message %q does not name it", op.Name, a.text("Message"))
		}
	}
	if got := c.takeAll(); len(got) > 0 {
		t.Errorf("calls of the driver: %v", got)
	}
}

// A sub-resource without an operation for the method must never turn into the plain operation: DELETE ?acl would delete
// the object whose ACL was meant.
func TestForeignSubresourcesNeverReachThePlainOperation(t *testing.T) {
	t.Parallel()
	var c calls
	s := start(t, spy(newMem(t, "photos"), c.hook))
	have := map[string]bool{}
	for _, op := range gateway.Operations() {
		if len(op.Query) > 0 {
			have[op.Method+" "+strings.Join([]string{scopeOf(op), op.Query[0]}, " ")] = true
		}
	}
	for _, op := range gateway.Operations() {
		if len(op.Query) == 0 || strings.Contains(op.Query[0], "=") {
			continue
		}
		for _, method := range []string{"PUT", "POST", "DELETE"} {
			if have[method+" "+scopeOf(op)+" "+op.Query[0]] {
				continue
			}
			path := "/photos?" + op.Query[0]
			if op.Key {
				path = "/photos/key?" + op.Query[0]
			}
			s.wantCode(405, "MethodNotAllowed", method, path, "")
		}
	}
	if got := c.takeAll(); len(got) > 0 {
		t.Errorf("calls of the driver: %v", got)
	}
}

func scopeOf(op gateway.Operation) string {
	switch {
	case op.Key:
		return "object"
	case op.Bucket:
		return "bucket"
	}
	return "service"
}

func TestMethodsThatS3DoesNotHave(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for _, path := range []string{"/", "/photos", "/photos/key"} {
		for _, method := range []string{"PATCH", "TRACE", "LOCK", "PROPFIND"} {
			s.wantCode(405, "MethodNotAllowed", method, path, "")
		}
	}
	for _, method := range []string{"PUT", "DELETE", "POST", "HEAD"} {
		if a := s.do(admin, method, "/", ""); a.status != 405 {
			t.Errorf("%s /: %d", method, a.status)
		}
	}
}
