package s3xml

import (
	"encoding/xml"
	"time"
)

var (
	_ Document = (*DeleteResult)(nil)
	_ Document = (*CopyObjectResult)(nil)
	_ Document = (*ObjectAttributes)(nil)
)

// Delete is the body of DeleteObjects. S3 takes up to 1,000 objects.
type Delete struct {
	XMLName xml.Name           `xml:"Delete"`
	Objects []ObjectIdentifier `xml:"Object"`
	Quiet   bool               `xml:"Quiet"` // answer errors only
}

// ObjectIdentifier names an object to delete, if the conditions hold that are
// not empty.
type ObjectIdentifier struct {
	Key              string `xml:"Key"`
	VersionID        string `xml:"VersionId"`
	ETag             string `xml:"ETag"`
	LastModifiedTime string `xml:"LastModifiedTime"` // in the format of HTTP
	Size             *int64 `xml:"Size"`             // nil when absent
}

// DeleteResult is the answer of DeleteObjects.
type DeleteResult struct {
	Deleted []Deleted
	Errors  []DeleteError
}

// Deleted is an object that was deleted.
type Deleted struct {
	Key                   string
	VersionID             string // that was asked for; absent when empty
	DeleteMarker          bool   // one was made or deleted; absent when false
	DeleteMarkerVersionID string // absent when empty
}

// DeleteError is an object that was not deleted.
type DeleteError struct {
	Key       string
	VersionID string // absent when empty
	Code      string
	Message   string
}

// AppendXML implements [Document].
func (d *DeleteResult) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("DeleteResult")
	for i := range d.Deleted {
		o := &d.Deleted[i]
		e.open("Deleted")
		e.text("Key", o.Key)
		e.optional("VersionId", o.VersionID)
		if o.DeleteMarker {
			e.bool("DeleteMarker", true)
		}
		e.optional("DeleteMarkerVersionId", o.DeleteMarkerVersionID)
		e.close("Deleted")
	}
	for i := range d.Errors {
		o := &d.Errors[i]
		e.open("Error")
		e.text("Key", o.Key)
		e.optional("VersionId", o.VersionID)
		e.text("Code", o.Code)
		e.text("Message", o.Message)
		e.close("Error")
	}
	e.close("DeleteResult")
	return e.b
}

// CopyObjectResult is the answer of CopyObject and, as CopyPartResult, of
// UploadPartCopy.
type CopyObjectResult struct {
	Part         bool // a CopyPartResult, which has no ChecksumType
	LastModified time.Time
	ETag         string // with its quotes
	ChecksumType string // absent when empty
	Checksums
}

// AppendXML implements [Document].
func (c *CopyObjectResult) AppendXML(b []byte) []byte {
	name := "CopyObjectResult"
	if c.Part {
		name = "CopyPartResult"
	}
	e := encoder{b: b}
	e.root(name)
	e.time("LastModified", c.LastModified)
	e.text("ETag", c.ETag)
	if !c.Part {
		e.optional("ChecksumType", c.ChecksumType)
	}
	e.checksums(&c.Checksums)
	e.close(name)
	return e.b
}

// ObjectAttributes is the answer of GetObjectAttributes
// (GetObjectAttributesResponse). Only what the request asks for is set.
type ObjectAttributes struct {
	ETag         string              // without quotes, unlike everywhere else; absent when empty
	Checksum     *AttributesChecksum // absent when nil
	ObjectParts  *AttributesParts    // absent when nil
	StorageClass string              // absent when empty
	ObjectSize   *int64              // absent when nil
}

// AttributesChecksum is the object's checksum, without the suffix "-N".
type AttributesChecksum struct {
	Checksums
	ChecksumType string // absent when empty
}

// AttributesParts tells the parts of an object that was uploaded in parts. S3
// lists them only when they have checksums; otherwise it sends PartsCount
// alone, which MaxParts of 0 stands for.
type AttributesParts struct {
	PartsCount           int // of the whole object
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Parts                []AttributesPart
}

// AttributesPart is a part of an object.
type AttributesPart struct {
	PartNumber int
	Size       int64
	Checksums
}

// AppendXML implements [Document].
func (a *ObjectAttributes) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("GetObjectAttributesResponse")
	e.optional("ETag", a.ETag)
	if c := a.Checksum; c != nil {
		e.open("Checksum")
		e.checksums(&c.Checksums)
		e.optional("ChecksumType", c.ChecksumType)
		e.close("Checksum")
	}
	e.attributesParts(a.ObjectParts)
	e.optional("StorageClass", a.StorageClass)
	if a.ObjectSize != nil {
		e.int("ObjectSize", *a.ObjectSize)
	}
	e.close("GetObjectAttributesResponse")
	return e.b
}

func (e *encoder) attributesParts(p *AttributesParts) {
	if p == nil {
		return
	}
	e.open("ObjectParts")
	e.int("PartsCount", int64(p.PartsCount))
	if p.MaxParts > 0 {
		e.int("PartNumberMarker", int64(p.PartNumberMarker))
		e.int("NextPartNumberMarker", int64(p.NextPartNumberMarker))
		e.int("MaxParts", int64(p.MaxParts))
		e.bool("IsTruncated", p.IsTruncated)
	}
	for i := range p.Parts {
		part := &p.Parts[i]
		e.open("Part")
		e.int("PartNumber", int64(part.PartNumber))
		e.int("Size", part.Size)
		e.checksums(&part.Checksums)
		e.close("Part")
	}
	e.close("ObjectParts")
}
