package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// checkScope holds the credential's scope against the service, the region and
// the time that was signed.
func (v *Verifier) checkScope(c *claim) error {
	switch {
	case c.service != service:
		return refuse(CodeAccessDenied, "The signature is for another service; this one is \"s3\".")
	case v.Region != "" && c.region != v.Region:
		return malformed(c.kind, "the region '"+c.region+"' is wrong; expecting '"+v.Region+"'", Detail{"Region", v.Region})
	case c.date != c.amzDate[:scopeDateLen]:
		return refuse(CodeAccessDenied, "The date in the credential is not the date of the request.")
	}
	return nil
}

// checkTime bounds how long a signature can be replayed.
func (v *Verifier) checkTime(c *claim) error {
	now := v.now()
	age := now.Sub(c.time)
	switch c.kind {
	case Presigned:
		if age < -MaxSkew {
			return refuse(CodeAccessDenied, "Request is not valid yet", serverTime(now))
		}
		if age > c.expires {
			return refuse(CodeAccessDenied, "Request has expired",
				Detail{"X-Amz-Expires", strconv.Itoa(int(c.expires / time.Second))},
				Detail{"Expires", c.time.Add(c.expires).UTC().Format(time.RFC3339)}, serverTime(now))
		}
	case Header:
		if age.Abs() > MaxSkew {
			return refuse(CodeRequestTimeTooSkewed, "The difference between the request time and the current time is too large.",
				Detail{"RequestTime", c.amzDate}, serverTime(now),
				Detail{"MaxAllowedSkewMilliseconds", strconv.FormatInt(MaxSkew.Milliseconds(), 10)})
		}
	}
	return nil
}

func serverTime(now time.Time) Detail {
	return Detail{"ServerTime", now.UTC().Format(time.RFC3339)}
}

// checkSignedHeaders wants a sorted list of lower-case names that holds host and
// every x-amz-* header that is there. As the list has no duplicates, counting
// the signed x-amz-* headers that are present is enough to know that all are,
// in linear time.
func checkSignedHeaders(h http.Header, c *claim) error {
	if len(c.signedHeaders) > maxSignedNames {
		return malformedSignedHeaders(c.kind)
	}
	host, signed, previous := false, 0, ""
	for name := range strings.SplitSeq(c.signedHeaders, ";") {
		if !isToken(name) || name <= previous {
			return malformedSignedHeaders(c.kind)
		}
		previous = name
		host = host || name == "host"
		if strings.HasPrefix(name, amzPrefix) && len(headerValues(h, name)) > 0 {
			signed++
		}
	}
	present := 0
	for key := range h {
		if isAmz(key) {
			present++
		}
	}
	if c.kind == Presigned && len(h[headerContentSHA256]) > 0 && !c.signs("x-amz-content-sha256") {
		signed++ // bound as the payload line of the canonical request
	}
	if !host || signed != present {
		return notSigned(h, c)
	}
	return nil
}

func isAmz(key string) bool {
	return len(key) >= len(amzPrefix) && strings.EqualFold(key[:len(amzPrefix)], amzPrefix)
}

// signs reports whether a lower-case name is in the list.
func (c *claim) signs(name string) bool {
	for s := range strings.SplitSeq(c.signedHeaders, ";") {
		if s == name {
			return true
		}
	}
	return false
}

func notSigned(h http.Header, c *claim) error {
	var missing []string
	if !c.signs("host") {
		missing = append(missing, "host")
	}
	for key := range h {
		if len(missing) < 16 && isAmz(key) && !c.signs(lower(key)) {
			missing = append(missing, lower(key))
		}
	}
	return refuse(CodeAccessDenied, "There were headers present in the request which were not signed",
		Detail{"HeadersNotSigned", strings.Join(missing, ", ")})
}

func malformedSignedHeaders(k Kind) error {
	const what = "SignedHeaders must be a sorted list of lower-case header names, separated by semicolons."
	if k == Presigned {
		return refuse(CodeQueryParameters, "X-Amz-"+what)
	}
	return refuse(CodeHeaderMalformed, "The authorization header is malformed; "+what)
}
