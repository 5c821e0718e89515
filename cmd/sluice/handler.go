package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"

	"sluice/config"
	"sluice/gateway"
	"sluice/gateway/admin"
	"sluice/gateway/slowclient"
)

// handler is what an S3 request passes, from the outside in: traces, limits for slow clients, the count of requests that a
// shutdown waits for, the gateway.
func (p *process) handler() http.Handler {
	l := p.file.Limits
	limited := slowclient.Handler(p.requests.handler(p.gateway), slowclient.Limits{Stall: l.Stall, MinRate: int64(l.MinRate), Handler: l.Handler})
	return p.tracing.handler(limited)
}

// observer measures each request and, where asked for, logs it: never a secret, a signature or a query.
func observer(m *admin.Requests, log *slog.Logger, access bool) func(context.Context, gateway.Event) {
	return func(ctx context.Context, e gateway.Event) {
		m.Observe(e)
		if !access {
			return
		}
		log.LogAttrs(ctx, slog.LevelInfo, "request",
			slog.String("id", e.RequestID), slog.String("remote", e.RemoteAddr), slog.String("identity", e.Identity),
			slog.String("operation", e.Operation), slog.String("bucket", e.Bucket), slog.String("key", e.Key),
			slog.Int("status", e.Status), slog.String("code", e.ErrorCode), slog.Int64("in", e.BytesIn),
			slog.Int64("out", e.BytesOut), slog.Duration("duration", e.Duration))
	}
}

// newLogger makes the logger that the config asks for.
func newLogger(w io.Writer, c config.Log) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: level}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o)), nil
	}
	return slog.New(slog.NewTextHandler(w, o)), nil
}
