// Package source holds the rules that the source tree keeps, each with its
// reason, as tests: who may import whom, how long files and functions may be,
// and what must be documented. It needs no gateway and no network.
package source
