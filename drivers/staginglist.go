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
	for i, cp := range page.Prefixes {
		if strings.HasPrefix(StagingPrefix, cp) || hidden(cp) {
			visible, err := b.anyVisible(ctx, cp)
			if err != nil {
				return Page{}, err
			}
			if !visible {
				page.Prefixes = slices.Delete(slices.Clone(page.Prefixes), i, i+1)
			}
			break // only one common prefix of a page can cover the staging
		}
	}
	return page, nil
}

// anyVisible tells whether a common prefix that covers the staging holds anything else.
func (b *stagingBucket) anyVisible(ctx context.Context, prefix string) (bool, error) {
	if hidden(prefix) {
		return false, nil
	}
	o := ListOptions{Prefix: prefix, Limit: 1}
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
	for {
		page, err := b.List(ctx, ListOptions{Prefix: prefix})
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
	}
}
