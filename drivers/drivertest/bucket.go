package drivertest

import (
	"errors"
	"slices"
	"strings"

	"sluice/drivers"
)

func bucketChecks() []check {
	return []check{
		{"Bucket/a new one is there, listed and empty", bucketCreate},
		{"Bucket/a second one of the name is refused", bucketTwice},
		{"Bucket/one with objects is not deleted", bucketNotEmpty},
		{"Bucket/one with unfinished uploads only is deleted", bucketWithUploads},
		{"Bucket/a deleted one comes back empty", bucketAgain},
		{"Bucket/every method fails where there is none", bucketMissing},
		{"Bucket/several hold their own objects", bucketsApart},
		{"Driver/is usable, says a check", func(e *env) { e.ok(drivers.Check(e.Context(), e.d)) }},
		{"Driver/errors tell where they happened", errorsTellWhere},
	}
}

// listed tells whether ListBuckets, which must be in order, has the bucket.
func (e *env) listed(name string) bool {
	e.Helper()
	all, err := e.d.ListBuckets(e.Context())
	e.must(err)
	if !slices.IsSortedFunc(all, func(a, b drivers.BucketInfo) int { return strings.Compare(a.Name, b.Name) }) {
		e.Errorf("buckets are out of order: %+v", all)
	}
	return slices.ContainsFunc(all, func(i drivers.BucketInfo) bool { return i.Name == name })
}

func bucketCreate(e *env) {
	info, err := e.d.StatBucket(e.Context(), e.bucket)
	e.must(err)
	same(e, "Name", info.Name, e.bucket)
	for range 3 { // several, for the order
		e.newBucket()
	}
	if !e.listed(e.bucket) {
		e.Errorf("%s is not listed", e.bucket)
	}
	same(e, "the number of keys", len(e.list(drivers.ListOptions{})), 0)
	e.absent("key")
	e.noUploads()
}

func bucketTwice(e *env) {
	info := e.put("key", "x", drivers.PutOptions{})
	e.is(e.d.CreateBucket(e.Context(), e.bucket, drivers.CreateBucketOptions{}), drivers.ErrBucketExists)
	e.holds("key", "x", info)
}

func bucketNotEmpty(e *env) {
	info := e.put("dir/key", "x", drivers.PutOptions{})
	e.is(e.d.DeleteBucket(e.Context(), e.bucket), drivers.ErrNotEmpty)
	e.holds("dir/key", "x", info)
	if !e.limits.withoutMultipart {
		u, err := e.m.CreateUpload(e.Context(), "dir/key", drivers.CreateUploadOptions{})
		e.must(err)
		e.is(e.d.DeleteBucket(e.Context(), e.bucket), drivers.ErrNotEmpty)
		e.ok(e.m.AbortUpload(e.Context(), "dir/key", u.ID)) // it is still there
	}
	_, err := e.b.Delete(e.Context(), "dir/key", drivers.DeleteOptions{})
	e.ok(err)
	e.ok(e.d.DeleteBucket(e.Context(), e.bucket))
}

func bucketWithUploads(e *env) {
	if e.limits.withoutMultipart {
		_, err := e.m.CreateUpload(e.Context(), "key", drivers.CreateUploadOptions{})
		e.is(err, drivers.ErrUnsupported)
		return
	}
	for _, key := range []string{"key", "dir/key"} {
		u, err := e.m.CreateUpload(e.Context(), key, drivers.CreateUploadOptions{})
		e.must(err)
		_, err = e.m.PutPart(e.Context(), key, u.ID, 1, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
		e.must(err)
	}
	e.ok(e.d.DeleteBucket(e.Context(), e.bucket))
	_, err := e.d.StatBucket(e.Context(), e.bucket)
	e.is(err, drivers.ErrNoBucket)
	e.must(e.d.CreateBucket(e.Context(), e.bucket, drivers.CreateBucketOptions{}))
	e.noUploads()
}

func bucketAgain(e *env) {
	header := drivers.Header{ContentType: "text/plain"}
	e.put("key", "x", drivers.PutOptions{Header: header})
	_, err := e.b.Delete(e.Context(), "key", drivers.DeleteOptions{})
	e.must(err)
	e.must(e.d.DeleteBucket(e.Context(), e.bucket))
	if e.listed(e.bucket) {
		e.Error("the deleted bucket is listed")
	}
	e.must(e.d.CreateBucket(e.Context(), e.bucket, drivers.CreateBucketOptions{}))
	e.absent("key")
	e.holds("key", "y", e.put("key", "y", drivers.PutOptions{})) // the old handle serves the new bucket
}

func bucketMissing(e *env) {
	ctx, uploadID := e.Context(), "x"
	if !e.limits.withoutMultipart {
		u, err := e.m.CreateUpload(ctx, "key", drivers.CreateUploadOptions{})
		e.must(err)
		uploadID = u.ID
	}
	_, other := e.newBucket()
	e.put("key", "x", drivers.PutOptions{})
	_, err := other.Put(ctx, "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
	e.must(err)
	_, err = e.b.Delete(ctx, "key", drivers.DeleteOptions{})
	e.must(err)
	e.must(e.d.DeleteBucket(ctx, e.bucket))

	e.is(e.d.DeleteBucket(ctx, e.bucket), drivers.ErrNoBucket)
	_, err = e.d.StatBucket(ctx, e.bucket)
	e.is(err, drivers.ErrNoBucket)
	_, err = e.b.Head(ctx, "key", drivers.GetOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.b.Get(ctx, "key", drivers.GetOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.b.Put(ctx, "key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.b.Delete(ctx, "key", drivers.DeleteOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.b.List(ctx, drivers.ListOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = drivers.Copy(ctx, e.b, "key", other, "key", drivers.CopyOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = drivers.Copy(ctx, other, "key", e.b, "key", drivers.CopyOptions{})
	e.is(err, drivers.ErrNoBucket)
	for _, out := range drivers.DeleteAll(ctx, e.b, []drivers.DeleteItem{{Key: "key"}}) {
		e.is(out.Err, drivers.ErrNoBucket)
	}
	if !e.limits.withoutTags {
		_, err = drivers.Tags(ctx, e.b, "key", "")
		e.is(err, drivers.ErrNoBucket)
		e.is(drivers.SetTags(ctx, e.b, "key", "", nil), drivers.ErrNoBucket)
	}
	if !e.limits.withoutMultipart {
		e.uploadsMissing(uploadID)
	}
	if _, err := e.d.StatBucket(ctx, e.bucket); err == nil {
		e.Error("a failed call has made the bucket")
	}
}

// uploadsMissing checks the calls of multipart uploads in a bucket that is gone.
func (e *env) uploadsMissing(id string) {
	e.Helper()
	ctx := e.Context()
	_, err := e.m.CreateUpload(ctx, "key", drivers.CreateUploadOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.m.PutPart(ctx, "key", id, 1, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.m.CompleteUpload(ctx, "key", id, []drivers.CompletedPart{{Number: 1, ETag: md5hex("x")}}, drivers.CompleteOptions{})
	e.is(err, drivers.ErrNoBucket)
	e.is(e.m.AbortUpload(ctx, "key", id), drivers.ErrNoBucket)
	_, err = e.m.ListParts(ctx, "key", id, drivers.ListPartsOptions{})
	e.is(err, drivers.ErrNoBucket)
	_, err = e.m.ListUploads(ctx, drivers.ListUploadsOptions{})
	e.is(err, drivers.ErrNoBucket)
}

func bucketsApart(e *env) {
	name, other := e.newBucket()
	info := e.put("key", "here", drivers.PutOptions{})
	_, err := other.Put(e.Context(), "key", strings.NewReader("there"), drivers.PutOptions{Size: 5})
	e.must(err)
	_, err = other.Put(e.Context(), "key2", strings.NewReader("there"), drivers.PutOptions{Size: 5})
	e.must(err)
	e.holds("key", "here", info)
	e.absent("key2")
	body, _ := e.getOf(e.d.Bucket(name), "key", drivers.GetOptions{})
	same(e, "the other body", body, "there")
}

func errorsTellWhere(e *env) {
	_, err := e.b.Head(e.Context(), "missing", drivers.GetOptions{})
	e.tellsWhere(err, "missing")
	_, err = e.b.Get(e.Context(), "missing", drivers.GetOptions{})
	e.tellsWhere(err, "missing")
	_, err = e.d.StatBucket(e.Context(), e.bucket+"-none")
	if e.is(err, drivers.ErrNoBucket); !strings.Contains(err.Error(), e.bucket+"-none") {
		e.Errorf("error %q does not name the bucket", err)
	}
}

// tellsWhere checks that an error is a drivers.Error with the place.
func (e *env) tellsWhere(err error, key string) {
	e.Helper()
	var at *drivers.Error
	if !errors.As(err, &at) || at.Op == "" || at.Bucket != e.bucket || at.Key != key {
		e.Errorf("error %q does not tell the place: %+v", err, at)
	}
}
