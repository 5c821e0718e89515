package azuretest

import (
	"bytes"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// stage keeps a block that is not committed.
func (s *Service) stage(w http.ResponseWriter, c *container, r request, content []byte) *Fault {
	id := r.query.Get("blockid")
	blocks := c.pending[r.blob]
	switch {
	case len(content) == 0:
		return &Fault{Status: http.StatusBadRequest, Code: "InvalidHeaderValue"}
	case len(blocks) > 0 && len(blocks[0].id) != len(id):
		return &Fault{Status: http.StatusBadRequest, Code: "InvalidBlobOrBlock"}
	case len(blocks) >= 100_000:
		return &Fault{Status: http.StatusConflict, Code: "BlockCountExceedsLimit"}
	}
	blocks = slices.DeleteFunc(blocks, func(b block) bool { return b.id == id })
	c.pending[r.blob] = append(blocks, block{id, content})
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Service) putBlock(w http.ResponseWriter, r request, body []byte) *Fault {
	c, f := s.at(r.container)
	if f != nil {
		return f
	}
	return s.stage(w, c, r, body)
}

// source reads what a copy's source URL names, as far as it is held to a write and to a range.
func (s *Service) source(r request) ([]byte, *Fault) {
	u, err := url.Parse(r.Header.Get("x-ms-copy-source"))
	if err != nil || !u.Query().Has("sig") && r.Header.Get("x-ms-copy-source-authorization") == "" {
		return nil, &Fault{Status: http.StatusForbidden, Code: "CannotVerifyCopySource"}
	}
	from, err := parse(&http.Request{URL: u})
	if err != nil {
		return nil, &Fault{Status: http.StatusBadRequest, Code: "InvalidSourceBlobUrl"}
	}
	b, f := s.find(from)
	if f != nil {
		return nil, &Fault{Status: http.StatusNotFound, Code: "CannotVerifyCopySource"}
	}
	if m := r.Header.Get("x-ms-source-if-match"); m != "" && m != b.etag {
		return nil, &Fault{Status: http.StatusPreconditionFailed, Code: "SourceConditionNotMet"}
	}
	v := r.Header.Get("x-ms-source-range")
	if v == "" {
		return b.content, nil
	}
	first, last, err := span(v, len(b.content))
	if err != nil {
		return nil, &Fault{Status: http.StatusRequestedRangeNotSatisfiable, Code: "InvalidRange"}
	}
	return b.content[first : last+1], nil
}

func (s *Service) putBlockFromURL(w http.ResponseWriter, r request, _ []byte) *Fault {
	c, f := s.at(r.container)
	if f != nil {
		return f
	}
	content, f := s.source(r)
	if f != nil {
		return f
	}
	return s.stage(w, c, r, content)
}

func (s *Service) putBlobFromURL(w http.ResponseWriter, r request, _ []byte) *Fault {
	c, f := s.at(r.container)
	switch {
	case s.NoCopies:
		f = &Fault{Status: http.StatusNotImplemented, Code: "APINotImplemented"}
	case f == nil:
		f = conditions(r.Header, c.blobs[r.blob], "BlobAlreadyExists")
	}
	if f != nil {
		return f
	}
	content, f := s.source(r)
	if f != nil {
		return f
	}
	return s.store(w, c, r, newBlob(r.Header, content))
}

func (s *Service) putBlockList(w http.ResponseWriter, r request, body []byte) *Fault {
	c, f := s.at(r.container)
	if f == nil {
		f = conditions(r.Header, c.blobs[r.blob], "")
	}
	if f != nil {
		return f
	}
	var list struct{ Latest []string }
	if err := xml.Unmarshal(body, &list); err != nil {
		return &Fault{Status: http.StatusBadRequest, Code: "InvalidXmlDocument"}
	}
	byID := map[string][]byte{}
	for _, b := range c.pending[r.blob] {
		byID[b.id] = b.content
	}
	var content bytes.Buffer
	for _, id := range list.Latest {
		b, ok := byID[id]
		if !ok {
			return &Fault{Status: http.StatusBadRequest, Code: "InvalidBlockList"}
		}
		content.Write(b)
	}
	return s.store(w, c, r, newBlob(r.Header, content.Bytes()))
}

func (s *Service) getBlockList(w http.ResponseWriter, r request, _ []byte) *Fault {
	c, f := s.at(r.container)
	if f != nil {
		return f
	}
	if c.blobs[r.blob] == nil && len(c.pending[r.blob]) == 0 {
		return &Fault{Status: http.StatusNotFound, Code: "BlobNotFound"}
	}
	type item struct {
		Name string
		Size int
	}
	var out struct {
		XMLName xml.Name `xml:"BlockList"`
		Blocks  []item   `xml:"UncommittedBlocks>Block"`
	}
	for _, b := range c.pending[r.blob] {
		out.Blocks = append(out.Blocks, item{strings.TrimSpace(b.id), len(b.content)})
	}
	return writeXML(w, out)
}
