package gateway_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/gateway"
)

func TestBuckets(t *testing.T) {
	t.Parallel()
	s := startMem(t)
	a := s.want(200, "PUT", "/photos", "")
	if a.header.Get("Location") != "/photos" {
		t.Errorf("%v", a.header)
	}
	s.want(200, "PUT", "/photos", "") // again: so in us-east-1
	if a := s.want(200, "HEAD", "/photos", ""); a.header.Get("X-Amz-Bucket-Region") != "us-east-1" {
		t.Errorf("%v", a.header)
	}
	s.want(200, "PUT", "/photos/key", "x")
	s.wantCode(409, "BucketNotEmpty", "DELETE", "/photos", "")
	s.want(204, "DELETE", "/photos/key", "")
	s.want(204, "DELETE", "/photos", "")
	s.wantCode(404, "NoSuchBucket", "DELETE", "/photos", "")
	s.want(404, "HEAD", "/photos", "")
	for _, name := range []string{"ab", "A-B-C", "a_b", "-abc", "abc-", "a..b", "192.168.0.1", "xn--abc", "sthree-abc", "abc-s3alias", "abc--ol-s3", "abc--x-s3", strings.Repeat("a", 64), "a%20b"} {
		s.wantCode(400, "InvalidBucketName", "PUT", "/"+name, "")
	}
	for _, name := range []string{"abc", strings.Repeat("a", 63), "a.b.c", "1-2-3", "2024.photos"} {
		s.want(200, "PUT", "/"+name, "")
		s.want(204, "DELETE", "/"+name, "")
	}
	region := func(r string) string {
		return "<CreateBucketConfiguration><LocationConstraint>" + r + "</LocationConstraint></CreateBucketConfiguration>"
	}
	s.wantCode(400, "InvalidLocationConstraint", "PUT", "/photos", region("mars-1"))
	s.wantCode(400, "MalformedXML", "PUT", "/photos", "<x/>")
	s.wantCode(400, "MalformedXML", "PUT", "/photos", "x")
	s.want(404, "HEAD", "/photos", "")
	s.want(200, "PUT", "/photos", region("us-east-1"))
	s.wantCode(501, "NotImplemented", "PUT", "/locked", "", "X-Amz-Bucket-Object-Lock-Enabled", "true")
	if a := s.want(200, "GET", "/photos?location", ""); !strings.Contains(a.body, "LocationConstraint") {
		t.Errorf("%s", a.body)
	}
}

func TestCreatingABucketAgainOutsideOfUSEast1(t *testing.T) {
	t.Parallel()
	d := newMem(t)
	s := start(t, d)
	s.want(200, "PUT", "/photos", "")
	s.do(stranger, "PUT", "/photos", "").check(t, "another account's", 409, "BucketAlreadyExists")
	s.want(200, "PUT", "/photos?x-id=CreateBucket", "<CreateBucketConfiguration><Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags></CreateBucketConfiguration>")
}

func TestListBuckets(t *testing.T) {
	t.Parallel()
	s := startMem(t)
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("bucket-%d", i)
		want = append(want, name)
		s.want(200, "PUT", "/"+name, "")
	}
	s.do(stranger, "PUT", "/theirs", "").check(t, "create", 200, "")
	a := s.want(200, "GET", "/", "")
	if !slices.Equal(a.texts("Name"), want) || len(a.texts("CreationDate")) != 7 || a.text("DisplayName") != "sluice" || a.text("ContinuationToken") != "" {
		t.Errorf("%s", a.body)
	}
	if a := s.do(stranger, "GET", "/", ""); !slices.Equal(a.texts("Name"), []string{"theirs"}) {
		t.Errorf("the other account's: %s", a.body)
	}
	if a := s.want(200, "GET", "/?prefix=bucket-3", ""); !slices.Equal(a.texts("Name"), []string{"bucket-3"}) || a.text("Prefix") != "bucket-3" {
		t.Errorf("prefix: %s", a.body)
	}
	if a := s.want(200, "GET", "/?bucket-region=eu-west-1", ""); len(a.texts("Name")) > 0 {
		t.Errorf("of another region: %s", a.body)
	}
	for size := 1; size <= 8; size++ {
		var got []string
		for more, pages := "", 0; pages < 10; pages++ {
			a := s.want(200, "GET", fmt.Sprintf("/?max-buckets=%d%s", size, more), "")
			got = append(got, a.texts("Name")...)
			if a.text("ContinuationToken") == "" {
				break
			}
			more = "&continuation-token=" + a.text("ContinuationToken")
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %q", size, got)
		}
	}
	for _, bad := range []string{"max-buckets=0", "max-buckets=x", "max-buckets=-1", "continuation-token=x"} {
		s.wantCode(400, "InvalidArgument", "GET", "/?"+bad, "")
	}
}

// undated is a store that does not know when its buckets were made, as one that is asked for each by its name.
type undated struct{ drivers.Driver }

func (d undated) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	all, err := d.Driver.ListBuckets(ctx)
	for i := range all {
		all[i].Created = time.Time{}
	}
	return all, err
}

// A client that formats the date of each bucket, as "aws s3 ls" does, ends at one that has none.
func TestABucketWhoseDateTheStoreDoesNotKnowIsListedWithOne(t *testing.T) {
	t.Parallel()
	s := start(t, undated{newMem(t, "photos")})
	if a := s.want(200, "GET", "/", ""); a.text("CreationDate") != "1970-01-01T00:00:00.000Z" {
		t.Errorf("%s", a.body)
	}
	s.want(200, "PUT", "/films", "")
	if a := s.want(200, "GET", "/?prefix=films", ""); strings.HasPrefix(a.text("CreationDate"), "1970") {
		t.Errorf("made through the gateway: %s", a.body)
	}
}

// Every built operation on a bucket or an object that is not there says so.
func TestMissingBucketOnEveryRoute(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "x")
	bodies := map[string]string{
		"DeleteObjects": "<Delete><Object><Key>key</Key></Object></Delete>", "PutBucketTagging": taggingXML("a", "b"), "PutObjectTagging": taggingXML("a", "b"),
		"CompleteMultipartUpload": completeXML(`"x"`),
	}
	for _, op := range gateway.Operations() {
		if !op.Built || !op.Bucket || op.Name == "CreateBucket" {
			continue
		}
		path, header := target(op, "missing")
		path = strings.Replace(strings.Replace(path, "&partNumber=1", "", 1), "uploadId", "uploadId=x_0fe&partNumber=1", 1)
		if op.Header != "" {
			header[1] = "/photos/key"
		}
		if strings.HasSuffix(op.Name, "Acl") && op.Method == http.MethodPut {
			header = append(header, "X-Amz-Acl", "private")
		}
		a := s.do(admin, op.Method, path, bodies[op.Name], append(header, "X-Amz-Object-Attributes", "ETag")...)
		if a.status != 404 || op.Method != http.MethodHead && a.code() != "NoSuchBucket" && a.code() != "NoSuchUpload" {
			t.Errorf("%s: %d %s\n%s", op.Name, a.status, a.code(), a.body)
		}
	}
}

func TestSettingsThatNoBucketHas(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	for sub, code := range map[string]string{
		"cors": "NoSuchCORSConfiguration", "lifecycle": "NoSuchLifecycleConfiguration", "policy": "NoSuchBucketPolicy", "policyStatus": "NoSuchBucketPolicy",
		"website": "NoSuchWebsiteConfiguration", "replication": "ReplicationConfigurationNotFoundError", "encryption": "ServerSideEncryptionConfigurationNotFoundError",
		"publicAccessBlock": "NoSuchPublicAccessBlockConfiguration", "object-lock": "ObjectLockConfigurationNotFoundError", "tagging": "NoSuchTagSet",
	} {
		a := s.wantCode(404, code, "GET", "/photos?"+sub, "")
		if a.text("BucketName") != "photos" {
			t.Errorf("%s: %s", sub, a.body)
		}
		if sub != "policyStatus" && sub != "object-lock" {
			s.want(204, "DELETE", "/photos?"+sub, "")
		}
	}
	for sub, want := range map[string]string{
		"versioning": "<VersioningConfiguration ", "logging": "<BucketLoggingStatus ", "notification": "<NotificationConfiguration ", "accelerate": "<AccelerateConfiguration ",
		"requestPayment": "<Payer>BucketOwner</Payer>", "ownershipControls": "<ObjectOwnership>BucketOwnerEnforced</ObjectOwnership>", "location": "<LocationConstraint ",
	} {
		if a := s.want(200, "GET", "/photos?"+sub, ""); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", sub, a.body)
		}
	}
}

func TestACLs(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	s.want(200, "PUT", "/photos/key", "x", "X-Amz-Acl", "private")
	for _, path := range []string{"/photos?acl", "/photos/key?acl"} {
		a := s.want(200, "GET", path, "")
		if a.text("Permission") != "FULL_CONTROL" || len(a.texts("Permission")) != 1 || a.text("DisplayName") != "sluice" {
			t.Errorf("%s: %s", path, a.body)
		}
		s.want(200, "PUT", path, "", "X-Amz-Acl", "private")
		for _, acl := range []string{"public-read", "public-read-write", "authenticated-read"} {
			s.wantCode(400, "AccessControlListNotSupported", "PUT", path, "", "X-Amz-Acl", acl)
			s.wantCode(400, "AccessControlListNotSupported", "PUT", "/photos/new", "", "X-Amz-Acl", acl)
		}
		s.wantCode(400, "AccessControlListNotSupported", "PUT", path, "", "X-Amz-Grant-Read", `uri="http://acs.amazonaws.com/groups/global/AllUsers"`)
		s.wantCode(400, "InvalidArgument", "PUT", path, "", "X-Amz-Acl", "everybody")
	}
	s.wantCode(404, "NoSuchKey", "GET", "/photos/missing?acl", "")
	s.want(404, "HEAD", "/photos/new", "")
}
