// Package observe measures a driver's calls: how many, how long, how they came out, and the bytes that went in and out. It
// is put around each node of a config by itself:
//
//	metrics, err := observe.NewMetrics(registry) // one for the process
//	disk = observe.New(disk, "disk", metrics)
//
// The metrics, whose labels take few values, all known beforehand but for the nodes' names:
//
//	sluice_driver_call_seconds{node, op, outcome}   histogram; of a Get, until its body is open
//	sluice_driver_bytes_total{node, op}             counter; of a body that broke off, what had passed
//	sluice_driver_open_bodies{node}                 gauge; bodies of Gets that are not yet closed
//	sluice_driver_breaker_open{node}                gauge; 1 while a store that failed is left alone, else 0; of stores across
//	                                                a network, and of nodes around one
package observe

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"sluice/drivers"
)

// Metrics is where measurements go. It is safe for concurrent use.
type Metrics struct {
	seconds *prometheus.HistogramVec
	bytes   *prometheus.CounterVec
	bodies  *prometheus.GaugeVec
	breaker *prometheus.GaugeVec
}

// NewMetrics makes the metrics and registers them; the error is the registry's.
func NewMetrics(r prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "sluice_driver_call_seconds", Help: "Duration of a driver's calls.",
			Buckets: []float64{.0001, .0005, .001, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}, []string{"node", "op", "outcome"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sluice_driver_bytes_total", Help: "Bytes of bodies that a driver has taken in (Put, PutPart) or given out (Get).",
		}, []string{"node", "op"}),
		bodies: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sluice_driver_open_bodies", Help: "Bodies that a driver has given out and that are not yet closed.",
		}, []string{"node"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sluice_driver_breaker_open", Help: "1 while a store that failed is left alone, else 0.",
		}, []string{"node"}),
	}
	return m, errors.Join(r.Register(m.seconds), r.Register(m.bytes), r.Register(m.bodies), r.Register(m.breaker))
}

// New returns a driver that does what child does and measures it under the node's name. Closing it does not close child.
func New(child drivers.Driver, node string, m *Metrics) drivers.Driver {
	o := &observer{
		node: node, metrics: m, in: m.bytes.WithLabelValues(node, "Put"), parts: m.bytes.WithLabelValues(node, "PutPart"),
		out: m.bytes.WithLabelValues(node, "Get"), bodies: m.bodies.WithLabelValues(node),
	}
	drivers.OnBreaker(child, func(open bool) {
		value := 0.0
		if open {
			value = 1
		}
		m.breaker.WithLabelValues(node).Set(value)
	})
	return drivers.Intercept(child, o.around)
}

type observer struct {
	node           string
	metrics        *Metrics
	in, parts, out prometheus.Counter
	bodies         prometheus.Gauge
}

func (o *observer) around(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
	began := time.Now()
	err := next(ctx)
	o.metrics.seconds.WithLabelValues(o.node, c.Op, Outcome(err)).Observe(time.Since(began).Seconds())
	if err != nil {
		return err
	}
	switch c.Op {
	case "Put":
		o.in.Add(float64(max(c.Size, 0)))
	case "PutPart":
		o.parts.Add(float64(max(c.Size, 0)))
	case "Get":
		o.bodies.Inc()
		c.Object.Body = &counted{ReadCloser: c.Object.Body, observer: o}
	}
	return nil
}

// counted counts the bytes of a body when it is closed.
type counted struct {
	io.ReadCloser
	observer *observer
	n        int64
	once     sync.Once
}

func (b *counted) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	return n, err
}

// WriteTo keeps what the body does by itself, as sendfile.
func (b *counted) WriteTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, b.ReadCloser)
	b.n += n
	return n, err
}

func (b *counted) Close() error {
	b.once.Do(func() {
		b.observer.out.Add(float64(b.n))
		b.observer.bodies.Dec()
	})
	return b.ReadCloser.Close()
}
