package gateway

import (
	"net/http"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// putObject is S3's PutObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
func (q *request) putObject() error {
	o, err := q.putOptions()
	if err != nil {
		return err
	}
	b, err := q.openBody(bodyOptions{stored: checksum.CRC64NVME})
	if err != nil {
		return err
	}
	defer b.Close()
	o.Size, o.Digest, o.Checksum = b.size, b.Digest, b.announced()
	info, err := q.store().Put(q.ctx(), q.key, b, o)
	if err != nil {
		return q.failWrite(err)
	}
	h := q.w.Header()
	h["Etag"] = []string{quote(info.ETag)}
	q.writeChecksum(b.checksum(b.stored))
	if info.VersionID != "" {
		h["x-amz-version-id"] = []string{info.VersionID}
	}
	return q.writeEmpty(http.StatusOK)
}

// putOptions reads what a PUT says of the object and of the one that it replaces.
func (q *request) putOptions() (o drivers.PutOptions, err error) {
	if o.Header, err = q.objectHeader(); err != nil {
		return o, err
	}
	o.Tags, err = q.tagHeader()
	o.Conditions = writeConditions(q.r.Header)
	return o, err
}

// tagHeader reads the tags that come with a PUT, which need a permission of their own.
func (q *request) tagHeader() ([]drivers.Tag, error) {
	header := q.header("X-Amz-Tagging")
	if header == "" {
		return nil, nil
	}
	if err := q.authorize("s3:PutObjectTagging", q.bucket, q.key); err != nil {
		return nil, err
	}
	return parseTagHeader(header)
}

// failWrite names the condition that failed, as S3 does.
func (q *request) failWrite(err error) error {
	if classify(err) != errPreconditionFailed {
		return err
	}
	for _, name := range []string{"If-None-Match", "If-Match", "x-amz-copy-source-If-Match", "x-amz-copy-source-If-None-Match",
		"x-amz-copy-source-If-Unmodified-Since", "x-amz-copy-source-If-Modified-Since"} {
		if q.header(name) != "" {
			return errPreconditionFailed.with("Condition", name)
		}
	}
	return err
}
