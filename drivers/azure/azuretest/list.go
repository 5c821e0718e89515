package azuretest

import (
	"encoding/base64"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

type listItem struct {
	Name       string
	Properties listProperties
	Metadata   meta
}

type listProperties struct {
	LastModified string `xml:"Last-Modified"`
	Etag         string
	Length       int    `xml:"Content-Length"`
	MD5          string `xml:"Content-MD5,omitempty"`
}

type listPrefix struct{ Name string }

type listPage struct {
	XMLName    xml.Name     `xml:"EnumerationResults"`
	Blobs      []listItem   `xml:"Blobs>Blob"`
	Prefixes   []listPrefix `xml:"Blobs>BlobPrefix"`
	NextMarker string
}

// listBlobs lists in the order of UTF-16 code units. A page that ends within a common prefix has it, and goes on after it.
func (s *Service) listBlobs(w http.ResponseWriter, r request, _ []byte) *Fault {
	c, f := s.at(r.container)
	if f != nil {
		return f
	}
	limit, after, skip := 5000, "", false
	if v := r.query.Get("maxresults"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			return &Fault{Status: http.StatusBadRequest, Code: "OutOfRangeQueryParameterValue"}
		}
		limit = min(n, limit)
	}
	if v := r.query.Get("marker"); v != "" {
		place, err := base64.StdEncoding.DecodeString(v)
		if err != nil || len(place) == 0 || place[0] != '!' && place[0] != '~' {
			return &Fault{Status: http.StatusBadRequest, Code: "InvalidQueryParameterValue"}
		}
		after, skip = string(place[1:]), place[0] == '~'
	}
	if s.ShortPages && limit >= 16 {
		if !skip {
			return writeXML(w, listPage{NextMarker: base64.StdEncoding.EncodeToString([]byte("~" + after))})
		}
		limit = (limit + 1) / 2
	}
	return writeXML(w, s.page(c, r, after, limit))
}

func (s *Service) page(c *container, r request, after string, limit int) listPage {
	prefix, delimiter, from := r.query.Get("prefix"), r.query.Get("delimiter"), r.query.Get("startFrom")
	if s.NoStartFrom {
		from = ""
	}
	var page listPage
	last := after
	for _, name := range slices.SortedFunc(maps.Keys(c.blobs), compareUTF16) {
		if !strings.HasPrefix(name, prefix) || compareUTF16(name, from) < 0 || after != "" && beyond(name, after) <= 0 {
			continue
		}
		cp := ""
		if i := strings.Index(name[len(prefix):], delimiter); delimiter != "" && i >= 0 {
			cp = name[:len(prefix)+i+len(delimiter)]
		}
		if cp != "" && len(page.Prefixes) > 0 && page.Prefixes[len(page.Prefixes)-1].Name == cp {
			continue
		}
		if len(page.Blobs)+len(page.Prefixes) == limit {
			page.NextMarker = base64.StdEncoding.EncodeToString([]byte("!" + last))
			return page
		}
		if cp != "" {
			page.Prefixes, last = append(page.Prefixes, listPrefix{cp}), cp+"*"
			continue
		}
		b := c.blobs[name]
		page.Blobs = append(page.Blobs, listItem{name, listProperties{
			b.modified.Format(http.TimeFormat), strings.Trim(b.etag, `"`), len(b.content), b.properties.Get("Content-Md5"),
		}, meta(b.metadata)})
		last = name + "."
	}
	return page
}

// beyond compares a name with the place of a marker: a name and ".", or a common prefix and "*", which is all that begins with it.
func beyond(name, place string) int {
	at := place[:len(place)-1]
	if strings.HasSuffix(place, "*") && strings.HasPrefix(name, at) {
		return 0
	}
	return compareUTF16(name, at)
}

func compareUTF16(a, b string) int {
	if strings.IndexFunc(a+b, func(r rune) bool { return r > 0xffff }) < 0 { // all others sort as their bytes do
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}
