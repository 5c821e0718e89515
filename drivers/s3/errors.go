package s3

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// byCode are the classes of S3's error codes; a code that is not here is judged by its status.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and the codes of compatible stores.
var byCode = map[string]error{
	"NoSuchKey":                        drivers.ErrNotFound,
	"NoSuchBucket":                     drivers.ErrNoBucket,
	"NoSuchVersion":                    drivers.ErrNoVersion,
	"NoSuchUpload":                     drivers.ErrNoUpload,
	"BucketAlreadyExists":              drivers.ErrBucketExists,
	"BucketAlreadyOwnedByYou":          drivers.ErrBucketExists,
	"BucketNotEmpty":                   drivers.ErrNotEmpty,
	"InvalidPart":                      drivers.ErrInvalidPart,
	"InvalidPartOrder":                 drivers.ErrPartOrder,
	"EntityTooSmall":                   drivers.ErrPartTooSmall,
	"InvalidPartNumber":                drivers.ErrPartNumber,
	"PreconditionFailed":               drivers.ErrPrecondition,
	"ConditionalRequestConflict":       drivers.ErrConflict,
	"OperationAborted":                 drivers.ErrConflict,
	"InvalidRange":                     drivers.ErrInvalidRange,
	"KeyTooLongError":                  drivers.ErrKeyTooLong,
	"KeyTooLong":                       drivers.ErrKeyTooLong,
	"BadDigest":                        drivers.ErrDigestMismatch,
	"XAmzContentChecksumMismatch":      drivers.ErrDigestMismatch,
	"XAmzContentSHA256Mismatch":        drivers.ErrDigestMismatch,
	"EntityTooLarge":                   drivers.ErrTooLarge,
	"MetadataTooLarge":                 drivers.ErrTooLarge,
	"SlowDown":                         drivers.ErrSlowDown,
	"Throttling":                       drivers.ErrSlowDown,
	"ThrottlingException":              drivers.ErrSlowDown,
	"RequestLimitExceeded":             drivers.ErrSlowDown,
	"TooManyRequests":                  drivers.ErrSlowDown,
	"InternalError":                    drivers.ErrUnavailable,
	"ServiceUnavailable":               drivers.ErrUnavailable,
	"RequestTimeout":                   drivers.ErrUnavailable,
	"IncompleteBody":                   drivers.ErrUnavailable,
	"TemporaryRedirect":                drivers.ErrUnavailable, // a new bucket's name is not known everywhere yet
	"ExpiredToken":                     drivers.ErrDenied,      // 400
	"InvalidToken":                     drivers.ErrDenied,      // 400
	"AuthorizationHeaderMalformed":     drivers.ErrDenied,      // 400
	"MethodNotAllowed":                 drivers.ErrUnsupported,
	"NotImplemented":                   drivers.ErrUnsupported,
	"QuotaExceeded":                    drivers.ErrNoSpace,
	"XMinioStorageFull":                drivers.ErrNoSpace,
	"XMinioAdminBucketQuotaExceeded":   drivers.ErrNoSpace,
	"NoSuchTagSet":                     drivers.ErrNotFound,
	"InvalidLocationConstraint":        drivers.ErrInvalid,
	"ReplicationConfigurationNotFound": drivers.ErrNotFound,
}

// classify turns an error of the SDK into one of the sentinels, with what the store said. The request's headers, which hold
// credentials, are in none of them.
func (d *Driver) classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	status, header := statusOf(err), headerOf(err)
	if status == 0 {
		return notAnswered(ctx, err)
	}
	code, message := apiCode(err)
	told := errors.New(strings.TrimSpace(fmt.Sprintf("%d %s: %s", status, code, message)))
	if id := header.Get("X-Amz-Request-Id"); id != "" {
		told = fmt.Errorf("%w (request %s)", told, id)
	}
	if region := header.Get("X-Amz-Bucket-Region"); isRedirect(status) || status == http.StatusBadRequest && region != "" && region != d.region {
		return d.elsewhere(region, told)
	}
	if class := byCode[code]; class != nil {
		return upstream.WithRetryAfter(header, fmt.Errorf("%w: %w", class, told))
	}
	if status == http.StatusTemporaryRedirect || status == http.StatusOK { // 200 with an error in its body
		return fmt.Errorf("%w: %w", drivers.ErrUnavailable, told)
	}
	return upstream.FromStatus(status, header, told)
}

// elsewhere explains that the node asks in the wrong place. It is not drivers.ErrUnavailable, as asking again does not help.
func (d *Driver) elsewhere(region string, told error) error {
	if region == "" {
		region = "another region, or behind another endpoint"
	}
	return fmt.Errorf("%w: the bucket is in %s, the node's region is %s: %w", drivers.ErrUnsupported, region, d.region, told)
}

func isRedirect(status int) bool {
	return status == http.StatusMovedPermanently || status == http.StatusFound || status == http.StatusPermanentRedirect
}

// notAnswered classifies what went wrong without an answer of the store.
func notAnswered(ctx context.Context, err error) error {
	var serialization *smithy.SerializationError
	var params *smithy.InvalidParamsError
	if errors.As(err, &serialization) || errors.As(err, &params) {
		return fmt.Errorf("%w: %w", drivers.ErrInvalid, err)
	}
	if err := upstream.FromTransport(ctx, err); errors.Is(err, drivers.ErrUnavailable) || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%w: %w", drivers.ErrUnavailable, err) // no credentials, for one
}

// classifyBucket is classify for calls that are about a bucket alone, where any 404 is the bucket's.
func (d *Driver) classifyBucket(ctx context.Context, err error) error {
	err = d.classify(ctx, err)
	if isMissing(err) {
		return drivers.ErrNoBucket
	}
	return err
}

func isMissing(err error) bool { return errors.Is(err, drivers.ErrNotFound) }

// asVersion makes a missing key a missing version, where one was named that the store would know, and so what the store does
// not even take for a version: "Invalid version id specified", or nothing but a 400 in answer to a HEAD.
func asVersion(err error, versionID string) error {
	if versionID == "" || versionID == "null" || err == nil {
		return err
	}
	invalid := errors.Is(err, drivers.ErrInvalid) && (strings.Contains(err.Error(), "version id") || strings.Contains(err.Error(), "400 BadRequest:"))
	if isMissing(err) || invalid {
		return drivers.ErrNoVersion
	}
	return err
}

// apiCode returns S3's code and message, "" where err is no answer of the store.
func apiCode(err error) (code, message string) {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode(), e.ErrorMessage()
	}
	return "", ""
}

func statusOf(err error) int {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && e.Response != nil {
		return e.Response.StatusCode
	}
	return 0
}

func headerOf(err error) http.Header {
	if e, ok := errors.AsType[*smithyhttp.ResponseError](err); ok && e.Response != nil {
		return e.Response.Header
	}
	return http.Header{}
}
