package drivers

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// stagedWidth is how many parts, or uploads, are looked up at once.
const stagedWidth = 16

// storedPart is a staged part and the token its bytes are pinned to.
type storedPart struct {
	Part
	token string
}

// parts looks up to limit parts with a number greater than after.
func (b *stagingBucket) parts(ctx context.Context, id string, after, limit int) ([]storedPart, error) {
	var found []storedPart
	o := ListOptions{Prefix: StagingPrefix + id + "/part-", Cursor: Cursor{After: partKey(id, after)}, Limit: min(limit, DefaultLimit)}
	for len(found) < limit {
		page, err := b.child.List(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, info := range page.Objects {
			n, err := strconv.Atoi(strings.TrimPrefix(info.Key, o.Prefix))
			if err == nil && len(found) < limit {
				found = append(found, newStoredPart(n, info))
			}
		}
		if !page.More {
			break
		}
		o.Cursor = page.Next
	}
	return found, b.lookUp(ctx, id, found)
}

func newStoredPart(number int, info Info) storedPart {
	return storedPart{token: info.Token, Part: Part{
		Number: number, Size: info.Size, ETag: info.ETag, Checksum: info.Checksum, LastModified: info.LastModified,
	}}
}

// lookUp asks for the parts of which the listing did not say all.
func (b *stagingBucket) lookUp(ctx context.Context, id string, found []storedPart) error {
	g := NewGroup(ctx, stagedWidth)
	for i := range found {
		if found[i].token != "" {
			continue
		}
		g.Go(func(ctx context.Context) error {
			info, err := b.child.Head(ctx, partKey(id, found[i].Number), GetOptions{})
			found[i] = newStoredPart(found[i].Number, info)
			if errors.Is(err, ErrNotFound) { // the upload has ended since
				return ErrNoUpload
			}
			return err
		})
	}
	return g.Wait()
}
