package drivers

import "context"

// BatchDeleter is a Bucket that deletes many objects in one request; call [DeleteAll].
type BatchDeleter interface {
	// DeleteAll deletes each item and reports on each, in the same order.
	DeleteAll(ctx context.Context, items []DeleteItem) []DeleteOutcome
}

// DeleteItem is one object to delete.
type DeleteItem struct {
	Key     string
	Options DeleteOptions
}

// DeleteOutcome is what became of one DeleteItem.
type DeleteOutcome struct {
	Result DeleteResult
	Err    error
}

// batchWidth is how many deletes run at once where the store has no batch: enough to hide a round trip's latency.
const batchWidth = 16

// DeleteAll deletes many objects: in the store's own batches, or else one by one, some in parallel.
func DeleteAll(ctx context.Context, b Bucket, items []DeleteItem) []DeleteOutcome {
	if d, ok := b.(BatchDeleter); ok {
		return d.DeleteAll(ctx, items)
	}
	return deleteEach(ctx, b, items)
}

func deleteEach(ctx context.Context, b Bucket, items []DeleteItem) []DeleteOutcome {
	out := make([]DeleteOutcome, len(items))
	g := NewGroup(ctx, batchWidth)
	for i, item := range items {
		g.Go(func(ctx context.Context) error {
			out[i].Result, out[i].Err = b.Delete(ctx, item.Key, item.Options)
			return nil
		})
	}
	_ = g.Wait() // outcomes carry the errors
	return out
}

// deleteNamed deletes objects of b whose names there name gives; where it says false, there is no such object.
func deleteNamed(ctx context.Context, b Bucket, items []DeleteItem, name func(key string) (string, bool)) []DeleteOutcome {
	out := make([]DeleteOutcome, len(items))
	stored := make([]DeleteItem, 0, len(items))
	at := make([]int, 0, len(items))
	for i, item := range items {
		full, ok := name(item.Key)
		if !ok {
			out[i].Err = item.Options.Conditions.CheckWrite(nil)
			continue
		}
		stored, at = append(stored, DeleteItem{full, item.Options}), append(at, i)
	}
	for i, o := range DeleteAll(ctx, b, stored) {
		out[at[i]] = o
	}
	return out
}
