package azure_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/azure/azuretest"
	"sluice/drivers/checksum"
)

// put stores text and returns its Info.
func put(t *testing.T, b drivers.Bucket, key, text string, o drivers.PutOptions) drivers.Info {
	t.Helper()
	o.Size = int64(len(text))
	info, err := b.Put(t.Context(), key, strings.NewReader(text), o)
	if err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
	return info
}

// get reads an object whole.
func get(t *testing.T, b drivers.Bucket, key string, o drivers.GetOptions) (string, drivers.Info) {
	t.Helper()
	obj, err := b.Get(t.Context(), key, o)
	if err != nil {
		t.Fatalf("Get(%q): %v", key, err)
	}
	defer obj.Body.Close()
	text, err := io.ReadAll(obj.Body)
	if err != nil {
		t.Fatalf("reading %q: %v", key, err)
	}
	return string(text), obj.Info
}

// summed has the MD5 and a CRC32 of the text, as the gateway gives them.
func summed(text string) drivers.PutOptions {
	r := drivers.NewDigestReader(strings.NewReader(text), int64(len(text)), checksum.CRC32)
	if _, err := io.Copy(io.Discard, r); err != nil {
		panic(err)
	}
	d := r.Digest()
	_ = r.Close()
	return drivers.PutOptions{Digest: func() drivers.Digest { return d }}
}

func TestRequestsOfEachCall(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789", 100)
	sources := func(n int) (all []drivers.Source) {
		for i := range n {
			all = append(all, drivers.Source{Key: fmt.Sprint("source", i), Size: 10})
		}
		return all
	}
	for name, c := range map[string]struct {
		do   func(t *testing.T, b drivers.Bucket) error
		want string
	}{
		"Head": {func(t *testing.T, b drivers.Bucket) error {
			_, err := b.Head(t.Context(), "key", drivers.GetOptions{})
			return err
		}, "GetBlobProperties"},
		"Get": {func(t *testing.T, b drivers.Bucket) error {
			get(t, b, "key", drivers.GetOptions{Range: drivers.Range{Start: 1, Length: 2}})
			return nil
		}, "GetBlob"},
		"Get under a condition by ETag": {func(t *testing.T, b drivers.Bucket) error {
			get(t, b, "key", drivers.GetOptions{Conditions: drivers.Conditions{IfMatch: []string{"81dc9bdb52d04dc20036dbd8313ed055"}}})
			return nil
		}, "GetBlob"},
		"Get of the last bytes": {func(t *testing.T, b drivers.Bucket) error {
			get(t, b, "key", drivers.GetOptions{Range: drivers.Range{Start: -2}})
			return nil
		}, "GetBlob GetBlobProperties"},
		"Put in memory": {func(t *testing.T, b drivers.Bucket) error {
			o := summed("body")
			o.Size = 4
			_, err := b.Put(t.Context(), "new", &drivers.Buffered{Reader: bytes.NewReader([]byte("body"))}, o)
			return err
		}, "PutBlob"},
		"Put": {func(t *testing.T, b drivers.Bucket) error { put(t, b, "new", "body", drivers.PutOptions{}); return nil }, "PutBlob"},
		"Put of a large body": {func(t *testing.T, b drivers.Bucket) error {
			put(t, b, "new", large[:150], drivers.PutOptions{})
			return nil
		}, "PutBlock PutBlockList"},
		"Put of two blocks": {func(t *testing.T, b drivers.Bucket) error {
			put(t, b, "new", large[:201], drivers.PutOptions{})
			return nil
		}, "PutBlock PutBlock PutBlockList"},
		"Put if there is none":  {putUnder(drivers.Conditions{IfNoneMatch: []string{"*"}}, "new"), "PutBlob"},
		"Put under an ETag":     {putUnder(drivers.Conditions{IfMatch: []string{"81dc9bdb52d04dc20036dbd8313ed055"}}, "key"), "GetBlobProperties PutBlob"},
		"Delete":                {func(t *testing.T, b drivers.Bucket) error { return deleted(t, b, "key") }, "DeleteBlob"},
		"Delete of nothing":     {func(t *testing.T, b drivers.Bucket) error { return deleted(t, b, "nothing") }, "DeleteBlob"},
		"DeleteAll of 300":      {deleteMany(300), "BlobBatch BlobBatch"},
		"SetTags":               {func(t *testing.T, b drivers.Bucket) error { return drivers.SetTags(t.Context(), b, "key", "", nil) }, "GetBlobProperties SetBlobMetadata"},
		"Copy":                  {copied("copy"), "GetBlobProperties PutBlobFromURL"},
		"Copy onto itself":      {copied("key"), "GetBlobProperties GetBlockList PutBlockFromURL PutBlockList"},
		"Join of one":           {joined(sources(1)), "PutBlobFromURL"},
		"Join of three":         {joined(sources(3)), "GetBlockList PutBlockFromURL PutBlockFromURL PutBlockFromURL PutBlockList"},
		"Join of nothing":       {joined(nil), "PutBlob"},
		"a page of a listing":   {listed(drivers.ListOptions{Limit: 2}), "ListBlobs"},
		"a listing from a name": {listed(drivers.ListOptions{Delimiter: "/", Cursor: drivers.Cursor{After: "key"}}), "ListBlobs"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azuretest.New()
			d := open(t, s)
			azure.Shrink(d, 100)
			if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
				t.Fatal(err)
			}
			b := d.Bucket("photos")
			put(t, b, "key", "1234", summed("1234"))
			for _, source := range sources(3) {
				put(t, b, source.Key, "0123456789", drivers.PutOptions{})
			}
			s.Counts()
			if err := c.do(t, b); err != nil {
				t.Fatal(err)
			}
			var got []string
			for op, n := range s.Counts() {
				got = append(got, slices.Repeat([]string{op}, n)...)
			}
			slices.Sort(got)
			if strings.Join(got, " ") != c.want {
				t.Errorf("requests: %v, want %s", got, c.want)
			}
		})
	}
}

func putUnder(c drivers.Conditions, key string) func(*testing.T, drivers.Bucket) error {
	return func(t *testing.T, b drivers.Bucket) error {
		put(t, b, key, "body", drivers.PutOptions{Conditions: c})
		return nil
	}
}

func deleted(t *testing.T, b drivers.Bucket, key string) error {
	t.Helper()
	_, err := b.Delete(t.Context(), key, drivers.DeleteOptions{})
	return err
}

func deleteMany(n int) func(*testing.T, drivers.Bucket) error {
	return func(t *testing.T, b drivers.Bucket) error {
		items := make([]drivers.DeleteItem, n)
		for i := range items {
			items[i].Key = fmt.Sprintf("a+b%%/ü %d", i)
		}
		items[n-1].Key = "key"
		for _, out := range drivers.DeleteAll(t.Context(), b, items) {
			if out.Err != nil {
				return out.Err
			}
		}
		return nil
	}
}

func copied(to string) func(*testing.T, drivers.Bucket) error {
	return func(t *testing.T, b drivers.Bucket) error {
		header := drivers.Header{ContentType: "image/png"}
		_, err := drivers.Copy(t.Context(), b, to, b, "key", drivers.CopyOptions{Header: &header})
		return err
	}
}

// joined joins sources, whose tokens it finds first by a listing that is not counted.
func joined(sources []drivers.Source) func(*testing.T, drivers.Bucket) error {
	return func(t *testing.T, b drivers.Bucket) error {
		size := int64(0)
		for _, s := range sources {
			size += s.Size
		}
		for i := range sources { // the fake's tokens count its writes: "key" was the first
			sources[i].Token = fmt.Sprintf("0x8DC%011X", i+2)
		}
		_, err := b.(drivers.Joiner).Join(t.Context(), "joined", sources, drivers.PutOptions{
			Size: size, Digest: func() drivers.Digest { return drivers.Digest{ETag: strings.Repeat("0", 32) + "-3"} },
		})
		return err
	}
}

func listed(o drivers.ListOptions) func(*testing.T, drivers.Bucket) error {
	return func(t *testing.T, b drivers.Bucket) error {
		_, err := b.List(t.Context(), o)
		return err
	}
}

func TestListingsFollowMarkersAndNeedNone(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*azuretest.Service){
		"":                          func(*azuretest.Service) {},
		"without names to start at": func(s *azuretest.Service) { s.NoStartFrom = true },
		"names to start at are an error": func(s *azuretest.Service) {
			s.Before = refuseQuery("startFrom")
		},
		"with markers that lapse": func(s *azuretest.Service) { s.Before = refuseQuery("marker") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := azuretest.New()
			change(s)
			b := bucket(t, s)
			want := map[string]bool{}
			for i := range 60 {
				key := fmt.Sprintf("%d/%02d", i%3, i)
				put(t, b, key, "x", drivers.PutOptions{})
				want[key] = true
			}
			for _, keepHint := range []bool{true, false} {
				got := map[string]bool{}
				for o := (drivers.ListOptions{Limit: 7}); ; {
					page, err := b.List(t.Context(), o)
					if err != nil {
						t.Fatal(err)
					}
					for _, info := range page.Objects {
						if got[info.Key] {
							t.Errorf("%s comes twice", info.Key)
						}
						got[info.Key] = true
					}
					if !page.More {
						break
					}
					if o.Cursor = page.Next; !keepHint {
						o.Cursor.Hint = ""
					}
				}
				if !maps.Equal(got, want) {
					t.Errorf("hints kept is %t: %d keys, want %d", keepHint, len(got), len(want))
				}
			}
		})
	}
}
