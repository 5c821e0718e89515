package gateway

import (
	"net/http"
	"strconv"
	"strings"

	"sluice/drivers"
	"sluice/gateway/s3xml"
)

// getObjectAttributes is S3's GetObjectAttributes.
func (q *request) getObjectAttributes() error {
	asked, err := q.askedAttributes()
	if err != nil {
		return err
	}
	limit, after, err := q.partPaging()
	if err != nil {
		return err
	}
	o := drivers.GetOptions{VersionID: q.query.Get("versionId"), Conditions: conditions(q.r.Header, ""), Parts: asked["ObjectParts"]}
	info, err := q.store().Head(q.ctx(), q.key, o)
	if err != nil {
		return q.failRead(info, err)
	}
	res := &s3xml.ObjectAttributes{}
	if asked["ETag"] {
		res.ETag = info.ETag
	}
	if asked["Checksum"] && info.Checksum.Value != "" {
		res.Checksum = &s3xml.AttributesChecksum{ChecksumType: string(info.Checksum.Type)}
		res.Checksum.Set(string(info.Checksum.Algorithm), info.Checksum.Bare())
	}
	if asked["ObjectParts"] && info.PartsCount > 0 {
		res.ObjectParts = attributesParts(info, limit, after)
	}
	if asked["StorageClass"] {
		res.StorageClass = storageClass(info.Header.StorageClass)
	}
	if asked["ObjectSize"] {
		res.ObjectSize = &info.Size
	}
	q.w.Header()["Last-Modified"] = []string{info.LastModified.UTC().Format(http.TimeFormat)}
	return q.writeXML(res)
}

// askedAttributes reads x-amz-object-attributes.
func (q *request) askedAttributes() (map[string]bool, error) {
	asked := map[string]bool{}
	for _, v := range q.r.Header.Values("X-Amz-Object-Attributes") {
		for name := range strings.SplitSeq(v, ",") {
			switch name = strings.TrimSpace(name); name {
			case "ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize":
				asked[name] = true
			default:
				return nil, invalidArgument("x-amz-object-attributes", name, "Invalid attribute name specified.")
			}
		}
	}
	if len(asked) == 0 {
		return nil, invalidArgument("x-amz-object-attributes", "", "Must specify at least one attribute.")
	}
	return asked, nil
}

func (q *request) partPaging() (limit, after int, err error) {
	limit = maxKeys
	if s := q.header("X-Amz-Max-Parts"); s != "" {
		if limit, err = parseLimit(s, maxKeys); err != nil {
			return 0, 0, invalidArgument("x-amz-max-parts", s, "Provided x-amz-max-parts not an integer or within integer range")
		}
	}
	if s := q.header("X-Amz-Part-Number-Marker"); s != "" {
		if after, err = strconv.Atoi(s); err != nil || after < 0 {
			return 0, 0, invalidArgument("x-amz-part-number-marker", s, "Provided x-amz-part-number-marker not an integer or within integer range")
		}
	}
	return limit, after, nil
}

// attributesParts lists parts, which S3 does only for those that have checksums of their own.
func attributesParts(info drivers.Info, limit, after int) *s3xml.AttributesParts {
	out := &s3xml.AttributesParts{PartsCount: info.PartsCount, PartNumberMarker: after, MaxParts: limit}
	for _, p := range info.Parts {
		if p.Number <= after {
			continue
		}
		if len(out.Parts) == limit {
			out.IsTruncated = true
			break
		}
		x := s3xml.AttributesPart{PartNumber: p.Number, Size: p.Size}
		x.Checksums = checksums(p.Checksum)
		out.Parts = append(out.Parts, x)
		out.NextPartNumberMarker = p.Number
	}
	return out
}
