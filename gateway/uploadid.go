package gateway

import (
	"slices"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// The upload ID that clients see is the driver's and, behind it, the checksum that the upload was created with. So a part
// can be hashed rightly without asking the store first: one S3 request stays one request to the store.
const idAlphabet = "0123456789abcdef"

// uploadID returns the ID that the client sees: the driver's, "_", algorithm, type, whether somebody asked for them.
func uploadID(u drivers.Upload) string {
	code := []byte{'_', '-', 'f', 'e'}
	if i := slices.Index(checksum.Algorithms(), u.ChecksumAlgorithm); i >= 0 {
		code[1] = idAlphabet[i]
	}
	if u.ChecksumType == checksum.Composite {
		code[2] = 'c'
	}
	if u.ChecksumImplicit {
		code[3] = 'i'
	}
	return u.ID + string(code)
}

// upload reads the upload that the request names: its Key, ID and checksum fields.
func (q *request) upload() (drivers.Upload, error) {
	id := q.query.Get("uploadId")
	i := strings.LastIndexByte(id, '_')
	if i < 1 || len(id)-i != 4 || len(id) > 256 {
		return drivers.Upload{}, drivers.ErrNoUpload
	}
	u := drivers.Upload{Key: q.key, ID: id[:i], ChecksumType: checksum.FullObject, ChecksumImplicit: id[i+3] == 'i'}
	if id[i+2] == 'c' {
		u.ChecksumType = checksum.Composite
	}
	if n := strings.IndexByte(idAlphabet, id[i+1]); n >= 0 && n < len(checksum.Algorithms()) {
		u.ChecksumAlgorithm = checksum.Algorithms()[n]
	}
	return u, nil
}
