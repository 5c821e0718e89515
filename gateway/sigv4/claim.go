package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	service    = "s3"
	terminator = "aws4_request"

	amzDateFormat  = "20060102T150405Z"
	scopeDateLen   = len("20060102")
	maxExpires     = 7 * 24 * 60 * 60 // seconds
	maxAccessKey   = 128
	maxRegion      = 64
	maxSignedNames = 8 << 10
)

// claim is what a request says about its own signature, nothing of it verified.
type claim struct {
	kind                             Kind
	accessKey, date, region, service string
	scope                            string // date/region/service/terminator
	signedHeaders                    string // lower case, sorted, joined by ';'
	signature                        string
	amzDate                          string // time in amzDateFormat
	time                             time.Time
	expires                          time.Duration
	token                            string
	payload                          string // X-Amz-Content-Sha256
}

// readClaim finds the one place where the request carries its credentials.
func readClaim(r *http.Request, params []param) (claim, error) {
	q := readAuthQuery(params)
	header := r.Header[headerAuthorization]
	switch {
	case len(header) > 1, len(header) == 1 && q.any:
		return claim{}, twoMechanisms()
	case len(header) == 1:
		return headerClaim(r.Header, header[0])
	case q.seen[queryV2AccessKey] || q.seen[queryV2Signature]:
		return claim{}, unsupportedMechanism()
	case q.any:
		return queryClaim(r.Header, &q)
	default:
		return claim{}, refuse(CodeAccessDenied, "The request carries no signature.")
	}
}

// headerClaim reads `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=...,
// Signature=...` and the headers that belong to it.
func headerClaim(h http.Header, authorization string) (c claim, err error) {
	c.kind = Header
	mechanism, fields, _ := strings.Cut(authorization, " ")
	switch {
	case mechanism == "":
		return c, refuse(CodeAccessDenied, "The Authorization header is empty.")
	case mechanism != algorithm:
		return c, unsupportedMechanism()
	}
	credential, ok := c.parseFields(fields)
	if !ok {
		return c, malformed(Header, "it must hold Credential, SignedHeaders and Signature once each.")
	}
	if err := c.parseCredential(credential); err != nil {
		return c, err
	}
	if err := c.parseHeaderDate(h); err != nil {
		return c, err
	}
	if c.token, _, err = single(h, headerToken); err != nil {
		return c, err
	}
	if c.payload, ok, err = single(h, headerContentSHA256); err == nil && !ok {
		err = refuse(CodeInvalidRequest, "Missing required header for this request: x-amz-content-sha256")
	}
	return c, err
}

// parseFields reads the three fields of an Authorization header; ok tells that each is there once.
func (c *claim) parseFields(fields string) (credential string, ok bool) {
	for field := range strings.SplitSeq(fields, ",") {
		key, value, _ := strings.Cut(strings.Trim(field, " \t"), "=")
		var dst *string
		switch key {
		case "Credential":
			dst = &credential
		case "SignedHeaders":
			dst = &c.signedHeaders
		case "Signature":
			dst = &c.signature
		}
		if dst == nil || *dst != "" || value == "" {
			return "", false
		}
		*dst = value
	}
	return credential, credential != "" && c.signedHeaders != "" && c.signature != ""
}

// queryClaim reads a presigned URL.
func queryClaim(h http.Header, q *authQuery) (c claim, err error) {
	c.kind = Presigned
	if q.bad || !q.v4() {
		return c, refuse(CodeQueryParameters, "Query-string authentication version 4 requires the X-Amz-Algorithm, "+
			"X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters, once each.")
	}
	if q.value[queryAlgorithm] != algorithm {
		return c, refuse(CodeQueryParameters, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"")
	}
	c.signedHeaders, c.signature = q.value[querySignedHeaders], q.value[querySignature]
	if err := c.parseCredential(q.value[queryCredential]); err != nil {
		return c, err
	}
	c.amzDate = q.value[queryDate]
	if c.time, err = parseAmzDate(c.amzDate); err != nil {
		return c, refuse(CodeQueryParameters, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`)
	}
	if c.expires, err = parseExpires(q.value[queryExpires]); err != nil {
		return c, err
	}
	if c.token, err = either(h, headerToken, q, queryToken); err != nil {
		return c, err
	}
	c.payload, err = either(h, headerContentSHA256, q, queryContentSHA256)
	if c.payload == "" {
		c.payload = UnsignedPayload
	}
	return c, err
}

// either reads a value that a presigned URL may carry in the query or beside it
// as a header; given both ways it has to be the same.
func either(h http.Header, key string, q *authQuery, n int) (string, error) {
	value, ok, err := single(h, key)
	switch {
	case err != nil:
		return "", err
	case !ok:
		return q.value[n], nil
	case q.seen[n] && q.value[n] != value:
		return "", refuse(CodeAccessDenied, "The header "+key+" contradicts the query parameter of that name.")
	}
	return value, nil
}

// parseCredential splits <access key>/<date>/<region>/<service>/aws4_request.
// The access key comes first and may itself hold slashes.
func (c *claim) parseCredential(s string) error {
	start := len(s)
	var parts [4]string
	for i := len(parts) - 1; i >= 0; i-- {
		end := start
		start = strings.LastIndexByte(s[:end], '/')
		if start < 0 {
			return malformed(c.kind, `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
		}
		parts[i] = s[start+1 : end]
	}
	c.accessKey, c.scope = s[:start], s[start+1:]
	c.date, c.region, c.service = parts[0], parts[1], parts[2]
	switch {
	case c.accessKey == "" || len(c.accessKey) > maxAccessKey || len(c.date) != scopeDateLen ||
		c.region == "" || len(c.region) > maxRegion || strings.IndexByte(s, '\n') >= 0:
		return malformed(c.kind, `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`)
	case parts[3] != terminator:
		return malformed(c.kind, `the Credential must end in "aws4_request".`)
	}
	return nil
}

// parseHeaderDate takes X-Amz-Date or else Date. Where both are there, they
// must agree but for the clock skew: nobody then reads the wrong one.
func (c *claim) parseHeaderDate(h http.Header) error {
	amz, hasAmz, err := single(h, headerAmzDate)
	if err != nil {
		return err
	}
	date, hasDate, err := single(h, headerDate)
	if err != nil {
		return err
	}
	hasDate = hasDate && date != "" // an empty one says nothing
	var plain time.Time
	if hasDate {
		if plain, err = parseDate(date); err != nil {
			return invalidDate()
		}
	}
	switch {
	case hasAmz:
		if c.time, err = parseAmzDate(amz); err != nil {
			return invalidDate()
		}
	case hasDate:
		c.time, amz = plain, plain.Format(amzDateFormat)
	default:
		return invalidDate()
	}
	c.amzDate = amz
	if hasAmz && hasDate && plain.Sub(c.time).Abs() > MaxSkew {
		return refuse(CodeAccessDenied, "The Date and x-amz-date headers contradict each other.")
	}
	return nil
}

func invalidDate() *Error {
	return refuse(CodeAccessDenied, "AWS authentication requires a valid Date or x-amz-date header")
}

// parseAmzDate is strict: time.Parse alone would also take fractional seconds.
func parseAmzDate(s string) (time.Time, error) {
	t, err := time.Parse(amzDateFormat, s)
	if err == nil && len(s) != len(amzDateFormat) {
		err = strconv.ErrSyntax
	}
	return t, err
}

func parseDate(s string) (time.Time, error) {
	if t, err := parseAmzDate(s); err == nil {
		return t, nil
	}
	t, err := http.ParseTime(s)
	return t.UTC(), err
}

func parseExpires(s string) (time.Duration, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || s[0] == '+':
		return 0, refuse(CodeQueryParameters, "X-Amz-Expires should be a number")
	case n < 1:
		return 0, refuse(CodeQueryParameters, "X-Amz-Expires must be at least one second")
	case n > maxExpires:
		return 0, refuse(CodeQueryParameters, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds")
	}
	return time.Duration(n) * time.Second, nil
}

// malformed words a complaint about a credential for the place it came from.
func malformed(k Kind, what string, details ...Detail) *Error {
	switch k {
	case Presigned:
		return refuse(CodeQueryParameters, "Error parsing the X-Amz-Credential parameter; "+what, details...)
	case Form:
		return refuse(CodeInvalidArgument, "Error parsing the x-amz-credential field; "+what, details...)
	default:
		return refuse(CodeHeaderMalformed, "The authorization header is malformed; "+what, details...)
	}
}
