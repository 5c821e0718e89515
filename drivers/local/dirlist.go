//go:build unix

package local

import (
	"sort"
	"strings"
)

// entryKind is what an entry of a folder can be to a listing.
type entryKind byte

const (
	fileEntry   entryKind = 'f'
	folderEntry entryKind = 'd' // its name ends in "/"
	insideEntry entryKind = 's' // perhaps an object in the folder of its name
	longerEntry entryKind = 'c' // a continuation folder: its name is a piece
)

// dirList holds a folder's entries, decoded, in the order of the keys' bytes. A folder comes twice: as "a", for the
// object that it may hold for itself, and as "a/". Names are one string, so that a million of them are two allocations.
type dirList struct {
	names string
	ends  []uint32
	kinds []entryKind
	more  []int32 // the continuation folders

	moving []int // the locks of objects that are on the move

	// Of a folder that is too large a list has a window: what is, or may hold something, from low up to last.
	low  string
	last string // "" is the end of the folder
}

// covers tells whether the list has what is at, or next after, rel.
func (l *dirList) covers(rel string) bool { return l.low <= rel && (l.last == "" || rel <= l.last) }

// after returns what the window after the last entry of one begins with.
func after(last string) string {
	if folder, ok := strings.CutSuffix(last, "/"); ok {
		return folder + "0" // the byte after "/"
	}
	return last + "\x00"
}

func (l *dirList) len() int { return len(l.ends) }

func (l *dirList) name(i int) string {
	start := uint32(0)
	if i > 0 {
		start = l.ends[i-1]
	}
	return l.names[start:l.ends[i]]
}

// from returns the first entry that is, or may hold, something at or after rel.
func (l *dirList) from(rel string) int {
	i := sort.Search(l.len(), func(i int) bool { return l.name(i) >= rel })
	if i > 0 && l.kinds[i-1] == folderEntry && strings.HasPrefix(rel, l.name(i-1)) {
		i--
	}
	return i
}

func (l *dirList) bytes() int64 { return int64(len(l.names)+5*len(l.ends)) + 256 }
