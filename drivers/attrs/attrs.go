package attrs

import (
	"time"

	"sluice/drivers"
)

// Entry is the name of the reserved entry of the store's metadata.
const Entry = "sluice"

// Attrs is what is kept. Fields of Header that the store has a place for are left empty by the driver.
type Attrs struct {
	Size   int64          // of the content
	Digest drivers.Digest // ETag, checksum and parts
	Header drivers.Header
	Tags   []drivers.Tag
	Token  string // an identity of the write, for a store whose own is not new with each; "" elsewhere
	// Modified is when the object was written, for a store whose own time changes with the metadata; zero elsewhere. It is kept in
	// milliseconds.
	Modified time.Time
	// Overflow names the hidden object that has the parts, where they did not fit; "" where they did, or there are none.
	// PartsCount is right all the same.
	Overflow   string
	PartsCount int
}

// Format is what a store's metadata takes.
type Format struct {
	Limit int                     // of names and values of all entries together, in bytes
	Name  func(name string) bool  // whether a name of user metadata is kept as it is; nil: always
	Value func(value string) bool // the same of its value
	ASCII bool                    // whether the value of Entry must be printable ASCII
}

// Content is what the store itself says of an object's content.
type Content struct {
	Size int64
	MD5  string // in lower-case hex; "" where the store does not know
}

// matches tells whether a digest may be that of the content.
func (c Content) matches(size int64, d drivers.Digest) bool {
	return c.Size == size && (c.MD5 == "" || len(d.ETag) != len(c.MD5) || d.ETag == c.MD5)
}

// Info gives the attributes as a driver shows them; key, size, token and times are the driver's to fill. parts tells whether Parts
// are wanted.
func (a Attrs) Info(parts bool) drivers.Info {
	info := drivers.Info{ETag: a.Digest.ETag, Checksum: a.Digest.Checksum, Header: a.Header, TagCount: len(a.Tags), PartsCount: a.PartsCount}
	if parts {
		info.Parts = a.Digest.Parts
	}
	return info
}

// Span returns the bytes that a read of a part asks for, which may be none; an object of one piece has one part, number 1. It
// fails with drivers.ErrPartNumber where there is none of that number. The parts must be there; see Overflow.
func (a Attrs) Span(number int) (start, length int64, err error) {
	if len(a.Digest.Parts) == 0 && number == 1 {
		return 0, a.Size, nil
	}
	for _, p := range a.Digest.Parts {
		if p.Number == number {
			return start, p.Size, nil
		}
		start += p.Size
	}
	return 0, 0, drivers.ErrPartNumber
}
