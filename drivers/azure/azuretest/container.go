package azuretest

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

type container struct {
	metadata http.Header // of the headers x-ms-meta-
	blobs    map[string]*blob
	pending  map[string][]block // by blob: not committed
	deleted  bool               // is being deleted
}

// block is a block of a blob that is not committed.
type block struct {
	id      string
	content []byte
}

const metaPrefix = "X-Ms-Meta-"

// metadataOf picks the metadata out of a request's headers.
func metadataOf(h http.Header) http.Header {
	m := http.Header{}
	for name, values := range h {
		if strings.HasPrefix(name, metaPrefix) {
			m[name] = values
		}
	}
	return m
}

// at finds a container.
func (s *Service) at(name string) (*container, *Fault) {
	c, ok := s.containers[name]
	switch {
	case !ok:
		return nil, &Fault{Status: http.StatusNotFound, Code: "ContainerNotFound"}
	case c.deleted:
		return nil, &Fault{Status: http.StatusConflict, Code: "ContainerBeingDeleted"}
	}
	return c, nil
}

func (s *Service) accountInformation(w http.ResponseWriter, _ request, _ []byte) *Fault {
	w.Header().Set("x-ms-is-hns-enabled", fmt.Sprint(s.Hierarchical))
	w.Header().Set("x-ms-account-kind", "StorageV2")
	return nil
}

func (s *Service) createContainer(w http.ResponseWriter, r request, _ []byte) *Fault {
	if c, ok := s.containers[r.container]; ok {
		code := "ContainerAlreadyExists"
		if c.deleted {
			code = "ContainerBeingDeleted"
		}
		return &Fault{Status: http.StatusConflict, Code: code}
	}
	s.containers[r.container] = &container{metadata: metadataOf(r.Header), blobs: map[string]*blob{}, pending: map[string][]block{}}
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Service) containerProperties(w http.ResponseWriter, r request, _ []byte) *Fault {
	c, f := s.at(r.container)
	if f == nil {
		maps.Copy(w.Header(), c.metadata)
	}
	return f
}

func (s *Service) deleteContainer(w http.ResponseWriter, r request, _ []byte) *Fault {
	if _, f := s.at(r.container); f != nil {
		return f
	}
	delete(s.containers, r.container)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// BeginDelete leaves a container in the state of one that is being deleted.
func (s *Service) BeginDelete(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.containers[name].deleted = true
}

// meta is metadata in a listing: elements called by the names.
type meta http.Header

// MarshalXML implements xml.Marshaler.
func (m meta) MarshalXML(enc *xml.Encoder, start xml.StartElement) error {
	if err := enc.EncodeToken(start); err != nil {
		return err
	}
	for name, values := range m {
		e := xml.StartElement{Name: xml.Name{Local: strings.TrimPrefix(name, metaPrefix)}}
		if err := enc.EncodeElement(values[0], e); err != nil {
			return err
		}
	}
	return enc.EncodeToken(start.End())
}

func (s *Service) listContainers(w http.ResponseWriter, _ request, _ []byte) *Fault {
	type item struct {
		Name         string
		LastModified string `xml:"Properties>Last-Modified"`
		Metadata     meta
	}
	var out struct {
		XMLName    xml.Name `xml:"EnumerationResults"`
		Containers []item   `xml:"Containers>Container"`
	}
	for _, name := range slices.Sorted(maps.Keys(s.containers)) {
		now := time.Now().UTC().Format(http.TimeFormat)
		out.Containers = append(out.Containers, item{name, now, meta(s.containers[name].metadata)})
	}
	return writeXML(w, out)
}

func writeXML(w http.ResponseWriter, v any) *Fault {
	w.Header().Set("Content-Type", "application/xml")
	if err := xml.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
	return nil
}
