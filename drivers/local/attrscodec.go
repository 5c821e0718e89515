//go:build unix

package local

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// The stored form of attrs: the version, size, mtime and token, then fields, each a letter, a length and its bytes.
// Unknown letters are skipped, so that a later version may add some.
const attrsVersion = 1

const (
	fieldMD5         = 'm' // the ETag's 16 bytes, then the N of "-N" where there is one
	fieldETag        = 'E' // an ETag of any other form, as it is
	fieldChecksum    = 'k' // see appendSum
	fieldStorage     = 's'
	fieldType        = 't' // empty for commonType
	fieldCache       = 'c'
	fieldDisposition = 'd'
	fieldEncoding    = 'e'
	fieldLanguage    = 'l'
	fieldExpires     = 'x'
	fieldWebsite     = 'w'
	fieldMetadata    = 'u' // names and values in turn
	fieldTags        = 'g' // the count, then names and values in turn
	fieldParts       = 'p' // the count, then runs: how many, the number of the first, their size
	fieldPartSums    = 'q' // a value for each part
)

// commonType is what S3 gives an object whose type nobody said. It is kept as nothing, so that usual attributes have room in
// an inode of ext4 (64 bytes); outside of it they take a block of their own, and as long as the rest of a small PUT.
const commonType = "binary/octet-stream"

var errBadAttrs = errors.New("attributes are damaged")

// encode returns the stored form.
func (a *attrs) encode() []byte {
	b := make([]byte, 0, 256)
	b = append(b, attrsVersion)
	b = binary.AppendVarint(b, a.size)
	b = binary.AppendVarint(b, a.mtime)
	b = binary.LittleEndian.AppendUint64(b, a.token)
	b = appendETag(b, a.etag)
	if a.sum.Value != "" {
		b = appendField(b, fieldChecksum, appendSum(nil, a.sum))
	}
	h := &a.header
	for _, f := range headerFields {
		switch v := *f.of(h); {
		case v == "":
		case f.letter == fieldType && v == commonType:
			b = appendField(b, f.letter, nil)
		default:
			b = appendField(b, f.letter, []byte(v))
		}
	}
	if len(h.Metadata) > 0 {
		var v []byte
		for _, name := range slices.Sorted(maps.Keys(h.Metadata)) {
			v = appendStrings(v, name, h.Metadata[name])
		}
		b = appendField(b, fieldMetadata, v)
	}
	if len(a.tags) > 0 {
		v := binary.AppendUvarint(nil, uint64(len(a.tags)))
		for _, t := range a.tags {
			v = appendStrings(v, t.Key, t.Value)
		}
		b = appendField(b, fieldTags, v)
	}
	return appendParts(b, a.parts)
}

// headerFields are the fields that are one string of the header.
var headerFields = []struct {
	letter byte
	of     func(*drivers.Header) *string
}{
	{fieldStorage, func(h *drivers.Header) *string { return &h.StorageClass }},
	{fieldType, func(h *drivers.Header) *string { return &h.ContentType }},
	{fieldCache, func(h *drivers.Header) *string { return &h.CacheControl }},
	{fieldDisposition, func(h *drivers.Header) *string { return &h.ContentDisposition }},
	{fieldEncoding, func(h *drivers.Header) *string { return &h.ContentEncoding }},
	{fieldLanguage, func(h *drivers.Header) *string { return &h.ContentLanguage }},
	{fieldExpires, func(h *drivers.Header) *string { return &h.Expires }},
	{fieldWebsite, func(h *drivers.Header) *string { return &h.WebsiteRedirectLocation }},
}

func appendField(b []byte, letter byte, v []byte) []byte {
	b = append(b, letter)
	b = binary.AppendUvarint(b, uint64(len(v)))
	return append(b, v...)
}

func appendStrings(b []byte, values ...string) []byte {
	for _, v := range values {
		b = binary.AppendUvarint(b, uint64(len(v)))
		b = append(b, v...)
	}
	return b
}

// appendETag writes the usual forms of an ETag in half the space, which keeps most attributes inside of the inode.
func appendETag(b []byte, etag string) []byte {
	sum, count, multipart := strings.Cut(etag, "-")
	raw, err := hex.DecodeString(sum)
	n, nerr := parseCount(count)
	if err != nil || len(raw) != 16 || hex.EncodeToString(raw) != sum || multipart && nerr != nil {
		return appendField(b, fieldETag, []byte(etag))
	}
	if multipart {
		raw = binary.AppendUvarint(raw, n)
	}
	return appendField(b, fieldMD5, raw)
}

func appendParts(b []byte, parts []drivers.Part) []byte {
	if len(parts) == 0 {
		return b
	}
	v := binary.AppendUvarint(nil, uint64(len(parts)))
	var sums []byte
	for i := 0; i < len(parts); {
		n := 1
		for i+n < len(parts) && parts[i+n].Size == parts[i].Size && parts[i+n].Number == parts[i].Number+n {
			n++
		}
		v = binary.AppendUvarint(v, uint64(n))
		v = binary.AppendUvarint(v, uint64(parts[i].Number))
		v = binary.AppendUvarint(v, uint64(parts[i].Size))
		i += n
	}
	for _, p := range parts {
		sums = appendSum(sums, p.Checksum)
	}
	b = appendField(b, fieldParts, v)
	if len(sums) > len(parts) {
		b = appendField(b, fieldPartSums, sums)
	}
	return b
}

// detail is how much of the attributes a caller wants decoded.
type detail uint8

const (
	listDetail  detail = iota // what a listing shows
	headDetail                // and the header
	wholeDetail               // and tags and parts
)

// decodeAttrs reads the stored form. It fails with errBadAttrs on anything that encode does not write.
func decodeAttrs(b []byte, want detail) (attrs, error) {
	r := wire{b: b}
	var a attrs
	if r.byte() != attrsVersion {
		return a, errBadAttrs
	}
	a.size, a.mtime = r.varint(), r.varint()
	a.token = r.uint64()
	for len(r.b) > 0 && !r.bad {
		letter := r.byte()
		f := wire{b: r.bytes()}
		if !r.bad {
			a.decodeField(letter, &f, want)
			r.bad = f.bad
		}
	}
	if r.bad {
		return attrs{}, errBadAttrs
	}
	return a, nil
}

func (a *attrs) decodeField(letter byte, f *wire, want detail) {
	switch letter {
	case fieldMD5:
		a.etag = f.etag()
	case fieldETag:
		a.etag = string(f.b)
	case fieldChecksum:
		a.sum = f.checksum()
	case fieldTags:
		if a.tagCount = f.count(); want == wholeDetail {
			for range a.tagCount {
				a.tags = append(a.tags, drivers.Tag{Key: f.string(), Value: f.string()})
			}
		}
	case fieldParts:
		if a.partsCount = f.count(); want == wholeDetail {
			a.decodeRuns(f)
		}
	case fieldPartSums:
		if want == wholeDetail {
			for i := range a.parts {
				a.parts[i].Checksum = f.checksum()
			}
		}
	default:
		a.decodeHeader(letter, f, want)
	}
}

func (a *attrs) decodeHeader(letter byte, f *wire, want detail) {
	if letter == fieldMetadata && want >= headDetail {
		a.header.Metadata = make(map[string]string)
		for len(f.b) > 0 && !f.bad {
			name := f.string()
			a.header.Metadata[name] = f.string()
		}
		return
	}
	for _, h := range headerFields {
		if h.letter == letter && (want >= headDetail || letter == fieldStorage) {
			*h.of(&a.header) = string(f.b)
			if letter == fieldType && len(f.b) == 0 {
				a.header.ContentType = commonType
			}
		}
	}
}

func (a *attrs) decodeRuns(f *wire) {
	if a.partsCount > checksum.MaxParts {
		f.bad = true
		return
	}
	a.parts = make([]drivers.Part, 0, a.partsCount)
	for len(f.b) > 0 && !f.bad {
		n, first, size := f.uvarint(), f.uvarint(), f.uvarint()
		if n > uint64(a.partsCount-len(a.parts)) {
			f.bad = true
			return
		}
		for i := range n {
			a.parts = append(a.parts, drivers.Part{Number: int(first + i), Size: int64(size)})
		}
	}
}
