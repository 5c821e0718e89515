package azuretest

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
)

// batch does the deletes of a multipart body, each by itself.
func (s *Service) batch(w http.ResponseWriter, r request, body []byte) *Fault {
	if s.NoBatch {
		return &Fault{Status: http.StatusNotImplemented, Code: "APINotImplemented"}
	}
	if _, f := s.at(r.container); f != nil {
		return f
	}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return &Fault{Status: http.StatusBadRequest, Code: "InvalidHeaderValue"}
	}
	var out bytes.Buffer
	answers := multipart.NewWriter(&out)
	in := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	count := 0
	for ; ; count++ {
		part, err := in.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil || count == 256 {
			return &Fault{Status: http.StatusBadRequest, Code: "InvalidInput"}
		}
		if err := s.inBatch(answers, part); err != nil {
			return &Fault{Status: http.StatusBadRequest, Code: "InvalidInput"}
		}
	}
	if err := answers.Close(); err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "multipart/mixed; boundary="+answers.Boundary())
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write(out.Bytes())
	return nil
}

func (s *Service) inBatch(answers *multipart.Writer, part *multipart.Part) error {
	hr, err := http.ReadRequest(bufio.NewReader(part))
	if err != nil {
		return err
	}
	r, err := parse(hr)
	if err != nil {
		return err
	}
	rec := httptest.NewRecorder()
	if f := s.deleteBlob(rec, r, nil); f != nil {
		answer(rec, hr, f)
	}
	h := textproto.MIMEHeader{"Content-Type": {"application/http"}, "Content-Id": {part.Header.Get("Content-ID")}}
	w, err := answers.CreatePart(h)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(w, "HTTP/1.1 %d x\r\n", rec.Code)
	if err := rec.Header().Write(w); err != nil {
		return err
	}
	_, _ = fmt.Fprint(w, "\r\n")
	_, err = w.Write(rec.Body.Bytes())
	return err
}
