package drivertest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"sluice/drivers"
)

// Bench measures Put and Get by size, Head, and List by the number of keys, each call in parallel with others.
func Bench(b *testing.B, open func(b *testing.B) drivers.Driver) {
	d := open(b)
	b.Cleanup(func() {
		if err := d.Close(); err != nil {
			b.Error(err)
		}
	})
	const name = "drivertest-bench"
	if err := d.CreateBucket(b.Context(), name, drivers.CreateBucketOptions{}); err != nil {
		b.Fatal(err)
	}
	bucket := d.Bucket(name)
	for _, size := range []int{0, 4 << 10, 256 << 10, 8 << 20} {
		body := strings.Repeat("0123456789abcdef", size/16)
		b.Run(fmt.Sprintf("Put/%d", size), func(b *testing.B) { benchPut(b, bucket, body) })
		b.Run(fmt.Sprintf("Get/%d", size), func(b *testing.B) { benchGet(b, bucket, body) })
	}
	b.Run("Head", func(b *testing.B) { benchHead(b, bucket) })
	for _, keys := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("List/%d", keys), func(b *testing.B) { benchList(b, bucket, keys) })
	}
	removeAll(b, d, name)
}

// inParallel runs f over and over, in as many goroutines as there are processors.
func inParallel(b *testing.B, size int, f func(i int64) error) {
	b.SetBytes(int64(size))
	b.ReportAllocs()
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := f(n.Add(1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func benchPut(b *testing.B, bucket drivers.Bucket, body string) {
	inParallel(b, len(body), func(i int64) error {
		_, err := bucket.Put(b.Context(), fmt.Sprint("put/", i%1000), strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
		return err
	})
}

func benchGet(b *testing.B, bucket drivers.Bucket, body string) {
	if _, err := bucket.Put(b.Context(), "get", strings.NewReader(body), drivers.PutOptions{Size: int64(len(body))}); err != nil {
		b.Fatal(err)
	}
	inParallel(b, len(body), func(int64) error {
		obj, err := bucket.Get(b.Context(), "get", drivers.GetOptions{})
		if err != nil {
			return err
		}
		defer obj.Body.Close()
		_, err = io.Copy(io.Discard, obj.Body)
		return err
	})
}

func benchHead(b *testing.B, bucket drivers.Bucket) {
	inParallel(b, 0, func(int64) error {
		_, err := bucket.Head(b.Context(), "get", drivers.GetOptions{})
		return err
	})
}

func benchList(b *testing.B, bucket drivers.Bucket, keys int) {
	prefix := fmt.Sprintf("list%d/", keys)
	g := drivers.NewGroup(b.Context(), 16)
	for i := range keys {
		g.Go(func(ctx context.Context) error {
			_, err := bucket.Put(ctx, fmt.Sprintf("%s%03d/%05d", prefix, i/100, i), strings.NewReader(""), drivers.PutOptions{})
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	for _, o := range []drivers.ListOptions{{Prefix: prefix}, {Prefix: prefix, Delimiter: "/"}, {Prefix: prefix, Limit: 10}} {
		b.Run(fmt.Sprintf("delimiter=%s,limit=%d", o.Delimiter, o.Limit), func(b *testing.B) {
			inParallel(b, 0, func(int64) error {
				_, err := bucket.List(b.Context(), o)
				return err
			})
		})
	}
}

// removeAll empties the benchmark's bucket and deletes it.
func removeAll(b *testing.B, d drivers.Driver, name string) {
	bucket := d.Bucket(name)
	for more := true; more; {
		page, err := bucket.List(b.Context(), drivers.ListOptions{})
		if err != nil {
			b.Fatal(err)
		}
		items := make([]drivers.DeleteItem, len(page.Objects))
		for i, info := range page.Objects {
			items[i].Key = info.Key
		}
		drivers.DeleteAll(b.Context(), bucket, items)
		more = page.More && len(items) > 0
	}
	if err := d.DeleteBucket(b.Context(), name); err != nil {
		b.Error(err)
	}
}
