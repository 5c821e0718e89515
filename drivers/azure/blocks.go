package azure

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"sluice/drivers"
)

// maxBlocks is how many blocks a blob can be made of.
// https://learn.microsoft.com/azure/storage/blobs/scalability-targets
const maxBlocks = 50_000

// blocks are the blocks that one write stages. Their IDs begin with something random, so that writes of one key do not mix, and
// are of one length, as all unfinished blocks of a blob must be. Those that are never committed lapse within a week.
// https://learn.microsoft.com/rest/api/storageservices/put-block
type blocks struct {
	b     *bucket
	key   string
	nonce string
	ids   []string
	sizes map[string]int64
	size  int64
}

func (b *bucket) newBlocks(key string) *blocks {
	return &blocks{b: b, key: key, nonce: rand.Text(), sizes: make(map[string]int64)}
}

// add makes room for the next block and returns its ID.
func (l *blocks) add(size int64) string {
	id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s-%05d", l.nonce, len(l.ids)))
	l.ids = append(l.ids, id)
	l.sizes[id] = size
	l.size += size
	return id
}

// stream stages a block that comes in piece by piece.
func (l *blocks) stream(ctx context.Context, s *section) error {
	_, err := l.b.blob(l.key).StageBlock(ctx, l.add(s.size), s, nil)
	return classify(err)
}

// stage stages a block that is in memory.
func (l *blocks) stage(ctx context.Context, content []byte) error {
	if len(l.ids) == maxBlocks {
		return fmt.Errorf("a body of unknown length has %d bytes and more: %w", l.size, drivers.ErrTooLarge)
	}
	_, err := l.b.blob(l.key).StageBlock(ctx, l.add(int64(len(content))), streaming.NopCloser(bytes.NewReader(content)), nil)
	return classify(err)
}

// commit makes the blob of the blocks, under the gate of the bucket.
func (l *blocks) commit(ctx context.Context, s stored, c *blob.AccessConditions) (written, error) {
	gate := l.b.d.gate(l.b.name)
	gate.RLock()
	defer gate.RUnlock()
	resp, err := l.b.blob(l.key).CommitBlockList(ctx, l.ids, &blockblob.CommitBlockListOptions{
		Metadata: s.metadata, HTTPHeaders: &s.headers, AccessConditions: c,
	})
	if err != nil {
		return written{}, classify(err)
	}
	return newWritten(resp.ETag, resp.LastModified), nil
}

// verify checks, before they are committed, that the service has all blocks, each of its size.
func (l *blocks) verify(ctx context.Context) error {
	resp, err := l.b.blob(l.key).GetBlockList(ctx, blockblob.BlockListTypeUncommitted, nil)
	if err = classify(err); errors.Is(err, drivers.ErrNotFound) { // no blob, and not a block of one
		return errDiscarded
	}
	if err != nil {
		return err
	}
	found := 0
	for _, block := range resp.UncommittedBlocks {
		want, ours := l.sizes[*block.Name]
		if !ours {
			continue
		}
		if *block.Size != want {
			return fmt.Errorf("the service has copied %d of %d bytes: %w", *block.Size, want, drivers.ErrUnavailable)
		}
		found++
	}
	if found < len(l.ids) {
		return errDiscarded
	}
	return nil
}
