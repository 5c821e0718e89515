package gcs

import "time"

// SetPause sets how long the driver waits before it repeats a request that was refused.
func (d *Driver) SetPause(pause time.Duration) { d.pause = pause }
