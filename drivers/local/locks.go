//go:build unix

package local

import (
	"fmt"
	"hash/fnv"
	"sync"
)

// lockStripes is how many locks all keys share.
const lockStripes = 64

// locks serialize what changes an object that exists: overwrites, deletes, changes of tags, and the turning of a file
// into a folder. They are held only while names change, never while bytes move. Each is a mutex within the process and
// a lock of a file against other processes, which ends with its holder, however that ends.
type locks struct {
	folder  dir
	stripes [lockStripes]stripe
}

type stripe struct {
	mu   sync.Mutex
	file file
	open bool
}

// lock waits for the lock of a path; call the result to give it back.
func (l *locks) lock(bucket, path string) (unlock func(), err error) {
	h := fnv.New32a()
	h.Write([]byte(bucket))
	h.Write([]byte{'/'})
	h.Write([]byte(path))
	n := h.Sum32() % lockStripes
	s := &l.stripes[n]
	s.mu.Lock()
	if !s.open {
		if s.file, err = l.folder.openAppend(fmt.Sprintf("%02x", n)); err != nil {
			s.mu.Unlock()
			return nil, err
		}
		s.open = true
	}
	if err := s.file.lock(true, true); err != nil {
		s.mu.Unlock()
		return nil, err
	}
	return func() {
		s.file.unlock()
		s.mu.Unlock()
	}, nil
}

func (l *locks) close() {
	for i := range l.stripes {
		if l.stripes[i].open {
			l.stripes[i].file.close()
		}
	}
	l.folder.close()
}
