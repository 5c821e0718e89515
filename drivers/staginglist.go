package drivers

import (
	"context"
	"slices"
	"strings"
)

// stagingEnd sorts after every staged key and before every other one.
const stagingEnd = StagingPrefix + "\U0010FFFF"

// List lists without the staged parts. They are jumped over, so they cost one more page at most.
func (b *stagingBucket) List(ctx context.Context, o ListOptions) (Page, error) {
	if hidden(o.Prefix) {
		return Page{}, nil
	}
	if hidden(o.Cursor.After) {
		o.Cursor = Cursor{After: stagingEnd}
	}
	page, err := b.child.List(ctx, o)
	if err != nil {
		return Page{}, err
	}
	page.Objects = slices.DeleteFunc(page.Objects, func(i Info) bool { return hidden(i.Key) })
	if hidden(page.Next.After) {
		page.Next = Cursor{After: stagingEnd}
	}
	page.Prefixes = slices.DeleteFunc(page.Prefixes, hidden)
	// One common prefix at most has the staging among what it stands for.
	if i := slices.IndexFunc(page.Prefixes, func(cp string) bool { return strings.HasPrefix(StagingPrefix, cp) }); i >= 0 {
		visible, err := b.anyVisible(ctx, page.Prefixes[i], o.Cursor.After)
		if err != nil {
			return Page{}, err
		}
		if !visible {
			page.Prefixes = slices.Delete(page.Prefixes, i, i+1)
		}
	}
	return page, nil
}

// anyVisible tells whether a common prefix that covers the staging holds anything else after the given key.
func (b *stagingBucket) anyVisible(ctx context.Context, prefix, after string) (bool, error) {
	o := ListOptions{Prefix: prefix, Limit: 1, Cursor: Cursor{After: after}}
	for {
		page, err := b.List(ctx, o) // without a delimiter: hides and jumps
		if err != nil || len(page.Objects) > 0 || !page.More {
			return len(page.Objects) > 0, err
		}
		o.Cursor = page.Next
	}
}

// deletePrefix deletes every object under a prefix.
func deletePrefix(ctx context.Context, b Bucket, prefix string) error {
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
