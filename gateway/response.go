package gateway

import (
	"io"
	"net/http"
	"strconv"

	"sluice/gateway/s3xml"
)

// response counts what goes out and knows whether the head is gone. ReadFrom keeps sendfile working.
type response struct {
	http.ResponseWriter
	status int
	n      int64
}

var _ io.ReaderFrom = (*response)(nil)

func (w *response) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p) //nolint:gosec // documents are escaped where they are made
	w.n += int64(n)
	return n, err
}

func (w *response) ReadFrom(r io.Reader) (n int64, err error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	if rf, ok := w.ResponseWriter.(io.ReaderFrom); ok {
		n, err = rf.ReadFrom(r)
	} else {
		n, err = io.Copy(struct{ io.Writer }{w.ResponseWriter}, r)
	}
	w.n += n
	return n, err
}

// Unwrap serves http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// writeXML answers 200 with a document.
func (q *request) writeXML(doc s3xml.Document) error { return q.writeDocument(http.StatusOK, doc) }

// maxKeptBuffer keeps one huge listing from holding its memory for ever.
const maxKeptBuffer = 1 << 20

// writeDocument answers with a status and a document. Listings are large, so their buffers are used again.
func (q *request) writeDocument(status int, doc s3xml.Document) error {
	buf, _ := q.s.buffers.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	*buf = doc.AppendXML(append((*buf)[:0], s3xml.Header...))
	h := q.w.Header()
	h["Content-Type"] = []string{"application/xml"}
	h["Content-Length"] = []string{strconv.Itoa(len(*buf))}
	q.w.WriteHeader(status)
	if q.r.Method != http.MethodHead {
		_, _ = q.w.Write(*buf) // a client that went away cannot be told
	}
	if cap(*buf) <= maxKeptBuffer {
		q.s.buffers.Put(buf)
	}
	return nil
}

// writeEmpty answers with a status alone.
func (q *request) writeEmpty(status int) error {
	if status != http.StatusNoContent {
		q.w.Header().Set("Content-Length", "0")
	}
	q.w.WriteHeader(status)
	return nil
}
