package cdk

import (
	"context"
	"os"
	"sync"
	"time"

	"gocloud.dev/blob"

	"sluice/drivers"
)

// kind is what is known of a bucket beyond what the Go CDK says.
type kind int

const (
	remote kind = iota // across a network; nothing is known
	inMemory
	inFolder
)

// store is an open bucket.
type store struct {
	*blob.Bucket
	kind    kind
	scheme  string
	folder  string    // of inFolder
	created time.Time // of inMemory
	locks   locks     // of keys

	writes sync.RWMutex // held for reading by each write, for writing by the deletion of the bucket
	gone   bool         // guarded by writes; of inMemory
}

// begin keeps the bucket from being deleted until end is called. It fails with ErrNoBucket.
func (s *store) begin() (end func(), err error) {
	s.writes.RLock()
	if s.gone || !s.there() {
		s.writes.RUnlock()
		return nil, drivers.ErrNoBucket
	}
	return s.writes.RUnlock, nil
}

// there tells whether a folder is still there; of others it knows nothing.
func (s *store) there() bool {
	if s.kind != inFolder {
		return true
	}
	info, err := os.Stat(s.folder)
	return err == nil && info.IsDir()
}

// absent is the error for an object that the store does not find.
func (s *store) absent() error {
	if !s.there() {
		return drivers.ErrNoBucket
	}
	return drivers.ErrNotFound
}

// accessible asks the store for the beginning of the bucket's listing. It fails with ErrNoBucket.
func (s *store) accessible(ctx context.Context) error {
	if !s.there() {
		return drivers.ErrNoBucket
	}
	ok, err := s.IsAccessible(ctx)
	if err == nil && !ok {
		err = drivers.ErrNoBucket
	}
	return err
}

// retire runs remove if no write is under way, and lets none begin meanwhile.
func (s *store) retire(remove func() error) error {
	if !s.writes.TryLock() {
		return drivers.ErrConflict
	}
	defer s.writes.Unlock()
	if s.gone || !s.there() {
		return drivers.ErrNoBucket
	}
	return remove()
}
