package drivers

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"
)

// Sweeper is a Driver that keeps hidden objects beside the clients' own, and finds those that a crash has left.
type Sweeper interface {
	// Sweep deletes, in each bucket, what is of no use any more and older than age: parts whose upload has ended, and what never got
	// to its own name. Unfinished uploads stay.
	Sweep(ctx context.Context, age time.Duration) error
}

// Sweep implements Sweeper.
func (d *stagingDriver) Sweep(ctx context.Context, age time.Duration) error {
	buckets, err := d.ListBuckets(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, info := range buckets {
		if err := d.bucket(info.Name).sweep(ctx, time.Now().Add(-age)); err != nil && !errors.Is(err, ErrNoBucket) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// sweep goes on after an error, which may be of one object alone, and returns the first.
func (b *stagingBucket) sweep(ctx context.Context, before time.Time) (first error) {
	err := eachPage(ctx, b.child, ListOptions{Prefix: StagingPrefix, Delimiter: "/"}, func(page Page) {
		for _, folder := range page.Prefixes {
			first = cmp.Or(first, b.sweepFolder(ctx, folder, before))
		}
	})
	return cmp.Or(first, err)
}

// sweepFolder sweeps the parts of one upload, or one of the folders of drivers.
func (b *stagingBucket) sweepFolder(ctx context.Context, folder string, before time.Time) (first error) {
	id := strings.TrimSuffix(strings.TrimPrefix(folder, StagingPrefix), "/")
	useless := func(context.Context, Info) (bool, error) { return true, nil }
	switch {
	case folder == OverflowPrefix:
		useless = b.unowned
	case folder == ScratchPrefix:
	case !strings.HasPrefix(id, stagedID):
		return nil // not of this version
	default:
		if _, err := b.uploadByID(ctx, id); !errors.Is(err, ErrNoUpload) {
			return err
		}
	}
	err := eachPage(ctx, b.child, ListOptions{Prefix: folder}, func(page Page) {
		for _, info := range page.Objects {
			if at := info.LastModified; at.IsZero() || !at.Before(before) { // a store that does not say when is not taken for an old one
				continue
			}
			drop, err := useless(ctx, info)
			if drop {
				err = purge(ctx, b.child, info.Key)
			}
			first = cmp.Or(first, err)
		}
	})
	return cmp.Or(first, err)
}

// eachPage gives all pages of a listing to f, until ctx ends.
func eachPage(ctx context.Context, b Bucket, o ListOptions, f func(Page)) error {
	for {
		page, err := b.List(ctx, o)
		if err != nil {
			return err
		}
		if f(page); !page.More || ctx.Err() != nil {
			return ctx.Err()
		}
		o.Cursor = page.Next
	}
}

// ownerOf is the metadata of an overflow that names the object it belongs to.
const ownerOf = "owner"

// OverflowHeader is the header of an object under OverflowPrefix that belongs to the object of the given name.
func OverflowHeader(name string) Header {
	return Header{Metadata: map[string]string{ownerOf: name}}
}

// Overflower is a Bucket that keeps what does not fit into an object's metadata in another object, under OverflowPrefix.
type Overflower interface {
	// Overflow returns the name of what lies beside an object, "" where nothing does, or fails as Head does.
	Overflow(ctx context.Context, key string) (string, error)
}

// unowned tells whether an overflow belongs to an object that is gone, or has another one or none by now. The object itself is asked:
// times tell nothing, for to publish it may take hours, and other tools may write it again as it was.
func (b *stagingBucket) unowned(ctx context.Context, overflow Info) (bool, error) {
	info, err := b.child.Head(ctx, overflow.Key, GetOptions{})
	if err != nil {
		return false, ignoreNotFound(err)
	}
	owners, ok := core(b.child).(Overflower)
	name := info.Header.Metadata[ownerOf]
	if name == "" || !ok {
		return ok, nil
	}
	beside, err := owners.Overflow(ctx, name)
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return err == nil && beside != overflow.Key, err
}

func ignoreNotFound(err error) error {
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
