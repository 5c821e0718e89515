package drivers_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func TestJoinParts(t *testing.T) {
	t.Parallel()
	sum := func(b byte) checksum.Checksum { return checksum.New(checksum.CRC32, []byte{b, 0, 0, 0}) }
	const etag = "0cc175b9c0f1b6a831c399e269772661"
	stored := map[int]drivers.Part{
		2:  {Number: 2, Size: drivers.MinPartSize, ETag: etag, Checksum: sum(1)},
		3:  {Number: 3, Size: drivers.MinPartSize - 1, ETag: etag, Checksum: sum(2)},
		9:  {Number: 9, Size: 0, ETag: etag, Checksum: sum(3)},
		10: {Number: 10, Size: 7, ETag: etag},
	}
	list := func(numbers ...int) []drivers.CompletedPart {
		var all []drivers.CompletedPart
		for _, n := range numbers {
			all = append(all, drivers.CompletedPart{Number: n, ETag: etag})
		}
		return all
	}
	crc := drivers.Upload{ChecksumAlgorithm: checksum.CRC32, ChecksumType: checksum.FullObject}
	composite := drivers.Upload{ChecksumAlgorithm: checksum.CRC32}
	full, err := checksum.Combine(checksum.CRC32, checksum.FullObject, []checksum.Part{{Value: sum(1).Value, Size: drivers.MinPartSize}, {Value: sum(3).Value}})
	must(t, err)
	ofParts, err := checksum.Combine(checksum.CRC32, checksum.Composite, []checksum.Part{{Value: sum(1).Value}, {Value: sum(3).Value}})
	must(t, err)
	with := func(p []drivers.CompletedPart, c checksum.Checksum) []drivers.CompletedPart {
		p[0].Checksum = c
		return p
	}
	for name, c := range map[string]struct {
		upload drivers.Upload
		list   []drivers.CompletedPart
		o      drivers.CompleteOptions
		want   error
	}{
		"one":                     {drivers.Upload{}, list(3), drivers.CompleteOptions{}, nil},
		"two":                     {drivers.Upload{}, list(2, 9), drivers.CompleteOptions{}, nil},
		"none":                    {drivers.Upload{}, nil, drivers.CompleteOptions{}, drivers.ErrInvalid},
		"too many":                {drivers.Upload{}, make([]drivers.CompletedPart, drivers.MaxPartNumber+1), drivers.CompleteOptions{}, drivers.ErrInvalid},
		"order":                   {drivers.Upload{}, list(9, 2), drivers.CompleteOptions{}, drivers.ErrPartOrder},
		"order before size":       {drivers.Upload{}, list(3, 2), drivers.CompleteOptions{}, drivers.ErrPartOrder},
		"twice":                   {drivers.Upload{}, list(2, 2), drivers.CompleteOptions{}, drivers.ErrPartOrder},
		"missing":                 {drivers.Upload{}, list(2, 4), drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		"negative":                {drivers.Upload{}, list(-1), drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		"wrong ETag":              {drivers.Upload{}, []drivers.CompletedPart{{Number: 2, ETag: "x"}}, drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		"no ETag":                 {drivers.Upload{}, []drivers.CompletedPart{{Number: 2}}, drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		"too small":               {drivers.Upload{}, list(3, 9), drivers.CompleteOptions{}, drivers.ErrPartTooSmall},
		"part's checksum":         {crc, with(list(2, 9), sum(1)), drivers.CompleteOptions{}, nil},
		"part's checksum, wrong":  {crc, with(list(2, 9), sum(9)), drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		"a part without checksum": {crc, list(2, 10), drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		"checksum":                {crc, list(2, 9), drivers.CompleteOptions{Checksum: full}, nil},
		"checksum, wrong":         {crc, list(2, 9), drivers.CompleteOptions{Checksum: sum(1)}, drivers.ErrDigestMismatch},
		"checksum, wrong type":    {crc, list(2, 9), drivers.CompleteOptions{Checksum: checksum.Checksum{Type: checksum.Composite}}, drivers.ErrInvalid},
		"the default type":        {composite, list(2, 9), drivers.CompleteOptions{Checksum: checksum.Checksum{Type: checksum.Composite}}, nil},
		"composite checksum":      {composite, list(2, 9), drivers.CompleteOptions{Checksum: ofParts}, nil},
		"the same without -N":     {composite, list(2, 9), drivers.CompleteOptions{Checksum: checksum.Checksum{Value: ofParts.Bare()}}, nil},
		"size":                    {drivers.Upload{}, list(2, 10), drivers.CompleteOptions{Size: drivers.MinPartSize + 7}, nil},
		"size, wrong":             {drivers.Upload{}, list(2, 10), drivers.CompleteOptions{Size: 7}, drivers.ErrDigestMismatch},
	} {
		size, digest, err := drivers.JoinParts(c.upload, c.list, func(n int) (drivers.Part, bool) { p, ok := stored[n]; return p, ok }, c.o)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
		if err != nil {
			continue
		}
		sum := int64(0)
		for i, p := range digest.Parts {
			if sum += p.Size; p.Number != c.list[i].Number {
				t.Errorf("%s: parts %+v", name, digest.Parts)
			}
		}
		if suffix := fmt.Sprintf("-%d", len(c.list)); sum != size || !strings.HasSuffix(digest.ETag, suffix) || digest.Checksum.Algorithm != c.upload.ChecksumAlgorithm {
			t.Errorf("%s: %d bytes, %+v", name, size, digest)
		}
	}
}

// uploadsModel pages uploads the plain way: all after the markers, rolled up.
func uploadsModel(all []drivers.Upload, o drivers.ListUploadsOptions) []string {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b drivers.Upload) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), a.Initiated.Compare(b.Initiated), cmp.Compare(a.ID, b.ID))
	})
	at := slices.IndexFunc(all, func(u drivers.Upload) bool { return u.Key == o.KeyAfter && u.ID == o.IDAfter })
	var names []string
	for i, u := range all {
		seen := o.KeyAfter != "" && (u.Key < o.KeyAfter || u.Key == o.KeyAfter && (o.IDAfter == "" || i <= at))
		cp := drivers.ListOptions{Prefix: o.Prefix, Delimiter: o.Delimiter}.CommonPrefix(u.Key)
		switch {
		case seen || !strings.HasPrefix(u.Key, o.Prefix) || cp != "" && cp == o.KeyAfter:
		case cp != "":
			names = append(names, cp)
		default:
			names = append(names, u.Key+" "+u.ID)
		}
	}
	return slices.Compact(names)
}

func TestPageUploadsPagesAsTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var all []drivers.Upload
		for i, key := range rapid.SliceOfN(rapid.StringOfN(rapid.SampledFrom([]rune("ab/")), 1, 4, -1), 0, 20).Draw(t, "keys") {
			began := time.Unix(int64(rapid.IntRange(0, 3).Draw(t, "began")), 0)
			all = append(all, drivers.Upload{Key: key, ID: fmt.Sprint("id", i), Initiated: began})
		}
		o := drivers.ListUploadsOptions{
			Prefix: rapid.SampledFrom([]string{"", "", "a", "a/", "b"}).Draw(t, "prefix"), Delimiter: rapid.SampledFrom([]string{"", "/", "a"}).Draw(t, "delimiter"),
			KeyAfter: rapid.SampledFrom([]string{"", "", "a", "a/", "ab", "b/a", "c"}).Draw(t, "key after"), Limit: rapid.IntRange(0, 5).Draw(t, "limit"),
		}
		if i := rapid.IntRange(-1, len(all)-1).Draw(t, "marker"); i >= 0 {
			o.KeyAfter, o.IDAfter = all[i].Key, all[i].ID
		}
		want := uploadsModel(all, o)
		var got []string
		for more := true; more; {
			page := drivers.PageUploads(slices.Clone(all), o)
			if n := len(page.Uploads) + len(page.Prefixes); o.Limit > 0 && n > o.Limit || n == 0 && page.More {
				t.Fatalf("%+v gives %+v", o, page)
			}
			for _, u := range page.Uploads {
				got = append(got, u.Key+" "+u.ID)
			}
			got = append(got, page.Prefixes...)
			o.KeyAfter, o.IDAfter, more = page.NextKey, page.NextID, page.More
		}
		slices.Sort(got) // the order within a key is below
		slices.Sort(want)
		diff(t, o, got, want)
	})
}

func TestPageUploadsOrdersByKeyThenTime(t *testing.T) {
	t.Parallel()
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	page := drivers.PageUploads([]drivers.Upload{
		{Key: "b", ID: "1", Initiated: at(1)}, {Key: "a", ID: "9", Initiated: at(3)}, {Key: "a", ID: "7", Initiated: at(2)}, {Key: "a", ID: "8", Initiated: at(2)},
	}, drivers.ListUploadsOptions{})
	var got []string
	for _, u := range page.Uploads {
		got = append(got, u.ID)
	}
	if !slices.Equal(got, []string{"7", "8", "9", "1"}) {
		t.Errorf("order %v", got)
	}
	page = drivers.PageUploads([]drivers.Upload{{Key: "a", ID: "1"}, {Key: "a", ID: "3"}, {Key: "b", ID: "4"}}, drivers.ListUploadsOptions{KeyAfter: "a", IDAfter: "2"})
	if len(page.Uploads) != 3 {
		t.Errorf("a marker that has ended loses uploads: %+v", page)
	}
}

func TestWithDigestComputesOnlyWhatNobodyGives(t *testing.T) {
	t.Parallel()
	given := drivers.Digest{ETag: "given"}
	body, digest, done := drivers.WithDigest(strings.NewReader("abc"), 3, func() drivers.Digest { return given })
	if _, err := io.Copy(io.Discard, body); err != nil || digest().ETag != "given" {
		t.Errorf("%v, %v", digest(), err)
	}
	done()
	body, digest, done = drivers.WithDigest(strings.NewReader("abc"), 3, nil)
	if _, err := io.Copy(io.Discard, body); err != nil || digest().ETag != "900150983cd24fb0d6963f7d28e17f72" {
		t.Errorf("%v, %v", digest(), err)
	}
	done()
}
