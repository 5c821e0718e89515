// Package load puts a closed-loop load on one S3 endpoint: each of a fixed
// number of clients sends its next request when the last one was answered.
// Requests are signed with SigV4 over the payload's real SHA-256, so that the
// server has to verify both.
//
//	load.Run(ctx, load.Target{Endpoint: "http://127.0.0.1:9000", ...},
//		load.Case{Name: "put-4k", Op: load.Put, Size: 4 << 10, Clients: 16}, 5*time.Second)
package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Op is what the clients do.
type Op string

// The operations. Mixed is 55 % Get, 30 % Head and 15 % Put; List lists 1,000
// keys a request.
const (
	Put   Op = "put"
	Get   Op = "get"
	Head  Op = "head"
	List  Op = "list"
	Mixed Op = "mixed"
)

// Case is one load.
type Case struct {
	Name    string
	Op      Op
	Size    int64 // of an object, in bytes
	Clients int   // requests under way at a time
	Objects int   // written beforehand, for the operations that read; 0 means 256
	Once    bool  // each client sends one request, however long that takes
}

// Result is what a load measured at the clients.
type Result struct {
	Requests  int
	Errors    int
	First     error // the first error, where there was one
	Elapsed   time.Duration
	Latencies []time.Duration // of the requests that succeeded, sorted
}

// Rate is the number of successful requests a second.
func (r Result) Rate() float64 { return float64(r.Requests) / r.Elapsed.Seconds() }

// Percentile is the latency that the share p of the requests kept to; 0 when
// none succeeded.
func (r Result) Percentile(p float64) time.Duration {
	if len(r.Latencies) == 0 {
		return 0
	}
	return r.Latencies[min(len(r.Latencies)-1, int(p*float64(len(r.Latencies))))]
}

// Prepare makes the bucket that is named for the case, and the objects that the
// case reads.
func Prepare(ctx context.Context, t Target, c Case) error {
	s := newSender(t, c)
	if err := s.makeBucket(ctx); err != nil {
		return err
	}
	if c.Op == Put {
		return nil
	}
	work := make(chan int)
	errs := make(chan error, 1)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range work {
				if err := s.put(ctx, objectKey(i)); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for i := range c.objects() {
		work <- i
	}
	close(work)
	wg.Wait()
	select {
	case err := <-errs:
		return fmt.Errorf("preparing %s: %w", c.Name, err)
	default:
		return nil
	}
}

// Run loads the server for the duration d; a request that is under way then is
// waited for. Prepare must have been called.
func Run(ctx context.Context, t Target, c Case, d time.Duration) Result {
	s := newSender(t, c)
	results := make([]Result, c.Clients)
	start := time.Now()
	var wg sync.WaitGroup
	for i := range results {
		wg.Go(func() { results[i] = client(ctx, s, c, i, start.Add(d)) })
	}
	wg.Wait()
	all := Result{Elapsed: time.Since(start)}
	for _, r := range results {
		all.Requests += r.Requests
		all.Errors += r.Errors
		all.Latencies = append(all.Latencies, r.Latencies...)
		if all.First == nil {
			all.First = r.First
		}
	}
	slices.Sort(all.Latencies)
	return all
}

// client sends requests one after the other until the time is up.
func client(ctx context.Context, s *sender, c Case, number int, until time.Time) (r Result) {
	rng := rand.New(rand.NewPCG(uint64(number), 7))
	for n := 0; time.Now().Before(until) && ctx.Err() == nil; n++ {
		if c.Once && n > 0 {
			break
		}
		start := time.Now()
		if err := one(ctx, s, c, rng, fmt.Sprintf("w%d/%d", number, n)); err != nil {
			r.Errors++
			if r.First == nil {
				r.First = err
			}
			time.Sleep(5 * time.Millisecond) // a server that refuses at once must not be hammered
			continue
		}
		r.Requests++
		r.Latencies = append(r.Latencies, time.Since(start))
	}
	return r
}

// one sends one request; fresh is a key that no other request writes.
func one(ctx context.Context, s *sender, c Case, rng *rand.Rand, fresh string) error {
	op := c.Op
	if op == Mixed {
		switch p := rng.IntN(100); {
		case p < 55:
			op = Get
		case p < 85:
			op = Head
		default:
			op = Put
		}
	}
	switch op {
	case Put:
		return s.put(ctx, fresh)
	case Get:
		return s.get(ctx, objectKey(rng.IntN(c.objects())))
	case Head:
		return s.head(ctx, objectKey(rng.IntN(c.objects())))
	case List:
		return s.list(ctx)
	default:
		return fmt.Errorf("load: no operation %q", op)
	}
}

func (c Case) objects() int {
	if c.Objects == 0 {
		return 256
	}
	return c.Objects
}

// objectKey names a prepared object; they lie in 16 folders.
func objectKey(i int) string { return fmt.Sprintf("o/%d/%d", i%16, i) }
