package attrs_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sluice/drivers"
	"sluice/drivers/attrs"
	"sluice/drivers/checksum"
)

// narrow is a store that takes little.
var narrow = attrs.Format{
	Limit: 8 << 10, ASCII: true,
	Name: func(name string) bool {
		return !strings.ContainsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' })
	},
	Value: func(v string) bool {
		return !strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r > '~' })
	},
}

var wide = attrs.Format{Limit: 8 << 10}

func full(parts int) attrs.Attrs {
	a := attrs.Attrs{
		Size: int64(parts) << 23, PartsCount: parts, Token: "T0KEN", Modified: time.UnixMilli(1_700_000_000_123).UTC(),
		Header: drivers.Header{
			StorageClass: "STANDARD_IA", Expires: "tomorrow", WebsiteRedirectLocation: "/x?<a>",
			Metadata: map[string]string{"plain": "value", "with-dash": "1", "sluice": "mine", "grüße": "世界", "ctl": "a\tb"},
		},
		Tags: []drivers.Tag{{Key: "z", Value: "1"}, {Key: "a", Value: ""}},
		Digest: drivers.Digest{ETag: strings.Repeat("ab", 16), Checksum: checksum.Checksum{
			Algorithm: checksum.SHA256, Type: checksum.Composite, Value: checksum.Encode(make([]byte, 32)) + fmt.Sprint("-", parts)}},
	}
	for i := range parts {
		a.Digest.Parts = append(a.Digest.Parts, drivers.Part{Number: i + 1, Size: 1 << 23,
			Checksum: checksum.New(checksum.SHA256, append(make([]byte, 30), byte(i>>8), byte(i)))})
	}
	if parts > 0 {
		a.Digest.ETag += fmt.Sprint("-", parts)
	}
	return a
}

func TestAttributesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]attrs.Format{"wide": wide, "narrow": narrow} {
		for _, parts := range []int{0, 1, 3, 100, 10_000} {
			t.Run(fmt.Sprint(name, " ", parts), func(t *testing.T) {
				t.Parallel()
				want := full(parts)
				enc, err := f.Encode(want, "overflowed")
				if err != nil {
					t.Fatal(err)
				}
				if (enc.Overflow != nil) != (parts > 100) {
					t.Errorf("overflow: %d bytes", len(enc.Overflow))
				}
				checkFits(t, f, enc.Metadata)
				got, err := f.Decode(capitalized(enc.Metadata), attrs.Content{Size: want.Size})
				if err != nil {
					t.Fatal(err)
				}
				if enc.Overflow != nil {
					if got.Overflow != "overflowed" {
						t.Errorf("overflow is %q", got.Overflow)
					}
					if err := got.AddOverflow(enc.Overflow); err != nil {
						t.Fatal(err)
					}
					got.Overflow = ""
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

func checkFits(t *testing.T, f attrs.Format, metadata map[string]string) {
	t.Helper()
	total := 0
	for name, value := range metadata {
		total += len(name) + len(value)
		if f.Name != nil && !f.Name(name) || f.Value != nil && !f.Value(value) {
			t.Errorf("%q: %q is not for this store", name, value)
		}
	}
	if total > f.Limit {
		t.Errorf("%d bytes", total)
	}
}

// capitalized is what some stores make of names.
func capitalized(m map[string]string) map[string]string {
	out := make(map[string]string, len(m))
	for name, value := range m {
		out[strings.ToUpper(name[:1])+name[1:]] = value
	}
	return out
}

func TestNativeMetadataStaysReadable(t *testing.T) {
	t.Parallel()
	enc, err := narrow.Encode(full(0), "")
	if err != nil {
		t.Fatal(err)
	}
	names := maps.Clone(enc.Metadata)
	delete(names, attrs.Entry)
	if d := cmp.Diff(map[string]string{"plain": "value"}, names); d != "" {
		t.Error(d)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		header drivers.Header
		want   error
	}{
		"too much": {drivers.Header{Metadata: map[string]string{"a": strings.Repeat("v", 9<<10)}}, drivers.ErrTooLarge},
		"no text":  {drivers.Header{Metadata: map[string]string{"a": "\xff"}}, drivers.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := full(400)
			a.Header = c.header
			if _, err := narrow.Encode(a, "x"); !errors.Is(err, c.want) {
				t.Errorf("error is %v, want %v", err, c.want)
			}
		})
	}
}

func TestAttributesOfOtherContentAreNotBelieved(t *testing.T) {
	t.Parallel()
	a := full(0)
	enc, err := wide.Encode(a, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		content attrs.Content
		etag    string
	}{
		"the same":         {attrs.Content{Size: a.Size, MD5: a.Digest.ETag}, a.Digest.ETag},
		"MD5 unknown":      {attrs.Content{Size: a.Size}, a.Digest.ETag},
		"of another size":  {attrs.Content{Size: a.Size + 1}, ""},
		"with another MD5": {attrs.Content{Size: a.Size, MD5: strings.Repeat("cd", 16)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := wide.Decode(enc.Metadata, c.content)
			if err != nil || got.Digest.ETag != c.etag || got.Size != c.content.Size {
				t.Errorf("got %+v, %v", got, err)
			}
			if d := cmp.Diff(a.Header.Metadata, got.Header.Metadata); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDamagedEntriesAreErrors(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"", "x", "{", `{"size":"1"}`, `{"size":1,"count":2,"parts":[[1,1,1]]}`, `{"size":1,"count":99999,"parts":[[99999,1,1]]}`,
		`{"size":1,"count":1,"parts":[[1,1,-1]]}`, `{"size":1,"count":1,"parts":[[1,1,1]],"sums":{"alg":"CRC32","digests":"AA=="}}`} {
		got, err := wide.Decode(map[string]string{attrs.Entry: line, "mine": "1"}, attrs.Content{Size: 1})
		if err == nil || got.Digest.ETag != "" || got.Header.Metadata["mine"] != "1" {
			t.Errorf("%q: %+v, %v", line, got, err)
		}
	}
}

func TestSpanOfAPart(t *testing.T) {
	t.Parallel()
	a := full(3)
	a.Digest.Parts[2].Size = 0
	for number, want := range map[int]string{1: "0 8388608 <nil>", 3: "16777216 0 <nil>", 4: "0 0 " + drivers.ErrPartNumber.Error()} {
		start, length, err := a.Span(number)
		if got := fmt.Sprintln(start, length, err); got != want+"\n" {
			t.Errorf("part %d: %s", number, got)
		}
	}
	if _, length, err := full(0).Span(1); length != 0 || err != nil {
		t.Errorf("the only part: %d, %v", length, err)
	}
}

func TestAnyMetadataComesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.StringMatching(`[a-z0-9_.!-]{1,20}`)
		want := attrs.Attrs{Size: 1, Header: drivers.Header{Metadata: rapid.MapOfN(names, rapid.StringN(0, 40, 100), 1, 9).Draw(t, "metadata")}}
		enc, err := narrow.Encode(want, "x")
		if err != nil {
			t.Fatal(err)
		}
		got, err := narrow.Decode(enc.Metadata, attrs.Content{Size: 1})
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Fatal(d, err)
		}
	})
}
