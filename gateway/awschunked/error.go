package awschunked

import (
	"errors"
	"io"
	"strconv"

	"sluice/gateway/sigv4"
)

// The S3 error codes of this package beside those of sigv4. All are status 400.
const (
	CodeIncompleteBody   = "IncompleteBody"
	CodeInvalidChunkSize = "InvalidChunkSizeError"
)

func incomplete(message string) error {
	return &sigv4.Error{Code: CodeIncompleteBody, Message: message}
}

func malformedChunk(message string) error {
	return &sigv4.Error{Code: sigv4.CodeInvalidRequest, Message: message}
}

func malformedTrailer(message string) error {
	return &sigv4.Error{Code: sigv4.CodeMalformedTrailer, Message: message}
}

func wrongSignature(what string) error {
	return &sigv4.Error{Code: sigv4.CodeSignatureDoesNotMatch,
		Message: "The signature of the " + what + " differs from the one that was computed."}
}

func smallChunk(number int, size, least int64) error {
	return &sigv4.Error{Code: CodeInvalidChunkSize,
		Message: "Only the last chunk is allowed to have a size less than " + strconv.FormatInt(least, 10) + " bytes",
		Details: []sigv4.Detail{{Name: "Chunk", Value: strconv.Itoa(number)},
			{Name: "BadChunkSize", Value: strconv.FormatInt(size, 10)}}}
}

// readError turns the end of the body, where it must not be, into S3's error.
// Other errors of the transport are kept: what happened is for the gateway to say.
func readError(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return incomplete("The request body terminated unexpectedly")
	}
	return err
}
