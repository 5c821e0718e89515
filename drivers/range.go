package drivers

// Range is a span of an object's bytes. The zero value is all of it. A negative Start counts from the end; a zero
// Length reaches to the end.
type Range struct{ Start, Length int64 }

// Resolve gives the span of an object of the given size: its first byte and its length, cut at the end of the object.
// A range that lies outside fails with ErrInvalidRange, as in RFC 9110, section 14.1.2.
func (r Range) Resolve(size int64) (start, length int64, err error) {
	if r == (Range{}) {
		return 0, size, nil
	}
	start = r.Start
	if start < 0 {
		start = max(0, size+start)
	}
	if start >= size || r.Length < 0 {
		return 0, 0, ErrInvalidRange
	}
	length = size - start
	if r.Length > 0 {
		length = min(length, r.Length)
	}
	return start, length, nil
}
