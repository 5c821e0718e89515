package drivers_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sluice/drivers"
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
