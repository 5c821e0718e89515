package gateway

import (
	"context"
	"encoding/json"
	"net/http"

	"sluice/drivers"
	"sluice/gateway/s3xml"
)

// getObjectTagging is S3's GetObjectTagging.
func (q *request) getObjectTagging() error {
	tags, err := drivers.Tags(q.ctx(), q.store(), q.key, q.query.Get("versionId"))
	if err != nil {
		return err
	}
	return q.writeXML(&s3xml.Tagging{TagSet: toXMLTags(tags)})
}

// putObjectTagging is S3's PutObjectTagging.
func (q *request) putObjectTagging() error {
	tags, err := q.readTagging(maxObjectTags)
	q.tags = tags // policies may ask for them
	if err := q.authorize("s3:PutObjectTagging", q.bucket, q.key); err != nil {
		return err
	}
	if err != nil {
		return err
	}
	if err := drivers.SetTags(q.ctx(), q.store(), q.key, q.query.Get("versionId"), tags); err != nil {
		return err
	}
	return q.writeEmpty(http.StatusOK)
}

// deleteObjectTagging is S3's DeleteObjectTagging.
func (q *request) deleteObjectTagging() error {
	if err := drivers.SetTags(q.ctx(), q.store(), q.key, q.query.Get("versionId"), nil); err != nil {
		return err
	}
	return q.writeEmpty(http.StatusNoContent)
}

// taggingSetting is the name under which state keeps a bucket's tags.
const taggingSetting = "tagging"

// getBucketTagging is S3's GetBucketTagging.
func (q *request) getBucketTagging() error {
	if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
		return err
	}
	doc, ok, err := q.s.o.State.Setting(q.ctx(), q.bucket, taggingSetting)
	if err != nil {
		return err
	}
	if !ok {
		return withBucket(errNoSuchTagSet, q.bucket)
	}
	var tags []drivers.Tag
	if err := json.Unmarshal(doc, &tags); err != nil {
		return err
	}
	return q.writeXML(&s3xml.Tagging{TagSet: toXMLTags(tags)})
}

// putBucketTagging is S3's PutBucketTagging.
func (q *request) putBucketTagging() error {
	tags, err := q.readTagging(maxBucketTags)
	if err != nil {
		return err
	}
	if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
		return err
	}
	if err := q.storeBucketTags(q.ctx(), tags); err != nil {
		return err
	}
	return q.writeEmpty(http.StatusNoContent)
}

// deleteBucketTagging is S3's DeleteBucketTagging.
func (q *request) deleteBucketTagging() error {
	if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
		return err
	}
	if err := q.s.o.State.DeleteSetting(q.ctx(), q.bucket, taggingSetting); err != nil {
		return err
	}
	return q.writeEmpty(http.StatusNoContent)
}

func (q *request) storeBucketTags(ctx context.Context, tags []drivers.Tag) error {
	doc, err := json.Marshal(tags)
	if err != nil {
		return err
	}
	return q.s.o.State.PutSetting(ctx, q.bucket, taggingSetting, doc)
}

// readTagging reads a Tagging document.
func (q *request) readTagging(limit int) ([]drivers.Tag, error) {
	var doc s3xml.Tagging
	if err := q.readXML(&doc, bodyOptions{}); err != nil {
		return nil, err
	}
	tags := fromXMLTags(doc.TagSet)
	return tags, checkTags(tags, limit)
}

func fromXMLTags(x []s3xml.Tag) []drivers.Tag {
	tags := make([]drivers.Tag, len(x))
	for i, t := range x {
		tags[i] = drivers.Tag(t)
	}
	return sortTags(tags)
}

func toXMLTags(tags []drivers.Tag) []s3xml.Tag {
	x := make([]s3xml.Tag, len(tags))
	for i, t := range tags {
		x[i] = s3xml.Tag(t)
	}
	return x
}
