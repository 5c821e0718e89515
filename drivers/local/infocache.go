//go:build unix

package local

import (
	"sync"
	"time"
)

// infoCacheSize is how many objects' attributes each of the two generations holds: some 200 bytes each.
const infoCacheSize = 64 << 10

// infoCache keeps what listings show of objects, as long as their files do not change. It has two generations: when the
// young one is full it becomes the old one, whose entries are forgotten unless they are asked for.
type infoCache struct {
	mu         sync.Mutex
	young, old map[inode]cachedInfo
}

type cachedInfo struct {
	ctime int64
	attrs *attrs
}

func (c *infoCache) get(st stat) *attrs {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := inode{st.dev, st.ino}
	e, ok := c.young[id]
	if !ok {
		if e, ok = c.old[id]; ok {
			c.put(id, e)
		}
	}
	if !ok || e.ctime != st.ctime {
		return nil
	}
	return e.attrs
}

// add keeps attributes that were read after st was. A file that has changed just now may change again without a new
// time; it is read again the next time.
func (c *infoCache) add(st stat, began time.Time, a *attrs) {
	if racy(st.ctime, began) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(inode{st.dev, st.ino}, cachedInfo{st.ctime, a})
}

func (c *infoCache) put(id inode, e cachedInfo) {
	if c.young == nil || len(c.young) >= infoCacheSize {
		c.old, c.young = c.young, make(map[inode]cachedInfo)
	}
	c.young[id] = e
}
