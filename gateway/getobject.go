package gateway

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// getObject is S3's GetObject: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (q *request) getObject() error {
	o, ranged, err := q.getOptions()
	if err != nil {
		return err
	}
	obj, err := q.store().Get(q.ctx(), q.key, o)
	if err != nil {
		if obj != nil {
			return q.failRead(obj.Info, err)
		}
		return err
	}
	defer obj.Body.Close()
	if ranged && obj.Size == 0 && o.PartNumber == 0 {
		return q.failRead(obj.Info, drivers.ErrInvalidRange)
	}
	q.w.WriteHeader(q.writeRead(obj.Info, obj.Start, obj.Length, ranged, o))
	if _, err := io.Copy(q.w, obj.Body); err != nil {
		return err
	}
	if q.w.n != obj.Length {
		return io.ErrUnexpectedEOF
	}
	return nil
}

// headObject is S3's HeadObject.
func (q *request) headObject() error {
	o, ranged, err := q.getOptions()
	if err != nil {
		return err
	}
	info, err := q.store().Head(q.ctx(), q.key, o)
	if err != nil {
		return q.failRead(info, err)
	}
	start, length, err := span(info, o)
	if err != nil || ranged && info.Size == 0 && o.PartNumber == 0 {
		return q.failRead(info, drivers.ErrInvalidRange)
	}
	q.w.WriteHeader(q.writeRead(info, start, length, ranged, o))
	return nil
}

// span returns the bytes that a read of the object would give.
func span(info drivers.Info, o drivers.GetOptions) (start, length int64, err error) {
	if o.PartNumber == 0 || info.PartsCount == 0 {
		return o.Range.Resolve(info.Size)
	}
	for _, p := range info.Parts {
		if p.Number == o.PartNumber {
			return start, p.Size, nil
		}
		start += p.Size
	}
	return 0, 0, drivers.ErrPartNumber
}

// partChecksum returns the checksum of a part; numbers may have gaps.
func partChecksum(info drivers.Info, number int) (c checksum.Checksum) {
	for _, p := range info.Parts {
		if p.Number == number {
			c = p.Checksum
		}
	}
	return c
}

// getOptions reads what a GET or HEAD asks for; ranged tells whether the answer is partial content.
func (q *request) getOptions() (o drivers.GetOptions, ranged bool, err error) {
	if err := q.checkOverrides(); err != nil {
		return o, false, err
	}
	o.VersionID = q.query.Get("versionId")
	o.Conditions = conditions(q.r.Header, "")
	if q.header("If-Range") == "" { // whose condition might fail: the whole object is always right (RFC 9110, 13.1.5)
		o.Range, ranged = parseRange(q.header("Range"))
	}
	if q.query.Has("partNumber") {
		if q.header("Range") != "" {
			return o, false, invalidRequest("Cannot specify both Range header and partNumber query parameter")
		}
		o.PartNumber, err = q.partNumber()
		ranged, o.Parts = true, true
	}
	return o, ranged, err
}

// writeRead sets the headers of a GET or HEAD and returns its status.
func (q *request) writeRead(info drivers.Info, start, length int64, ranged bool, o drivers.GetOptions) int {
	q.writeObjectHeader(info)
	h := q.w.Header()
	h["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	if strings.EqualFold(q.header("X-Amz-Checksum-Mode"), "ENABLED") {
		switch {
		case o.PartNumber > 0 && info.PartsCount > 0:
			q.writeChecksum(partChecksum(info, o.PartNumber))
		case length == info.Size:
			q.writeChecksum(info.Checksum)
		}
	}
	q.writeOverrides()
	if !ranged {
		return http.StatusOK
	}
	if o.PartNumber > 0 && info.PartsCount > 0 {
		h["x-amz-mp-parts-count"] = []string{strconv.Itoa(info.PartsCount)}
	}
	if length == 0 { // the only part of an empty object: no range can say that
		return http.StatusOK
	}
	h["Content-Range"] = []string{contentRange(start, length, info.Size)}
	return http.StatusPartialContent
}

func contentRange(start, length, size int64) string {
	b := make([]byte, 0, 64)
	b = append(b, "bytes "...)
	b = strconv.AppendInt(b, start, 10)
	b = append(b, '-')
	b = strconv.AppendInt(b, start+length-1, 10)
	b = append(b, '/')
	return string(strconv.AppendInt(b, size, 10))
}

// failRead adds to a failed read what S3 tells of the object.
func (q *request) failRead(info drivers.Info, err error) error {
	switch {
	case errors.Is(err, drivers.ErrNotModified):
		q.writeIdentity(info)
	case errors.Is(err, drivers.ErrPrecondition):
		return errPreconditionFailed.with("Condition", q.failedCondition())
	case errors.Is(err, drivers.ErrInvalidRange):
		return classify(drivers.ErrInvalidRange).with("RangeRequested", q.header("Range")).
			with("ActualObjectSize", strconv.FormatInt(info.Size, 10))
	}
	return err
}

// failedCondition names the header that S3 would name.
func (q *request) failedCondition() string {
	if q.header("If-Match") != "" {
		return "If-Match"
	}
	return "If-Unmodified-Since"
}

// partNumber reads the partNumber parameter.
func (q *request) partNumber() (int, error) {
	s := q.query.Get("partNumber")
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > drivers.MaxPartNumber {
		return 0, invalidArgument("partNumber", s, "Part number must be an integer between 1 and 10000, inclusive")
	}
	return n, nil
}
