package gcs

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
)

const (
	finishTries = 4
	firstPause  = time.Second     // it doubles
	longestWait = 8 * time.Second // when the store asks for more, the call fails
)

// patiently repeats the request that ends a call whose body has been sent already, and that nobody could repeat: the store may
// refuse a write that comes within a second of another one of the same object (https://cloud.google.com/storage/quotas#objects).
// Other failures may have done what they failed at, and come back at once.
func (d *Driver) patiently(ctx context.Context, do func() (*storage.Object, error)) (*storage.Object, error) {
	for try, pause := 1, d.pause; ; try, pause = try+1, 2*pause {
		o, err := do()
		if try == finishTries || !hasStatus(err, http.StatusTooManyRequests) {
			return o, err
		}
		if pause = max(pause, drivers.After(classify(ctx, err))); pause > longestWait {
			return nil, err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
	}
}
