package s3

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"sluice/drivers"
)

// rangeHeader writes a Range header. limit, where it is not 0, is how many bytes of the answer were asked for: HTTP has no
// word for so many bytes so far from the end.
func rangeHeader(r drivers.Range) (header string, limit int64, err error) {
	switch {
	case r == (drivers.Range{}):
		return "", 0, nil
	case r.Length < 0:
		return "", 0, drivers.ErrInvalidRange
	case r.Start < 0:
		return "bytes=-" + strconv.FormatInt(-max(r.Start, -math.MaxInt64), 10), r.Length, nil
	case r.Length == 0, r.Start > math.MaxInt64-r.Length:
		return fmt.Sprintf("bytes=%d-", r.Start), 0, nil
	}
	return fmt.Sprintf("bytes=%d-%d", r.Start, r.Start+r.Length-1), 0, nil
}

// parseContentRange reads "bytes 0-9/10".
func parseContentRange(s string) (start, size int64, ok bool) {
	span, total, _ := strings.Cut(strings.TrimPrefix(s, "bytes "), "/")
	first, _, _ := strings.Cut(span, "-")
	start, size = parseInt(first, -1), parseInt(total, -1)
	return start, size, start >= 0 && size >= 0
}

func parseInt(s string, otherwise int64) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}
