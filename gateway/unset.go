package gateway

import (
	"net/http"

	"sluice/gateway/s3xml"
)

// unset answers for a setting that no bucket has: S3's code for "not set".
func unset(code, message string) func(*request) error {
	e := &s3Error{status: http.StatusNotFound, code: code, message: message}
	return func(q *request) error {
		if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
			return err
		}
		return withBucket(e, q.bucket)
	}
}

// deleteUnset answers the deletion of a setting that no bucket has: it is gone.
func deleteUnset(q *request) error {
	if _, err := q.t.Driver.StatBucket(q.ctx(), q.bucket); err != nil {
		return err
	}
	return q.writeEmpty(http.StatusNoContent)
}

// emptyDocument answers for a setting that S3 shows as an empty element while it is unset.
func emptyDocument(name string) func(*request) error {
	return func(q *request) error { return q.answerBucket(element{name: name}) }
}

func (q *request) getBucketRequestPayment() error {
	return q.answerBucket(element{"RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"})
}

func (q *request) getBucketOwnershipControls() error {
	return q.answerBucket(&s3xml.OwnershipControls{Rules: []s3xml.OwnershipRule{{ObjectOwnership: "BucketOwnerEnforced"}}})
}

// element is a document of one element with fixed content.
type element struct{ name, inner string }

func (e element) AppendXML(b []byte) []byte {
	return append(b, "<"+e.name+` xmlns="`+s3xml.Namespace+`">`+e.inner+"</"+e.name+">"...)
}
