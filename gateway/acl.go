package gateway

import (
	"net/http"

	"sluice/drivers"
	"sluice/gateway/s3xml"
)

// ACLs are off, which S3 calls BucketOwnerEnforced: everything belongs to the bucket's owner, who has full control.

func (q *request) getBucketACL() error { return q.answerBucket(q.ownerOnly()) }

func (q *request) getObjectACL() error {
	if _, err := q.store().Head(q.ctx(), q.key, drivers.GetOptions{VersionID: q.query.Get("versionId")}); err != nil {
		return err
	}
	return q.writeXML(q.ownerOnly())
}

func (q *request) ownerOnly() *s3xml.AccessControlPolicy {
	o := *q.owner()
	return &s3xml.AccessControlPolicy{Owner: o, Grants: []s3xml.Grant{{
		Grantee: s3xml.Grantee{Type: "CanonicalUser", ID: o.ID, DisplayName: o.DisplayName}, Permission: "FULL_CONTROL",
	}}}
}

// putACL accepts what changes nothing, as S3 does under BucketOwnerEnforced; headers were judged before.
func (q *request) putACL() error {
	if q.header("X-Amz-Acl") == "" {
		return errACLNotSupported
	}
	var err error
	if q.key != "" {
		_, err = q.store().Head(q.ctx(), q.key, drivers.GetOptions{VersionID: q.query.Get("versionId")})
	} else {
		_, err = q.t.Driver.StatBucket(q.ctx(), q.bucket)
	}
	if err != nil {
		return err
	}
	return q.writeEmpty(http.StatusOK)
}
