package s3xml

import (
	"encoding/xml"
	"time"
)

var (
	_ Document = (*ListAllMyBuckets)(nil)
	_ Document = (*LocationConstraint)(nil)
	_ Document = (*VersioningConfiguration)(nil)
	_ Document = (*OwnershipControls)(nil)
)

// ListAllMyBuckets is the answer of ListBuckets (ListAllMyBucketsResult).
type ListAllMyBuckets struct {
	Owner             Owner
	Buckets           []Bucket
	ContinuationToken string // of the next page; absent when empty
	Prefix            string // absent when empty
}

// Bucket is a bucket in a listing.
type Bucket struct {
	Name         string
	CreationDate time.Time
	BucketRegion string // absent when empty
}

// AppendXML implements [Document].
func (l *ListAllMyBuckets) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("ListAllMyBucketsResult")
	e.owner("Owner", &l.Owner)
	e.open("Buckets")
	for _, bucket := range l.Buckets {
		e.open("Bucket")
		e.text("Name", bucket.Name)
		e.time("CreationDate", bucket.CreationDate)
		e.optional("BucketRegion", bucket.BucketRegion)
		e.close("Bucket")
	}
	e.close("Buckets")
	e.optional("ContinuationToken", l.ContinuationToken)
	e.optional("Prefix", l.Prefix)
	e.close("ListAllMyBucketsResult")
	return e.b
}

// LocationConstraint is the answer of GetBucketLocation. The region us-east-1
// is the empty string.
type LocationConstraint struct {
	Region string
}

// AppendXML implements [Document].
func (l *LocationConstraint) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("LocationConstraint")
	e.b = appendText(e.b, l.Region)
	e.close("LocationConstraint")
	return e.b
}

// CreateBucketConfiguration is the body of CreateBucket.
type CreateBucketConfiguration struct {
	XMLName            xml.Name `xml:"CreateBucketConfiguration"`
	LocationConstraint string   `xml:"LocationConstraint"`
	// Location and Bucket are for directory buckets.
	Location struct {
		Type string `xml:"Type"`
		Name string `xml:"Name"`
	} `xml:"Location"`
	Bucket struct {
		DataRedundancy string `xml:"DataRedundancy"`
		Type           string `xml:"Type"`
	} `xml:"Bucket"`
	Tags []Tag `xml:"Tags>Tag"`
}

// VersioningConfiguration is the body of PutBucketVersioning and the answer of
// GetBucketVersioning; it is empty for a bucket that was never versioned.
type VersioningConfiguration struct {
	XMLName   xml.Name `xml:"VersioningConfiguration"`
	Status    string   `xml:"Status"`    // Enabled, Suspended; absent when empty
	MFADelete string   `xml:"MfaDelete"` // Enabled, Disabled; absent when empty
}

// AppendXML implements [Document].
func (v *VersioningConfiguration) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("VersioningConfiguration")
	e.optional("Status", v.Status)
	e.optional("MfaDelete", v.MFADelete)
	e.close("VersioningConfiguration")
	return e.b
}

// OwnershipControls is the body of PutBucketOwnershipControls and the answer of
// GetBucketOwnershipControls.
type OwnershipControls struct {
	XMLName xml.Name        `xml:"OwnershipControls"`
	Rules   []OwnershipRule `xml:"Rule"` // S3 takes exactly one
}

// OwnershipRule is BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter.
type OwnershipRule struct {
	ObjectOwnership string `xml:"ObjectOwnership"`
}

// AppendXML implements [Document].
func (o *OwnershipControls) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("OwnershipControls")
	for _, r := range o.Rules {
		e.open("Rule")
		e.text("ObjectOwnership", r.ObjectOwnership)
		e.close("Rule")
	}
	e.close("OwnershipControls")
	return e.b
}
