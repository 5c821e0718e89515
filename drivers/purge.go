package drivers

import "context"

// Purger is a Bucket whose store keeps older versions of what is deleted, and that can delete for good.
type Purger interface {
	// Purge deletes all objects under a prefix, with every older version of them.
	Purge(ctx context.Context, prefix string) error
}

// purge deletes every object under a prefix, for good where the store can.
func purge(ctx context.Context, b Bucket, prefix string) error {
	if p, ok := core(b).(Purger); ok {
		return p.Purge(ctx, prefix)
	}
	for o := (ListOptions{Prefix: prefix}); ; {
		page, err := b.List(ctx, o)
		if err != nil {
			return err
		}
		items := make([]DeleteItem, len(page.Objects))
		for i, info := range page.Objects {
			items[i].Key = info.Key
		}
		for _, o := range DeleteAll(ctx, b, items) {
			if o.Err != nil {
				return o.Err
			}
		}
		if !page.More {
			return nil
		}
		o.Cursor = page.Next
	}
}
