package admin

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"sluice/gateway"
)

// Requests measures S3 requests. Its labels take few values, all known beforehand: neither buckets nor keys, which are the
// clients' choice.
//
//	sluice_requests_total{operation, status, code}  counter; code is S3's error code, "" on success
//	sluice_request_seconds{operation}               histogram, until the last byte of the response
//	sluice_request_bytes_total{direction}           counter of body bytes, "in" and "out"
type Requests struct {
	total   *prometheus.CounterVec
	seconds *prometheus.HistogramVec
	in, out prometheus.Counter
}

// NewRequests makes the metrics and registers them; the error is the registry's.
func NewRequests(r prometheus.Registerer) (*Requests, error) {
	m := &Requests{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sluice_requests_total", Help: "S3 requests that have ended.",
		}, []string{"operation", "status", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sluice_request_seconds", Help: "Duration of S3 requests, until the last byte of the response.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300},
		}, []string{"operation"}),
	}
	bytes := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sluice_request_bytes_total", Help: "Bytes of S3 requests' and responses' bodies.",
	}, []string{"direction"})
	m.in, m.out = bytes.WithLabelValues("in"), bytes.WithLabelValues("out")
	return m, errors.Join(r.Register(m.total), r.Register(m.seconds), r.Register(bytes))
}

// Observe measures one request.
func (m *Requests) Observe(e gateway.Event) {
	m.total.WithLabelValues(e.Operation, strconv.Itoa(e.Status), e.ErrorCode).Inc()
	m.seconds.WithLabelValues(e.Operation).Observe(e.Duration.Seconds())
	m.in.Add(float64(e.BytesIn))
	m.out.Add(float64(e.BytesOut))
}
