package gateway_test

import (
	"context"
	"sync"

	"sluice/drivers"
)

// hook is told of every call that does I/O, before it is made. Its error takes the place of the call.
type hook func(op, bucket, key string) error

// spy wraps a driver so that h sees each call. A copy is a Get of its source and a Put.
func spy(d drivers.Driver, h hook) drivers.Driver {
	names := map[string]string{"CopySource": "Get", "Copy": "Put", "CopyPart": "PutPart"}
	return drivers.Intercept(d, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		op := c.Op
		if other, ok := names[op]; ok {
			op = other
		}
		if err := h(op, c.Bucket, c.Key); err != nil {
			return err
		}
		return next(ctx)
	})
}

// calls collects what reached a driver, by bucket.
type calls struct {
	mu   sync.Mutex
	seen map[string][]string
}

// hook records "op key" under the bucket.
func (c *calls) hook(op, bucket, key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen == nil {
		c.seen = map[string][]string{}
	}
	c.seen[bucket] = append(c.seen[bucket], op+" "+key)
	return nil
}

// take returns what reached a bucket since the last take.
func (c *calls) take(bucket string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.seen[bucket]
	delete(c.seen, bucket)
	return got
}

// takeAll returns what reached each bucket since the last take.
func (c *calls) takeAll() map[string][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	got := c.seen
	c.seen = nil
	return got
}
