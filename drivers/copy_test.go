package drivers_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/drivertest"
	"sluice/drivers/mem"
)

func TestACopyOfADamagedSourceIsNotStored(t *testing.T) {
	t.Parallel()
	store := drivertest.Plain(mem.New())
	damaged := drivers.Intercept(store, func(ctx context.Context, c *drivers.Call, next func(context.Context) error) error {
		err := next(ctx)
		if c.Op == "Get" && err == nil {
			c.Object.Body = io.NopCloser(strings.NewReader("other"))
		}
		return err
	})
	must(t, store.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	body := drivers.NewDigestReader(strings.NewReader("bytes"), 5, checksum.CRC32)
	_, err := store.Bucket("b").Put(t.Context(), "key", body, drivers.PutOptions{Size: 5, Digest: body.Digest})
	must(t, err)
	for key, src := range map[string]drivers.Driver{"copy": store, "damaged": damaged} {
		_, err := drivers.Copy(t.Context(), store.Bucket("b"), key, src.Bucket("b"), "key", drivers.CopyOptions{})
		if (err == nil) != (key == "copy") {
			t.Errorf("%s: error is %v", key, err)
		}
	}
	if _, err := store.Bucket("b").Head(t.Context(), "damaged", drivers.GetOptions{}); err == nil {
		t.Error("the damaged copy was stored")
	}
}
