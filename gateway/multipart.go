package gateway

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/gateway/s3xml"
)

// createMultipartUpload is S3's CreateMultipartUpload.
func (q *request) createMultipartUpload() error {
	o := drivers.CreateUploadOptions{ChecksumAlgorithm: checksum.CRC64NVME, ChecksumType: checksum.FullObject, ChecksumImplicit: true}
	var err error
	if o.Header, err = q.objectHeader(); err != nil {
		return err
	}
	if o.Tags, err = q.tagHeader(); err != nil {
		return err
	}
	if name := q.header("X-Amz-Checksum-Algorithm"); name != "" {
		o.ChecksumImplicit = false
		if o.ChecksumAlgorithm, o.ChecksumType, err = uploadChecksum(name, q.header("X-Amz-Checksum-Type")); err != nil {
			return err
		}
	} else if q.header("X-Amz-Checksum-Type") != "" {
		return invalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	}
	u, err := drivers.Multiparts(q.store()).CreateUpload(q.ctx(), q.key, o)
	if err != nil {
		return err
	}
	if !o.ChecksumImplicit {
		h := q.w.Header()
		h["x-amz-checksum-algorithm"] = []string{string(o.ChecksumAlgorithm)}
		h["x-amz-checksum-type"] = []string{string(o.ChecksumType)}
	}
	return q.writeXML(&s3xml.InitiateMultipartUpload{Bucket: q.bucket, Key: q.key, UploadID: uploadID(u)})
}

// uploadChecksum reads the algorithm and type of an upload.
func uploadChecksum(algorithm, kind string) (checksum.Algorithm, checksum.Type, error) {
	a, ok := checksum.Parse(algorithm)
	if !ok {
		return "", "", errChecksumAlgorithm
	}
	t := checksum.Type(kind)
	if kind == "" {
		t = a.DefaultType()
	}
	if !a.Supports(t) {
		return "", "", invalidRequest("The %s checksum type cannot be used with the %s checksum algorithm.", kind, a)
	}
	return a, t, nil
}

// uploadPart is S3's UploadPart.
func (q *request) uploadPart() error {
	n, err := q.partNumber()
	if err != nil {
		return err
	}
	u, err := q.upload()
	if err != nil {
		return err
	}
	b, err := q.openBody(bodyOptions{stored: u.ChecksumAlgorithm, always: u.ChecksumImplicit})
	if err != nil {
		return err
	}
	defer b.Close()
	if b.stored != u.ChecksumAlgorithm {
		return checksumMismatch(u.ChecksumAlgorithm, b.stored)
	}
	o := drivers.PutPartOptions{Size: b.size, Digest: b.Digest, Checksum: b.announced()}
	part, err := drivers.Multiparts(q.store()).PutPart(q.ctx(), q.key, u.ID, n, b, o)
	if err != nil {
		return err
	}
	q.w.Header()["Etag"] = []string{quote(part.ETag)}
	if shown := cmp.Or(b.declared, explicit(u)); shown != "" {
		q.w.Header()[shown.Header()] = []string{b.checksum(shown).Value}
	}
	return q.writeEmpty(http.StatusOK)
}

// explicit returns the algorithm that the client asked for, "" if it asked for none.
func explicit(u drivers.Upload) checksum.Algorithm {
	if u.ChecksumImplicit {
		return ""
	}
	return u.ChecksumAlgorithm
}

func checksumMismatch(want, got checksum.Algorithm) error {
	return invalidRequest("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s", want, got)
}

// uploadPartCopy is S3's UploadPartCopy.
func (q *request) uploadPartCopy() error {
	n, err := q.partNumber()
	if err != nil {
		return err
	}
	src, get, err := q.copySource()
	if err != nil {
		return err
	}
	if get.Range, err = parseCopyRange(q.header("X-Amz-Copy-Source-Range")); err != nil {
		return err
	}
	u, err := q.upload()
	if err != nil {
		return err
	}
	from := q.t.Driver.Bucket(src.bucket)
	part, err := drivers.CopyPart(q.ctx(), q.store(), q.key, u.ID, n, from, src.key, drivers.CopyPartOptions{Source: get, Algorithm: u.ChecksumAlgorithm})
	if err != nil {
		return q.failWrite(err)
	}
	res := &s3xml.CopyObjectResult{Part: true, LastModified: part.LastModified, ETag: quote(part.ETag)}
	if !u.ChecksumImplicit {
		res.Checksums = checksums(part.Checksum)
	}
	return q.writeXML(res)
}

// completeMultipartUpload is S3's CompleteMultipartUpload. Like S3 it gives the same answer when it is asked again after a
// reply that got lost.
func (q *request) completeMultipartUpload() error {
	u, err := q.upload()
	if err != nil {
		return err
	}
	o, err := q.completeOptions(u)
	if err != nil {
		return err
	}
	parts, err := q.completedParts(u)
	if err != nil {
		return err
	}
	info, err := drivers.Multiparts(q.store()).CompleteUpload(q.ctx(), q.key, u.ID, parts, o)
	if errors.Is(err, drivers.ErrNoUpload) {
		info, err = q.completedBefore(parts, err)
	}
	if err != nil {
		return q.failWrite(err)
	}
	if info.VersionID != "" {
		q.w.Header()["x-amz-version-id"] = []string{info.VersionID}
	}
	res := &s3xml.CompleteMultipartUploadResult{Location: q.location(), Bucket: q.bucket, Key: q.key, ETag: quote(info.ETag), ChecksumType: string(info.Checksum.Type)}
	res.Checksums = checksums(info.Checksum)
	return q.writeXML(res)
}

// completedParts reads the list of parts.
func (q *request) completedParts(u drivers.Upload) ([]drivers.CompletedPart, error) {
	var doc s3xml.CompleteMultipartUpload
	if err := q.readXML(&doc, bodyOptions{bare: true}); err != nil {
		return nil, err
	}
	if len(doc.Parts) == 0 || len(doc.Parts) > drivers.MaxPartNumber {
		return nil, errMalformedXML
	}
	parts := make([]drivers.CompletedPart, len(doc.Parts))
	for i, p := range doc.Parts {
		parts[i] = drivers.CompletedPart{Number: p.PartNumber, ETag: unquote(p.ETag)}
		if a := explicit(u); a != "" {
			parts[i].Checksum.Algorithm, parts[i].Checksum.Value = a, p.Get(string(a))
			if parts[i].Checksum.Value == "" && u.ChecksumType == checksum.Composite {
				return nil, invalidRequest("The upload was created using a %s checksum. The complete request must include the checksum for each part. It was missing for part %d in the request.", strings.ToLower(string(a)), p.PartNumber)
			}
		}
	}
	return parts, nil
}

// completedBefore recognizes the object that an upload which is gone has made: by its ETag, which follows from the parts.
func (q *request) completedBefore(parts []drivers.CompletedPart, gone error) (drivers.Info, error) {
	etags := make([]string, len(parts))
	for i, p := range parts {
		etags[i] = p.ETag
	}
	etag, err := checksum.MultipartETag(etags)
	if err != nil {
		return drivers.Info{}, gone
	}
	info, err := q.store().Head(q.ctx(), q.key, drivers.GetOptions{})
	if err != nil || info.ETag != etag {
		return drivers.Info{}, gone
	}
	return info, nil
}

// completeOptions reads what the client says that the whole object must be. Here the checksum headers are the object's,
// not the body's.
func (q *request) completeOptions(u drivers.Upload) (o drivers.CompleteOptions, err error) {
	o.Conditions = writeConditions(q.r.Header)
	a, value, err := declaredChecksum(q)
	if err != nil {
		return o, err
	}
	if a != "" && a != u.ChecksumAlgorithm {
		if !u.ChecksumImplicit {
			return o, checksumMismatch(u.ChecksumAlgorithm, a)
		}
		return o, invalidRequest("The upload was created without the %s checksum algorithm.", a)
	}
	o.Checksum.Algorithm, o.Checksum.Value = a, value
	if t := q.header("X-Amz-Checksum-Type"); t != "" && checksum.Type(t) != u.ChecksumType {
		return o, invalidRequest("The upload was created using the %s checksum mode. The complete request must use the same checksum mode.", u.ChecksumType)
	}
	if s := q.header("X-Amz-Mp-Object-Size"); s != "" {
		if o.Size, err = strconv.ParseInt(s, 10, 64); err != nil || o.Size < 0 {
			return o, invalidRequest("Value for x-amz-mp-object-size header is invalid.")
		}
	}
	return o, nil
}

// abortMultipartUpload is S3's AbortMultipartUpload.
func (q *request) abortMultipartUpload() error {
	u, err := q.upload()
	if err != nil {
		return err
	}
	if err := drivers.Multiparts(q.store()).AbortUpload(q.ctx(), q.key, u.ID); err != nil {
		return err
	}
	return q.writeEmpty(http.StatusNoContent)
}

// location is the URL of the object, as the client would write it.
func (q *request) location() string {
	u := url.URL{Scheme: "http", Host: q.r.Host, Path: "/" + q.key}
	if q.r.TLS != nil {
		u.Scheme = "https"
	}
	if hostBucket(q.r.Host, q.s.o.Domains) == "" {
		u.Path = "/" + q.bucket + u.Path
	}
	return u.String()
}
