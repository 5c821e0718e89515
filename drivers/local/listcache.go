//go:build unix

package local

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// listCacheSize bounds the memory of the cached folders.
const listCacheSize = 64 << 20

// smallFolder is how many entries a folder may have so that any number of requests may read it at the same time. Larger
// ones are read one at a time.
const smallFolder = 100_000

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
	large chan struct{} // holds a token while a large folder is read

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

// get returns the folder's entries at and after rel, from the cache if nothing in it has changed since. Large folders are
// read one at a time, because of the memory that takes.
func (c *listCache) get(ctx context.Context, d dir, names codec, rel string) (*dirList, error) {
	l, err := c.read(d, names, reading{rel: rel, limit: c.limit, most: smallFolder})
	if l != nil || err != nil {
		return l, err
	}
	select {
	case c.large <- struct{}{}:
		defer func() { <-c.large }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return c.read(d, names, reading{rel: rel, limit: c.limit})
}

// read is get that gives up as readDirList does.
func (c *listCache) read(d dir, names codec, r reading) (*dirList, error) {
	st, err := d.self()
	if err != nil {
		return nil, err
	}
	if l := c.find(st, r.rel); l != nil {
		return l, nil
	}
	began := time.Now()
	l, err := readDirList(d, names, r)
	if l != nil && !racy(max(st.mtime, st.ctime), began) {
		c.add(&cachedList{inode{st.dev, st.ino}, st.mtime, st.ctime, l})
	}
	return l, err
}

func (c *listCache) find(st stat, rel string) *dirList {
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
	if !l.list.covers(rel) {
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
