package gateway

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/gateway/s3xml"
)

// source is what x-amz-copy-source names.
type source struct{ bucket, key, versionID string }

// parseCopySource reads x-amz-copy-source: "[/]bucket/key[?versionId=id]", percent-encoded once.
func parseCopySource(header string) (s source, err error) {
	bad := invalidArgument("x-amz-copy-source", header, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	path, query, _ := strings.Cut(header, "?")
	if path, err = url.PathUnescape(path); err != nil {
		return s, bad
	}
	if query != "" {
		values, err := url.ParseQuery(query)
		if err != nil || len(values["versionId"]) != 1 || len(values) > 1 {
			return s, bad
		}
		s.versionID = values.Get("versionId")
	}
	var ok bool
	s.bucket, s.key, ok = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !ok || s.key == "" || !validBucketName(s.bucket) || !utf8.ValidString(s.key) {
		return s, bad
	}
	return s, drivers.CheckKey(s.key)
}

// copySource reads the source of a copy and asks whether the caller may read it.
func (q *request) copySource() (source, drivers.GetOptions, error) {
	s, err := parseCopySource(q.header("X-Amz-Copy-Source"))
	if err != nil {
		return s, drivers.GetOptions{}, err
	}
	record, err := q.recordOf(s.bucket)
	if err != nil {
		return s, drivers.GetOptions{}, err
	}
	if want := q.header("X-Amz-Source-Expected-Bucket-Owner"); want != "" && want != record.Account {
		return s, drivers.GetOptions{}, errAccessDenied
	}
	action := "s3:GetObject"
	if s.versionID != "" {
		action = "s3:GetObjectVersion"
	}
	if err := q.authorizeIn(record, action, s.bucket, s.key); err != nil {
		return s, drivers.GetOptions{}, err
	}
	return s, drivers.GetOptions{VersionID: s.versionID, Conditions: conditions(q.r.Header, "X-Amz-Copy-Source-")}, nil
}

// copyObject is S3's CopyObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
func (q *request) copyObject() error {
	src, get, err := q.copySource()
	if err != nil {
		return err
	}
	o, err := q.copyOptions(src)
	if err != nil {
		return err
	}
	o.Source = get
	o.MayCopyTags = func() error { return q.mayCopyTags(src) }
	info, err := drivers.Copy(q.ctx(), q.store(), q.key, q.t.Driver.Bucket(src.bucket), src.key, o)
	if err != nil {
		return q.failWrite(err)
	}
	if info.VersionID != "" {
		q.w.Header()["x-amz-version-id"] = []string{info.VersionID}
	}
	res := &s3xml.CopyObjectResult{LastModified: info.LastModified, ETag: quote(info.ETag), ChecksumType: string(info.Checksum.Type)}
	res.Checksums = checksums(info.Checksum)
	return q.writeXML(res)
}

// mayCopyTags asks for what reading the source's tags and setting the copy's would need.
func (q *request) mayCopyTags(src source) error {
	record, err := q.recordOf(src.bucket)
	if err != nil {
		return err
	}
	if err := q.authorizeIn(record, "s3:GetObjectTagging", src.bucket, src.key); err != nil {
		return err
	}
	return q.authorize("s3:PutObjectTagging", q.bucket, q.key)
}

// copyOptions reads what the copy shall have of its own.
func (q *request) copyOptions(src source) (o drivers.CopyOptions, err error) {
	header, err := q.objectHeader()
	if err != nil {
		return o, err
	}
	o.StorageClass, o.WebsiteRedirectLocation = header.StorageClass, header.WebsiteRedirectLocation
	o.Conditions = writeConditions(q.r.Header)
	if replace, err := q.directive("X-Amz-Metadata-Directive"); err != nil {
		return o, err
	} else if replace {
		o.Header = &header
	}
	if replace, err := q.directive("X-Amz-Tagging-Directive"); err != nil {
		return o, err
	} else if replace {
		tags, err := q.tagHeader()
		if err != nil {
			return o, err
		}
		o.Tags = &tags
	}
	if name := q.header("X-Amz-Checksum-Algorithm"); name != "" {
		var ok bool
		if o.Algorithm, ok = checksum.Parse(name); !ok {
			return o, errChecksumAlgorithm
		}
	}
	if src == (source{bucket: q.bucket, key: q.key}) && !q.copyChanges(o) {
		return o, invalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return o, nil
}

// copyChanges tells whether a copy differs from its source, which one onto itself must.
func (q *request) copyChanges(o drivers.CopyOptions) bool {
	return o.Header != nil || o.Tags != nil || o.Algorithm != "" || q.header("X-Amz-Storage-Class") != "" || o.WebsiteRedirectLocation != ""
}

// directive reads COPY or REPLACE.
func (q *request) directive(name string) (replace bool, err error) {
	switch v := q.header(name); v {
	case "", "COPY":
		return false, nil
	case "REPLACE":
		return true, nil
	default:
		return false, invalidArgument(strings.ToLower(name), v, "Unknown directive.")
	}
}

// checksums puts a checksum into its XML element.
func checksums(c checksum.Checksum) (x s3xml.Checksums) {
	x.Set(string(c.Algorithm), c.Value)
	return x
}
