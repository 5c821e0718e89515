package drivers

import (
	"cmp"

	"sluice/drivers/checksum"
)

// JoinParts checks a request to complete an upload against the parts that are stored, as S3 does, and gives the joined
// object's size and Digest (whose Parts are the chosen ones, in order). stored returns a part by its number.
// Errors: ErrInvalidPart, ErrPartOrder, ErrPartTooSmall, ErrDigestMismatch, ErrInvalid.
func JoinParts(u Upload, listed []CompletedPart, stored func(number int) (Part, bool), o CompleteOptions) (int64, Digest, error) {
	parts, err := chooseParts(listed, stored)
	if err != nil {
		return 0, Digest{}, err
	}
	var size int64
	etags := make([]string, len(parts))
	for i, p := range parts {
		size += p.Size
		etags[i] = p.ETag
	}
	sum, err := joinChecksum(u, parts)
	if err != nil {
		return 0, Digest{}, err
	}
	switch want := o.Checksum; {
	case want.Type != "" && want.Type != sum.Type:
		return 0, Digest{}, ErrInvalid
	case want.Value != "" && want.Value != sum.Value && want.Value != sum.Bare(), // S3 takes it with and without "-N"
		o.Size != 0 && o.Size != size:
		return 0, Digest{}, ErrDigestMismatch
	}
	etag, err := checksum.MultipartETag(etags)
	if err != nil {
		return 0, Digest{}, err
	}
	return size, Digest{ETag: etag, Checksum: sum, Parts: parts}, nil
}

// chooseParts finds the listed parts. Their order counts before anything else about them.
func chooseParts(listed []CompletedPart, stored func(number int) (Part, bool)) ([]Part, error) {
	if len(listed) == 0 || len(listed) > MaxPartNumber {
		return nil, ErrInvalid
	}
	for i := range listed[1:] {
		if listed[i].Number >= listed[i+1].Number {
			return nil, ErrPartOrder
		}
	}
	parts := make([]Part, len(listed))
	for i, l := range listed {
		p, ok := stored(l.Number)
		switch {
		case !ok || l.ETag != p.ETag || l.Checksum.Value != "" && l.Checksum.Value != p.Checksum.Value:
			return nil, ErrInvalidPart
		case i < len(listed)-1 && p.Size < MinPartSize:
			return nil, ErrPartTooSmall
		}
		parts[i] = p
	}
	return parts, nil
}

func joinChecksum(u Upload, parts []Part) (checksum.Checksum, error) {
	if u.ChecksumAlgorithm == "" {
		return checksum.Checksum{}, nil
	}
	values := make([]checksum.Part, len(parts))
	for i, p := range parts {
		values[i] = checksum.Part{Value: p.Checksum.Value, Size: p.Size}
	}
	sum, err := checksum.Combine(u.ChecksumAlgorithm, cmp.Or(u.ChecksumType, u.ChecksumAlgorithm.DefaultType()), values)
	if err != nil {
		return checksum.Checksum{}, ErrInvalidPart
	}
	return sum, nil
}
