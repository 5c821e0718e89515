package main

import "runtime"

// ballastSize is virtual memory only: it is never touched, so it is never resident.
const ballastSize = 32 << 20

// ballast makes the garbage collector see a heap that is not tiny. What a gateway keeps is a few megabytes, and a collector
// that runs each time those have doubled takes a seventh of its time; it still doubles what is kept when there is
// more, so many uploads at once stay within their memory. GOGC works as always.
func ballast() (release func()) {
	b := make([]byte, ballastSize)
	return func() { runtime.KeepAlive(b) }
}
