package drivers

import (
	"sync"
	"time"
)

const (
	// uploadTrust is how long a part may be taken for an upload without asking the store whether it still goes on. An upload
	// that another gateway has ended takes parts for so long; they are swept.
	uploadTrust = 5 * time.Second
	maxKnown    = 1024 // uploads in the cache
)

// uploadCache remembers uploads that go on, so that a part costs one request and not three.
type uploadCache struct {
	mu    sync.Mutex
	known map[uploadName]knownUpload
}

type uploadName struct{ bucket, id string }

type knownUpload struct {
	stagedUpload
	until time.Time
}

func newUploadCache() *uploadCache { return &uploadCache{known: make(map[uploadName]knownUpload)} }

func (c *uploadCache) get(n uploadName) (stagedUpload, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	k, ok := c.known[n]
	return k.stagedUpload, ok && time.Now().Before(k.until)
}

func (c *uploadCache) put(n uploadName, u stagedUpload) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= maxKnown {
		for other := range c.known { // any one: they live for seconds
			delete(c.known, other)
			break
		}
	}
	c.known[n] = knownUpload{u, time.Now().Add(uploadTrust)}
}

func (c *uploadCache) forget(n uploadName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.known, n)
}
