package gateway

import (
	"strconv"

	"sluice/drivers"
	"sluice/gateway/access"
	"sluice/gateway/s3xml"
)

// listParts is S3's ListParts.
func (q *request) listParts() error {
	limit, err := q.limit("max-parts")
	if err != nil {
		return err
	}
	after := 0
	if s := q.query.Get("part-number-marker"); s != "" {
		if after, err = strconv.Atoi(s); err != nil || after < 0 {
			return invalidArgument("part-number-marker", s, "Provided part-number-marker is not an integer or within integer range")
		}
	}
	u, err := q.upload()
	if err != nil {
		return err
	}
	page, err := drivers.Multiparts(q.store()).ListParts(q.ctx(), q.key, u.ID, drivers.ListPartsOptions{After: after, Limit: max(limit, 1)})
	if err != nil {
		return err
	}
	owner := q.owner()
	res := &s3xml.ListParts{
		Bucket: q.bucket, Key: q.key, UploadID: q.query.Get("uploadId"), Initiator: owner, Owner: owner,
		StorageClass: storageClass(page.Upload.StorageClass), PartNumberMarker: after, MaxParts: limit, IsTruncated: page.More,
	}
	shown := explicit(u) // as the client's ID says; not every store remembers
	if shown != "" {
		res.ChecksumAlgorithm, res.ChecksumType = string(shown), string(u.ChecksumType)
	}
	if limit == 0 {
		page.Parts, res.IsTruncated = nil, false
	}
	for _, p := range page.Parts {
		part := s3xml.Part{PartNumber: p.Number, LastModified: p.LastModified, ETag: quote(p.ETag), Size: p.Size}
		if shown != "" {
			part.Checksums = checksums(p.Checksum)
		}
		res.Parts = append(res.Parts, part)
		res.NextPartNumberMarker = p.Number
	}
	return q.writeXML(res)
}

// listMultipartUploads is S3's ListMultipartUploads.
func (q *request) listMultipartUploads() error {
	limit, err := q.limit("max-uploads")
	if err != nil {
		return err
	}
	encode, err := q.encodingType()
	if err != nil {
		return err
	}
	res := &s3xml.ListMultipartUploads{
		Bucket: q.bucket, KeyMarker: q.query.Get("key-marker"), UploadIDMarker: q.query.Get("upload-id-marker"),
		Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), URL: encode, MaxUploads: limit,
	}
	o := drivers.ListUploadsOptions{Prefix: res.Prefix, Delimiter: res.Delimiter, KeyAfter: res.KeyMarker, Limit: max(limit, 1)}
	if n := len(res.UploadIDMarker); n > 4 && res.KeyMarker != "" {
		o.IDAfter = res.UploadIDMarker[:n-4] // without the gateway's own code
	}
	page, err := drivers.Multiparts(q.store()).ListUploads(q.ctx(), o)
	if err != nil {
		return err
	}
	if limit == 0 {
		return q.writeXML(res)
	}
	owner := q.owner()
	for _, u := range page.Uploads {
		x := s3xml.Upload{Key: u.Key, UploadID: uploadID(u), Initiator: owner, Owner: owner, StorageClass: storageClass(u.StorageClass), Initiated: u.Initiated}
		if shown := explicit(u); shown != "" {
			x.ChecksumAlgorithm, x.ChecksumType = string(shown), string(u.ChecksumType)
		}
		res.Uploads = append(res.Uploads, x)
	}
	res.CommonPrefixes, res.IsTruncated = page.Prefixes, page.More
	if page.More {
		res.NextKeyMarker = page.NextKey
		if n := len(page.Uploads); n > 0 && page.NextID != "" {
			res.NextUploadIDMarker = uploadID(page.Uploads[n-1])
		}
	}
	return q.writeXML(res)
}

// owner is the bucket's, as S3 shows it.
func (q *request) owner() *s3xml.Owner {
	return &s3xml.Owner{ID: access.CanonicalID(q.record.Account), DisplayName: q.record.Account}
}

// storageClass names the class that an empty one stands for.
func storageClass(class string) string {
	if class == "" {
		return "STANDARD"
	}
	return class
}
