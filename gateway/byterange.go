package gateway

import (
	"strconv"
	"strings"

	"sluice/drivers"
)

// parseRange reads a Range header. What is no single range of bytes is ignored, as RFC 9110, section 14.2, allows and S3
// does: ok is false and the whole object is meant.
func parseRange(s string) (r drivers.Range, ok bool) {
	spec, found := strings.CutPrefix(strings.TrimSpace(s), "bytes=")
	if !found {
		return r, false
	}
	first, last, found := strings.Cut(spec, "-")
	if !found {
		return r, false
	}
	if first == "" {
		n, ok := parseOffset(last)
		if ok && n == 0 {
			return drivers.Range{Start: 1<<63 - 1}, true // no object has such bytes
		}
		return drivers.Range{Start: -n}, ok
	}
	if r.Start, ok = parseOffset(first); !ok {
		return r, false
	}
	if last == "" {
		return r, true
	}
	end, ok := parseOffset(last)
	if !ok || end < r.Start {
		return drivers.Range{}, false
	}
	if end < 1<<63-1 {
		r.Length = end - r.Start + 1
	}
	return r, true
}

// parseOffset reads digits only; more of them than fit mean the largest offset.
func parseOffset(s string) (int64, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		n = 1<<63 - 1
	}
	return n, true
}

// parseCopyRange reads x-amz-copy-source-range, which is strict: first and last byte, both given.
func parseCopyRange(s string) (drivers.Range, error) {
	if s == "" {
		return drivers.Range{}, nil
	}
	r, ok := parseRange(s)
	if !ok || r.Start < 0 || r.Length == 0 {
		return r, invalidArgument("x-amz-copy-source-range", s, "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	return r, nil
}
