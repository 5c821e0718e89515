package drivers

import (
	"cmp"

	"sluice/drivers/checksum"
)

// JoinParts checks a request to complete an upload against the parts that are stored, as S3 does, and gives the joined
// object's size and Digest (whose Parts are the chosen ones, in order). stored returns a part by its number.
// Errors: ErrInvalidPart, ErrPartOrder, ErrPartTooSmall, ErrDigestMismatch, ErrInvalid.
func JoinParts(u Upload, listed []CompletedPart, stored func(number int) (Part, bool), o CompleteOptions) (int64, Digest, error) {
	if len(listed) == 0 || len(listed) > MaxPartNumber {
		return 0, Digest{}, ErrInvalid
	}
	for i := range listed[1:] {
		if listed[i].Number >= listed[i+1].Number {
			return 0, Digest{}, ErrPartOrder
		}
	}
	parts := make([]Part, 0, len(listed))
	var size int64
	for i, l := range listed {
		p, ok := stored(l.Number)
		if !ok || l.ETag != p.ETag || l.Checksum.Value != "" && l.Checksum.Value != p.Checksum.Value {
			return 0, Digest{}, ErrInvalidPart
		}
		if i < len(listed)-1 && p.Size < MinPartSize {
			return 0, Digest{}, ErrPartTooSmall
		}
		size += p.Size
		parts = append(parts, p)
	}
	if o.Size != 0 && o.Size != size {
		return 0, Digest{}, ErrDigestMismatch
	}
	sum, err := joinChecksum(u, parts)
	if err != nil {
		return 0, Digest{}, err
	}
	if o.Checksum.Type != "" && o.Checksum.Type != sum.Type {
		return 0, Digest{}, ErrInvalid
	}
	if o.Checksum.Value != "" && o.Checksum.Value != sum.Value {
		return 0, Digest{}, ErrDigestMismatch
	}
	etags := make([]string, len(parts))
	for i, p := range parts {
		etags[i] = p.ETag
	}
	etag, err := checksum.MultipartETag(etags)
	if err != nil {
		return 0, Digest{}, err
	}
	return size, Digest{ETag: etag, Checksum: sum, Parts: parts}, nil
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
