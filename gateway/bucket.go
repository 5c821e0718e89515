package gateway

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"sluice/drivers"
	"sluice/gateway/access"
	"sluice/gateway/s3xml"
	"sluice/state"
)

// listBuckets is S3's ListBuckets: the buckets of the caller's account.
func (q *request) listBuckets() error {
	limit, err := q.bucketLimit()
	if err != nil {
		return err
	}
	var after drivers.Cursor
	if s := q.query.Get("continuation-token"); s != "" {
		if after, err = decodeToken(s); err != nil {
			return err
		}
	}
	buckets, err := q.ownBuckets(after.After)
	if err != nil {
		return err
	}
	account := q.account()
	res := &s3xml.ListAllMyBuckets{Owner: s3xml.Owner{ID: access.CanonicalID(account), DisplayName: account}, Prefix: q.query.Get("prefix")}
	if limit > 0 && len(buckets) > limit {
		buckets = buckets[:limit]
		res.ContinuationToken = encodeToken(drivers.Cursor{After: buckets[limit-1].Name})
	}
	for _, b := range buckets {
		x := s3xml.Bucket{Name: b.Name, CreationDate: b.Created}
		if x.CreationDate.IsZero() { // S3 always tells it, and clients that format it ("aws s3 ls") end where it is absent
			x.CreationDate = time.Unix(0, 0)
		}
		if limit > 0 { // S3 tells the region only to those who page
			x.BucketRegion = q.s.o.Region
		}
		res.Buckets = append(res.Buckets, x)
	}
	return q.writeXML(res)
}

// ownBuckets returns the buckets of the caller's account that the parameters ask for and whose names come after one.
func (q *request) ownBuckets(after string) ([]state.Bucket, error) {
	if region := q.query.Get("bucket-region"); region != "" && region != q.s.o.Region {
		return nil, nil
	}
	all, err := q.t.Driver.ListBuckets(q.ctx())
	if err != nil {
		return nil, err
	}
	var own []state.Bucket
	for _, b := range all {
		if b.Name <= after || !strings.HasPrefix(b.Name, q.query.Get("prefix")) || !validBucketName(b.Name) {
			continue
		}
		record, err := q.recordOf(b.Name)
		if err != nil {
			return nil, err
		}
		if record.Created.IsZero() {
			record.Created = b.Created
		}
		if record.Account == q.account() {
			own = append(own, record)
		}
	}
	return own, nil
}

// bucketLimit reads max-buckets; 0 is no limit.
func (q *request) bucketLimit() (int, error) {
	if q.query.Get("max-buckets") == "" {
		return 0, nil
	}
	n, err := parseLimit(q.query.Get("max-buckets"), 10000)
	if err != nil || n == 0 {
		return 0, invalidArgument("max-buckets", q.query.Get("max-buckets"), "Argument max-buckets must be an integer between 1 and 10000")
	}
	return n, nil
}

// createBucket is S3's CreateBucket. Creating one's own bucket again succeeds in us-east-1 and nowhere else, as in S3.
func (q *request) createBucket() error {
	var doc s3xml.CreateBucketConfiguration
	if err := q.readXML(&doc, bodyOptions{}); err != nil && !errors.Is(err, s3xml.ErrEmpty) && !errors.Is(err, errMissingLength) {
		return err
	}
	switch {
	case doc.Location.Type != "" || doc.Bucket.Type != "":
		return notImplemented("creating directory buckets")
	case doc.LocationConstraint != "" && doc.LocationConstraint != q.s.o.Region && !(doc.LocationConstraint == "EU" && q.s.o.Region == "eu-west-1"):
		return &s3Error{status: 400, code: "InvalidLocationConstraint", message: "The specified location-constraint is not valid"}
	}
	tags := fromXMLTags(doc.Tags)
	if err := checkTags(tags, maxBucketTags); err != nil {
		return err
	}
	defer q.s.changing(q.bucket)()
	err := q.t.Driver.CreateBucket(q.ctx(), q.bucket, drivers.CreateBucketOptions{Region: doc.LocationConstraint})
	if errors.Is(err, drivers.ErrBucketExists) {
		return q.bucketExists()
	}
	if err != nil {
		return err
	}
	if err := q.recordBucket(tags); err != nil {
		return err
	}
	return q.bucketCreated()
}

// recordBucket remembers whose the new bucket is, whether or not the client still waits. A bucket that cannot be remembered
// would be another account's, so it goes.
func (q *request) recordBucket(tags []drivers.Tag) error {
	ctx := context.WithoutCancel(q.ctx())
	err := q.s.o.State.PutBucket(ctx, state.Bucket{Name: q.bucket, Account: q.account(), Created: q.s.o.Now().UTC()})
	if err == nil && len(tags) > 0 {
		err = q.storeBucketTags(ctx, tags)
	}
	if err != nil {
		return errors.Join(err, q.t.Driver.DeleteBucket(ctx, q.bucket))
	}
	return nil
}

func (q *request) bucketCreated() error {
	q.w.Header().Set("Location", "/"+q.bucket)
	return q.writeEmpty(http.StatusOK)
}

func (q *request) bucketExists() (err error) {
	if q.record, err = q.recordOf(q.bucket); err != nil { // it may have been made since
		return err
	}
	switch {
	case q.record.Account != q.account():
		return withBucket(errBucketExists, q.bucket)
	case q.s.o.Region == "us-east-1":
		return q.bucketCreated()
	}
	return withBucket(&s3Error{status: 409, code: "BucketAlreadyOwnedByYou", message: "Your previous request to create the named bucket succeeded and you already own it"}, q.bucket)
}

// headBucket is S3's HeadBucket.
func (q *request) headBucket() error {
	if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
		return err
	}
	q.w.Header()["x-amz-bucket-region"] = []string{q.s.o.Region}
	q.w.Header()["x-amz-access-point-alias"] = []string{"false"}
	q.w.Header().Set("Content-Type", "application/xml")
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// deleteBucket is S3's DeleteBucket.
func (q *request) deleteBucket() error {
	defer q.s.changing(q.bucket)()
	err := q.t.Driver.DeleteBucket(q.ctx(), q.bucket)
	if err != nil && !errors.Is(err, drivers.ErrNoBucket) {
		return err
	}
	// Also where there is no bucket: an earlier attempt may have ended between the two.
	if serr := q.s.o.State.DeleteBucket(context.WithoutCancel(q.ctx()), q.bucket); err != nil || serr != nil {
		return errors.Join(err, serr)
	}
	return q.writeEmpty(http.StatusNoContent)
}

// getBucketLocation is S3's GetBucketLocation.
func (q *request) getBucketLocation() error {
	return q.answerBucket(&s3xml.LocationConstraint{Region: q.s.o.Region})
}

// getBucketVersioning answers that versioning was never switched on, which is so.
func (q *request) getBucketVersioning() error {
	return q.answerBucket(&s3xml.VersioningConfiguration{})
}

// answerBucket answers with a document, if the bucket is there.
func (q *request) answerBucket(doc s3xml.Document) error {
	if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
		return err
	}
	return q.writeXML(doc)
}
