//go:build unix

package local

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

func TestACheckOfADiskThatHangsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		answer := make(chan error)
		d := &Driver{node: "disk"}
		d.check.ask = func() error { asked.Add(1); return <-answer }
		ctx, cancel := context.WithCancel(t.Context())
		var impatient, patient sync.WaitGroup
		for range 100 {
			impatient.Go(func() {
				if err := d.Check(ctx); !errors.Is(err, context.Canceled) {
					t.Errorf("Check: %v", err)
				}
			})
			patient.Go(func() {
				if err := d.Check(t.Context()); !errors.Is(err, drivers.ErrUnavailable) {
					t.Errorf("Check: %v", err)
				}
			})
		}
		synctest.Wait()
		cancel()
		impatient.Wait()
		if n := asked.Load(); n != 1 {
			t.Errorf("the disk was asked %d times", n)
		}
		answer <- unix.EIO
		patient.Wait()
		go func() { answer <- nil }()
		if err := d.Check(t.Context()); err != nil || asked.Load() != 2 {
			t.Errorf("Check, when the disk answers again: %v, asked %d times", err, asked.Load())
		}
		d.done.Wait()
	})
}

func TestACheckFailsWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	d, _, _ := folder(t, Options{})
	must(t, d.Check(t.Context()))
	must(t, d.own.removeAll("tmp/"+d.sessionName))
	if err := d.Check(t.Context()); err == nil {
		t.Error("Check without a folder for temporary files: nil")
	}
}
