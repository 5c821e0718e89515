package cdk

import (
	"context"

	"gocloud.dev/blob"

	"sluice/drivers"
)

// NewRemote returns a driver of buckets that open makes, which are taken for those of a store across a network.
func NewRemote(tempDir string, open func() *blob.Bucket) drivers.Driver {
	return &driver{node: "far", tempDir: tempDir, buckets: &remotes{newMemory(), open}}
}

// remotes is as many buckets across a network as clients like.
type remotes struct {
	*memory
	open func() *blob.Bucket
}

func (r *remotes) takes(_, key string) bool { return takenByAny(key) }
func (r *remotes) limits() []drivers.Limit  { return remoteLimits() }

func (r *remotes) create(name string) error {
	err := r.memory.create(name)
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.memory.open[name] = &store{Bucket: r.open(), kind: remote}
	}
	return err
}

// Waiting tells how many hold a bucket's lock of a key, or wait for it.
func Waiting(d drivers.Driver, name, key string) int {
	s, err := drivers.Base(d).(*driver).buckets.find(name)
	if err != nil {
		return 0
	}
	s.locks.mu.Lock()
	defer s.locks.mu.Unlock()
	if k := s.locks.keys[key]; k != nil {
		return k.users
	}
	return 0
}

// Lock locks a key.
func Lock(ctx context.Context, d drivers.Driver, name, key string, write bool) (unlock func(), err error) {
	s, err := drivers.Base(d).(*driver).buckets.find(name)
	if err != nil {
		return nil, err
	}
	return s.locks.lock(ctx, key, write)
}
