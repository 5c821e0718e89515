package azure

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Conflicts. The driver itself makes something of the first two: a commit whose blocks are gone, since another write of the key was
// committed meanwhile, and a source that is no longer the write that was named.
var (
	errDiscarded = fmt.Errorf("%w: it has discarded the blocks of this one", drivers.ErrConflict)
	errSource    = fmt.Errorf("%w: the source has changed", drivers.ErrConflict)
	errLeftovers = fmt.Errorf("%w: writes that were broken off have left as many unfinished blocks as the service keeps; they lapse within a week, "+
		"and a small write of the key drops them at once", drivers.ErrConflict)
	errOneLength = fmt.Errorf("%w: blocks that another tool has left unfinished have IDs of another length; they lapse within a week, "+
		"and a small write of the key drops them at once", drivers.ErrConflict)
)

// byCode are the service's error codes that say more than the status, or something else.
// https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes
var byCode = map[bloberror.Code]error{
	bloberror.BlobNotFound:              drivers.ErrNotFound,
	bloberror.ContainerNotFound:         drivers.ErrNoBucket,
	bloberror.ContainerBeingDeleted:     drivers.ErrNoBucket,
	bloberror.ContainerDisabled:         drivers.ErrDenied,
	bloberror.ContainerAlreadyExists:    drivers.ErrBucketExists,
	bloberror.BlobAlreadyExists:         drivers.ErrPrecondition,
	bloberror.ConditionNotMet:           drivers.ErrPrecondition,
	bloberror.TargetConditionNotMet:     drivers.ErrPrecondition,
	bloberror.SourceConditionNotMet:     errSource,
	bloberror.BlobOverwritten:           drivers.ErrConflict,
	bloberror.InvalidBlockList:          errDiscarded,
	bloberror.InvalidBlobOrBlock:        errOneLength,
	bloberror.InvalidBlobType:           drivers.ErrConflict,
	bloberror.LeaseIDMissing:            drivers.ErrDenied,
	bloberror.UnauthorizedBlobOverwrite: drivers.ErrDenied,
	bloberror.BlobImmutableDueToPolicy:  drivers.ErrDenied,
	bloberror.BlobArchived:              drivers.ErrDenied,
	bloberror.BlobBeingRehydrated:       drivers.ErrDenied,
	bloberror.InvalidRange:              drivers.ErrInvalidRange,
	bloberror.MetadataTooLarge:          drivers.ErrTooLarge,
	bloberror.RequestBodyTooLarge:       drivers.ErrTooLarge,
	bloberror.BlockCountExceedsLimit:    errLeftovers,
	bloberror.BlockListTooLong:          drivers.ErrTooLarge,
	bloberror.InvalidInput:              drivers.ErrInvalid,
	bloberror.InvalidResourceName:       drivers.ErrInvalid,
	bloberror.InvalidURI:                drivers.ErrInvalid,
	bloberror.ServerBusy:                drivers.ErrSlowDown,
}

// classify turns an error of the SDK into one of the contract's, and leaves all others as they are. It takes over nothing of what
// the SDK says but the status and the code: its text shows what the service answered, in which there may be signatures.
func classify(err error) error {
	if err == nil || isContext(err) || errors.As(err, new(*bodyError)) {
		return err
	}
	var answer *azcore.ResponseError
	if errors.As(err, &answer) {
		return fromAnswer(answer)
	}
	var login *azidentity.AuthenticationFailedError
	if errors.As(err, &login) {
		return fmt.Errorf("%w: %w", drivers.ErrDenied, err)
	}
	return upstream.FromTransport(context.Background(), err)
}

func fromAnswer(e *azcore.ResponseError) error {
	var header http.Header
	if e.RawResponse != nil {
		header = e.RawResponse.Header
	}
	said := fmt.Errorf("%d %s%s", e.StatusCode, e.ErrorCode, requestID(header))
	if class, ok := byCode[bloberror.Code(e.ErrorCode)]; ok {
		return upstream.WithRetryAfter(header, fmt.Errorf("%w: %w", class, said))
	}
	return upstream.FromStatus(e.StatusCode, header, said)
}

// requestID is what the cloud's support asks for.
func requestID(h http.Header) string {
	if id := h.Get("x-ms-request-id"); id != "" {
		return ", request " + id
	}
	return ""
}

// isContext tells whether an error is a context's, which comes plain from the SDK. What is wrapped is a time-out of the transport.
func isContext(err error) bool {
	if errors.Is(err, drivers.ErrUnavailable) || errors.As(err, new(*url.Error)) {
		return false
	}
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// bodyError marks the error of a body, which passes to the caller as it is.
type bodyError struct{ error }

// Unwrap makes errors.Is hold.
func (e *bodyError) Unwrap() error { return e.error }

// fail says where an error happened. Errors of contexts and bodies pass as they are.
func (d *Driver) fail(op, bucket, key string, err error) error {
	if body := (*bodyError)(nil); errors.As(err, &body) {
		return body.error
	}
	var e *drivers.Error
	if err == nil || errors.As(err, &e) || isContext(err) {
		return err
	}
	return &drivers.Error{Node: d.node, Op: op, Bucket: bucket, Key: key, Err: classify(err)}
}

var errContainerName = fmt.Errorf("a container's name has 3 to 63 lower-case letters, digits and single hyphens: %w", drivers.ErrInvalid)

// beingDeleted is the error of a name that is not free yet.
func beingDeleted(err error) error {
	if bloberror.HasCode(err, bloberror.ContainerBeingDeleted) {
		return fmt.Errorf("the container of that name is still being deleted: %w", drivers.ErrConflict)
	}
	return classify(err)
}

// noBucket is the error of a request about a container: there what is not found is the container.
func noBucket(err error) error {
	if err = classify(err); errors.Is(err, drivers.ErrNotFound) {
		return drivers.ErrNoBucket
	}
	return err
}
