package drivers

import (
	"context"
	"encoding/hex"
	"slices"
	"strings"
)

// last sorts after every name with the prefix before it, and before every other one.
const last = "\U0010FFFF"

// List lists without what is hidden; keys that lie under other names are listed among the others, which costs a second request to
// the store, side by side with the first.
func (b *stagingBucket) List(ctx context.Context, o ListOptions) (Page, error) {
	if b.names.namer == nil {
		return b.listPlain(ctx, o)
	}
	plain, renamed := once{list: b.listPlain}, once{list: b.listRenamed}
	g := NewGroup(ctx, 2)
	for _, first := range []*once{&plain, &renamed} {
		g.Go(func(ctx context.Context) error { return first.fetch(ctx, o) })
	}
	if err := g.Wait(); err != nil {
		return Page{}, err
	}
	if len(renamed.page.Objects)+len(renamed.page.Prefixes) == 0 && !renamed.page.More {
		return plain.page, nil // with the store's own hint
	}
	return MergeList(ctx, o, plain.next, renamed.next)
}

// once gives a page that is already there, and then what the list gives.
type once struct {
	list ListFunc
	page Page
	used bool
}

func (p *once) fetch(ctx context.Context, o ListOptions) (err error) {
	p.page, err = p.list(ctx, o)
	return err
}

func (p *once) next(ctx context.Context, o ListOptions) (Page, error) {
	if !p.used {
		p.used = true
		return p.page, nil
	}
	return p.list(ctx, o)
}

// listPlain lists what lies under its own key. Hidden names are jumped over, so they cost one more page at most.
func (b *stagingBucket) listPlain(ctx context.Context, o ListOptions) (Page, error) {
	secret := b.names.hidden()
	if strings.HasPrefix(o.Prefix, secret) {
		return Page{}, nil
	}
	hidden := func(name string) bool { return strings.HasPrefix(name, secret) }
	if hidden(o.Cursor.After) {
		o.Cursor = Cursor{After: secret + last}
	}
	page, err := b.child.List(ctx, o)
	if err != nil {
		return Page{}, err
	}
	page.Objects = slices.DeleteFunc(page.Objects, func(i Info) bool { return hidden(i.Key) })
	if hidden(page.Next.After) {
		page.Next = Cursor{After: secret + last}
	}
	page.Prefixes = slices.DeleteFunc(page.Prefixes, hidden)
	// One common prefix at most has the hidden names among what it stands for.
	if i := slices.IndexFunc(page.Prefixes, func(cp string) bool { return strings.HasPrefix(secret, cp) }); i >= 0 {
		visible, err := anyObject(ctx, b.listPlain, ListOptions{Prefix: page.Prefixes[i], Limit: 1, Cursor: Cursor{After: o.Cursor.After}})
		if err != nil {
			return Page{}, err
		}
		if !visible {
			page.Prefixes = slices.Delete(page.Prefixes, i, i+1)
		}
	}
	return page, nil
}

// anyObject tells whether a listing, which must have no delimiter, gives any object.
func anyObject(ctx context.Context, list ListFunc, o ListOptions) (bool, error) {
	for {
		page, err := list(ctx, o)
		if err != nil || len(page.Objects) > 0 || !page.More {
			return len(page.Objects) > 0, err
		}
		o.Cursor = page.Next
	}
}

// listRenamed lists what lies under keysPrefix, as its keys.
func (b *stagingBucket) listRenamed(ctx context.Context, o ListOptions) (Page, error) {
	build := NewPageBuilder(o)
	child := ListOptions{Prefix: keysPrefix + hex.EncodeToString([]byte(o.Prefix)), Limit: o.Limit}
	if after := o.Cursor.After; after != "" {
		child.Cursor.After = keysPrefix + hex.EncodeToString([]byte(after))
		if o.CommonPrefix(after) == after {
			child.Cursor.After += hexEnd
		}
	}
	for {
		page, err := b.child.List(ctx, child)
		if err != nil {
			return Page{}, err
		}
		folder := "" // the last key's
		for _, info := range page.Objects {
			key, ok := b.names.key(info.Key)
			if !ok {
				continue
			}
			info.Key = key
			if _, more := build.Add(info); !more {
				return build.Page(), nil
			}
			folder = o.CommonPrefix(key)
		}
		if !page.More {
			return build.Page(), nil
		}
		if child.Cursor = page.Next; folder != "" { // the rest of it is of no interest
			child.Cursor = Cursor{After: keysPrefix + hex.EncodeToString([]byte(folder)) + hexEnd}
		}
	}
}
