package admin

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sluice/gateway"
)

func get(h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w
}

func TestReadinessIsThatOfTheStores(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	for _, err := range []error{nil, errors.New("secret-canary: connection refused")} {
		asked.Store(0)
		h := New(Options{Metrics: prometheus.NewRegistry(), Ready: func(ctx context.Context) error {
			asked.Add(1)
			if _, ok := ctx.Deadline(); !ok {
				t.Error("the check has no deadline")
			}
			return err
		}})
		want := http.StatusOK
		if err != nil {
			want = http.StatusServiceUnavailable
		}
		for range 5 {
			w := get(h, "/readyz")
			if w.Code != want || strings.Contains(w.Body.String(), "canary") {
				t.Errorf("with %v: %d %q, want %d", err, w.Code, w.Body, want)
			}
		}
		if asked.Load() != 1 {
			t.Errorf("the stores were asked %d times at once", asked.Load())
		}
		if w := get(h, "/healthz"); w.Code != http.StatusOK {
			t.Errorf("/healthz with %v: %d", err, w.Code)
		}
	}
}

// TestProfilesNeedTheOption is row 33: profiles only where they are switched on, never beside the S3 endpoint.
func TestProfilesNeedTheOption33(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		h := New(Options{Metrics: prometheus.NewRegistry(), Ready: func(context.Context) error { return nil }, Pprof: on})
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline"} {
			want := http.StatusNotFound
			if on && path != "/debug/pprof/cmdline" { // a command line may hold secrets
				want = http.StatusOK
			}
			if w := get(h, path); w.Code != want {
				t.Errorf("pprof %v: %s answers %d, want %d", on, path, w.Code, want)
			}
		}
	}
}

func TestRequestsAreMeasured(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	m, err := NewRequests(r)
	if err != nil {
		t.Fatal(err)
	}
	m.Observe(gateway.Event{Operation: "GetObject", Status: 200, BytesOut: 70, Duration: time.Second, Bucket: "photos", Key: "canary"})
	m.Observe(gateway.Event{Operation: "PutObject", Status: 403, ErrorCode: "AccessDenied", BytesIn: 5})
	body := get(New(Options{Metrics: r, Ready: func(context.Context) error { return nil }}), "/metrics").Body.String()
	for _, want := range []string{
		`sluice_requests_total{code="",operation="GetObject",status="200"} 1`,
		`sluice_requests_total{code="AccessDenied",operation="PutObject",status="403"} 1`,
		`sluice_request_bytes_total{direction="out"} 70`, `sluice_request_seconds_sum{operation="GetObject"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
	if strings.Contains(body, "photos") || strings.Contains(body, "canary") {
		t.Error("/metrics names a bucket or a key")
	}
	if _, err := NewRequests(r); err == nil {
		t.Error("the same metrics are registered twice")
	}
}
