package attrs

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// record is the JSON of Entry. Its names are short because metadata is.
type record struct {
	Size     int64             `json:"size"`
	Token    string            `json:"token,omitempty"`
	Modified int64             `json:"modified,omitempty"` // milliseconds since 1970
	ETag     string            `json:"etag,omitempty"`
	Sum      *sum              `json:"sum,omitempty"`
	Class    string            `json:"class,omitempty"`
	Type     string            `json:"type,omitempty"`
	Cache    string            `json:"cache,omitempty"`
	Dispo    string            `json:"disposition,omitempty"`
	Encoding string            `json:"encoding,omitempty"`
	Language string            `json:"language,omitempty"`
	Expires  string            `json:"expires,omitempty"`
	Redirect string            `json:"redirect,omitempty"`
	Meta     map[string]string `json:"meta,omitempty"`
	Tags     [][2]string       `json:"tags,omitempty"` // in their order
	Count    int               `json:"count,omitempty"`
	pieces
	Overflow string `json:"overflow,omitempty"`
}

// pieces are the parts of an object; they are what overflows.
type pieces struct {
	Runs [][3]int64 `json:"parts,omitempty"` // of parts of one size: how many, the number of the first, their size
	Sums *partSums  `json:"sums,omitempty"`
}

type sum struct {
	Algorithm checksum.Algorithm `json:"alg"`
	Type      checksum.Type      `json:"type,omitempty"` // FULL_OBJECT where it is not there
	Value     string             `json:"value"`
}

// partSums are the digests of all parts, end to end.
type partSums struct {
	Algorithm checksum.Algorithm `json:"alg"`
	Digests   []byte             `json:"digests"`
}

var errDamaged = errors.New("attributes are damaged")

func newRecord(a Attrs) record {
	h := a.Header
	r := record{
		Size: a.Size, Token: a.Token, ETag: a.Digest.ETag, Class: h.StorageClass, Type: h.ContentType, Cache: h.CacheControl,
		Dispo: h.ContentDisposition, Encoding: h.ContentEncoding, Language: h.ContentLanguage, Expires: h.Expires,
		Redirect: h.WebsiteRedirectLocation, Count: len(a.Digest.Parts),
	}
	if !a.Modified.IsZero() {
		r.Modified = a.Modified.UnixMilli()
	}
	if s := a.Digest.Checksum; s.Value != "" {
		r.Sum = &sum{s.Algorithm, s.Type, s.Value}
		if s.Type == checksum.FullObject {
			r.Sum.Type = ""
		}
	}
	for _, t := range a.Tags {
		r.Tags = append(r.Tags, [2]string{t.Key, t.Value})
	}
	if r.Count > 0 {
		r.pieces = newPieces(a.Digest.Parts)
	}
	return r
}

func newPieces(parts []drivers.Part) pieces {
	p := pieces{Sums: newPartSums(parts)}
	for i := 0; i < len(parts); {
		n := 1
		for i+n < len(parts) && parts[i+n].Size == parts[i].Size && parts[i+n].Number == parts[i].Number+n {
			n++
		}
		p.Runs = append(p.Runs, [3]int64{int64(n), int64(parts[i].Number), parts[i].Size})
		i += n
	}
	return p
}

// newPartSums returns nil where not every part has a checksum of the same algorithm.
func newPartSums(parts []drivers.Part) *partSums {
	s := &partSums{Algorithm: parts[0].Checksum.Algorithm}
	for _, p := range parts {
		digest, err := p.Checksum.Digest()
		if err != nil || p.Checksum.Algorithm != s.Algorithm {
			return nil
		}
		s.Digests = append(s.Digests, digest...)
	}
	return s
}

// attrs is the inverse of newRecord.
func (r record) attrs() (Attrs, error) {
	a := Attrs{
		Size: r.Size, Token: r.Token, Digest: drivers.Digest{ETag: r.ETag}, Overflow: r.Overflow, PartsCount: r.Count,
		Header: drivers.Header{
			StorageClass: r.Class, ContentType: r.Type, CacheControl: r.Cache, ContentDisposition: r.Dispo, ContentEncoding: r.Encoding,
			ContentLanguage: r.Language, Expires: r.Expires, WebsiteRedirectLocation: r.Redirect, Metadata: r.Meta,
		},
	}
	if r.Modified != 0 {
		a.Modified = time.UnixMilli(r.Modified).UTC()
	}
	if s := r.Sum; s != nil {
		a.Digest.Checksum = checksum.Checksum{Algorithm: s.Algorithm, Type: s.Type, Value: s.Value}
		if s.Type == "" {
			a.Digest.Checksum.Type = checksum.FullObject
		}
	}
	for _, t := range r.Tags {
		a.Tags = append(a.Tags, drivers.Tag{Key: t[0], Value: t[1]})
	}
	if len(r.Runs) == 0 {
		return a, nil
	}
	var err error
	a.Digest.Parts, err = r.parts(r.Count)
	return a, err
}

// parts lists count parts.
func (p pieces) parts(count int) ([]drivers.Part, error) {
	if count < 1 || count > checksum.MaxParts {
		return nil, errDamaged
	}
	parts := make([]drivers.Part, 0, count)
	for _, run := range p.Runs {
		n, first, size := run[0], run[1], run[2]
		if n < 1 || n > int64(count-len(parts)) || first < 1 || first+n-1 > drivers.MaxPartNumber || size < 0 {
			return nil, errDamaged
		}
		for i := range n {
			parts = append(parts, drivers.Part{Number: int(first + i), Size: size})
		}
	}
	if len(parts) != count {
		return nil, errDamaged
	}
	if p.Sums == nil {
		return parts, nil
	}
	width := p.Sums.Algorithm.Size()
	if width == 0 || len(p.Sums.Digests) != width*count {
		return nil, errDamaged
	}
	for i := range parts {
		parts[i].Checksum = checksum.New(p.Sums.Algorithm, p.Sums.Digests[i*width:(i+1)*width])
	}
	return parts, nil
}

// line writes the record as one line, which is ASCII where the store wants that.
func (r record) line(ascii bool) (string, error) {
	b, err := marshal(r)
	if err != nil || !ascii || isASCII(string(b)) {
		return string(b), err
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

func parse(line string) (record, error) {
	var r record
	b := []byte(line)
	if len(b) > 0 && b[0] != '{' {
		decoded, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return r, fmt.Errorf("%w: %w", errDamaged, err)
		}
		b = decoded
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return r, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
