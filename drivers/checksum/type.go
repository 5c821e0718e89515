package checksum

import "strings"

// Type says what the checksum of an object covers.
type Type string

const (
	// FullObject is the digest of the object's bytes. An object of a single
	// PUT has this type whatever its algorithm.
	FullObject Type = "FULL_OBJECT"
	// Composite is the digest of the parts' digests, shown with the suffix
	// "-N" for N parts.
	Composite Type = "COMPOSITE"
)

// ParseType returns the type of that name, in any letter case.
func ParseType(name string) (t Type, ok bool) {
	t = Type(strings.ToUpper(name))
	return t, t == FullObject || t == Composite
}

// Supports reports whether a multipart upload with algorithm a may have the
// type t. The digests that cannot be combined are Composite only, CRC64NVME is
// FullObject only, and CRC32 and CRC32C are either: Amazon S3 User Guide,
// "Using checksums with multipart upload operations".
func (a Algorithm) Supports(t Type) bool {
	switch a {
	case CRC64NVME:
		return t == FullObject
	case CRC32, CRC32C:
		return t == FullObject || t == Composite
	}
	return t == Composite && a.Size() > 0
}

// DefaultType returns the type of a multipart upload whose request names the
// algorithm but no type.
func (a Algorithm) DefaultType() Type {
	if a == CRC64NVME {
		return FullObject
	}
	return Composite
}
