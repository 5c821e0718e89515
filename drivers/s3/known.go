package s3

import (
	"sync"
	"time"
)

const (
	// knownFor is how long a bucket that was seen is taken to be there.
	knownFor = time.Minute
	// maxKnown bounds the table.
	maxKnown = 10_000
)

// known remembers which buckets were seen a moment ago. A HEAD that is answered 404 has no body that would tell whether the key
// or the bucket is missing: it is the key in a bucket that was seen, and else a second request finds out.
type known struct {
	mu   sync.Mutex
	seen map[string]time.Time
}

func (k *known) add(bucket string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.seen == nil || len(k.seen) >= maxKnown {
		k.seen = map[string]time.Time{}
	}
	k.seen[bucket] = time.Now()
}

func (k *known) remove(bucket string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.seen, bucket)
}

func (k *known) has(bucket string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	at, ok := k.seen[bucket]
	return ok && time.Since(at) < knownFor
}
