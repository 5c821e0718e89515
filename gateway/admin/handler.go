package admin

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	checkLimit = 3 * time.Second // for the stores to answer
	checkKept  = time.Second     // so long one answer serves all who ask
)

// Options are what the handler serves.
type Options struct {
	Metrics prometheus.Gatherer
	Ready   func(ctx context.Context) error // checks the stores
	Pprof   bool
	Log     *slog.Logger // for what Ready returns; nil discards it
}

// New returns the handler.
func New(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	ready := &readiness{check: o.Ready, log: o.Log}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(o.Metrics, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := ready.ask(r.Context()); err != nil {
			say(w, http.StatusServiceUnavailable, "not ready")
			return
		}
		say(w, http.StatusOK, "ok")
	})
	if o.Pprof {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return mux
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// readiness asks the stores at most once in checkKept, however many ask it.
type readiness struct {
	check func(context.Context) error
	log   *slog.Logger

	mu    sync.Mutex
	asked time.Time
	err   error
}

func (r *readiness) ask(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && time.Since(r.asked) < checkKept {
		return r.err
	}
	// Not ended with the request: its answer is for others too.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), checkLimit)
	defer cancel()
	err := r.check(ctx)
	if (err == nil) != (r.err == nil) || r.asked.IsZero() && err != nil {
		if err != nil {
			r.log.Warn("not ready", "error", err)
		} else {
			r.log.Info("ready again")
		}
	}
	r.asked, r.err = time.Now(), err
	return err
}
