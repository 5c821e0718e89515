//go:build unix

package local

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// BenchmarkPut writes 4 KiB objects at 16 at once, beside the least that an atomic write of a file can do: a temporary
// file and a rename.
func BenchmarkPut(b *testing.B) {
	for _, fsync := range []bool{true, false} {
		b.Run(fmt.Sprintf("bare/fsync=%v", fsync), func(b *testing.B) { bareWrites(b, fsync) })
		b.Run(fmt.Sprintf("driver/fsync=%v", fsync), func(b *testing.B) {
			bucket := benchBucket(b, b.TempDir(), Options{NoFsync: !fsync})
			body := make([]byte, 4096)
			inParallel(b, func(n int64) error {
				_, err := bucket.Put(b.Context(), fmt.Sprintf("folder/object-%d", n), bytes.NewReader(body), drivers.PutOptions{Size: int64(len(body))})
				return err
			})
		})
	}
}

func bareWrites(b *testing.B, fsync bool) {
	dir, body := b.TempDir(), make([]byte, 4096)
	temp := filepath.Join(dir, "temp")
	if err := os.Mkdir(temp, 0o777); err != nil {
		b.Fatal(err)
	}
	inParallel(b, func(n int64) error {
		f, err := os.CreateTemp(temp, "x")
		if err != nil {
			return err
		}
		defer f.Close()
		md5.Sum(body)
		if _, err := f.Write(body); err != nil {
			return err
		}
		if fsync {
			if err := f.Sync(); err != nil {
				return err
			}
		}
		return os.Rename(f.Name(), filepath.Join(dir, fmt.Sprint(n)))
	})
}

func inParallel(b *testing.B, do func(n int64) error) {
	var n atomic.Int64
	b.SetParallelism(8) // 16 on two cores
	before := cpuTime()
	defer func() { b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op") }()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := do(n.Add(1)); err != nil {
				b.Error(err)
			}
		}
	})
}

// cpuTime is what the process has used of the processors, which is steadier than the clock on a busy machine.
func cpuTime() int64 {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return u.Utime.Nano() + u.Stime.Nano()
}

func benchBucket(b *testing.B, dir string, o Options) drivers.Bucket {
	d := open(b, dir, o)
	b.Cleanup(func() { d.Close() })
	if err := d.CreateBucket(b.Context(), "bucket", drivers.CreateBucketOptions{}); err != nil {
		b.Fatal(err)
	}
	return d.Bucket("bucket")
}

func BenchmarkGet(b *testing.B) {
	bucket := benchBucket(b, b.TempDir(), Options{NoFsync: true})
	put(b, bucket, "folder/object", string(make([]byte, 4096)))
	b.ReportAllocs()
	for b.Loop() {
		obj, err := bucket.Get(b.Context(), "folder/object", drivers.GetOptions{})
		if err != nil {
			b.Fatal(err)
		}
		io.Copy(io.Discard, obj.Body)
		obj.Body.Close()
	}
}

func BenchmarkHead(b *testing.B) {
	bucket := benchBucket(b, b.TempDir(), Options{NoFsync: true})
	put(b, bucket, "folder/object", "x")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := bucket.Head(b.Context(), "folder/object", drivers.GetOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkList lists pages of 1,000 from the middle of folders of different sizes.
func BenchmarkList(b *testing.B) {
	for _, n := range []int{2000, 100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			bucket := benchBucket(b, dir, Options{NoFsync: true})
			fillFolder(b, bucket, filepath.Join(dir, "bucket"), n)
			o := drivers.ListOptions{Cursor: drivers.Cursor{After: fmt.Sprintf("object-%07d", n/2)}}
			_, err := bucket.List(b.Context(), o) // reads the folder
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			before := cpuTime()
			defer func() { b.ReportMetric(float64(cpuTime()-before)/float64(b.N), "cpu-ns/op") }()
			for b.Loop() {
				page, err := bucket.List(b.Context(), o)
				if err != nil || len(page.Objects) != min(1000, n/2-1) {
					b.Fatal(len(page.Objects), err)
				}
			}
		})
	}
}

// fillFolder puts some objects, and makes the others as empty files, which is faster.
func fillFolder(tb testing.TB, bucket drivers.Bucket, dir string, n int) {
	tb.Helper()
	for i := range n {
		name := fmt.Sprintf("object-%07d", i)
		if i >= n/2 && i < n/2+2000 {
			put(tb, bucket, name, "some content")
		} else if f, err := os.Create(filepath.Join(dir, name)); err != nil {
			tb.Fatal(err)
		} else {
			f.Close()
		}
	}
}

func put(tb testing.TB, b drivers.Bucket, key, body string) drivers.Info {
	tb.Helper()
	info, err := b.Put(tb.Context(), key, bytes.NewReader([]byte(body)), drivers.PutOptions{Size: int64(len(body))})
	if err != nil {
		tb.Fatal(err)
	}
	return info
}
