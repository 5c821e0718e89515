package gcs_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/gcs"
	"sluice/drivers/gcs/gcstest"
	"sluice/drivers/upstream"
)

// scripted opens a bucket of a store that answers as answer does.
func scripted(t *testing.T, answer http.HandlerFunc) drivers.Bucket {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	client := upstream.Client(upstream.Config{})
	t.Cleanup(client.CloseIdleConnections)
	d, err := gcs.New(client, gcs.Options{Node: "gcp", Project: "p", Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return d.Bucket(bucketName)
}

func TestDownloadsThatAreNotWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"no generation": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "content") },
		"no length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Goog-Generation", "5")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "content")
		},
		"all instead of a range": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Goog-Generation", "5")
			_, _ = io.WriteString(w, "content")
		},
		"another range": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Goog-Generation", "5")
			w.Header().Set("Content-Range", "bytes 2-4/7")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "nte")
		},
		"a range of nothing": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Goog-Generation", "5")
			w.Header().Set("Content-Range", "bytes */*")
			w.WriteHeader(http.StatusPartialContent)
		},
		"a short range": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Goog-Generation", "5")
			w.Header().Set("Content-Range", "bytes 1-3/7")
			w.WriteHeader(http.StatusPartialContent)
			_, _ = io.WriteString(w, "on")
		},
		"an answer that is none": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := scripted(t, answer)
			obj, err := b.Get(t.Context(), "key", drivers.GetOptions{Range: drivers.Range{Start: 1, Length: 3}})
			if err == nil {
				_, err = io.ReadAll(obj.Body)
				obj.Body.Close()
			}
			if err == nil || errors.Is(err, drivers.ErrNotFound) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestA404ThatDoesNotSayWhatIsMissing(t *testing.T) {
	t.Parallel()
	for there, want := range map[bool]error{true: drivers.ErrNotFound, false: drivers.ErrNoBucket} {
		b := scripted(t, func(w http.ResponseWriter, r *http.Request) {
			if there && r.URL.Path == "/storage/v1/b/"+bucketName {
				_, _ = io.WriteString(w, `{"name": "photos"}`)
				return
			}
			http.NotFound(w, r)
		})
		if _, err := b.Head(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, want) {
			t.Errorf("error is %v, want %v", err, want)
		}
		if _, err := b.Get(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, want) {
			t.Errorf("error is %v, want %v", err, want)
		}
	}
}

func TestWhatCameToHarmOnItsWayIsDropped(t *testing.T) {
	t.Parallel()
	var dropped []string
	b := scripted(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			dropped = append(dropped, r.URL.Path+"?"+r.URL.RawQuery)
			return
		}
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"name": "key", "generation": "5", "size": "7", "crc32c": "AAAAAA=="}`)
	})
	_, err := b.Put(t.Context(), "key", strings.NewReader("content"), drivers.PutOptions{Size: 7})
	if !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if len(dropped) != 1 || !strings.Contains(dropped[0], "/o/key?") || !strings.Contains(dropped[0], "generation=5") {
		t.Errorf("dropped is %q", dropped)
	}
}

func TestAnotherMD5ThanThatOfTheStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	d := drivers.Digest{ETag: "d41d8cd98f00b204e9800998ecf8427e"}
	_, err := w.b.Put(t.Context(), "key", strings.NewReader(large), drivers.PutOptions{
		Size: int64(len(large)), Digest: func() drivers.Digest { return d },
	})
	if !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
	if live, _ := w.server.Objects(bucketName); len(live) > 0 {
		t.Errorf("the store has %q", live)
	}
}

func TestABodyWithAPastKeepsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	d := drivers.Digest{
		ETag: "d41d8cd98f00b204e9800998ecf8427e-1", Checksum: checksum.Checksum{Algorithm: checksum.CRC64NVME, Type: checksum.FullObject, Value: crc64(large)},
		Parts: []drivers.Part{{Number: 1, Size: int64(len(large))}},
	}
	_, err := w.b.Put(t.Context(), "key", strings.NewReader(large), drivers.PutOptions{
		Size: int64(len(large)), Checksum: d.Checksum, Digest: func() drivers.Digest { return d },
	})
	w.must(err)
	if info := w.described("key"); info.ETag != d.ETag || info.PartsCount != 1 || info.Checksum != d.Checksum {
		t.Errorf("the object is %+v", info)
	}
}

func TestAReadOfAPartWhileTheObjectChanges(t *testing.T) {
	t.Parallel()
	for name, changes := range map[string]int{"once": 1, "all the time": 100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var w *world
			n := 0
			w = newWorld(t, func(s *gcstest.Server) {
				s.Fail = func(op string, _ *http.Request) int {
					if op == "xml.get" && n < changes {
						n++
						w.must(s.Store(bucketName, storage.Object{Name: "key"}, fmt.Sprint("content ", n)))
					}
					return 0
				}
			})
			w.put("key", "content 0", "", nil)
			obj, err := w.b.Get(t.Context(), "key", drivers.GetOptions{PartNumber: 1})
			if changes > 1 {
				if !errors.Is(err, drivers.ErrConflict) {
					t.Errorf("error is %v", err)
				}
				return
			}
			w.must(err)
			defer obj.Body.Close()
			if content, err := io.ReadAll(obj.Body); err != nil || string(content) != "content 1" {
				t.Errorf("the part is %q, %v", content, err)
			}
		})
	}
}

func TestARefusedReadOfAnObjectThatHasChanged(t *testing.T) {
	t.Parallel()
	var w *world
	change := failing1("objects.get", func() int {
		w.must(w.server.Store(bucketName, storage.Object{Name: "key"}, "much longer than it was"))
		return 0
	})
	w = newWorld(t, func(s *gcstest.Server) { s.Fail = change })
	w.put("key", "short", "", nil)
	obj, err := w.b.Get(t.Context(), "key", drivers.GetOptions{Range: drivers.Range{Start: 10}})
	if !errors.Is(err, drivers.ErrInvalidRange) || obj == nil || obj.Body != nil || obj.Size != int64(len("much longer than it was")) {
		t.Errorf("the answer is %+v, %v", obj, err)
	}
}

func TestNamesThatAreNoKeysAreNotListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const top = "\U0010FFFF"
	for _, name := range []string{"a\t" + top + "x", "a\t" + top + "y/z", ".\x01x", "b", "b/c"} {
		w.must(w.server.Store(bucketName, storage.Object{Name: name}, "x"))
	}
	for _, limit := range []int{1, 2, 1000} {
		var got []string
		for o := (drivers.ListOptions{Delimiter: "/", Limit: limit}); ; {
			page, err := w.b.List(t.Context(), o)
			w.must(err)
			for _, info := range page.Objects {
				got = append(got, info.Key)
			}
			got = append(got, page.Prefixes...)
			if !page.More {
				break
			}
			o.Cursor = page.Next
		}
		if !slices.Equal(got, []string{"b", "b/"}) {
			t.Errorf("%d a page: listed are %q", limit, got)
		}
	}
}

func TestTagsOfAnObjectWithManyParts(t *testing.T) {
	t.Parallel()
	tags := []drivers.Tag{{Key: strings.Repeat("k", 128), Value: strings.Repeat("v", 256)}, {Key: strings.Repeat("l", 128), Value: strings.Repeat("v", 256)}}
	for _, parts := range []int{300, 380, 3000} { // whose sums fit with tags, without, and never
		j := newJoining(t, parts, nil)
		j.o.Tags = nil
		_, err := j.join()
		j.must(err)
		j.must(drivers.SetTags(t.Context(), j.b, "key", "", slices.Repeat(tags, 5)))
		info, err := j.b.Head(t.Context(), "key", drivers.GetOptions{Parts: true})
		j.must(err)
		if info.TagCount != 10 || info.PartsCount != parts || !slices.Equal(info.Parts, j.o.Digest().Parts) || info.ETag != j.o.Digest().ETag {
			t.Errorf("the object is %.300s", fmt.Sprintf("%+v", info))
		}
		if err := drivers.SetTags(t.Context(), j.b, "key", "", slices.Repeat(tags, 20)); !errors.Is(err, drivers.ErrTooLarge) {
			t.Errorf("error is %v", err)
		}
	}
}
