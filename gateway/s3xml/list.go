package s3xml

import "time"

var (
	_ Document = (*ListBucketV1)(nil)
	_ Document = (*ListBucketV2)(nil)
	_ Document = (*ListVersions)(nil)
)

// Owner is the owner of a bucket or object, or the initiator of an upload.
type Owner struct {
	ID          string `xml:"ID"`
	DisplayName string `xml:"DisplayName"` // absent when empty
}

func (e *encoder) owner(name string, o *Owner) {
	if o == nil {
		return
	}
	e.open(name)
	e.text("ID", o.ID)
	e.optional("DisplayName", o.DisplayName)
	e.close(name)
}

// Object is an object in a listing.
type Object struct {
	Key          string
	LastModified time.Time
	ETag         string // with its quotes
	// ChecksumAlgorithm and ChecksumType are of the stored checksum; absent
	// when empty.
	ChecksumAlgorithm string
	ChecksumType      string
	Size              int64
	Owner             *Owner // absent when nil
	StorageClass      string
	RestoreStatus     *RestoreStatus // absent when nil
}

// RestoreStatus tells how far an archived object is restored.
type RestoreStatus struct {
	IsRestoreInProgress bool
	RestoreExpiryDate   time.Time // absent when zero
}

func (e *encoder) restoreStatus(s *RestoreStatus) {
	if s == nil {
		return
	}
	e.open("RestoreStatus")
	e.bool("IsRestoreInProgress", s.IsRestoreInProgress)
	e.time("RestoreExpiryDate", s.RestoreExpiryDate)
	e.close("RestoreStatus")
}

func (e *encoder) contents(objects []Object) {
	for i := range objects {
		o := &objects[i]
		e.open("Contents")
		e.key("Key", o.Key)
		e.time("LastModified", o.LastModified)
		e.text("ETag", o.ETag)
		e.optional("ChecksumAlgorithm", o.ChecksumAlgorithm)
		e.optional("ChecksumType", o.ChecksumType)
		e.int("Size", o.Size)
		e.owner("Owner", o.Owner)
		e.optional("StorageClass", o.StorageClass)
		e.restoreStatus(o.RestoreStatus)
		e.close("Contents")
	}
}

// ListBucketV1 is the answer of ListObjects (ListBucketResult).
type ListBucketV1 struct {
	Name           string
	Prefix         string // present even when empty, as is Marker
	Marker         string
	NextMarker     string // S3 sends it only for a truncated listing with a delimiter
	MaxKeys        int
	Delimiter      string // absent when empty
	URL            bool   // encoding-type=url: encode keys, prefixes, markers, delimiter
	IsTruncated    bool
	Contents       []Object
	CommonPrefixes []string
}

// AppendXML implements [Document].
func (l *ListBucketV1) AppendXML(b []byte) []byte {
	e := encoder{b: grow(b, len(l.Contents), len(l.CommonPrefixes)), url: l.URL}
	e.root("ListBucketResult")
	e.text("Name", l.Name)
	e.key("Prefix", l.Prefix)
	e.key("Marker", l.Marker)
	e.optionalKey("NextMarker", l.NextMarker)
	e.int("MaxKeys", int64(l.MaxKeys))
	e.optionalKey("Delimiter", l.Delimiter)
	e.encodingType()
	e.bool("IsTruncated", l.IsTruncated)
	e.contents(l.Contents)
	e.commonPrefixes(l.CommonPrefixes)
	e.close("ListBucketResult")
	return e.b
}

// ListBucketV2 is the answer of ListObjectsV2 (ListBucketResult).
type ListBucketV2 struct {
	Name                  string
	Prefix                string  // present even when empty
	StartAfter            string  // absent when empty
	ContinuationToken     *string // the request's; absent when nil; never encoded
	NextContinuationToken string  // absent when empty; never encoded
	KeyCount              int     // objects and common prefixes
	MaxKeys               int
	Delimiter             string // absent when empty
	URL                   bool   // encoding-type=url: encode keys, prefixes, StartAfter, delimiter
	IsTruncated           bool
	Contents              []Object
	CommonPrefixes        []string
}

// AppendXML implements [Document].
func (l *ListBucketV2) AppendXML(b []byte) []byte {
	e := encoder{b: grow(b, len(l.Contents), len(l.CommonPrefixes)), url: l.URL}
	e.root("ListBucketResult")
	e.text("Name", l.Name)
	e.key("Prefix", l.Prefix)
	e.optionalKey("StartAfter", l.StartAfter)
	if l.ContinuationToken != nil {
		e.text("ContinuationToken", *l.ContinuationToken)
	}
	e.optional("NextContinuationToken", l.NextContinuationToken)
	e.int("KeyCount", int64(l.KeyCount))
	e.int("MaxKeys", int64(l.MaxKeys))
	e.optionalKey("Delimiter", l.Delimiter)
	e.encodingType()
	e.bool("IsTruncated", l.IsTruncated)
	e.contents(l.Contents)
	e.commonPrefixes(l.CommonPrefixes)
	e.close("ListBucketResult")
	return e.b
}

// ListVersions is the answer of ListObjectVersions (ListVersionsResult).
type ListVersions struct {
	Name                string
	Prefix              string // present even when empty, as are KeyMarker and VersionIDMarker
	KeyMarker           string
	VersionIDMarker     string
	NextKeyMarker       string // absent when empty
	NextVersionIDMarker string // absent when empty
	MaxKeys             int
	Delimiter           string // absent when empty
	URL                 bool   // encoding-type=url: encode keys, prefixes, key markers, delimiter
	IsTruncated         bool
	Versions            []Version // also delete markers, in the order of the listing
	CommonPrefixes      []string
}

// Version is a version of an object, or a delete marker, which has neither
// ETag, checksum, size nor storage class.
type Version struct {
	Object
	VersionID    string
	IsLatest     bool
	DeleteMarker bool
}

// AppendXML implements [Document].
func (l *ListVersions) AppendXML(b []byte) []byte {
	e := encoder{b: grow(b, len(l.Versions), len(l.CommonPrefixes)), url: l.URL}
	e.root("ListVersionsResult")
	e.text("Name", l.Name)
	e.key("Prefix", l.Prefix)
	e.key("KeyMarker", l.KeyMarker)
	e.text("VersionIdMarker", l.VersionIDMarker)
	e.optionalKey("NextKeyMarker", l.NextKeyMarker)
	e.optional("NextVersionIdMarker", l.NextVersionIDMarker)
	e.int("MaxKeys", int64(l.MaxKeys))
	e.optionalKey("Delimiter", l.Delimiter)
	e.encodingType()
	e.bool("IsTruncated", l.IsTruncated)
	for i := range l.Versions {
		e.version(&l.Versions[i])
	}
	e.commonPrefixes(l.CommonPrefixes)
	e.close("ListVersionsResult")
	return e.b
}

func (e *encoder) version(v *Version) {
	name := "Version"
	if v.DeleteMarker {
		name = "DeleteMarker"
	}
	e.open(name)
	e.key("Key", v.Key)
	e.text("VersionId", v.VersionID)
	e.bool("IsLatest", v.IsLatest)
	e.time("LastModified", v.LastModified)
	if !v.DeleteMarker {
		e.text("ETag", v.ETag)
		e.optional("ChecksumAlgorithm", v.ChecksumAlgorithm)
		e.optional("ChecksumType", v.ChecksumType)
		e.int("Size", v.Size)
		e.optional("StorageClass", v.StorageClass)
	}
	e.owner("Owner", v.Owner)
	if !v.DeleteMarker {
		e.restoreStatus(v.RestoreStatus)
	}
	e.close(name)
}

// grow makes room in b for a listing, so that it is mostly copied never.
func grow(b []byte, entries, prefixes int) []byte {
	need := 512 + 512*entries + 128*prefixes
	if cap(b)-len(b) >= need {
		return b
	}
	return append(make([]byte, 0, len(b)+need), b...)
}
