package main

import (
	"net/http"
	"sync"
)

// inflight counts requests, so that what they use is closed after them and not before.
type inflight struct {
	mu     sync.Mutex
	n      int
	ended  bool          // no more may begin
	nobody chan struct{} // closed when ended and n is 0
}

func newInflight() *inflight { return &inflight{nobody: make(chan struct{})} }

// handler counts the requests of next. One that comes after the end, over a connection that was not yet closed, gets a 503.
func (f *inflight) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		if f.ended {
			f.mu.Unlock()
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		f.n++
		f.mu.Unlock()
		defer func() {
			f.mu.Lock()
			defer f.mu.Unlock()
			if f.n--; f.n == 0 && f.ended {
				close(f.nobody)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// end lets no more requests begin. The channel is closed when the last one has ended. It is called once.
func (f *inflight) end() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended = true; f.n == 0 {
		close(f.nobody)
	}
	return f.nobody
}
