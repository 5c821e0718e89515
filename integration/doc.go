// Package integration holds what only a whole system can show: real S3 clients
// against a running gateway, large and numerous objects, crashes in the middle
// of writes, and the rules that the source tree keeps.
//
// It is a module of its own so that the clients' dependencies never reach the
// gateway's. Everything stays on the loopback interface. README.md lists the
// switches.
package integration
