//go:build unix

package local

import (
	"errors"
	"fmt"
	"hash/fnv"
	"sync"
)

// lockStripes is how many locks all keys share.
const lockStripes = 64

// locks serialize what changes an object that exists: overwrites, deletes, changes of tags, and the turning of a file
// into a folder. They are held only while names change, never while bytes move. Each is a mutex within the process and
// a lock of a file against other processes, which ends with its holder, however that ends. A file that is not empty is a
// note of what its last holder began and did not end; whoever gets the lock next ends it.
type locks struct {
	folder  dir
	finish  func(n int, note []byte) error
	stripes [lockStripes]stripe
}

type stripe struct {
	mu   sync.Mutex
	file file
	open bool
}

// number returns which lock is a path's.
func (l *locks) number(bucket, path string) int {
	h := fnv.New32a()
	h.Write([]byte(bucket))
	h.Write([]byte{'/'})
	h.Write([]byte(path))
	return int(h.Sum32() % lockStripes)
}

// lockFile returns the name of a lock's file.
func lockFile(n int) string { return fmt.Sprintf("%02x", n) }

// lock waits for the lock of a path; call the result to give it back.
func (l *locks) lock(bucket, path string) (unlock func(), err error) {
	return l.take(l.number(bucket, path))
}

// take waits for one of the locks, and ends what its last holder left undone.
func (l *locks) take(n int) (unlock func(), err error) {
	s := &l.stripes[n]
	s.mu.Lock()
	if !s.open {
		if s.file, err = l.folder.openAppend(lockFile(n)); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		s.open = true
	}
	if err := s.file.lock(true, true); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	unlock = func() {
		s.file.unlock()
		s.mu.Unlock()
	}
	if err := l.settle(n); err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// note writes down what the holder of a lock is about to do, durably if asked for.
func (l *locks) note(n int, text []byte, durable bool) error {
	f := l.stripes[n].file
	_, err := f.Write(text)
	if err == nil && durable {
		err = errors.Join(f.sync(), l.folder.sync())
	}
	return err
}

// settle ends what the note of a lock tells of, if there is one. The caller holds the lock.
func (l *locks) settle(n int) error {
	f := l.stripes[n].file
	st, err := f.stat()
	if err != nil || st.size == 0 {
		return err
	}
	note, err := f.readAll(st.size)
	if err == nil {
		err = l.finish(n, note)
	}
	if err == nil {
		err = f.truncate(0)
	}
	return err
}

func (l *locks) close() {
	for i := range l.stripes {
		if l.stripes[i].open {
			l.stripes[i].file.close()
		}
	}
	l.folder.close()
}
