//go:build unix

package local

import (
	"container/list"
	"sort"
	"strings"
	"sync"
	"time"
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

type rawEntry struct {
	name string
	kind entryKind
}

// readDirList reads a folder.
func readDirList(d dir, c codec) (*dirList, error) {
	var raw []rawEntry
	err := d.entries(func(b []byte, regular, folder bool) bool {
		if !regular && !folder {
			return true
		}
		name, kind := c.decode(string(b))
		switch {
		case kind == segmentName && regular:
			raw = append(raw, rawEntry{name, fileEntry})
		case kind == segmentName:
			raw = append(raw, rawEntry{name, insideEntry}, rawEntry{name + "/", folderEntry})
		case kind == continuationName && folder:
			raw = append(raw, rawEntry{name, longerEntry})
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return packDirList(raw), nil
}

func packDirList(raw []rawEntry) *dirList {
	sort.Slice(raw, func(i, j int) bool { return raw[i].name < raw[j].name })
	var b strings.Builder
	size := 0
	for _, e := range raw {
		size += len(e.name)
	}
	b.Grow(size)
	l := &dirList{ends: make([]uint32, len(raw)), kinds: make([]entryKind, len(raw))}
	for i, e := range raw {
		b.WriteString(e.name)
		l.ends[i], l.kinds[i] = uint32(b.Len()), e.kind
		if e.kind == longerEntry {
			l.more = append(l.more, int32(i))
		}
	}
	l.names = b.String()
	return l
}

// listCacheSize bounds the memory of the cached folders.
const listCacheSize = 64 << 20

// racyWindow is how coarse the times of a file system may be: a folder that changed so shortly before it was read may
// change again without a new time.
const racyWindow = 50 * time.Millisecond

// coarseWindow is that of file systems that count whole seconds, or two.
const coarseWindow = 2100 * time.Millisecond

// racy tells whether what has changed last at a time, and was then read, may have changed again without a new time.
func racy(changed int64, read time.Time) bool {
	window := racyWindow
	if changed%int64(time.Second) == 0 {
		window = coarseWindow
	}
	return read.UnixNano()-changed <= int64(window)
}

// listCache keeps folders that were read, as long as they do not change; the least recently used go first.
type listCache struct {
	limit int64

	mu      sync.Mutex
	used    int64
	recent  list.List // of *cachedList, most recent first
	folders map[inode]*list.Element
}

// inode names a file or folder on this machine.
type inode struct{ dev, ino uint64 }

type cachedList struct {
	inode
	mtime, ctime int64
	list         *dirList
}

// get returns the folder's entries, from the cache if nothing in it has changed since.
func (c *listCache) get(d dir, names codec) (*dirList, error) {
	st, err := d.self()
	if err != nil {
		return nil, err
	}
	if l := c.find(st); l != nil {
		return l, nil
	}
	began := time.Now()
	l, err := readDirList(d, names)
	if err == nil && !racy(max(st.mtime, st.ctime), began) {
		c.add(&cachedList{inode{st.dev, st.ino}, st.mtime, st.ctime, l})
	}
	return l, err
}

func (c *listCache) find(st stat) *dirList {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.folders[inode{st.dev, st.ino}]
	if e == nil {
		return nil
	}
	l := e.Value.(*cachedList)
	if l.mtime != st.mtime || l.ctime != st.ctime {
		c.remove(e)
		return nil
	}
	c.recent.MoveToFront(e)
	return l.list
}

func (c *listCache) add(l *cachedList) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.folders[l.inode]; e != nil {
		c.remove(e)
	}
	if l.list.bytes() > c.limit {
		return
	}
	if c.folders == nil {
		c.folders = make(map[inode]*list.Element)
	}
	c.folders[l.inode] = c.recent.PushFront(l)
	c.used += l.list.bytes()
	for c.used > c.limit {
		c.remove(c.recent.Back())
	}
}

func (c *listCache) remove(e *list.Element) {
	l := c.recent.Remove(e).(*cachedList)
	delete(c.folders, l.inode)
	c.used -= l.list.bytes()
}
