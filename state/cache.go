package state

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// maxCached bounds the cache: names in requests are a stranger's choice, and buckets that are not there are cached too.
const maxCached = 10_000

// record is all that is kept of one bucket. It is shared and never changed.
type record struct {
	recorded bool // false: only settings, or nothing
	bucket   Bucket
	settings map[string][]byte
}

// cache holds records in memory. They are right because every write of this process forgets its bucket, and because
// version, asked at most every Staleness, tells of writes by others.
type cache struct {
	load    func(ctx context.Context, name string) (*record, error)
	version func(ctx context.Context) (int64, error) // nil: nobody else writes
	begin   time.Time
	checked atomic.Int64 // when version was last asked, as nanoseconds since begin

	mu       sync.RWMutex
	records  map[string]*record
	forgets  uint64 // counts what was forgotten: a load that began before must not be kept
	checking sync.Mutex
	seen     int64 // version's last answer; under checking
}

func newCache(load func(context.Context, string) (*record, error), version func(context.Context) (int64, error)) *cache {
	c := &cache{load: load, version: version, begin: time.Now(), records: make(map[string]*record)}
	c.checked.Store(-int64(Staleness)) // due
	return c
}

// get returns a bucket's record, from memory where it is there and fresh.
func (c *cache) get(ctx context.Context, name string) (*record, error) {
	if c.version != nil && c.due() {
		if err := c.refresh(ctx); err != nil {
			return nil, err
		}
	}
	c.mu.RLock()
	r, ok := c.records[name]
	forgets := c.forgets
	c.mu.RUnlock()
	if ok {
		return r, nil
	}
	r, err := c.load(ctx, name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.forgets == forgets {
		if len(c.records) >= maxCached {
			clear(c.records)
		}
		c.records[name] = r
	}
	return r, nil
}

func (c *cache) forget(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgets++
	delete(c.records, name)
}

func (c *cache) due() bool {
	return time.Since(c.begin)-time.Duration(c.checked.Load()) >= Staleness
}

// refresh asks for the version and empties the cache when it changed. Whoever comes meanwhile waits, so that nobody is
// answered from what may be older than Staleness.
func (c *cache) refresh(ctx context.Context) error {
	c.checking.Lock()
	defer c.checking.Unlock()
	if !c.due() {
		return nil
	}
	asked := time.Since(c.begin)
	v, err := c.version(context.WithoutCancel(ctx)) // a query that is broken off loses its connection, and with it the count
	if err != nil {
		return err
	}
	if v != c.seen {
		c.mu.Lock()
		c.forgets++
		clear(c.records)
		c.mu.Unlock()
		c.seen = v
	}
	c.checked.Store(int64(asked))
	return nil
}
