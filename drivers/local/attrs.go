//go:build unix

package local

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// attrs is what the driver keeps with an object's file: in one extended attribute, or in a side file (attrstore.go).
type attrs struct {
	// The content that etag, sum and parts belong to. A file whose size or time differs was changed by another tool.
	size, mtime int64
	token       uint64 // random, so that two writes of the same bytes differ
	etag        string // "" for a file that another tool wrote
	sum         checksum.Checksum
	header      drivers.Header
	tags        []drivers.Tag
	tagCount    int
	parts       []drivers.Part // Number, Size and Checksum
	partsCount  int
}

// foreign makes attributes for a file that has none, or none that belong to what it holds now. Its ETag has the form of
// a multipart upload's, which nobody takes for an MD5; it stays the same until the file changes.
func (a *attrs) foreign(st stat) {
	var b [24]byte
	binary.LittleEndian.PutUint64(b[:], st.ino)
	binary.LittleEndian.PutUint64(b[8:], uint64(st.size))
	binary.LittleEndian.PutUint64(b[16:], uint64(st.mtime))
	sum := md5.Sum(b[:])
	a.size, a.mtime = st.size, st.mtime
	a.etag = hex.EncodeToString(sum[:]) + "-1"
	a.token = binary.LittleEndian.Uint64(sum[:])
	a.sum, a.parts, a.partsCount = checksum.Checksum{}, nil, 0
}

// belongs tells whether the content is still the one that the attributes describe.
func (a *attrs) belongs(st stat) bool {
	return a.etag != "" && a.size == st.size && a.mtime == st.mtime
}

// info describes the object. Header and Parts are for the caller to fill as asked.
func (a *attrs) info(key string) drivers.Info {
	return drivers.Info{
		Key: key, Size: a.size, ETag: a.etag, Token: strconv.FormatUint(a.token, 36),
		LastModified: time.Unix(0, a.mtime).UTC(), Checksum: a.sum, TagCount: a.tagCount, PartsCount: a.partsCount,
	}
}

// plainMD5 tells whether the ETag is the MD5 of the whole content, and not one of parts or a made-up one.
func (a *attrs) plainMD5() bool { return len(a.etag) == 2*md5.Size && !strings.Contains(a.etag, "-") }
