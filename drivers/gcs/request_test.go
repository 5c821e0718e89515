package gcs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/gcs"
	"sluice/drivers/gcs/gcstest"
	"sluice/drivers/upstream"
)

// world is a driver as it is opened, on a store with one bucket.
type world struct {
	*testing.T
	server *gcstest.Server
	leaf   *gcs.Driver
	d      drivers.Driver
	b      drivers.Bucket
}

const bucketName = "photos"

// newWorld opens a driver as a config does, but with one attempt.
func newWorld(t *testing.T, change func(*gcstest.Server)) *world {
	t.Helper()
	leaf, server := newDriver(t, change)
	d := upstream.Wrap(leaf, upstream.Config{Attempts: 1}, drivers.Env{Node: "gcp"})
	w := &world{T: t, server: server, leaf: leaf, d: d, b: d.Bucket(bucketName)}
	w.must(d.CreateBucket(t.Context(), bucketName, drivers.CreateBucketOptions{}))
	server.Requests()
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// asked checks which requests there were since it was last called.
func (w *world) asked(want ...string) {
	w.Helper()
	if got := w.server.Requests(); !slices.Equal(got, want) {
		w.Errorf("requests are %q, want %q", got, want)
	}
}

// options are those that the gateway gives: the digest, known at the end, and what is announced of the checksum.
func options(body io.Reader, size int, known string) (io.Reader, drivers.PutOptions) {
	r := drivers.NewDigestReader(body, int64(size), checksum.CRC64NVME)
	sum := checksum.Checksum{Algorithm: checksum.CRC64NVME, Type: checksum.FullObject, Value: known}
	return r, drivers.PutOptions{Size: int64(size), Digest: r.Digest, Checksum: sum}
}

func crc64(s string) string {
	h := checksum.CRC64NVME.New()
	_, _ = io.WriteString(h, s)
	return checksum.Encode(h.Sum(nil))
}

// put puts an object as the gateway does.
func (w *world) put(key, content, known string, change func(*drivers.PutOptions)) drivers.Info {
	w.Helper()
	body, o := options(strings.NewReader(content), len(content), known)
	if change != nil {
		change(&o)
	}
	info, err := w.b.Put(w.Context(), key, body, o)
	w.must(err)
	return info
}

func (w *world) get(key string, o drivers.GetOptions) string {
	w.Helper()
	obj, err := w.b.Get(w.Context(), key, o)
	w.must(err)
	defer obj.Body.Close()
	content, err := io.ReadAll(obj.Body)
	w.must(err)
	return string(content)
}

// large is a body that is not buffered.
var large = strings.Repeat("0123456789abcde\n", drivers.SmallBody/16+1)

func TestOneRequestOfS3IsOneOfTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	ctx := t.Context()

	info := w.put("small", "x", "", nil)
	w.asked("objects.insert")
	w.put("announced", large, crc64(large), nil)
	w.asked("objects.insert")
	w.put("first", "x", "", func(o *drivers.PutOptions) { o.Conditions.IfNoneMatch = []string{"*"} })
	w.asked("objects.insert")
	w.put("small", "y", "", func(o *drivers.PutOptions) { o.Conditions.IfToken = info.Token })
	w.asked("objects.insert")
	w.put("small", "x", "", func(o *drivers.PutOptions) { o.Tags = []drivers.Tag{{Key: "k", Value: "v"}} })
	w.asked("objects.insert")
	w.put("unknown", large, "", nil) // and the first of its kind learns that the store deletes what it composed
	w.asked("objects.insert", "objects.compose", "objects.delete")
	w.put("unknown", large, "", nil)
	w.asked("objects.insert", "objects.compose")

	_ = w.get("small", drivers.GetOptions{})
	w.asked("xml.get")
	_ = w.get("announced", drivers.GetOptions{Range: drivers.Range{Start: -7}, Conditions: drivers.Conditions{IfNoneMatch: []string{"other"}}})
	w.asked("xml.get")
	_, err := w.b.Head(ctx, "small", drivers.GetOptions{Range: drivers.Range{Start: 0, Length: 1}})
	w.must(err)
	w.asked("objects.get")
	_, err = w.b.List(ctx, drivers.ListOptions{Delimiter: "/"})
	w.must(err)
	w.asked("objects.list")
	_, err = w.b.Delete(ctx, "small", drivers.DeleteOptions{})
	w.must(err)
	w.asked("objects.delete")
	_, err = w.b.Delete(ctx, "small", drivers.DeleteOptions{})
	w.must(err)
	w.asked("objects.delete")
	w.must(drivers.Check(ctx, w.d))
	w.asked("buckets.list")

	for _, call := range w.missing() { // what is missing, the answer says
		call(ctx)
	}
}

// missing are calls about an object that is not there, in a bucket that is there and in one that is not.
func (w *world) missing() (all []func(context.Context)) {
	for bucket, want := range map[string]error{bucketName: drivers.ErrNotFound, "no-photos": drivers.ErrNoBucket} {
		b := w.d.Bucket(bucket)
		all = append(all, func(ctx context.Context) {
			if _, err := b.Head(ctx, "missing", drivers.GetOptions{}); !errors.Is(err, want) {
				w.Errorf("error is %v, want %v", err, want)
			}
			w.asked("objects.get")
			if _, err := b.Get(ctx, "missing", drivers.GetOptions{}); !errors.Is(err, want) {
				w.Errorf("error is %v, want %v", err, want)
			}
			w.asked("xml.get")
		})
	}
	return all
}

func TestWhatTheStoreCannotJudgeIsLookedUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	info := w.put("key", "x", "", nil)
	w.server.Requests()
	w.put("key", "y", "", func(o *drivers.PutOptions) { o.Conditions.IfMatch = []string{info.ETag} })
	w.asked("objects.get", "objects.insert")
	_, err := drivers.Copy(t.Context(), w.b, "copy", w.b, "key", drivers.CopyOptions{})
	w.must(err)
	w.asked("objects.get", "objects.rewrite")
	_ = w.get("key", drivers.GetOptions{PartNumber: 1})
	w.asked("objects.get", "xml.get")
	w.must(drivers.SetTags(t.Context(), w.b, "key", "", []drivers.Tag{{Key: "k", Value: "v"}}))
	w.asked("objects.get", "objects.patch")
}

func TestANameBesideAnotherNeedsNoSecondListing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	keys := []string{".", "..", ".well-known/acme-challenge/token", "a\tb", "a\nb", "a\vb", "a\rb"}
	slices.Sort(keys)
	for _, key := range keys {
		w.put(key, "x", "", nil)
	}
	w.server.Requests()
	page, err := w.b.List(t.Context(), drivers.ListOptions{})
	w.must(err)
	var got []string
	for _, info := range page.Objects {
		got = append(got, info.Key)
	}
	if !slices.Equal(got, keys) {
		t.Errorf("listed are %q, want %q", got, keys)
	}
	w.asked("objects.list")
}

func TestPartsOfUploads(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	info := w.put(drivers.StagingPrefix+"u/part-00001", large, "", nil)
	w.asked("objects.insert", "objects.patch")
	if want := crc64(large); info.Checksum.Value != want {
		t.Errorf("the checksum is %+v, want %q", info.Checksum, want)
	}
	body, o := options(strings.NewReader(large), len(large), "")
	o.Size = -1
	_, err := w.b.Put(t.Context(), drivers.StagingPrefix+"u/part-00002", body, o)
	w.must(err)
	w.asked("objects.insert", "objects.patch")
	w.put(drivers.StagingPrefix+"u/part-00003", large, crc64(large), nil)
	w.asked("objects.insert")
}

func TestABodyThatFailsHasNoEnd(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int64{"of known length": int64(len(large)), "of unknown length": -1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			body := io.MultiReader(strings.NewReader(large[:len(large)-1]), failing{})
			_, err := w.b.Put(t.Context(), "key", body, drivers.PutOptions{Size: size})
			if err != io.ErrNoProgress {
				t.Errorf("error is %v", err)
			}
			if live, _ := w.server.Objects(bucketName); len(live) > 0 {
				t.Errorf("the store has %q", live)
			}
			if got := w.server.Requests(); slices.Contains(got, "objects.delete") {
				t.Errorf("requests are %q: there is nothing to delete", got)
			}
		})
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrNoProgress }

func TestACancelledPutLeavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	w := newWorld(t, func(s *gcstest.Server) {
		s.Fail = failing1("objects.compose", func() int {
			cancel()
			return gcstest.Drop
		})
	})
	body, o := options(strings.NewReader(large), len(large), "")
	if _, err := w.b.Put(ctx, "key", body, o); err != context.Canceled {
		t.Errorf("error is %v", err)
	}
	if live, _ := w.server.Objects(bucketName); len(live) > 0 {
		t.Errorf("the store has %q", live)
	}
}

func TestTheStoreHoldsABodyInMemoryAgainstItsMD5(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	body := &drivers.Buffered{Reader: bytes.NewReader([]byte("contend"))}
	d := drivers.Digest{ETag: "9a0364b9e99bb480dd25e1f0284c8556"} // of "content"
	_, err := w.b.Put(t.Context(), "key", body, drivers.PutOptions{Size: 7, Digest: func() drivers.Digest { return d }})
	if !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if live, _ := w.server.Objects(bucketName); len(live) > 0 {
		t.Errorf("the store has %q", live)
	}
}
