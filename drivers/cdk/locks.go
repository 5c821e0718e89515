package cdk

import (
	"context"
	"sync"
)

// locks serialize, within the process, what changes a key and what looks at it. A writer that waits comes before readers that come
// later. The zero value is ready; what nobody holds or waits for takes no memory.
type locks struct {
	mu   sync.Mutex
	keys map[string]*keyLock
}

// keyLock is the state of one key, guarded by locks.mu.
type keyLock struct {
	readers int
	writing bool
	waiting int           // writers that wait
	users   int           // all that hold it or wait for it
	changed chan struct{} // closed when one gives it back
}

func (k *keyLock) free(write bool) bool {
	if write {
		return !k.writing && k.readers == 0
	}
	return !k.writing && k.waiting == 0
}

// lock waits for a key; call unlock, once, to give it back. It fails when the context ends first.
func (l *locks) lock(ctx context.Context, key string, write bool) (unlock func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.keys == nil {
		l.keys = make(map[string]*keyLock)
	}
	k := l.keys[key]
	if k == nil {
		k = &keyLock{changed: make(chan struct{})}
		l.keys[key] = k
	}
	k.users++
	if err := l.wait(ctx, k, write); err != nil {
		l.leave(key, k)
		return nil, err
	}
	if k.writing = write; !write {
		k.readers++
	}
	return func() { l.unlock(key, k, write) }, nil
}

// wait returns when the key is free, or when the context ends.
func (l *locks) wait(ctx context.Context, k *keyLock, write bool) error {
	if write {
		k.waiting++
		defer func() { k.waiting-- }()
	}
	for !k.free(write) {
		changed := k.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		l.mu.Lock()
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (l *locks) unlock(key string, k *keyLock, write bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if write {
		k.writing = false
	} else {
		k.readers--
	}
	l.leave(key, k)
}

// leave wakes those that wait.
func (l *locks) leave(key string, k *keyLock) {
	close(k.changed)
	k.changed = make(chan struct{})
	if k.users--; k.users == 0 {
		delete(l.keys, key)
	}
}
