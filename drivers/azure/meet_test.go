package azure_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/azure/azuretest"
	"sluice/drivers/checksum"
)

// refuseQuery refuses what has a parameter.
func refuseQuery(name string) func(string, *http.Request) *azuretest.Fault {
	return func(_ string, r *http.Request) *azuretest.Fault {
		if r.URL.Query().Has(name) {
			return &azuretest.Fault{Status: http.StatusBadRequest, Code: "InvalidQueryParameterValue"}
		}
		return nil
	}
}

// small makes a bucket whose driver has large bodies above n bytes.
func small(t *testing.T, s *azuretest.Service, n int64) drivers.Bucket {
	t.Helper()
	d := open(t, s)
	azure.Shrink(d, n)
	if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return d.Bucket("photos")
}

// first runs f before the first request of an operation, and no other.
func first(op string, f func()) func(string, *http.Request) *azuretest.Fault {
	var done atomic.Bool
	return func(got string, _ *http.Request) *azuretest.Fault {
		if got == op && done.CompareAndSwap(false, true) {
			f()
		}
		return nil
	}
}

// A commit and a Put Blob drop the blocks that others have staged: https://learn.microsoft.com/rest/api/storageservices/put-block-list
func TestALargePutThatIsOvertaken(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("large ", 100)
	for name, c := range map[string]struct {
		between func(t *testing.T, b drivers.Bucket)
		under   drivers.Conditions
		want    error
		left    string
	}{
		"by a small one": {func(t *testing.T, b drivers.Bucket) { put(t, b, "key", "small", drivers.PutOptions{}) }, drivers.Conditions{}, nil, "small"},
		"by a large one": {func(t *testing.T, b drivers.Bucket) { put(t, b, "key", large+"!", drivers.PutOptions{}) }, drivers.Conditions{}, nil, large + "!"},
		"by one and its delete": {func(t *testing.T, b drivers.Bucket) {
			put(t, b, "key", "small", drivers.PutOptions{})
			_ = deleted(t, b, "key")
		}, drivers.Conditions{}, nil, ""},
		"under a condition": {func(t *testing.T, b drivers.Bucket) { put(t, b, "key", "small", drivers.PutOptions{}) },
			drivers.Conditions{IfNoneMatch: []string{"*"}}, drivers.ErrPrecondition, "small"},
		"under a condition that holds": {func(t *testing.T, b drivers.Bucket) {
			put(t, b, "key", "small", drivers.PutOptions{})
			_ = deleted(t, b, "key")
		}, drivers.Conditions{IfNoneMatch: []string{"*"}}, drivers.ErrConflict, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azuretest.New()
			b := small(t, s, 100)
			s.Before = first("PutBlockList", func() { c.between(t, b) })
			info, err := b.Put(t.Context(), "key", strings.NewReader(large), drivers.PutOptions{Size: int64(len(large)), Conditions: c.under})
			if !errors.Is(err, c.want) {
				t.Fatalf("error is %v, want %v", err, c.want)
			}
			if err == nil && (info.Size != int64(len(large)) || info.Token == "" || len(info.ETag) != 32) {
				t.Errorf("Put returns %+v", info)
			}
			if c.left == "" {
				if _, err := b.Head(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
					t.Errorf("Head: %v", err)
				}
				return
			}
			text, now := get(t, b, "key", drivers.GetOptions{})
			if text != c.left || now.Token == info.Token {
				t.Errorf("the key holds %.20q, token %s", text, now.Token)
			}
		})
	}
}

func TestLargePutsOfOneKeyAtOnce(t *testing.T) {
	t.Parallel()
	b := small(t, azuretest.New(), 1000)
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			text := strings.Repeat(fmt.Sprintf("writer %02d ", i), 100+100*i)
			size := int64(len(text))
			if i%3 == 0 {
				size = -1
			}
			_, err := b.Put(t.Context(), "key", strings.NewReader(text), drivers.PutOptions{Size: size})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	text, info := get(t, b, "key", drivers.GetOptions{})
	if strings.Count(text, text[:10])*10 != len(text) || int64(len(text)) != info.Size {
		t.Errorf("the key holds a mixture of %d bytes: %.30q", len(text), text)
	}
}

func TestAnUploadThatBreaksOffLeavesTheObject(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, size := range []int64{1000, -1} {
		for _, sent := range []int{0, 50, 500, 999, 1000} {
			s := azuretest.New()
			b := small(t, s, 100)
			old := put(t, b, "key", "old", drivers.PutOptions{})
			body := io.MultiReader(bytes.NewReader(make([]byte, sent)), failing{broken})
			if _, err := b.Put(t.Context(), "key", body, drivers.PutOptions{Size: size}); !errors.Is(err, broken) {
				t.Errorf("%d of %d bytes: %v", sent, size, err)
			}
			text, now := get(t, b, "key", drivers.GetOptions{})
			if names, _ := s.Names("photos"); text != "old" || now.Token != old.Token || len(names) != 1 {
				t.Errorf("%d of %d bytes: the key holds %q; blobs are %q", sent, size, text, names)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// parts stores n parts of an object and returns them as sources, with what they make.
func parts(t *testing.T, b drivers.Bucket, n int) (sources []drivers.Source, text string, o drivers.PutOptions) {
	t.Helper()
	sources, d := make([]drivers.Source, n), drivers.Digest{Parts: make([]drivers.Part, n)}
	g := drivers.NewGroup(t.Context(), 16)
	var whole strings.Builder
	for i := range n {
		part := fmt.Sprintf("part %05d;", i)
		whole.WriteString(part)
		sum := checksum.SHA256.New()
		sum.Write([]byte(part))
		d.Parts[i] = drivers.Part{Number: i + 1, Size: int64(len(part)), Checksum: checksum.New(checksum.SHA256, sum.Sum(nil))}
		g.Go(func(ctx context.Context) error {
			key := fmt.Sprintf("%sx/part-%05d", drivers.StagingPrefix, i+1)
			info, err := b.Put(ctx, key, strings.NewReader(part), drivers.PutOptions{Size: int64(len(part))})
			sources[i] = drivers.Source{Key: key, Token: info.Token, Size: info.Size}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	d.ETag = strings.Repeat("ab", 16) + fmt.Sprint("-", n)
	return sources, whole.String(), drivers.PutOptions{Size: int64(whole.Len()), Digest: func() drivers.Digest { return d }}
}

func TestJoinOfTenThousandParts(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	sources, text, o := parts(t, b, 10_000)
	s.Counts()
	info, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o)
	if err != nil {
		t.Fatal(err)
	}
	counts := s.Counts()
	if counts["PutBlockFromURL"] != 10_000 || counts["PutBlockList"] != 1 || counts["PutBlob"] != 1 { // that of the parts' digests
		t.Errorf("requests: %v", counts)
	}
	got, now := get(t, b, "key", drivers.GetOptions{Parts: true})
	if got != text || now.ETag != info.ETag || now.Token != info.Token || len(now.Parts) != 10_000 || now.Parts[9_998] != o.Digest().Parts[9_998] {
		t.Errorf("%d bytes, %d parts, %s", len(got), len(now.Parts), now.ETag)
	}
	if got, _ := get(t, b, "key", drivers.GetOptions{PartNumber: 7_000}); got != "part 06999;" {
		t.Errorf("part 7000 is %q", got)
	}
	if err := drivers.SetTags(t.Context(), b, "key", "", []drivers.Tag{{Key: "k", Value: "v"}}); err != nil {
		t.Fatal(err)
	}
	head, err := b.Head(t.Context(), "key", drivers.GetOptions{Parts: true})
	if err != nil || len(head.Parts) != 10_000 || head.TagCount != 1 || head.ETag != info.ETag {
		t.Errorf("after a change of tags: %d parts, %d tags, %v", len(head.Parts), head.TagCount, err)
	}
}

// Staging sweeps away what no object says lies beside it.
func TestPartsThatLieBesideTheirObject(t *testing.T) {
	t.Parallel()
	for n, beside := range map[int]bool{2: false, 500: true} {
		s := azuretest.New()
		b := bucket(t, s)
		sources, text, o := parts(t, b, n)
		if _, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o); err != nil {
			t.Fatal(err)
		}
		name, err := b.(drivers.Overflower).Overflow(t.Context(), "key")
		if err != nil || strings.HasPrefix(name, drivers.OverflowPrefix) != beside {
			t.Errorf("beside the object of %d parts is %q, %v", n, name, err)
		}
		if _, err := b.(drivers.Overflower).Overflow(t.Context(), "none"); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("error is %v", err)
		}
		if !beside {
			continue
		}
		if info, err := b.Head(t.Context(), name, drivers.GetOptions{}); err != nil || info.Header.Metadata["owner"] != "key" {
			t.Errorf("it belongs to %+v, %v", info.Header, err)
		}
		if err := deleted(t, b, name); err != nil {
			t.Fatal(err)
		}
		if got, _ := get(t, b, "key", drivers.GetOptions{}); got != text {
			t.Error("the object is gone with the list of its parts")
		}
		for _, o := range []drivers.GetOptions{{Parts: true}, {PartNumber: 1}} {
			if _, err := b.Head(t.Context(), "key", o); err == nil || errors.Is(err, drivers.ErrNotFound) {
				t.Errorf("%+v: error is %v", o, err)
			}
		}
	}
}

func TestJoinWhoseBlocksAreDropped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		times int32
		want  error
	}{"once": {1, nil}, "for ever": {1000, drivers.ErrConflict}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azuretest.New()
			b := bucket(t, s)
			sources, text, o := parts(t, b, 3)
			var left atomic.Int32
			left.Store(c.times)
			s.Before = func(op string, r *http.Request) *azuretest.Fault {
				if op == "PutBlockList" && strings.HasSuffix(r.URL.Path, "/key") && left.Add(-1) >= 0 {
					put(t, b, "key", "between", drivers.PutOptions{})
				}
				return nil
			}
			_, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o)
			if !errors.Is(err, c.want) {
				t.Fatalf("error is %v, want %v", err, c.want)
			}
			if c.want != nil {
				text = "between"
			}
			if got, _ := get(t, b, "key", drivers.GetOptions{}); got != text {
				t.Errorf("the key holds %q", got)
			}
		})
	}
}

// Blocks that are dropped by a write whose blob is gone again leave no blob that could be asked for its blocks:
// https://learn.microsoft.com/rest/api/storageservices/get-block-list
func TestJoinWhoseBlocksAreDroppedByAWriteAndItsDelete(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	sources, text, o := parts(t, b, 3)
	s.Before = first("GetBlockList", func() {
		put(t, b, "key", "between", drivers.PutOptions{})
		_ = deleted(t, b, "key")
	})
	if _, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o); err != nil {
		t.Fatal(err)
	}
	if got, _ := get(t, b, "key", drivers.GetOptions{}); got != text {
		t.Errorf("the key holds %q", got)
	}
}

func TestJoinOfSourcesThatHaveChanged(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 3; n += 2 {
		b := bucket(t, azuretest.New())
		sources, _, o := parts(t, b, n)
		put(t, b, sources[n-1].Key, "part 00000?", drivers.PutOptions{})
		if _, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o); !errors.Is(err, drivers.ErrConflict) {
			t.Errorf("a source that was written again: %v", err)
		}
		if err := deleted(t, b, sources[n-1].Key); err != nil {
			t.Fatal(err)
		}
		if _, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("a source that is gone: %v", err)
		}
		if _, err := b.Head(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("Head: %v", err)
		}
	}
}

func TestJoinChecksWhatTheServiceCopied(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	sources, _, o := parts(t, b, 2)
	s.Before = func(op string, r *http.Request) *azuretest.Fault {
		if op == "PutBlockFromURL" {
			r.Header.Set("x-ms-source-range", "bytes=0-3")
		}
		return nil
	}
	if _, err := b.(drivers.Joiner).Join(t.Context(), "key", sources, o); !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("a copy that is short: %v", err)
	}
	if n := s.Count("PutBlockList"); n > 0 {
		t.Error("it was committed")
	}
}
