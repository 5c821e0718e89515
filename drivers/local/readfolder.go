//go:build unix

package local

import (
	"slices"
	"strconv"
	"strings"
)

// reading collects the entries of a folder. Of a folder that is larger than limit it keeps a window: the entries from rel
// on, as many as fit into a quarter of the limit. So what a page costs in memory does not grow with the folder.
type reading struct {
	rel   string
	limit int64 // bytes, as dirList counts them
	most  int   // entries after which to give up; 0 is never

	raw    []rawEntry
	bytes  int64
	window bool
	last   string // of the window, once entries after it were dropped
	moving []int
}

type rawEntry struct {
	name string
	kind entryKind
}

// readDirList reads a folder from rel on, or gives up with nil after most entries.
func readDirList(d dir, c codec, r reading) (*dirList, error) {
	err := d.entries(func(b []byte, regular, folder bool) bool {
		if !regular && !folder {
			return true
		}
		name, kind := c.decode(string(b))
		switch {
		case kind == segmentName && regular:
			r.add(name, fileEntry)
		case kind == segmentName:
			r.add(name, insideEntry)
			r.add(name+"/", folderEntry)
		case kind == continuationName && folder:
			r.add(name, longerEntry)
		case kind == movingObject && folder:
			if n, err := strconv.ParseUint(name, 16, 8); err == nil && n < lockStripes {
				r.moving = append(r.moving, int(n))
			}
		}
		return !r.tooLarge()
	})
	if err != nil || r.tooLarge() {
		return nil, err
	}
	if r.window {
		r.shrink()
	}
	return r.pack(), nil
}

func (r *reading) tooLarge() bool { return r.most > 0 && len(r.raw) > r.most }

func (r *reading) add(name string, kind entryKind) {
	e := rawEntry{name, kind}
	if r.window && (!r.wants(e) || r.last != "" && name > r.last) {
		return
	}
	r.raw = append(r.raw, e)
	if r.bytes += e.bytes(); r.bytes > r.limit {
		r.shrink()
	}
}

func (e rawEntry) bytes() int64 { return int64(len(e.name)) + 5 }

// wants tells whether an entry is, or may hold, something at or after rel.
func (r *reading) wants(e rawEntry) bool {
	return e.name >= r.rel || (e.kind == folderEntry || e.kind == longerEntry) && strings.HasPrefix(r.rel, e.name)
}

// shrink makes a window of what there is.
func (r *reading) shrink() {
	r.window = true
	r.raw = slices.DeleteFunc(r.raw, func(e rawEntry) bool { return !r.wants(e) })
	r.sort()
	r.bytes = 0
	for i, e := range r.raw {
		if r.bytes > r.limit/4 && e.name != r.raw[i-1].name {
			r.last = r.raw[i-1].name
			clear(r.raw[i:])
			r.raw = r.raw[:i]
			return
		}
		if e.name >= r.rel { // so that a window goes on from rel by one entry at least
			r.bytes += e.bytes()
		}
	}
}

func (r *reading) sort() {
	slices.SortFunc(r.raw, func(a, b rawEntry) int { return strings.Compare(a.name, b.name) })
}

// pack makes the list of what there is.
func (r *reading) pack() *dirList {
	r.sort()
	var b strings.Builder
	size := 0
	for _, e := range r.raw {
		size += len(e.name)
	}
	b.Grow(size)
	l := &dirList{ends: make([]uint32, len(r.raw)), kinds: make([]entryKind, len(r.raw)), moving: r.moving, last: r.last}
	if r.window {
		l.low = r.rel
	}
	for i, e := range r.raw {
		b.WriteString(e.name)
		l.ends[i], l.kinds[i] = uint32(b.Len()), e.kind
		if e.kind == longerEntry {
			l.more = append(l.more, int32(i))
		}
	}
	l.names = b.String()
	return l
}
