//go:build unix

package local

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func sampleAttrs() attrs {
	sum := checksum.Checksum{Algorithm: checksum.CRC32, Type: checksum.Composite, Value: "AAAAAA==-3"}
	part := checksum.Checksum{Algorithm: checksum.CRC32, Type: checksum.FullObject, Value: "AAAAAA=="}
	return attrs{
		size: 11 << 20, mtime: -5, token: 1 << 63, etag: "d41d8cd98f00b204e9800998ecf8427e-3", sum: sum,
		header: drivers.Header{
			ContentType: "text/plain", CacheControl: "c", ContentDisposition: "d", ContentEncoding: "e", ContentLanguage: "l",
			Expires: "x", WebsiteRedirectLocation: "w", StorageClass: "GLACIER", Metadata: map[string]string{"a": "1", "b": "\xff"},
		},
		tags: []drivers.Tag{{Key: "z", Value: ""}, {Key: "a", Value: "b"}}, tagCount: 2,
		parts:      []drivers.Part{{Number: 2, Size: 5, Checksum: part}, {Number: 3, Size: 5, Checksum: part}, {Number: 7, Size: 1}},
		partsCount: 3,
	}
}

func TestAttributesComeBackFromTheirStoredForm(t *testing.T) {
	t.Parallel()
	whole := sampleAttrs()
	opaque := attrs{etag: "not-an-md5", size: 1}
	odd := attrs{etag: "d41d8cd98f00b204e9800998ecf8427e-03"}
	for _, want := range []attrs{{}, whole, opaque, odd} {
		got, err := decodeAttrs(want.encode(), wholeDetail)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(attrs{})); diff != "" {
			t.Error(diff)
		}
	}
	listed, err := decodeAttrs(whole.encode(), listDetail)
	if err != nil || listed.header.ContentType != "" || listed.header.StorageClass != "GLACIER" || listed.partsCount != 3 || listed.tagCount != 2 {
		t.Errorf("for a listing: %+v, %v", listed, err)
	}
}

func TestPartsOfOneSizeTakeLittleSpace(t *testing.T) {
	t.Parallel()
	a := attrs{etag: "d41d8cd98f00b204e9800998ecf8427e-10000"}
	for i := range 10000 {
		a.parts = append(a.parts, drivers.Part{Number: i + 1, Size: 8 << 20})
	}
	if n := len(a.encode()); n > 100 {
		t.Errorf("10,000 parts take %d bytes", n)
	}
}

func FuzzDecodeAttrs(f *testing.F) {
	a := sampleAttrs()
	f.Add(a.encode())
	f.Add([]byte{attrsVersion})
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decodeAttrs(b, wholeDetail)
		if err != nil {
			return
		}
		if _, err := decodeAttrs(a.encode(), wholeDetail); err != nil {
			t.Fatalf("%+v: %v", a, err)
		}
	})
}
