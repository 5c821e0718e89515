package azure

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"sluice/drivers"
)

// Delete implements drivers.Bucket by Delete Blob. Snapshots go with the blob, which else would keep it from going.
func (b *bucket) Delete(ctx context.Context, key string, o drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return drivers.DeleteResult{}, b.fail("Delete", key, b.delete(ctx, key, o))
}

func (b *bucket) delete(ctx context.Context, key string, o drivers.DeleteOptions) error {
	switch err := b.reads(key, o.VersionID); {
	case errors.Is(err, drivers.ErrNotFound):
		return o.Conditions.CheckWrite(nil)
	case err != nil:
		return err
	}
	p, err := b.pinExisting(ctx, key, o.Conditions)
	if err != nil || p.absent {
		return err
	}
	err = b.under(ctx, key, o.Conditions, p, func(c *blob.AccessConditions) error {
		if c != nil && c.ModifiedAccessConditions.IfNoneMatch != nil {
			return nil // judged while there was nothing to delete
		}
		_, err := b.blob(key).Delete(ctx, &blob.DeleteOptions{DeleteSnapshots: &withSnapshots, AccessConditions: c})
		return classify(err)
	})
	if errors.Is(err, drivers.ErrNotFound) {
		return o.Conditions.CheckWrite(nil)
	}
	return err
}

var withSnapshots = blob.DeleteSnapshotsOptionTypeInclude

// pinExisting is pin, for a request that changes nothing where there is nothing.
func (b *bucket) pinExisting(ctx context.Context, key string, c drivers.Conditions) (pin, error) {
	if onlyAbsent(c) {
		return b.judge(ctx, key, c)
	}
	return b.pin(ctx, key, c)
}

const (
	batchSize   = 256 // the service's limit
	deleteWidth = 16
)

// DeleteAll implements drivers.BatchDeleter by Blob Batch, and one by one what has conditions, or all where the service has no batches.
// https://learn.microsoft.com/rest/api/storageservices/blob-batch
func (b *bucket) DeleteAll(ctx context.Context, items []drivers.DeleteItem) []drivers.DeleteOutcome {
	out := make([]drivers.DeleteOutcome, len(items))
	var batch []int
	g := drivers.NewGroup(ctx, deleteWidth)
	one := func(i int) {
		g.Go(func(ctx context.Context) error {
			out[i].Result, out[i].Err = b.Delete(ctx, items[i].Key, items[i].Options)
			return nil
		})
	}
	for i, item := range items {
		if b.d.noBatch.Load() || len(items) == 1 || !item.Options.Conditions.IsZero() || b.reads(item.Key, item.Options.VersionID) != nil {
			one(i)
			continue
		}
		batch = append(batch, i)
	}
	for len(batch) > 0 {
		part := batch[:min(batchSize, len(batch))]
		batch = batch[len(part):]
		if err := b.deleteBatch(ctx, items, part, out); errors.Is(err, drivers.ErrUnsupported) {
			b.d.noBatch.Store(true)
			for _, i := range part {
				one(i)
			}
		} else if err != nil {
			for _, i := range part {
				out[i].Err = b.fail("Delete", items[i].Key, err)
			}
		}
	}
	_ = g.Wait() // outcomes carry the errors
	return out
}

// deleteBatch deletes the items of the given numbers in one request. Its error is of the request as such.
func (b *bucket) deleteBatch(ctx context.Context, items []drivers.DeleteItem, numbers []int, out []drivers.DeleteOutcome) error {
	batch, err := b.client.NewBatchBuilder()
	if err != nil {
		return err
	}
	for _, i := range numbers {
		o := &container.BatchDeleteOptions{DeleteOptions: blob.DeleteOptions{DeleteSnapshots: &withSnapshots}}
		if err := batch.Delete(items[i].Key, o); err != nil {
			return err
		}
	}
	resp, err := b.client.SubmitBatch(ctx, batch, nil)
	if err != nil {
		return classify(err)
	}
	answered := make([]bool, len(numbers))
	for _, r := range resp.Responses {
		if r.ContentID == nil || *r.ContentID < 0 || *r.ContentID >= len(numbers) {
			continue
		}
		answered[*r.ContentID] = true
		if err := classify(r.Error); err != nil && !errors.Is(err, drivers.ErrNotFound) {
			i := numbers[*r.ContentID]
			out[i].Err = b.fail("Delete", items[i].Key, err)
		}
	}
	for n, i := range numbers {
		if !answered[n] {
			out[i].Err = b.fail("Delete", items[i].Key, drivers.ErrUnavailable)
		}
	}
	return nil
}
