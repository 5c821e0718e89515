package gateway

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"

	"sluice/drivers"
	"sluice/gateway/s3xml"
)

// maxKeys is the most entries that S3 puts into one page.
const maxKeys = 1000

// listing is what the listings of S3 have in common.
type listing struct {
	o      drivers.ListOptions
	limit  int // as asked, at most maxKeys; may be 0
	encode bool
}

// readListing reads the parameters; after is the key that the caller has seen.
func (q *request) readListing(after drivers.Cursor) (l listing, err error) {
	if l.limit, err = q.limit("max-keys"); err != nil {
		return l, err
	}
	if l.encode, err = q.encodingType(); err != nil {
		return l, err
	}
	l.o = drivers.ListOptions{Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), Cursor: after, Limit: l.limit}
	return l, nil
}

// list fetches a page that is empty only at the end of the listing.
func (q *request) list(l listing) (drivers.Page, error) {
	if l.limit == 0 {
		_, err := q.t.Driver.StatBucket(q.ctx(), q.bucket)
		return drivers.Page{}, err
	}
	for {
		page, err := q.store().List(q.ctx(), l.o)
		if err != nil || !page.More || len(page.Objects)+len(page.Prefixes) > 0 {
			return page, err
		}
		l.o.Cursor = page.Next
	}
}

// listObjects is S3's ListObjects, version 1.
func (q *request) listObjects() error {
	marker := q.query.Get("marker")
	l, err := q.readListing(drivers.Cursor{After: marker})
	if err != nil {
		return err
	}
	page, err := q.list(l)
	if err != nil {
		return err
	}
	res := &s3xml.ListBucketV1{
		Name: q.bucket, Prefix: l.o.Prefix, Marker: marker, MaxKeys: l.limit, Delimiter: l.o.Delimiter, URL: l.encode,
		IsTruncated: page.More, Contents: contents(page, q.owner()), CommonPrefixes: page.Prefixes,
	}
	if page.More && l.o.Delimiter != "" {
		res.NextMarker = page.Next.After
	}
	return q.writeXML(res)
}

// listObjectsV2 is S3's ListObjectsV2.
func (q *request) listObjectsV2() error {
	after := drivers.Cursor{After: q.query.Get("start-after")}
	token := q.query.Get("continuation-token")
	if token != "" {
		var err error
		if after, err = decodeToken(token); err != nil {
			return err
		}
	}
	l, err := q.readListing(after)
	if err != nil {
		return err
	}
	page, err := q.list(l)
	if err != nil {
		return err
	}
	var owner *s3xml.Owner
	if q.query.Get("fetch-owner") == "true" {
		owner = q.owner()
	}
	res := &s3xml.ListBucketV2{
		Name: q.bucket, Prefix: l.o.Prefix, StartAfter: q.query.Get("start-after"), MaxKeys: l.limit,
		Delimiter: l.o.Delimiter, URL: l.encode, IsTruncated: page.More, KeyCount: len(page.Objects) + len(page.Prefixes),
		Contents: contents(page, owner), CommonPrefixes: page.Prefixes,
	}
	if q.query.Has("continuation-token") {
		res.ContinuationToken = &token
	}
	if page.More {
		res.NextContinuationToken = encodeToken(page.Next)
	}
	return q.writeXML(res)
}

// listObjectVersions is S3's ListObjectVersions. Without versioning every object is the one version "null".
func (q *request) listObjectVersions() error {
	marker, versionMarker := q.query.Get("key-marker"), q.query.Get("version-id-marker")
	if versionMarker != "" && marker == "" {
		return invalidArgument("version-id-marker", versionMarker, "A version-id marker cannot be specified without a key marker.")
	}
	l, err := q.readListing(drivers.Cursor{After: marker})
	if err != nil {
		return err
	}
	page, err := q.list(l)
	if err != nil {
		return err
	}
	res := &s3xml.ListVersions{
		Name: q.bucket, Prefix: l.o.Prefix, KeyMarker: marker, VersionIDMarker: versionMarker, MaxKeys: l.limit,
		Delimiter: l.o.Delimiter, URL: l.encode, IsTruncated: page.More, CommonPrefixes: page.Prefixes,
	}
	for _, o := range contents(page, q.owner()) {
		res.Versions = append(res.Versions, s3xml.Version{Object: o, VersionID: nullVersion, IsLatest: true})
	}
	if page.More {
		res.NextKeyMarker = page.Next.After
		if n := len(page.Objects); n > 0 && page.Objects[n-1].Key == page.Next.After {
			res.NextVersionIDMarker = nullVersion
		}
	}
	return q.writeXML(res)
}

// nullVersion is the ID of the only version of an object in a bucket that was never versioned.
const nullVersion = "null"

func contents(page drivers.Page, owner *s3xml.Owner) []s3xml.Object {
	out := make([]s3xml.Object, len(page.Objects))
	for i := range page.Objects {
		info := &page.Objects[i]
		out[i] = s3xml.Object{
			Key: info.Key, LastModified: info.LastModified, ETag: quote(info.ETag), Size: info.Size, Owner: owner,
			StorageClass: storageClass(info.Header.StorageClass), ChecksumAlgorithm: string(info.Checksum.Algorithm), ChecksumType: string(info.Checksum.Type),
		}
	}
	return out
}

// limit reads a parameter like max-keys: a number, by default and at most maxKeys.
func (q *request) limit(name string) (int, error) {
	s := q.query.Get(name)
	if s == "" {
		return maxKeys, nil
	}
	n, err := parseLimit(s, maxKeys)
	if err != nil {
		return 0, invalidArgument(name, s, "Provided "+name+" not an integer or within integer range")
	}
	return n, nil
}

// parseLimit reads a number of entries; more than the most are cut to it.
func parseLimit(s string, most int) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(min(n, uint64(most))), err
}

func (q *request) encodingType() (url bool, err error) {
	switch v := q.query.Get("encoding-type"); v {
	case "":
		return false, nil
	case "url":
		return true, nil
	default:
		return false, invalidArgument("encoding-type", v, "Invalid Encoding Method specified in Request")
	}
}

// encodeToken makes the continuation token of a cursor: its length-prefixed key, then the hint. It holds nothing that the
// caller may not know.
func encodeToken(c drivers.Cursor) string {
	b := binary.AppendUvarint(nil, uint64(len(c.After)))
	b = append(append(b, c.After...), c.Hint...)
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeToken(s string) (drivers.Cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	n, w := binary.Uvarint(b)
	if err != nil || w <= 0 || n == 0 || n > uint64(len(b)-w) {
		return drivers.Cursor{}, invalidArgument("continuation-token", s, "The continuation token provided is incorrect")
	}
	b = b[w:]
	return drivers.Cursor{After: string(b[:n]), Hint: string(b[n:])}, nil
}
