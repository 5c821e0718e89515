package upstream

import "sluice/drivers"

// LimitBuffers makes the buffers of what Wrap returned scarce.
func LimitBuffers(d drivers.Driver, bytes int64) { d.(*driver).upstream.maxBuffered = bytes }
