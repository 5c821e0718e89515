package s3

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"sluice/drivers"
)

// impossible is an ETag that no object has: a condition on it fails as the store's own do.
const impossible = "00000000000000000000000000000000-0"

// setReadConditions sets those conditions of a GET or HEAD that save an answer and that every store judges alike: single ETags,
// and If-Modified-Since without an ETag beside it (RFC 9110, section 13.2.2). All are judged once more on the answer, which
// serves the others.
func setReadConditions(h http.Header, c drivers.Conditions) {
	if match := requiredETags(c); len(match) == 1 && match[0] != "*" {
		h.Set("If-Match", quote(match[0]))
	}
	if len(c.IfNoneMatch) == 1 && c.IfNoneMatch[0] != "*" {
		h.Set("If-None-Match", quote(c.IfNoneMatch[0]))
	} else if len(c.IfNoneMatch) == 0 {
		setDate(h, "If-Modified-Since", c.IfModifiedSince)
	}
}

// requiredETags returns the ETags one of which the object must have: those of IfMatch and IfToken at once.
func requiredETags(c drivers.Conditions) []string {
	switch {
	case c.IfToken == "":
		return c.IfMatch
	case len(c.IfMatch) == 0, slices.Contains(c.IfMatch, "*"), slices.Contains(c.IfMatch, c.IfToken):
		return []string{c.IfToken}
	}
	return []string{impossible}
}

func setDate(h http.Header, name string, t time.Time) {
	if !t.IsZero() {
		h.Set(name, t.UTC().Format(http.TimeFormat))
	}
}

// unsaid refuses a condition that S3 has no word for.
func unsaid(what string) error {
	return fmt.Errorf("%w: S3 writes under no %s", drivers.ErrUnsupported, what)
}

// setWriteConditions sets those of a PUT, COPY or CompleteMultipartUpload: If-Match with one ETag or "*", or If-None-Match "*".
func setWriteConditions(h http.Header, c drivers.Conditions) error {
	match, err := writeMatch(c)
	switch {
	case err != nil:
		return err
	case match != "":
		h.Set("If-Match", match)
	case slices.Contains(c.IfNoneMatch, "*"):
		h.Set("If-None-Match", "*")
	case len(c.IfNoneMatch) > 0:
		return unsaid("absence of certain ETags")
	}
	return nil
}

// setDeleteConditions sets those of a DELETE: If-Match with one ETag or "*".
func setDeleteConditions(h http.Header, c drivers.Conditions) error {
	match, err := writeMatch(c)
	switch {
	case err != nil:
		return err
	case match != "":
		h.Set("If-Match", match)
	case len(c.IfNoneMatch) > 0:
		return unsaid("If-None-Match when it deletes")
	}
	return nil
}

// writeMatch returns the If-Match of a write, "" for none. Where an object must have one certain ETag, IfNoneMatch either holds
// by that or cannot hold at all.
func writeMatch(c drivers.Conditions) (string, error) {
	required := requiredETags(c)
	switch {
	case !c.IfUnmodifiedSince.IsZero() && len(c.IfMatch) == 0:
		return "", unsaid("date")
	case len(required) == 0:
		return "", nil
	case slices.Contains(required, "*"):
		if len(c.IfNoneMatch) == 0 {
			return "*", nil
		}
		if !slices.Contains(c.IfNoneMatch, "*") {
			return "", unsaid("absence of certain ETags")
		}
		return quote(impossible), nil
	case len(required) > 1:
		return "", unsaid("choice of ETags")
	case slices.Contains(c.IfNoneMatch, "*"), slices.Contains(c.IfNoneMatch, required[0]):
		return quote(impossible), nil
	}
	return quote(required[0]), nil
}

// setSourceConditions sets those of a copy's source. S3 judges some pairs of them in ways of its own; those, and lists, are
// left to a streamed copy.
func setSourceConditions(h http.Header, c drivers.Conditions) error {
	required := slices.DeleteFunc(slices.Clone(requiredETags(c)), func(e string) bool { return e == "*" })
	pairs := len(required) > 0 && (len(c.IfNoneMatch) > 0 || !c.IfModifiedSince.IsZero() || len(c.IfMatch) == 0 && !c.IfUnmodifiedSince.IsZero())
	if len(required) > 1 || len(c.IfNoneMatch) > 1 || slices.Contains(c.IfNoneMatch, "*") || pairs {
		return drivers.ErrUnsupported
	}
	if len(required) > 0 {
		h.Set("X-Amz-Copy-Source-If-Match", quote(required[0]))
	}
	if len(c.IfMatch) == 0 {
		setDate(h, "X-Amz-Copy-Source-If-Unmodified-Since", c.IfUnmodifiedSince)
	}
	if len(c.IfNoneMatch) > 0 {
		h.Set("X-Amz-Copy-Source-If-None-Match", quote(c.IfNoneMatch[0]))
	} else {
		setDate(h, "X-Amz-Copy-Source-If-Modified-Since", c.IfModifiedSince)
	}
	return nil
}
