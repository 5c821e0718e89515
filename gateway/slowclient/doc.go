// Package slowclient drops clients that hold a request open and move nothing, or next to nothing, so that they cannot use up
// connections and memory. It wraps the S3 handler:
//
//	server.Handler = slowclient.Handler(gateway, slowclient.Limits{Stall: 30 * time.Second, MinRate: 8 << 10, Handler: 15 * time.Minute})
//
// Only the time that the gateway waits for the client counts: a store that is slow to take a body costs the client nothing.
// Bytes are counted in units; each unit has Stall, and on top of it the time that it takes at MinRate. Responses go out in
// slices of one unit, each straight to the connection's ReadFrom, so that a local file is still sent by sendfile.
//
// Headers and idle connections are net/http's own time-outs (ReadHeaderTimeout, IdleTimeout).
package slowclient
