package drivertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"runtime/pprof"
	"testing"
	"time"
)

// leakPatience is how long goroutines may take to end after the driver was closed.
const leakPatience = 5 * time.Second

// checkLeaks fails the test if goroutines that were started during it outlive it. They are told from those of tests
// that run beside it by a profiler label, which goroutines inherit.
func checkLeaks(t *testing.T) {
	id := rand.Text()
	outer := context.Background()
	pprof.SetGoroutineLabels(pprof.WithLabels(outer, pprof.Labels("drivertest", id)))
	t.Cleanup(func() {
		pprof.SetGoroutineLabels(outer)
		var profile bytes.Buffer
		for end := time.Now().Add(leakPatience); ; time.Sleep(10 * time.Millisecond) {
			profile.Reset()
			if err := pprof.Lookup("goroutine").WriteTo(&profile, 1); err != nil {
				t.Error(err)
				return
			}
			stacks := leaked(profile.Bytes(), id)
			if len(stacks) == 0 {
				return
			}
			if time.Now().After(end) {
				t.Errorf("goroutines outlive the driver:\n%s", bytes.Join(stacks, []byte("\n\n")))
				return
			}
		}
	})
}

// leaked returns the stacks of a goroutine profile that have the label.
func leaked(profile []byte, id string) [][]byte {
	var stacks [][]byte
	for stack := range bytes.SplitSeq(profile, []byte("\n\n")) {
		if bytes.Contains(stack, []byte(id)) {
			stacks = append(stacks, stack)
		}
	}
	return stacks
}
