package azure

import (
	"bytes"
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"sluice/drivers"
)

// joinWidth is how many pieces are copied at once.
const joinWidth = 16

// piece is a range of a source, which becomes a block.
type piece struct {
	from          *blob.Client
	token         string
	start, length int64
	id            string
}

// Join implements drivers.Joiner. The service copies the sources, each held to its write; one source alone is copied and published
// in one request. Where another write of the key drops the blocks before they are committed, they are staged again.
func (b *bucket) Join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.join(ctx, key, sources, o)
	return info, b.fail("Join", key, err)
}

func (b *bucket) join(ctx context.Context, key string, sources []drivers.Source, o drivers.PutOptions) (drivers.Info, error) {
	if err := b.writes(key); err != nil {
		return drivers.Info{}, err
	}
	p, err := b.pin(ctx, key, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	var pieces []piece
	for _, s := range sources {
		pieces = append(pieces, b.d.cut(b.blob(s.Key).BlobClient(), s.Token, s.Size)...)
	}
	digest := o.Digest()
	w := &write{b: b, key: key, pin: p, o: o, digest: func() drivers.Digest { return digest }}
	return w.copied(ctx, pieces)
}

// cut cuts a source into pieces, none where it is empty.
func (d *Driver) cut(from *blob.Client, token string, size int64) []piece {
	var pieces []piece
	for start := int64(0); start < size; start += d.sizes.piece {
		pieces = append(pieces, piece{from: from, token: token, start: start, length: min(d.sizes.piece, size-start)})
	}
	return pieces
}

// copied publishes an object that the service makes of pieces of others.
func (w *write) copied(ctx context.Context, pieces []piece) (drivers.Info, error) {
	if len(pieces) == 0 {
		return w.whole(ctx, bytes.NewReader(nil))
	}
	if info, err := w.copiedWhole(ctx, pieces); !errors.Is(err, drivers.ErrUnsupported) {
		return info, err
	}
	var last *blocks
	for range tries {
		last = w.b.newBlocks(w.key)
		if err := last.copy(ctx, pieces); err != nil {
			return drivers.Info{}, err
		}
		err := last.verify(ctx)
		if err == nil {
			var info drivers.Info
			info, err = w.publish(ctx, last.size, func(s stored, c *blob.AccessConditions) (written, error) { return last.commit(ctx, s, c) })
			if err == nil {
				return info, nil
			}
		}
		if !errors.Is(err, errDiscarded) {
			return drivers.Info{}, err
		}
	}
	return drivers.Info{}, errDiscarded
}

// copiedWhole copies and publishes in one request, where there is one piece, of another blob than the one that is to be written.
// https://learn.microsoft.com/rest/api/storageservices/put-blob-from-url
func (w *write) copiedWhole(ctx context.Context, pieces []piece) (drivers.Info, error) {
	first := pieces[0]
	if w.b.d.noCopies.Load() || len(pieces) > 1 || first.from.URL() == w.b.blob(w.key).URL() {
		return drivers.Info{}, drivers.ErrUnsupported
	}
	info, err := w.publish(ctx, first.length, func(s stored, c *blob.AccessConditions) (written, error) {
		return w.b.putFromURL(ctx, w.key, first, s, c)
	})
	if errors.Is(err, drivers.ErrUnsupported) {
		w.b.d.noCopies.Store(true)
	}
	return info, err
}

func (b *bucket) putFromURL(ctx context.Context, key string, from piece, s stored, c *blob.AccessConditions) (written, error) {
	source, authorization, err := b.d.account.source(ctx, from.from)
	if err != nil {
		return written{}, classify(err)
	}
	own := false
	gate := b.d.gate(b.name)
	gate.RLock()
	defer gate.RUnlock()
	resp, err := b.blob(key).UploadBlobFromURL(ctx, source, &blockblob.UploadBlobFromURLOptions{
		Metadata: s.metadata, HTTPHeaders: &s.headers, AccessConditions: c, CopySourceBlobProperties: &own,
		CopySourceAuthorization: authorization, SourceModifiedAccessConditions: from.pinned(),
	})
	if err != nil {
		return written{}, classify(err)
	}
	return newWritten(resp.ETag, resp.LastModified), nil
}

func (p piece) pinned() *blob.SourceModifiedAccessConditions {
	return &blob.SourceModifiedAccessConditions{SourceIfMatch: etag(p.token)}
}

// copy has the service stage all pieces as blocks.
func (l *blocks) copy(ctx context.Context, pieces []piece) error {
	g := drivers.NewGroup(ctx, joinWidth)
	to := l.b.blob(l.key)
	for _, p := range pieces {
		p.id = l.add(p.length)
		g.Go(func(ctx context.Context) error {
			source, authorization, err := l.b.d.account.source(ctx, p.from)
			if err != nil {
				return classify(err)
			}
			_, err = to.StageBlockFromURL(ctx, p.id, source, &blockblob.StageBlockFromURLOptions{
				Range: blob.HTTPRange{Offset: p.start, Count: p.length}, CopySourceAuthorization: authorization,
				SourceModifiedAccessConditions: p.pinned(),
			})
			if err = classify(err); errors.Is(err, drivers.ErrPrecondition) {
				return errSource
			}
			return err
		})
	}
	return g.Wait()
}
