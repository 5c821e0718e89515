package gcs_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/gcs/gcstest"
)

// joining is n parts in a bucket, and what joins them.
type joining struct {
	*world
	content string
	sources []drivers.Source
	o       drivers.PutOptions
}

// newJoining stores parts of a few bytes, the third of which is empty. Each has a CRC32C.
func newJoining(t *testing.T, n int, change func(*gcstest.Server)) *joining {
	t.Helper()
	j := &joining{world: newWorld(t, change)}
	var content strings.Builder
	var d drivers.Digest
	for i := range n {
		part := fmt.Sprintf("part %d.", i+1)
		if i == 2 {
			part = ""
		}
		content.WriteString(part)
		key := fmt.Sprintf("%su/part-%05d", drivers.StagingPrefix, i+1)
		j.must(j.server.Store(bucketName, storage.Object{Name: key}, part))
		h := checksum.CRC32C.New()
		h.Write([]byte(part))
		j.sources = append(j.sources, drivers.Source{
			Key: key, Token: fmt.Sprint(j.server.Object(bucketName, key).Generation), Size: int64(len(part)),
		})
		d.Parts = append(d.Parts, drivers.Part{Number: i + 1, Size: int64(len(part)), Checksum: checksum.New(checksum.CRC32C, h.Sum(nil))})
	}
	j.content = content.String()
	d.ETag = fmt.Sprintf("d41d8cd98f00b204e9800998ecf8427e-%d", n)
	h := checksum.CRC64NVME.New()
	h.Write([]byte(j.content))
	d.Checksum = checksum.New(checksum.CRC64NVME, h.Sum(nil))
	j.o = drivers.PutOptions{
		Size: int64(len(j.content)), Digest: func() drivers.Digest { return d }, Checksum: d.Checksum,
		Header: drivers.Header{ContentType: "text/plain", Metadata: map[string]string{"a": "b"}}, Tags: []drivers.Tag{{Key: "k", Value: "v"}},
	}
	j.server.Requests()
	return j
}

func (j *joining) join() (drivers.Info, error) {
	return j.b.(drivers.Joiner).Join(j.Context(), "key", j.sources, j.o)
}

// leaves checks what the store has in the end, beside the sources.
func (j *joining) leaves(want ...string) {
	j.Helper()
	live, _ := j.server.Objects(bucketName)
	live = slices.DeleteFunc(live, func(name string) bool {
		return strings.HasPrefix(name, drivers.StagingPrefix+"u/") || strings.HasPrefix(name, drivers.OverflowPrefix)
	})
	if !slices.Equal(live, want) {
		j.Errorf("the store has %q, want %q", live, want)
	}
}

func count(requests []string, op string) (n int) {
	for _, r := range requests {
		if r == op {
			n++
		}
	}
	return n
}

func TestJoin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ parts, composes int }{
		{1, 1}, {2, 1}, {32, 1}, {33, 1}, {34, 3}, {1000, 1 + 32}, {1026, 1 + 2 + 33}, {10000, 1 + 10 + 313},
	} {
		t.Run(fmt.Sprint(c.parts), func(t *testing.T) {
			t.Parallel()
			j := newJoining(t, c.parts, nil)
			info, err := j.join()
			j.must(err)
			requests := j.server.Requests()
			if got := count(requests, "objects.compose"); got != c.composes {
				t.Errorf("%d composes, want %d", got, c.composes)
			}
			j.leaves("key")
			if got := j.get("key", drivers.GetOptions{}); got != j.content {
				t.Errorf("the object is %.100q (%d bytes), want %.100q (%d bytes)", got, len(got), j.content, len(j.content))
			}
			head, err := j.b.Head(t.Context(), "key", drivers.GetOptions{Parts: true})
			j.must(err)
			d := j.o.Digest()
			if head.ETag != d.ETag || info.ETag != d.ETag || head.Checksum != d.Checksum || head.PartsCount != c.parts || head.TagCount != 1 ||
				head.Header.ContentType != "text/plain" || head.Header.Metadata["a"] != "b" || !slices.Equal(head.Parts, d.Parts) {
				t.Errorf("the object is %+v", head)
			}
			last := d.Parts[len(d.Parts)-1]
			if got := j.get("key", drivers.GetOptions{PartNumber: last.Number}); got != j.content[len(j.content)-int(last.Size):] {
				t.Errorf("the last part is %q", got)
			}
		})
	}
}

func TestJoinOfNothing(t *testing.T) {
	t.Parallel()
	j := newJoining(t, 3, nil)
	j.sources, j.o.Size = j.sources[2:], 0
	j.o.Digest = func() drivers.Digest { return drivers.Digest{ETag: "d41d8cd98f00b204e9800998ecf8427e-1"} }
	info, err := j.join()
	j.must(err)
	if info.Size != 0 || j.get("key", drivers.GetOptions{}) != "" {
		t.Errorf("the object is %+v", info)
	}
}

func TestJoinUnderConditions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		parts  int
		change func(*joining)
		want   error
	}{
		{"the object is there", 40, func(j *joining) {
			j.must(j.server.Store(bucketName, storage.Object{Name: "key"}, "as it was"))
			j.o.Conditions.IfNoneMatch = []string{"*"}
		}, drivers.ErrPrecondition},
		{"the object is not there", 2, func(j *joining) { j.o.Conditions.IfMatch = []string{"*"} }, drivers.ErrNotFound},
		{"a source is another write", 40, func(j *joining) {
			j.must(j.server.Store(bucketName, storage.Object{Name: j.sources[5].Key}, "part 6."))
		}, drivers.ErrConflict},
		{"a source of few is another write", 2, func(j *joining) {
			j.must(j.server.Store(bucketName, storage.Object{Name: j.sources[0].Key}, "part 1."))
		}, drivers.ErrConflict},
		{"a source is another write, and the object must not be there", 2, func(j *joining) {
			j.must(j.server.Store(bucketName, storage.Object{Name: j.sources[0].Key}, "part 1."))
			j.o.Conditions.IfNoneMatch = []string{"*"}
		}, drivers.ErrConflict},
		{"a source is gone", 40, func(j *joining) {
			_, err := j.b.Delete(j.Context(), j.sources[7].Key, drivers.DeleteOptions{})
			j.must(err)
		}, drivers.ErrNotFound},
		{"the sizes do not add up", 2, func(j *joining) { j.o.Size++ }, drivers.ErrInvalid},
		{"the content is not that of the checksums", 2, func(j *joining) { j.server.Damage(bucketName, j.sources[0].Key) }, drivers.ErrUnavailable},
		{"the store fails", 2000, func(j *joining) {}, drivers.ErrSlowDown},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			fail := failing1("objects.compose", func() int { return http.StatusTooManyRequests })
			j := newJoining(t, c.parts, func(s *gcstest.Server) {
				s.RetryAfter = "9"
				s.Fail = func(op string, r *http.Request) int {
					if errors.Is(c.want, drivers.ErrSlowDown) {
						return fail(op, r)
					}
					return 0
				}
			})
			c.change(j)
			before := j.server.Object(bucketName, "key")
			if _, err := j.join(); !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
			if before == nil {
				j.leaves()
				return
			}
			if j.leaves("key"); j.server.Object(bucketName, "key").Generation != before.Generation {
				t.Error("the object is not as it was")
			}
		})
	}
}

func TestJoinToAnotherStorageClass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		parts, native string // classes
		requests      []string
	}{
		{"STANDARD", "NEARLINE", []string{"objects.compose", "objects.rewrite", "objects.delete"}},
		{"NEARLINE", "NEARLINE", []string{"objects.compose", "objects.compose", "objects.delete"}},
	} {
		j := newJoining(t, 2, nil)
		for i := range j.sources {
			content := []string{"part 1.", "part 2."}[i]
			j.must(j.server.Store(bucketName, storage.Object{Name: j.sources[i].Key, StorageClass: c.parts}, content))
			j.sources[i].Token = fmt.Sprint(j.server.Object(bucketName, j.sources[i].Key).Generation)
		}
		j.o.Header.StorageClass = "STANDARD_IA"
		info, err := j.join()
		j.must(err)
		if j.server.Object(bucketName, "key").StorageClass != c.native || info.Header.StorageClass != "STANDARD_IA" {
			t.Errorf("the object is %+v", info)
		}
		j.asked(c.requests...)
		j.leaves("key")
	}
}

// Staging sweeps away what no object says lies beside it.
func TestOverflow(t *testing.T) {
	t.Parallel()
	for parts, beside := range map[int]bool{2: false, 2000: true} {
		j := newJoining(t, parts, nil)
		_, err := j.join()
		j.must(err)
		leaf := j.leaf.Bucket(bucketName).(drivers.Overflower)
		name, err := leaf.Overflow(t.Context(), "key")
		j.must(err)
		if there := j.server.Object(bucketName, name) != nil; there != beside || there != strings.HasPrefix(name, drivers.OverflowPrefix) {
			t.Errorf("beside the object of %d parts is %q", parts, name)
		}
		if _, err := leaf.Overflow(t.Context(), "none"); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("error is %v", err)
		}
	}
}

func TestAnObjectWhosePartsAreGoneIsThere(t *testing.T) {
	t.Parallel()
	j := newJoining(t, 2000, nil)
	_, err := j.join()
	j.must(err)
	j.must(j.leaf.Bucket(bucketName).(drivers.Purger).Purge(t.Context(), drivers.OverflowPrefix))
	if got := j.get("key", drivers.GetOptions{}); got != j.content {
		t.Errorf("the object is %.100q", got)
	}
	for _, o := range []drivers.GetOptions{{Parts: true}, {PartNumber: 1}} {
		if _, err := j.b.Head(t.Context(), "key", o); err == nil || errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("%+v: error is %v", o, err)
		}
	}
}
