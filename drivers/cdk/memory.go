package cdk

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"sluice/drivers"
)

const memScheme = memblob.Scheme

// memory is buckets in memory, each one a memblob.
type memory struct {
	mu   sync.RWMutex
	open map[string]*store
}

var _ buckets = (*memory)(nil)

func newMemory() *memory { return &memory{open: map[string]*store{}} }

func (m *memory) find(name string) (*store, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if s := m.open[name]; s != nil {
		return s, nil
	}
	return nil, drivers.ErrNoBucket
}

func (m *memory) takes(_, _ string) bool { return true }

func (m *memory) list() ([]drivers.BucketInfo, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var list []drivers.BucketInfo
	for _, name := range slices.Sorted(maps.Keys(m.open)) {
		list = append(list, drivers.BucketInfo{Name: name, Created: m.open[name].created})
	}
	return list, nil
}

func (m *memory) create(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case name == "":
		return drivers.ErrInvalid
	case m.open[name] != nil:
		return drivers.ErrBucketExists
	}
	m.open[name] = &store{Bucket: memblob.OpenBucket(nil), kind: inMemory, scheme: memScheme, created: time.Now().UTC()}
	return nil
}

func (m *memory) remove(ctx context.Context, name string) error {
	s, err := m.find(name)
	if err != nil {
		return err
	}
	return s.retire(func() error {
		first, _, err := s.ListPage(ctx, blob.FirstPageToken, 1, nil)
		switch {
		case err != nil:
			return err
		case len(first) > 0:
			return drivers.ErrNotEmpty
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.open, name)
		s.gone = true
		return nil
	})
}

// close leaves the memory to the garbage collector: bodies may still be read.
func (m *memory) close() error { return nil }
