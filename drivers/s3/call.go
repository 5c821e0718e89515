package s3

import (
	"context"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"sluice/drivers"
)

// plain takes out of the SDK what Sluice does itself or does not want: retries, and checksums of its own making. A
// document that S3 wants a digest of, as the list of a batch of deletes, has its MD5, which every store takes.
func plain(o *awss3.Options) {
	o.ContinueHeaderThresholdBytes = drivers.SmallBody // what is sent once should not be sent to a store that will not have it
	o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	o.DisableLogOutputChecksumValidationSkipped = true
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		_, _ = s.Initialize.Remove("AWSChecksum:SetupInputContext")
		_, _ = s.Finalize.Remove("AWSChecksum:ComputeInputPayloadChecksum")
		_, _ = s.Finalize.Remove("addInputChecksumTrailer")
		// These also set headers for AWS's statistics; some stores cannot verify signatures over them.
		_, _ = s.Finalize.Remove("Retry")
		_, _ = s.Build.Remove("ClientRequestID")
		_, _ = s.Finalize.Remove("DisableAcceptEncodingGzip") // the transport never asks for compression
		switch s.ID() {
		case "DeleteObjects", "PutObjectTagging":
			return smithyhttp.AddContentChecksumMiddleware(s)
		}
		return nil
	})
}

// call is what a request has beside the input of the SDK's operation. Headers are set here, and not field by field of the many
// inputs, so that what reads and writes have in common is written once, and values go out as they are.
type call struct {
	header  http.Header
	payload string // the value of x-amz-content-sha256; "" leaves it to the SDK
}

func newCall() call { return call{header: http.Header{}} }

// option is given to the SDK's operation.
func (c call) option(o *awss3.Options) {
	o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error {
		return s.Build.Add(middleware.BuildMiddlewareFunc("SluiceHeaders", c.handle), middleware.After)
	})
}

func (c call) handle(ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler) (middleware.BuildOutput, middleware.Metadata, error) {
	r, ok := in.Request.(*smithyhttp.Request)
	if !ok {
		return middleware.BuildOutput{}, middleware.Metadata{}, fmt.Errorf("unknown transport %T", in.Request)
	}
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1 // without which net/http does not wait for "100 Continue"
	for name, values := range c.header {
		r.Header[name] = values
	}
	if c.payload != "" {
		ctx = v4.SetPayloadHash(ctx, c.payload)
	}
	return next.HandleBuild(ctx, in)
}
