package drivers_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

const part = "part/"

// among is a driver whose buckets are parts of others, in which neighbours lie, before and after.
type among struct{ drivers.Driver }

var neighbours = []string{".", "part", "part.", part, "part0", "z/key"}

func (d among) Bucket(name string) drivers.Bucket { return drivers.Prefix(d.Driver.Bucket(name), part) }

func (d among) CreateBucket(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	err := d.Driver.CreateBucket(ctx, name, o)
	for _, key := range neighbours {
		if err == nil {
			_, err = d.Driver.Bucket(name).Put(ctx, key, strings.NewReader("neighbour"), drivers.PutOptions{Size: 9})
		}
	}
	return err
}

func (d among) DeleteBucket(ctx context.Context, name string) error {
	page, err := d.Bucket(name).List(ctx, drivers.ListOptions{})
	if err != nil || len(page.Objects) > 0 {
		return errors.Join(err, &drivers.Error{Op: "DeleteBucket", Bucket: name, Err: drivers.ErrNotEmpty})
	}
	b := d.Driver.Bucket(name)
	all, err := b.List(ctx, drivers.ListOptions{})
	for i := range all.Objects {
		if all.Objects[i].Key != neighbours[i] || all.Objects[i].Size != 9 {
			err = errors.Join(err, errors.New("a neighbour has changed: "+all.Objects[i].Key))
		}
	}
	for _, key := range neighbours {
		_, derr := b.Delete(ctx, key, drivers.DeleteOptions{})
		err = errors.Join(err, derr)
	}
	return errors.Join(err, d.Driver.DeleteBucket(ctx, name))
}

func TestConformanceOfAPrefixAmongNeighbours(t *testing.T) {
	t.Parallel()
	long := drivertest.RefusesKeys(func(key string) bool { return len(part)+len(key) > drivers.MaxKeyLength })
	drivertest.Run(t, func(*testing.T) drivers.Driver { return among{mem.New()} }, long)
}

// A bucket that is a part of another, or read-only, is copied from by the store all the same; and to, where it may be.
func TestAStoreCopiesByItselfBetweenParts(t *testing.T) {
	t.Parallel()
	d, r := mem.New(), &recorder{}
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	store := drivers.Intercept(d, r.around).Bucket("b")
	from, to := drivers.ReadOnly(drivers.Prefix(store, "from/")), drivers.Prefix(drivers.Prefix(store, "to/"), "deep/")
	_, err := drivers.Prefix(store, "from/").Put(t.Context(), "key", strings.NewReader("body"), drivers.PutOptions{Size: 4})
	must(t, err)
	r.take()
	info, err := drivers.Copy(t.Context(), to, "copy", from, "key", drivers.CopyOptions{})
	must(t, err)
	if calls, want := r.take(), []string{"CopySource b/from/key", "Copy b/to/deep/copy"}; info.Key != "copy" || !slices.Equal(calls, want) {
		t.Errorf("%q: calls %q, want %q", info.Key, calls, want)
	}
	m := drivers.Multiparts(to)
	u, err := m.CreateUpload(t.Context(), "parts", drivers.CreateUploadOptions{})
	must(t, err)
	r.take()
	_, err = drivers.CopyPart(t.Context(), to, "parts", u.ID, 1, from, "key", drivers.CopyPartOptions{})
	must(t, err)
	if calls, want := r.take(), []string{"CopySource b/from/key", "CopyPart b/to/deep/parts"}; !slices.Equal(calls, want) {
		t.Errorf("of a part: calls %q, want %q", calls, want)
	}
	if _, err := drivers.Copy(t.Context(), from, "copy", to, "copy", drivers.CopyOptions{}); !errors.Is(err, drivers.ErrReadOnly) {
		t.Errorf("to a read-only bucket: %v", err)
	}
}

func TestABucketThatIsMissingNeedsNoStaging(t *testing.T) {
	t.Parallel()
	b := drivers.Missing("b")
	d := oneBucket{mem.New(), b}
	if drivers.Staging(d) != drivers.Driver(d) {
		t.Error("uploads are staged where there is nothing to stage them in")
	}
	_, err := drivers.Multiparts(b).CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	if !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("CreateUpload: %v", err)
	}
}
