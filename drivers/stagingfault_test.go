package drivers_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/drivers"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

// failing fails calls with what its function returns, where that is an error.
func failing(d drivers.Driver, f func(c *drivers.Call) error) drivers.Driver {
	return drivers.Intercept(d, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		if err := f(c); err != nil {
			return err
		}
		return next(ctx)
	})
}

// slow is a body that takes longer than an upload is known for.
type slow struct{ io.Reader }

func (s slow) Read(p []byte) (int, error) {
	time.Sleep(6 * time.Second)
	return s.Reader.Read(p)
}

func TestAPartThatCannotBeCheckedTakesNoLaterOneAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var down atomic.Bool
		d := drivers.Staging(failing(fussy(), func(c *drivers.Call) error {
			if c.Op == "Get" && down.Load() {
				return drivers.ErrUnavailable
			}
			return nil
		}))
		must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
		m := drivers.Multiparts(d.Bucket("b"))
		u, _ := upload(t, d.Bucket("b"), "key")
		down.Store(true)
		put := func(body io.Reader) error {
			_, err := m.PutPart(t.Context(), "key", u.ID, 2, body, drivers.PutPartOptions{Size: 4})
			return err
		}
		if err := put(slow{strings.NewReader("part")}); !errors.Is(err, drivers.ErrUnavailable) {
			t.Fatalf("error is %v", err)
		}
		down.Store(false)
		must(t, put(strings.NewReader("part")))
		synctest.Wait() // for all that is cleaned away
		page, err := m.ListParts(t.Context(), "key", u.ID, drivers.ListPartsOptions{})
		if must(t, err); len(page.Parts) != 2 {
			t.Errorf("parts: %+v", page.Parts)
		}
		must(t, d.Close())
	})
}

// complete ends an upload of one part.
func complete(ctx context.Context, b drivers.Bucket, u drivers.Upload, p drivers.CompletedPart, c drivers.Conditions) (drivers.Info, error) {
	return drivers.Multiparts(b).CompleteUpload(ctx, u.Key, u.ID, []drivers.CompletedPart{p}, drivers.CompleteOptions{Conditions: c})
}

func TestACompletedUploadIsOneAlsoWhereItsDocumentCannotBeDeleted(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(end context.CancelFunc) error{
		"the store fails":      func(context.CancelFunc) error { return drivers.ErrUnavailable },
		"the client goes away": func(end context.CancelFunc) error { end(); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var spoilt atomic.Bool
				store := fussy()
				d := drivers.Staging(drivers.Intercept(store, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
					if c.Op == "Delete" && strings.HasSuffix(c.Key, "/upload") && spoilt.CompareAndSwap(false, true) {
						if err := spoil(cancel); err != nil {
							return err
						}
					}
					if ctx.Err() != nil {
						return ctx.Err()
					}
					return next(ctx)
				}))
				must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
				b := d.Bucket("b")
				u, part := upload(t, b, "key")
				if _, err := complete(ctx, b, u, part, drivers.Conditions{IfNoneMatch: []string{"*"}}); err != nil {
					t.Errorf("the object is there, and yet: %v", err)
				}
				must(t, d.Close())
				page, err := store.Bucket("b").List(t.Context(), drivers.ListOptions{})
				if must(t, err); !spoilt.Load() || len(page.Objects) != 1 || page.Objects[0].Key != "key" {
					t.Errorf("in the store: %+v", page.Objects)
				}
			})
		})
	}
}

func TestNoPartIsTakenOnceAnUploadHasEnded(t *testing.T) {
	t.Parallel()
	var b drivers.Bucket
	var u drivers.Upload
	put := func(ctx context.Context) error {
		_, err := drivers.Multiparts(b).PutPart(ctx, "key", u.ID, 2, strings.NewReader("late"), drivers.PutPartOptions{Size: 4})
		return err
	}
	d := drivers.Staging(drivers.Intercept(fussy(), func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		if c.Op == "Delete" && strings.HasSuffix(c.Key, "/upload") {
			must(t, put(ctx)) // at the last moment
		}
		return next(ctx)
	}))
	defer d.Close()
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	b = d.Bucket("b")
	u, _ = upload(t, b, "key")
	must(t, drivers.Multiparts(b).AbortUpload(t.Context(), "key", u.ID))
	if err := put(t.Context()); !errors.Is(err, drivers.ErrNoUpload) {
		t.Errorf("error is %v", err)
	}
}

// A client that waits too long for the answer sends a part again, and the first try may still come in when the upload completes.
func TestAPartThatIsSentAgainWhileTheUploadCompletes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		again string
		want  error
	}{{"part", nil}, {"else", drivers.ErrInvalidPart}} {
		for name, store := range map[string]drivers.Driver{"joined by the store": fussy(), "streamed": drivertest.Plain(mem.New())} {
			t.Run(c.again+" "+name, func(t *testing.T) {
				t.Parallel()
				var u drivers.Upload
				var once sync.Once
				d := drivers.Staging(drivers.Intercept(store, func(ctx context.Context, call *drivers.Call, next func(context.Context) error) error {
					if call.Key == "key" {
						once.Do(func() {
							_, err := store.Bucket("b").Put(ctx, drivers.StagingPrefix+u.ID+"/part-00001", strings.NewReader(c.again), drivers.PutOptions{Size: 4})
							must(t, err)
						})
					}
					return next(ctx)
				}))
				defer d.Close()
				must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
				b := d.Bucket("b")
				var part drivers.CompletedPart
				u, part = upload(t, b, "key")
				if _, err := complete(t.Context(), b, u, part, drivers.Conditions{}); !errors.Is(err, c.want) {
					t.Errorf("error is %v, want %v", err, c.want)
				}
			})
		}
	}
}
