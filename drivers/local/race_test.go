//go:build unix

package local

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"

	"sluice/drivers"
)

// TestTwoDriversOnOneFolderLoseNoUpdate counts up in one object, by conditional writes of two drivers that share nothing
// but the folder, as two processes would.
func TestTwoDriversOnOneFolderLoseNoUpdate(t *testing.T) {
	t.Parallel()
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			one, two := open(t, root, o), open(t, root, o)
			t.Cleanup(func() { one.Close(); two.Close() })
			must(t, one.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
			put(t, one.Bucket("bucket"), "count", "0")
			const each, width = 10, 3
			var all sync.WaitGroup
			for _, d := range []*Driver{one, two} {
				for range width {
					all.Go(func() { countUp(t, d.Bucket("bucket"), each) })
				}
			}
			all.Wait()
			if text, _ := read(t, two.Bucket("bucket"), "count"); text != strconv.Itoa(2*width*each) {
				t.Errorf("counted to %s, want %d", text, 2*width*each)
			}
		})
	}
}

func countUp(t *testing.T, b drivers.Bucket, times int) {
	for done := 0; done < times; {
		obj, err := b.Get(t.Context(), "count", drivers.GetOptions{})
		if err != nil {
			t.Error(err)
			return
		}
		text, err := io.ReadAll(obj.Body)
		obj.Body.Close()
		n, nerr := strconv.Atoi(string(text))
		if err = errors.Join(err, nerr); err != nil {
			t.Error(err)
			return
		}
		_, err = b.Put(t.Context(), "count", strings.NewReader(strconv.Itoa(n+1)), drivers.PutOptions{
			Size: -1, Conditions: drivers.Conditions{IfMatch: []string{obj.ETag}},
		})
		switch {
		case err == nil:
			done++
		case !errors.Is(err, drivers.ErrPrecondition):
			t.Error(err)
			return
		}
	}
}

func TestOfManyWritersOfANewKeyOneWins(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	one, two := open(t, root, Options{}), open(t, root, Options{})
	t.Cleanup(func() { one.Close(); two.Close() })
	must(t, one.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	for i := range 20 {
		won := make(chan string, 8)
		var all sync.WaitGroup
		for j, d := range []*Driver{one, two, one, two, one, two, one, two} {
			all.Go(func() {
				body := fmt.Sprint("writer ", j)
				_, err := d.Bucket("bucket").Put(t.Context(), fmt.Sprint("deep/folder/", i), strings.NewReader(body), drivers.PutOptions{
					Size: int64(len(body)), Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}},
				})
				if err == nil {
					won <- body
				} else if !errors.Is(err, drivers.ErrPrecondition) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		close(won)
		if len(won) != 1 {
			t.Fatalf("%d writers won", len(won))
		}
		if text, _ := read(t, two.Bucket("bucket"), fmt.Sprint("deep/folder/", i)); text != <-won {
			t.Errorf("the object is %q", text)
		}
	}
}

// TestAnObjectIsAlwaysThereWhileItsNameBecomesAFolder turns "a" into a folder and back, under readers of "a".
func TestAnObjectIsAlwaysThereWhileItsNameBecomesAFolder(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {sideFiles: true}, {noSwaps: true}, {noSwaps: true, sideFiles: true}} {
		o.NoFsync = true
		d, b, _ := folder(t, o)
		d.turns(t, b)
	}
}

func (d *Driver) turns(t *testing.T, b drivers.Bucket) {
	t.Helper()
	put(t, b, "a", "a")
	stop := make(chan struct{})
	var readers, writers sync.WaitGroup
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				obj, err := b.Get(t.Context(), "a", drivers.GetOptions{})
				if err != nil {
					t.Errorf("Get: %v", err)
					return
				}
				obj.Body.Close()
				if obj.ETag != "0cc175b9c0f1b6a831c399e269772661" {
					t.Errorf("ETag is %q", obj.ETag)
				}
				if got := keys(t, b, drivers.ListOptions{Prefix: "a"}); len(got) == 0 || got[0] != "a" {
					t.Errorf("listed: %q", got)
				}
			}
		})
	}
	for _, below := range []string{"a/b", "a/b/c", "a/", "a/x"} {
		writers.Go(func() {
			for range 100 {
				put(t, b, below, below)
				put(t, b, "a", "a")
				if text, _ := read(t, b, below); text != below {
					t.Errorf("%q is %q", below, text)
				}
				if _, err := b.Delete(t.Context(), below, drivers.DeleteOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if got := keys(t, b, drivers.ListOptions{}); len(got) != 1 || got[0] != "a" {
		t.Errorf("keys are %q", got)
	}
	d.nothingPending(t)
}

func TestAPutKeepsTheBucketOrFindsNone(t *testing.T) {
	t.Parallel()
	d := open(t, t.TempDir(), Options{NoFsync: true})
	t.Cleanup(func() { d.Close() })
	b := d.Bucket("bucket")
	for i := range 200 {
		must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
		var perr, derr error
		var both sync.WaitGroup
		both.Go(func() {
			_, perr = b.Put(t.Context(), "deep/folder/key", strings.NewReader("x"), drivers.PutOptions{Size: 1})
		})
		both.Go(func() { derr = d.DeleteBucket(t.Context(), "bucket") })
		both.Wait()
		kept := perr == nil && errors.Is(derr, drivers.ErrNotEmpty)
		gone := errors.Is(perr, drivers.ErrNoBucket) && derr == nil
		if !kept && !gone {
			t.Fatalf("round %d: Put: %v, DeleteBucket: %v", i, perr, derr)
		}
		if kept {
			_, err := b.Delete(t.Context(), "deep/folder/key", drivers.DeleteOptions{})
			must(t, err)
			must(t, d.DeleteBucket(t.Context(), "bucket"))
		}
	}
}
