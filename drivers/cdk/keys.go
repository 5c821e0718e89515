package cdk

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// hiddenPrefix begins the names that drivers.Staging makes. Buckets of all kinds take them.
const hiddenPrefix = ".sluice/"

// takes tells whether the bucket keeps an object under this key, and lists it in its place.
func (s *store) takes(key string) bool {
	switch s.kind {
	case inMemory:
		return true
	case inFolder:
		return takenByFolder(key)
	}
	return takenByAny(key)
}

// escapeLike is what an escape of the Go CDK looks like.
const escapeLike = "__0x"

// takenByAny tells whether no driver of the Go CDK escapes the key, as what is escaped lies in another place of a listing, nor a store
// sorts it in another way than by its bytes.
func takenByAny(key string) bool {
	if strings.HasPrefix(key, hiddenPrefix) {
		return true
	}
	odd := strings.ContainsFunc(key, func(r rune) bool {
		return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0xfffe || strings.ContainsRune("\\\"#%?", r)
	})
	if odd || strings.Contains(key, escapeLike) {
		return false
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || strings.HasSuffix(segment, ".") {
			return false
		}
	}
	return true
}

const (
	sideExt    = ".attrs" // of the files that fileblob keeps attributes in
	maxSegment = 200      // of a file's name in bytes: fileblob adds to it, and most file systems end at 255
)

// isTemporary tells whether a file's name is one that fileblob gives it until it is whole: ".", the time in hexadecimal, and ".tmp" at
// the end.
func isTemporary(name string) bool {
	name, ok := strings.CutSuffix(name, ".tmp")
	i := strings.LastIndexByte(name, '.')
	if !ok || i < 0 || len(name)-i < 15 {
		return false
	}
	_, err := strconv.ParseInt(name[i+1:], 16, 64)
	return err == nil
}

// takenByFolder tells whether fileblob uses the key as a path, as it is.
func takenByFolder(key string) bool {
	internal := strings.HasPrefix(key, hiddenPrefix)
	odd := !utf8.ValidString(key) || key == strings.TrimSuffix(hiddenPrefix, "/") || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f })
	if odd || strings.Contains(key, escapeLike) && !internal {
		return false
	}
	for segment := range strings.SplitSeq(key, "/") {
		if segment == "" || segment == "." || strings.HasSuffix(segment, "..") ||
			strings.HasSuffix(segment, sideExt) || isTemporary(segment) || len(segment) > maxSegment && !internal {
			return false
		}
	}
	return true
}

// more ends a folder's name that is only the beginning of a name.
const more = "-"

// place is the key that the store knows an object by: a long name that drivers.Staging made, which has no "-", is cut into folders.
func (s *store) place(key string) string {
	if s.kind != inFolder || !strings.HasPrefix(key, hiddenPrefix) {
		return key
	}
	var b strings.Builder
	for i, segment := range strings.Split(key, "/") {
		if i > 0 {
			b.WriteByte('/')
		}
		for len(segment) > maxSegment {
			b.WriteString(segment[:maxSegment] + more + "/")
			segment = segment[maxSegment:]
		}
		b.WriteString(segment)
	}
	return b.String()
}

// folderKey is the beginning of the keys of what is in a folder called name, where those of its own folder begin with parent. It is
// the inverse of place.
func folderKey(parent, name string) string {
	if len(name) == maxSegment+len(more) && strings.HasPrefix(parent, hiddenPrefix) && strings.HasSuffix(name, more) {
		return parent + name[:maxSegment]
	}
	return parent + name + "/"
}

// path is where fileblob keeps the object of a key that the folder takes.
func (s *store) path(key string) string {
	return filepath.Join(s.folder, filepath.FromSlash(s.place(key)))
}
