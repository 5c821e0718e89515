package s3xml

import (
	"encoding/xml"
	"time"
)

var (
	_ Document = (*InitiateMultipartUpload)(nil)
	_ Document = (*CompleteMultipartUploadResult)(nil)
	_ Document = (*ListParts)(nil)
	_ Document = (*ListMultipartUploads)(nil)
)

// InitiateMultipartUpload is the answer of CreateMultipartUpload
// (InitiateMultipartUploadResult).
type InitiateMultipartUpload struct {
	Bucket, Key, UploadID string
}

// AppendXML implements [Document].
func (i *InitiateMultipartUpload) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("InitiateMultipartUploadResult")
	e.text("Bucket", i.Bucket)
	e.text("Key", i.Key)
	e.text("UploadId", i.UploadID)
	e.close("InitiateMultipartUploadResult")
	return e.b
}

// CompleteMultipartUpload is the body of CompleteMultipartUpload.
type CompleteMultipartUpload struct {
	XMLName xml.Name        `xml:"CompleteMultipartUpload"`
	Parts   []CompletedPart `xml:"Part"`
}

// CompletedPart is a part that the object is to be made of.
type CompletedPart struct {
	PartNumber int    `xml:"PartNumber"`
	ETag       string `xml:"ETag"` // with or without quotes
	Checksums
}

// CompleteMultipartUploadResult is the answer of CompleteMultipartUpload.
type CompleteMultipartUploadResult struct {
	Location     string // the object's URL
	Bucket, Key  string
	ETag         string // with its quotes
	ChecksumType string // absent when empty
	Checksums
}

// AppendXML implements [Document].
func (c *CompleteMultipartUploadResult) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("CompleteMultipartUploadResult")
	e.text("Location", c.Location)
	e.text("Bucket", c.Bucket)
	e.text("Key", c.Key)
	e.text("ETag", c.ETag)
	e.checksums(&c.Checksums)
	e.optional("ChecksumType", c.ChecksumType)
	e.close("CompleteMultipartUploadResult")
	return e.b
}

// ListParts is the answer of ListParts (ListPartsResult).
type ListParts struct {
	Bucket, Key, UploadID string
	Initiator, Owner      *Owner // absent when nil
	StorageClass          string
	PartNumberMarker      int
	NextPartNumberMarker  int
	MaxParts              int
	IsTruncated           bool
	ChecksumAlgorithm     string // absent when empty, as is ChecksumType
	ChecksumType          string
	Parts                 []Part
}

// Part is a part of an upload that is not complete.
type Part struct {
	PartNumber   int
	LastModified time.Time
	ETag         string // with its quotes
	Size         int64
	Checksums
}

// AppendXML implements [Document].
func (l *ListParts) AppendXML(b []byte) []byte {
	e := encoder{b: grow(b, len(l.Parts), 0)}
	e.root("ListPartsResult")
	e.text("Bucket", l.Bucket)
	e.text("Key", l.Key)
	e.text("UploadId", l.UploadID)
	e.owner("Initiator", l.Initiator)
	e.owner("Owner", l.Owner)
	e.text("StorageClass", l.StorageClass)
	e.int("PartNumberMarker", int64(l.PartNumberMarker))
	e.int("NextPartNumberMarker", int64(l.NextPartNumberMarker))
	e.int("MaxParts", int64(l.MaxParts))
	e.bool("IsTruncated", l.IsTruncated)
	e.optional("ChecksumAlgorithm", l.ChecksumAlgorithm)
	e.optional("ChecksumType", l.ChecksumType)
	for i := range l.Parts {
		p := &l.Parts[i]
		e.open("Part")
		e.int("PartNumber", int64(p.PartNumber))
		e.time("LastModified", p.LastModified)
		e.text("ETag", p.ETag)
		e.int("Size", p.Size)
		e.checksums(&p.Checksums)
		e.close("Part")
	}
	e.close("ListPartsResult")
	return e.b
}

// ListMultipartUploads is the answer of ListMultipartUploads
// (ListMultipartUploadsResult).
type ListMultipartUploads struct {
	Bucket             string
	KeyMarker          string // present even when empty, as is UploadIDMarker
	UploadIDMarker     string
	NextKeyMarker      string // absent when empty
	NextUploadIDMarker string // absent when empty
	Prefix             string // absent when empty
	Delimiter          string // absent when empty
	URL                bool   // encoding-type=url: encode keys, prefixes, key markers, delimiter
	MaxUploads         int
	IsTruncated        bool
	Uploads            []Upload
	CommonPrefixes     []string
}

// Upload is an upload that is not complete.
type Upload struct {
	Key, UploadID     string
	Initiator, Owner  *Owner // absent when nil
	StorageClass      string
	Initiated         time.Time
	ChecksumAlgorithm string // absent when empty, as is ChecksumType
	ChecksumType      string
}

// AppendXML implements [Document].
func (l *ListMultipartUploads) AppendXML(b []byte) []byte {
	e := encoder{b: grow(b, len(l.Uploads), len(l.CommonPrefixes)), url: l.URL}
	e.root("ListMultipartUploadsResult")
	e.text("Bucket", l.Bucket)
	e.key("KeyMarker", l.KeyMarker)
	e.text("UploadIdMarker", l.UploadIDMarker)
	e.optionalKey("NextKeyMarker", l.NextKeyMarker)
	e.optional("NextUploadIdMarker", l.NextUploadIDMarker)
	e.optionalKey("Prefix", l.Prefix)
	e.optionalKey("Delimiter", l.Delimiter)
	e.encodingType()
	e.int("MaxUploads", int64(l.MaxUploads))
	e.bool("IsTruncated", l.IsTruncated)
	for i := range l.Uploads {
		u := &l.Uploads[i]
		e.open("Upload")
		e.key("Key", u.Key)
		e.text("UploadId", u.UploadID)
		e.owner("Initiator", u.Initiator)
		e.owner("Owner", u.Owner)
		e.optional("StorageClass", u.StorageClass)
		e.time("Initiated", u.Initiated)
		e.optional("ChecksumAlgorithm", u.ChecksumAlgorithm)
		e.optional("ChecksumType", u.ChecksumType)
		e.close("Upload")
	}
	e.commonPrefixes(l.CommonPrefixes)
	e.close("ListMultipartUploadsResult")
	return e.b
}
