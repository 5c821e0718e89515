package load

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// A server that answers each third request wrongly: those are counted as errors,
// the others as requests.
func TestRunCountsWhatSucceededAndWhatFailed(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=ak/") {
			t.Errorf("not signed: %v", r.Header)
		}
		if served.Add(1)%3 == 0 {
			http.Error(w, "no", http.StatusServiceUnavailable)
		}
	}))
	defer s.Close()
	target := Target{Endpoint: s.URL, AccessKey: "ak", SecretKey: "sk"}
	got := Run(t.Context(), target, Case{Name: "x", Op: Put, Size: 10, Clients: 9, Once: true}, time.Minute)
	if got.Requests != 6 || got.Errors != 3 || got.First == nil || len(got.Latencies) != 6 {
		t.Errorf("got %+v", got)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	r := Result{}
	if r.Percentile(0.5) != 0 {
		t.Error("of nothing: not 0")
	}
	for i := range 100 {
		r.Latencies = append(r.Latencies, time.Duration(i))
	}
	for p, want := range map[float64]time.Duration{0: 0, 0.5: 50, 0.99: 99, 1: 99} {
		if got := r.Percentile(p); got != want {
			t.Errorf("%v: %d, want %d", p, got, want)
		}
	}
}
