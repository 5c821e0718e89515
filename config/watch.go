package config

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long after a first event the file is looked at: editors write in several steps. What comes later is another
// change.
const settle = 200 * time.Millisecond

// Watch calls changed each time that the content of the file has changed, until ctx ends. It watches the folder, as editors
// and orchestrators put a new file in the place of the old one. It closes ready when no later change can be missed.
func Watch(ctx context.Context, path string, changed func(), ready chan<- struct{}) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("config: watching: %w", err)
	}
	defer w.Close()
	if err := w.Add(filepath.Dir(path)); err != nil {
		return fmt.Errorf("config: watching %s: %w", filepath.Dir(path), err)
	}
	seen := digest(path)
	timer := time.NewTimer(settle)
	timer.Stop()
	close(ready)
	waiting := false // until things settle; other files that keep changing do not put it off
	look := func() {
		if !waiting {
			waiting = true
			timer.Reset(settle)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-w.Events:
			if !ok {
				return nil
			}
			look()
		case err, ok := <-w.Errors:
			if !ok {
				return nil
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return fmt.Errorf("config: watching: %w", err)
			}
			look() // events were lost
		case <-timer.C:
			waiting = false
			if now := digest(path); now != nil && (seen == nil || *now != *seen) {
				seen = now
				changed()
			}
		}
	}
}

// digest is nil where the file cannot be read: it may be on its way.
func digest(path string) *[sha256.Size]byte {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	sum := sha256.Sum256(data)
	return &sum
}
