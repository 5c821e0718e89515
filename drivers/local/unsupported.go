//go:build !unix

package local

import "sluice/drivers"

// New fails: folders are served on Linux and, for development, on other systems of the Unix family.
func New(string, Options) (drivers.Driver, error) {
	return nil, &drivers.Error{Op: "Open", Err: drivers.ErrUnsupported}
}
