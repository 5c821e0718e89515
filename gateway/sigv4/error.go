package sigv4

// The S3 error codes that this package answers with.
const (
	CodeAccessDenied              = "AccessDenied"                      // 403
	CodeSignatureDoesNotMatch     = "SignatureDoesNotMatch"             // 403
	CodeRequestTimeTooSkewed      = "RequestTimeTooSkewed"              // 403
	CodeHeaderMalformed           = "AuthorizationHeaderMalformed"      // 400
	CodeQueryParameters           = "AuthorizationQueryParametersError" // 400
	CodeInvalidArgument           = "InvalidArgument"                   // 400
	CodeInvalidRequest            = "InvalidRequest"                    // 400
	CodeInvalidURI                = "InvalidURI"                        // 400
	CodeMalformedTrailer          = "MalformedTrailerError"             // 400
	CodeMissingContentLength      = "MissingContentLength"              // 411
	CodeXAmzContentSHA256Mismatch = "XAmzContentSHA256Mismatch"         // 400
)

// Error is a refusal in S3's terms. Messages never hold secrets, and never say
// whether an access key exists.
type Error struct {
	// Code is the S3 error code, for example "SignatureDoesNotMatch".
	Code string
	// Message is the sentence for the client.
	Message string
	// Details are further elements of the error document, in order.
	Details []Detail
}

// Detail is one extra element of an error document, such as Region.
type Detail struct{ Name, Value string }

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Detail returns the value of the named extra element, or "".
func (e *Error) Detail(name string) string {
	for _, d := range e.Details {
		if d.Name == name {
			return d.Value
		}
	}
	return ""
}

func refuse(code, message string, details ...Detail) *Error {
	return &Error{Code: code, Message: message, Details: details}
}

// mismatch is the one answer to a wrong signature and to an unknown key.
func mismatch() *Error {
	return refuse(CodeSignatureDoesNotMatch,
		"The signature computed for this request differs from the one provided. Check the access key, the secret key and the signing method.")
}

func unsupportedMechanism() *Error {
	return refuse(CodeInvalidRequest,
		"The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
}

func twoMechanisms() *Error {
	return refuse(CodeInvalidArgument,
		"Only one auth mechanism is allowed: one Authorization header, or one set of X-Amz query parameters.")
}
