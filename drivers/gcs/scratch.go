package gcs

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
)

// piece is an object that others are composed of.
type piece struct {
	name             string
	generation, size int64
}

// scratch is the hidden objects of one call.
//
// A store deletes them itself when it composes their content to another object, if it is asked to. That saves a request, and they
// are gone for good also in a bucket that keeps deleted objects (https://cloud.google.com/storage/docs/composing-objects). Whether
// the store does so is learnt from what it did first: an emulator may not.
type scratch struct {
	b    *bucket
	mu   sync.Mutex
	left []piece         // guarded by mu
	used map[string]bool // guarded by mu; those that the store was asked to delete
}

// What is known of the store's deleting of sources.
const (
	deletesUnknown = iota
	deletesSources
	leavesSources
)

func (b *bucket) newScratch() *scratch { return &scratch{b: b, used: make(map[string]bool)} }

func scratchName() string { return drivers.ScratchPrefix + rand.Text() }

// insert stores a body. It has the storage class that the object is to have, since a composed object has that of its sources.
func (s *scratch) insert(ctx context.Context, body io.Reader, o drivers.PutOptions) (stored, error) {
	object := &storage.Object{ContentType: defaultType, StorageClass: nativeClass(o.Header.StorageClass)}
	name := scratchName()
	s.add(piece{name: name}) // from here on it may be there
	made, err := s.b.insert(ctx, name, object, body, o.Size, precondition{set: true})
	if err == nil {
		return made, nil
	}
	if _, ok := errors.AsType[*bodyError](err); ok { // the store has not seen the end, so there is nothing
		s.forget([]piece{{name: name}})
	}
	return made, err
}

func (s *scratch) add(p piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = append(s.left, p)
}

func (s *scratch) forget(gone []piece) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left = slices.DeleteFunc(s.left, func(p piece) bool {
		return slices.ContainsFunc(gone, func(g piece) bool { return g.name == p.name })
	})
}

// compose has the store make an object of up to maxSources pieces. A piece that is no longer the generation that it was fails as
// pre does, with status 412, one that is gone with drivers.ErrNotFound:
// https://cloud.google.com/storage/docs/json_api/v1/objects/compose.
func (s *scratch) compose(
	ctx context.Context, name string, object *storage.Object, pieces []piece, pre precondition,
) (stored, error) {
	object.StorageClass = "" // it has that of the pieces
	req := &storage.ComposeRequest{Destination: object, DeleteSourceObjects: true}
	for _, p := range pieces {
		req.DeleteSourceObjects = req.DeleteSourceObjects && strings.HasPrefix(p.name, drivers.ScratchPrefix)
		req.SourceObjects = append(req.SourceObjects, &storage.ComposeRequestSourceObjects{
			Name: p.name, ObjectPreconditions: &storage.ComposeRequestSourceObjectsObjectPreconditions{IfGenerationMatch: p.generation},
		})
	}
	call := s.b.d.api.Objects.Compose(s.b.name, name, req).Context(ctx)
	if pre.set {
		call.IfGenerationMatch(pre.generation)
	}
	made, err := s.b.d.patiently(ctx, func() (*storage.Object, error) { return call.Do() })
	if err != nil {
		return stored{}, s.b.missing(ctx, err)
	}
	if req.DeleteSourceObjects {
		s.consumed(pieces)
	}
	return storedOf(made), nil
}

// consumed notes that the store was asked to delete pieces.
func (s *scratch) consumed(pieces []piece) {
	if s.b.d.deletes.Load() == deletesSources {
		s.forget(pieces)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pieces {
		s.used[p.name] = true
	}
}

const (
	cleanLimit = 30 * time.Second // for the clean-up of a call, also of one that was cancelled
	cleanWidth = 16
)

// clean deletes what is left. What it cannot delete is left to drivers.Sweeper.
func (s *scratch) clean(ctx context.Context) {
	if len(s.left) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanLimit)
	defer cancel()
	g := drivers.NewGroup(ctx, cleanWidth)
	for _, p := range s.left {
		g.Go(func(ctx context.Context) error {
			err := s.b.drop(ctx, p.name, p.generation)
			switch {
			case !s.used[p.name]:
			case err == nil:
				s.b.d.deletes.Store(leavesSources)
			case hasStatus(err, http.StatusNotFound):
				s.b.d.deletes.CompareAndSwap(deletesUnknown, deletesSources)
			}
			return nil
		})
	}
	_ = g.Wait() // drop's errors end nothing
}

// drop deletes a generation of an object for good, or the current one where generation is 0. It may be called after ctx has ended.
func (b *bucket) drop(ctx context.Context, name string, generation int64) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanLimit)
	defer cancel()
	call := b.d.api.Objects.Delete(b.name, name).Context(ctx)
	if generation > 0 {
		call.Generation(generation)
	}
	return call.Do()
}
