package route

import (
	"bytes"
	"context"
	"errors"

	"sluice/drivers"
)

// A bucket with a prefix is a part of a bucket at a store. The object whose key is the prefix itself, which has no key in the
// part, says that it was made; see the package comment.

// first returns the first object of a listing, nil where there is none.
func first(ctx context.Context, b drivers.Bucket, o drivers.ListOptions) (*drivers.Info, error) {
	for o.Limit = 1; ; {
		page, err := b.List(ctx, o)
		switch {
		case err != nil:
			return nil, err
		case len(page.Objects) > 0:
			return &page.Objects[0], nil
		case !page.More:
			return nil, nil
		}
		o.Cursor = page.Next
	}
}

func (s spot) whole() drivers.Bucket { return s.driver.Bucket(s.bucket) }

func (s spot) statPart(ctx context.Context, name string) (drivers.BucketInfo, error) {
	info, err := first(ctx, s.whole(), drivers.ListOptions{Prefix: s.prefix})
	switch {
	case errors.Is(err, drivers.ErrNoBucket), err == nil && info == nil:
		return drivers.BucketInfo{}, fail("StatBucket", name, drivers.ErrNoBucket)
	case err != nil:
		return drivers.BucketInfo{}, err
	case info.Key == s.prefix:
		return drivers.BucketInfo{Name: name, Created: info.LastModified}, nil
	}
	return drivers.BucketInfo{Name: name}, nil
}

func (s spot) createPart(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	info, err := first(ctx, s.whole(), drivers.ListOptions{Prefix: s.prefix})
	if errors.Is(err, drivers.ErrNoBucket) {
		if err = s.driver.CreateBucket(ctx, s.bucket, o); errors.Is(err, drivers.ErrBucketExists) { // by now
			err = nil
		}
	}
	switch {
	case err != nil:
		return err
	case info != nil:
		return fail("CreateBucket", name, drivers.ErrBucketExists)
	}
	put := drivers.PutOptions{
		Header:     drivers.Header{ContentType: "application/x-directory"},
		Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}, // of several who make it, one has made it
	}
	_, err = s.whole().Put(ctx, s.prefix, &drivers.Buffered{Reader: bytes.NewReader(nil)}, put)
	if errors.Is(err, drivers.ErrPrecondition) || errors.Is(err, drivers.ErrConflict) {
		return fail("CreateBucket", name, drivers.ErrBucketExists)
	}
	return err
}

func (s spot) deletePart(ctx context.Context, name string) error {
	if _, err := s.statPart(ctx, name); err != nil {
		return err
	}
	part := drivers.Prefix(s.whole(), s.prefix)
	switch info, err := first(ctx, part, drivers.ListOptions{}); {
	case err != nil:
		return err
	case info != nil:
		return fail("DeleteBucket", name, drivers.ErrNotEmpty)
	}
	if err := abortAll(ctx, drivers.Multiparts(part)); err != nil {
		return err
	}
	if _, err := s.whole().Delete(ctx, s.prefix, drivers.DeleteOptions{}); err != nil || !s.owns {
		return err
	}
	err := s.driver.DeleteBucket(ctx, s.bucket)
	if errors.Is(err, drivers.ErrNotEmpty) || errors.Is(err, drivers.ErrNoBucket) {
		return nil // something else lies there, or somebody else was as fast
	}
	return err
}

// abortAll drops all unfinished uploads.
func abortAll(ctx context.Context, m drivers.Multipart) error {
	for o := (drivers.ListUploadsOptions{}); ; {
		page, err := m.ListUploads(ctx, o)
		if errors.Is(err, drivers.ErrUnsupported) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, u := range page.Uploads {
			if err := m.AbortUpload(ctx, u.Key, u.ID); err != nil && !errors.Is(err, drivers.ErrNoUpload) {
				return err
			}
		}
		if !page.More {
			return nil
		}
		o.KeyAfter, o.IDAfter = page.NextKey, page.NextID
	}
}
