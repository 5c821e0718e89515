package gateway

import (
	"errors"
	"net/http"

	"sluice/drivers"
	"sluice/gateway/s3xml"
)

// deleteObject is S3's DeleteObject.
func (q *request) deleteObject() error {
	for _, h := range []string{"X-Amz-If-Match-Last-Modified-Time", "X-Amz-If-Match-Size"} {
		if q.header(h) != "" {
			return notImplemented(h + " on a general purpose bucket") // S3 has them for directory buckets only
		}
	}
	o := drivers.DeleteOptions{VersionID: q.query.Get("versionId"), Conditions: writeConditions(q.r.Header)}
	if len(o.Conditions.IfNoneMatch) > 0 {
		return notImplemented("If-None-Match on DeleteObject")
	}
	res, err := q.store().Delete(q.ctx(), q.key, o)
	if err != nil {
		return q.failWrite(err)
	}
	if res.VersionID != "" {
		q.w.Header()["x-amz-version-id"] = []string{res.VersionID}
	}
	if res.DeleteMarker {
		q.w.Header()["x-amz-delete-marker"] = []string{"true"}
	}
	return q.writeEmpty(http.StatusNoContent)
}

// maxBatch is how many objects S3 deletes in one request.
const maxBatch = 1000

// deleteObjects is S3's DeleteObjects. Each key is authorized by itself.
func (q *request) deleteObjects() error {
	if !q.hasIntegrityHeader() {
		return errMissingContentMD5
	}
	var doc s3xml.Delete
	if err := q.readXML(&doc, bodyOptions{}); err != nil {
		return err
	}
	if n := len(doc.Objects); n == 0 || n > maxBatch {
		return errMalformedXML
	}
	items := make([]drivers.DeleteItem, 0, len(doc.Objects))
	asked := make([]int, 0, len(doc.Objects))
	outcomes := make([]error, len(doc.Objects))
	for i, o := range doc.Objects {
		outcomes[i] = q.checkDelete(o)
		if errors.Is(outcomes[i], errNoSuchBucket) {
			return errNoSuchBucket
		}
		if outcomes[i] == nil {
			items = append(items, deleteItem(o))
			asked = append(asked, i)
		}
	}
	if len(items) > 0 { // else the caller need not know whether the bucket is there
		if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
			return err
		}
	} else if q.identity.Anonymous() {
		return errAccessDenied
	}
	for i, out := range drivers.DeleteAll(q.ctx(), q.store(), items) {
		outcomes[asked[i]] = out.Err
	}
	return q.writeXML(deleteResult(doc, outcomes))
}

// hasIntegrityHeader tells whether the client protects the list of what it deletes, as S3 demands.
func (q *request) hasIntegrityHeader() bool {
	if q.header("Content-Md5") != "" || q.payload.SHA256 != [32]byte{} {
		return true
	}
	a, _, err := declaredChecksum(q)
	return err != nil || a != ""
}

func (q *request) checkDelete(o s3xml.ObjectIdentifier) error {
	if err := drivers.CheckKey(o.Key); err != nil {
		return err
	}
	if o.LastModifiedTime != "" || o.Size != nil {
		return notImplemented("deleting by time or size in a general purpose bucket")
	}
	return q.authorize("s3:DeleteObject", q.bucket, o.Key)
}

func deleteItem(o s3xml.ObjectIdentifier) drivers.DeleteItem {
	item := drivers.DeleteItem{Key: o.Key, Options: drivers.DeleteOptions{VersionID: o.VersionID}}
	item.Options.Conditions.IfMatch = etags(o.ETag)
	return item
}

func deleteResult(doc s3xml.Delete, outcomes []error) *s3xml.DeleteResult {
	res := &s3xml.DeleteResult{}
	for i, o := range doc.Objects {
		if err := outcomes[i]; err != nil {
			e := classify(err)
			res.Errors = append(res.Errors, s3xml.DeleteError{Key: o.Key, VersionID: o.VersionID, Code: e.code, Message: e.message})
		} else if !doc.Quiet {
			res.Deleted = append(res.Deleted, s3xml.Deleted{Key: o.Key, VersionID: o.VersionID})
		}
	}
	return res
}
