// Package admin serves what operators ask, on a listener of its own that clients of the S3 endpoint do not reach:
//
//	/metrics       Prometheus
//	/healthz       200 while the process answers
//	/readyz        200 while any store is reachable, else 503
//	/debug/pprof/  profiles, only where they are switched on
//
// It asks nobody for a password; it belongs on the loopback interface or on a network of its own. It shows no configuration
// and no environment, and says no more than "not ready" of what is wrong with a store: the log says what.
package admin
