package cdk_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"gocloud.dev/blob"
	"gocloud.dev/blob/driver"
	"gocloud.dev/blob/memblob"
	"gocloud.dev/gcerrors"
)

// counted is a store that counts what it is asked for, and does what a test wants before or instead.
type counted struct {
	driver.Bucket // of the methods that are not needed
	under         *blob.Bucket

	mu     sync.Mutex
	calls  map[string]int
	before func(call, key string) error
	again  func() // runs when a first write has been stored; it is then told that the object is there
}

func newCounted() *counted {
	return &counted{under: memblob.OpenBucket(nil), calls: map[string]int{}}
}

// take returns what was asked since the last time.
func (c *counted) take() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var text string
	for _, name := range slices.Sorted(maps.Keys(c.calls)) {
		text += fmt.Sprintf("%s:%d ", name, c.calls[name])
	}
	clear(c.calls)
	return text
}

// hook sets what happens before each call; nil is nothing.
func (c *counted) hook(before func(call, key string) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.before = before
}

func (c *counted) count(call, key string) error {
	c.mu.Lock()
	c.calls[call]++
	before := c.before
	c.mu.Unlock()
	if before != nil {
		return before(call, key)
	}
	return nil
}

func (c *counted) Attributes(ctx context.Context, key string) (*driver.Attributes, error) {
	if err := c.count("Attributes", key); err != nil {
		return nil, err
	}
	a, err := c.under.Attributes(ctx, key)
	if err != nil {
		return nil, err
	}
	return &driver.Attributes{
		CacheControl: a.CacheControl, ContentDisposition: a.ContentDisposition, ContentEncoding: a.ContentEncoding,
		ContentLanguage: a.ContentLanguage, ContentType: a.ContentType, Metadata: a.Metadata, ModTime: a.ModTime, Size: a.Size,
		MD5: a.MD5, ETag: a.ETag,
	}, nil
}

func (c *counted) ListPaged(ctx context.Context, o *driver.ListOptions) (*driver.ListPage, error) {
	if err := c.count("List", o.Prefix); err != nil {
		return nil, err
	}
	token := o.PageToken
	if len(token) == 0 {
		token = blob.FirstPageToken
	}
	size := o.PageSize
	if size == 0 {
		size = 1000
	}
	objects, next, err := c.under.ListPage(ctx, token, size, &blob.ListOptions{Prefix: o.Prefix, Delimiter: o.Delimiter})
	page := &driver.ListPage{NextPageToken: next}
	for _, obj := range objects {
		page.Objects = append(page.Objects, &driver.ListObject{Key: obj.Key, ModTime: obj.ModTime, Size: obj.Size, MD5: obj.MD5, IsDir: obj.IsDir})
	}
	return page, err
}

// reader is a body of the store.
type reader struct {
	*blob.Reader
	attrs driver.ReaderAttributes
}

func (r reader) Attributes() *driver.ReaderAttributes { return &r.attrs }

func (c *counted) NewRangeReader(ctx context.Context, key string, offset, length int64, _ *driver.ReaderOptions) (driver.Reader, error) {
	if err := c.count("Read", key); err != nil {
		return nil, err
	}
	r, err := c.under.NewRangeReader(ctx, key, offset, length, nil)
	if err != nil {
		return nil, err
	}
	return reader{r, driver.ReaderAttributes{ContentType: r.ContentType(), ModTime: r.ModTime(), Size: r.Size()}}, nil
}

func (c *counted) NewTypedWriter(ctx context.Context, key, contentType string, o *driver.WriterOptions) (driver.Writer, error) {
	if err := c.count("Write", key); err != nil {
		return nil, err
	}
	w, err := c.under.NewWriter(ctx, key, &blob.WriterOptions{
		CacheControl: o.CacheControl, ContentDisposition: o.ContentDisposition, ContentEncoding: o.ContentEncoding,
		ContentLanguage: o.ContentLanguage, ContentType: contentType, DisableContentTypeDetection: true, Metadata: o.Metadata,
		IfNotExist: o.IfNotExist,
	})
	if err == nil && o.IfNotExist && c.again != nil {
		return repeated{w, c.again}, nil
	}
	return w, err
}

// repeated is a write that a library sends twice, and whose second answer is the one that comes.
type repeated struct {
	*blob.Writer
	between func()
}

func (r repeated) Close() error {
	if err := r.Writer.Close(); err != nil {
		return err
	}
	r.between()
	return codedError(gcerrors.FailedPrecondition)
}

func (c *counted) Delete(ctx context.Context, key string, _ *driver.DeleteOptions) error {
	if err := c.count("Delete", key); err != nil {
		return err
	}
	return c.under.Delete(ctx, key)
}

// codedError is an error with a code of the Go CDK.
type codedError gcerrors.ErrorCode

func (e codedError) Error() string { return "the store says " + gcerrors.ErrorCode(e).String() }

func (c *counted) ErrorCode(err error) gcerrors.ErrorCode {
	if coded, ok := errors.AsType[codedError](err); ok {
		return gcerrors.ErrorCode(coded)
	}
	return gcerrors.Unknown
}

func (c *counted) ErrorAs(error, any) bool { return false }
func (c *counted) Close() error            { return c.under.Close() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
