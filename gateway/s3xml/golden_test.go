package s3xml

import (
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite testdata from what is written now")

const etag = `"fba9dede5f27731c9771645a39863328"`

var (
	day   = time.Date(2009, 10, 12, 19, 50, 30, 999_000_000, time.FixedZone("CEST", 7200))
	owner = &Owner{ID: "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a", DisplayName: "mtd@amazon.com"}
)

func object(key string) Object {
	return Object{Key: key, LastModified: day, ETag: etag, Size: 434234, StorageClass: "STANDARD"}
}

func documents() map[string]Document {
	size := int64(7)
	checked := object("checked")
	checked.ChecksumAlgorithm, checked.ChecksumType = "CRC64NVME", "FULL_OBJECT"
	checked.RestoreStatus = &RestoreStatus{RestoreExpiryDate: day}
	owned := object("a b&<>\"'é\n")
	owned.Owner = owner
	return map[string]Document{
		"error": &Error{Code: "NoSuchKey", Message: "The specified key does not exist.",
			Details: []Detail{{"Key", "a&b"}}, Resource: "/b/a&b", RequestID: "4442587FB7D0A2F9", HostID: "h"},
		"error_bare":        &Error{Code: "InternalError", Message: "We encountered an internal error. Please try again."},
		"list_buckets":      &ListAllMyBuckets{Owner: *owner, Buckets: []Bucket{{"quotes", day, "eu-west-1"}, {"samples", day, ""}}, ContinuationToken: "t", Prefix: "p"},
		"list_buckets_none": &ListAllMyBuckets{Owner: Owner{ID: "1"}},
		"location":          &LocationConstraint{"eu-west-1"},
		"location_default":  &LocationConstraint{},
		"list_v1_empty":     &ListBucketV1{Name: "bucket", MaxKeys: 1000},
		"list_v1": &ListBucketV1{Name: "bucket", Prefix: "a", Marker: "m", NextMarker: "n/", MaxKeys: 3, Delimiter: "/",
			IsTruncated: true, Contents: []Object{owned, checked}, CommonPrefixes: []string{"n/"}},
		"list_v1_url": &ListBucketV1{Name: "bucket", Prefix: "a b", Marker: "m+", NextMarker: "n/é", MaxKeys: 3, Delimiter: "|",
			URL: true, Contents: []Object{owned}, CommonPrefixes: []string{"test_file(3).png"}},
		"list_v2_empty": &ListBucketV2{Name: "bucket", MaxKeys: 1000},
		"list_v2": &ListBucketV2{Name: "bucket", Prefix: "a", StartAfter: "s", ContinuationToken: new("c+/="), NextContinuationToken: "n+/=",
			KeyCount: 3, MaxKeys: 3, Delimiter: "/", IsTruncated: true, Contents: []Object{owned, checked}, CommonPrefixes: []string{"b/"}},
		"list_v2_url": &ListBucketV2{Name: "bucket", Prefix: "a b", StartAfter: "s s", ContinuationToken: new("c+/="), NextContinuationToken: "n+/=",
			KeyCount: 2, MaxKeys: 2, Delimiter: "|", URL: true, Contents: []Object{owned}, CommonPrefixes: []string{"b c/"}},
		"list_versions_empty": &ListVersions{Name: "bucket", MaxKeys: 1000},
		"list_versions": &ListVersions{Name: "bucket", Prefix: "a", KeyMarker: "k", VersionIDMarker: "v", NextKeyMarker: "nk",
			NextVersionIDMarker: "nv", MaxKeys: 2, Delimiter: "/", IsTruncated: true, CommonPrefixes: []string{"b/"},
			Versions: []Version{
				{Object: Object{Key: "k1", LastModified: day, Owner: owner}, VersionID: "3", IsLatest: true, DeleteMarker: true},
				{Object: checked, VersionID: "2"},
				{Object: owned, VersionID: "null", IsLatest: true},
			}},
		"delete_result": &DeleteResult{
			Deleted: []Deleted{{Key: "a"}, {Key: "b", VersionID: "1"}, {Key: "c", DeleteMarker: true, DeleteMarkerVersionID: "2"}},
			Errors:  []DeleteError{{Key: "d", Code: "AccessDenied", Message: "Access Denied"}, {Key: "e", VersionID: "3", Code: "InternalError"}}},
		"copy_object": &CopyObjectResult{LastModified: day, ETag: etag, ChecksumType: "FULL_OBJECT", Checksums: Checksums{CRC32: "y/Q5Jg=="}},
		"copy_part":   &CopyObjectResult{Part: true, LastModified: day, ETag: etag, ChecksumType: "COMPOSITE", Checksums: Checksums{SHA1: "s"}},
		"initiate":    &InitiateMultipartUpload{"bucket", "k&", "VXBsb2Fk"},
		"complete": &CompleteMultipartUploadResult{Location: "http://b.s3.eu-west-1.amazonaws.com/k", Bucket: "b", Key: "k",
			ETag: `"3858f62230ac3c915f300c664312c11f-9"`, ChecksumType: "COMPOSITE", Checksums: Checksums{CRC32C: "y/Q5Jg==-9"}},
		"list_parts_empty": &ListParts{Bucket: "b", Key: "k", UploadID: "u", StorageClass: "STANDARD", MaxParts: 1000},
		"list_parts": &ListParts{Bucket: "b", Key: "k", UploadID: "u", Initiator: owner, Owner: owner, StorageClass: "STANDARD",
			PartNumberMarker: 1, NextPartNumberMarker: 3, MaxParts: 2, IsTruncated: true, ChecksumAlgorithm: "SHA256", ChecksumType: "COMPOSITE",
			Parts: []Part{{PartNumber: 2, LastModified: day, ETag: etag, Size: 10485760, Checksums: Checksums{SHA256: "x"}}, {PartNumber: 3, LastModified: day, ETag: etag}}},
		"list_uploads_empty": &ListMultipartUploads{Bucket: "b", MaxUploads: 1000},
		"list_uploads": &ListMultipartUploads{Bucket: "b", KeyMarker: "k m", UploadIDMarker: "u", NextKeyMarker: "n k", NextUploadIDMarker: "nu",
			Prefix: "p p", Delimiter: "|", URL: true, MaxUploads: 1, IsTruncated: true, CommonPrefixes: []string{"c c"},
			Uploads: []Upload{{Key: "a b", UploadID: "u1", Initiator: owner, Owner: owner, StorageClass: "STANDARD", Initiated: day,
				ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT"}}},
		"tagging":          &Tagging{TagSet: []Tag{{"z", "1"}, {"a", ""}, {"m", "<"}}},
		"tagging_none":     &Tagging{},
		"versioning":       &VersioningConfiguration{Status: "Enabled", MFADelete: "Disabled"},
		"versioning_never": &VersioningConfiguration{},
		"ownership":        &OwnershipControls{Rules: []OwnershipRule{{"BucketOwnerEnforced"}}},
		"acl": &AccessControlPolicy{Owner: *owner, Grants: []Grant{
			{Grantee{Type: "CanonicalUser", ID: owner.ID, DisplayName: owner.DisplayName}, "FULL_CONTROL"},
			{Grantee{Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers"}, "READ"},
			{Grantee{Type: "AmazonCustomerByEmail", EmailAddress: "a@example.com"}, "WRITE"}}},
		"attributes_none": &ObjectAttributes{},
		"attributes": &ObjectAttributes{ETag: "fba9-2", StorageClass: "STANDARD", ObjectSize: &size,
			Checksum: &AttributesChecksum{Checksums{SHA256: "x"}, "COMPOSITE"},
			ObjectParts: &AttributesParts{PartsCount: 2, NextPartNumberMarker: 1, MaxParts: 1, IsTruncated: true,
				Parts: []AttributesPart{{1, 5, Checksums{SHA256: "y"}}}}},
		"attributes_count": &ObjectAttributes{ObjectParts: &AttributesParts{PartsCount: 2}},
		"checksums":        &CompleteMultipartUploadResult{Checksums: Checksums{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10"}},
	}
}

func TestDocumentsAreWrittenAsInTestdata(t *testing.T) {
	t.Parallel()
	for name, d := range documents() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := Marshal(d)
			file := filepath.Join("testdata", name+".xml")
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			wellFormed(t, got)
		})
	}
}

func wellFormed(t *testing.T, doc []byte) {
	t.Helper()
	d := xml.NewDecoder(bytesReader(doc))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, doc)
		}
	}
}

func TestDocumentsThatGoBothWaysAreReadAsWritten(t *testing.T) {
	t.Parallel()
	all := documents()
	for name, got := range map[string]any{
		"tagging": &Tagging{}, "tagging_none": &Tagging{},
		"versioning": &VersioningConfiguration{}, "versioning_never": &VersioningConfiguration{},
		"ownership": &OwnershipControls{}, "acl": &AccessControlPolicy{},
	} {
		if err := Decode(bytesReader(Marshal(all[name])), 1<<20, got); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(all[name], got, cmp.FilterPath(
			func(p cmp.Path) bool { return p.Last().String() == ".XMLName" }, cmp.Ignore())); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestChecksumsAreFoundByTheNameOfTheAlgorithm(t *testing.T) {
	t.Parallel()
	var c Checksums
	names := []string{"CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256", "SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"}
	for _, name := range names {
		c.Set(name, "value of "+name)
	}
	c.Set("NONE", "x")
	for _, name := range names {
		if got := c.Get(name); got != "value of "+name {
			t.Errorf("Get(%s) = %q", name, got)
		}
	}
	if c.Get("NONE") != "" {
		t.Error("an unknown algorithm has a value")
	}
}
