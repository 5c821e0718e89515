package gcs

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// maxSources is how many objects one compose takes: https://cloud.google.com/storage/quotas#objects.
const maxSources = 32

// composeWidth is how many composes of one join run at once.
const composeWidth = 16

// Join implements drivers.Joiner: the store composes the sources, over hidden objects where there are more than maxSources.
func (b *bucket) Join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.join(ctx, key, sources, o)
	return info, b.fail(ctx, "Join", key, err)
}

func (b *bucket) join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	name, err := target(key)
	if err != nil {
		return drivers.Info{}, err
	}
	pieces, err := piecesOf(sources, o.Size)
	if err != nil {
		return drivers.Info{}, err
	}
	pre, err := b.resolve(ctx, name, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	d := o.Digest()
	w := write{b, key, name, o, pre}
	object, err := w.prepare(ctx, d)
	if err != nil {
		return drivers.Info{}, err
	}
	object.Crc32c = wholeCRC(d)
	s := b.newScratch()
	defer func() { s.clean(ctx) }()
	for len(pieces) > maxSources && err == nil {
		pieces, err = s.level(ctx, pieces)
	}
	if err != nil {
		return drivers.Info{}, moved(err)
	}
	made, err := s.finish(ctx, w, object, pieces)
	if err != nil {
		if !o.Conditions.IsZero() {
			err = b.unmet(ctx, name, o.Conditions, err)
		}
		return drivers.Info{}, moved(err)
	}
	if made.size != o.Size {
		_ = b.drop(ctx, made.name, made.generation)
		return drivers.Info{}, fmt.Errorf("%w: %d bytes were joined to %d", drivers.ErrUnavailable, o.Size, made.size)
	}
	return made.info(key, made.attrs(), false), nil
}

// piecesOf gives the pieces of an object. Empty ones add nothing to it, unless there is nothing else.
func piecesOf(sources []drivers.Source, size int64) ([]piece, error) {
	var pieces []piece
	var total int64
	for i, src := range sources {
		name, err := existing(src.Key)
		if err != nil {
			return nil, err
		}
		generation, err := generationOf(src.Token)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", drivers.ErrConflict, err)
		}
		if total += src.Size; src.Size > 0 || i == len(sources)-1 && total == 0 {
			pieces = append(pieces, piece{name, generation, src.Size})
		}
	}
	if len(pieces) == 0 || total != size {
		return nil, fmt.Errorf("sources of %d bytes make no object of %d: %w", total, size, drivers.ErrInvalid)
	}
	return pieces, nil
}

// level composes pieces to hidden ones, as few and as equal in number as can be.
func (s *scratch) level(ctx context.Context, pieces []piece) ([]piece, error) {
	n := (len(pieces) + maxSources - 1) / maxSources
	made := make([]piece, n)
	g := drivers.NewGroup(ctx, composeWidth)
	for i := range made {
		from, to := i*len(pieces)/n, (i+1)*len(pieces)/n
		g.Go(func(ctx context.Context) (err error) {
			made[i], err = s.composeHidden(ctx, pieces[from:to])
			return err
		})
	}
	return made, g.Wait()
}

func (s *scratch) composeHidden(ctx context.Context, pieces []piece) (piece, error) {
	name := scratchName()
	s.add(piece{name: name}) // from here on it may be there
	o, err := s.compose(ctx, name, &storage.Object{ContentType: defaultType}, pieces, precondition{set: true})
	return piece{o.name, o.generation, o.size}, err
}

// finish makes the object. One that is to be of another storage class than its pieces is made of a hidden one.
func (s *scratch) finish(ctx context.Context, w write, object *storage.Object, pieces []piece) (stored, error) {
	class := object.StorageClass
	if class == "" {
		return s.compose(ctx, w.name, object, pieces, w.pre)
	}
	hidden := scratchName()
	s.add(piece{name: hidden})
	first := &storage.Object{ContentType: defaultType, Crc32c: object.Crc32c}
	whole, err := s.compose(ctx, hidden, first, pieces, precondition{set: true})
	object.Crc32c = ""
	switch {
	case err != nil:
		return stored{}, err
	case whole.class == class:
		return s.compose(ctx, w.name, object, []piece{{whole.name, whole.generation, whole.size}}, w.pre)
	}
	object.StorageClass = class
	return w.rewrite(ctx, s.b.name, whole, object)
}

// wholeCRC returns the CRC32C of the content, for the store to hold it against what it composed; "" where it is not known.
func wholeCRC(d drivers.Digest) string {
	if d.Checksum.Algorithm == checksum.CRC32C && d.Checksum.Type == checksum.FullObject {
		return d.Checksum.Value
	}
	parts := make([]checksum.Part, len(d.Parts))
	for i, p := range d.Parts {
		if p.Checksum.Algorithm != checksum.CRC32C {
			return ""
		}
		parts[i] = checksum.Part{Value: p.Checksum.Value, Size: p.Size}
	}
	sum, err := checksum.Combine(checksum.CRC32C, checksum.FullObject, parts)
	if err != nil {
		return ""
	}
	return sum.Value
}

// moved tells of a source that is another write by now.
func moved(err error) error {
	if hasStatus(err, http.StatusPreconditionFailed) && !errors.Is(err, drivers.ErrPrecondition) {
		return drivers.ErrConflict
	}
	return err
}
