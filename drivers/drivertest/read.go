package drivertest

import (
	"fmt"
	"io"
	"math"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func readChecks() []check {
	return []check{
		{"Get/ranges give their bytes, and those outside fail", readRanges},
		{"Get/a range deep in a large object gives its bytes", readDeep},
		{"Get/a part of an object gives its bytes", readParts},
		{"Get/a body that is closed early does no harm", readCloseEarly},
		{"Get/a body stays one version while the object changes", readStays},
		{"Get/the version null is the current one, others are none", readVersions},
	}
}

func readRanges(e *env) {
	const content = "0123456789"
	e.put("ten", content, drivers.PutOptions{})
	e.put("none", "", drivers.PutOptions{})
	for _, r := range []drivers.Range{
		{}, {Start: 0, Length: 1}, {Start: 0, Length: 10}, {Start: 0, Length: 11}, {Start: 0, Length: math.MaxInt64},
		{Start: 1}, {Start: 9}, {Start: 9, Length: 1}, {Start: 9, Length: 5}, {Start: 3, Length: 4}, {Start: 10},
		{Start: 10, Length: 1}, {Start: 11, Length: 1}, {Start: math.MaxInt64, Length: 1},
		{Start: math.MaxInt64, Length: math.MaxInt64}, {Start: 5, Length: math.MaxInt64},
		{Start: -1}, {Start: -3}, {Start: -10}, {Start: -11}, {Start: -1000}, {Start: math.MinInt64}, {Start: -4, Length: 2},
	} {
		e.readsRange("ten", content, r)
		e.readsRange("none", "", r)
	}
}

// readsRange compares one read with what Range.Resolve says.
func (e *env) readsRange(key, content string, r drivers.Range) {
	e.Helper()
	start, length, want := r.Resolve(int64(len(content)))
	o := drivers.GetOptions{Range: r}
	info, err := e.b.Head(e.Context(), key, o)
	if e.is(err, want); info.Size != int64(len(content)) || info.ETag != md5hex(content) {
		e.Errorf("Head of %+v says %+v", r, info)
	}
	if want != nil {
		obj, err := e.b.Get(e.Context(), key, o)
		e.is(err, want)
		if obj == nil || obj.Body != nil || obj.Size != int64(len(content)) || obj.ETag != md5hex(content) {
			e.Errorf("Get of %+v gives %+v beside its error", r, obj)
		}
		return
	}
	body, obj := e.getOf(e.b, key, o)
	same(e, fmt.Sprintf("body of %+v", r), body, content[start:start+length])
	same(e, "Start", obj.Start, start)
	same(e, "Length", obj.Length, length)
	same(e, "Size", obj.Size, int64(len(content)))
	same(e, "ETag", obj.ETag, md5hex(content))
}

func readDeep(e *env) {
	var b strings.Builder
	for i := range 40000 {
		fmt.Fprintf(&b, "line %06d\n", i) // 12 bytes each
	}
	e.put("key", b.String(), drivers.PutOptions{})
	for _, r := range []drivers.Range{{Start: 1, Length: 1 << 18}, {Start: 400_000, Length: 12}, {Start: -13}, {Start: 65535, Length: 65538}} {
		start, length, _ := r.Resolve(int64(b.Len()))
		body, _ := e.getOf(e.b, "key", drivers.GetOptions{Range: r})
		if body != b.String()[start:start+length] {
			e.Errorf("%+v gives other bytes", r)
		}
	}
}

func readParts(e *env) {
	e.put("single", "single", drivers.PutOptions{})
	body, _ := e.getOf(e.b, "single", drivers.GetOptions{PartNumber: 1})
	same(e, "part 1 of an object without parts", body, "single")
	e.noPart("single", 2)
	if e.limits.storeETags {
		return // checked on a multipart upload
	}
	pieces := []string{"first ", "second ", "third"}
	whole := strings.Join(pieces, "")
	d := digestOfParts(e, checksum.CRC32, checksum.FullObject, pieces...)
	e.put("parts", whole, drivers.PutOptions{Digest: func() drivers.Digest { return d }})
	start := int64(0)
	for i, p := range d.Parts {
		body, obj := e.getOf(e.b, "parts", drivers.GetOptions{PartNumber: p.Number})
		same(e, "body of a part", body, pieces[i])
		same(e, "Start", obj.Start, start)
		same(e, "Size", obj.Size, int64(len(whole)))
		same(e, "PartsCount", obj.PartsCount, len(pieces))
		_, err := e.b.Head(e.Context(), "parts", drivers.GetOptions{PartNumber: p.Number})
		e.ok(err)
		start += p.Size
	}
	for _, number := range []int{1, 3, 9, 10000} {
		e.noPart("parts", number)
	}
}

func (e *env) noPart(key string, number int) {
	e.Helper()
	_, err := e.b.Head(e.Context(), key, drivers.GetOptions{PartNumber: number})
	e.is(err, drivers.ErrPartNumber)
	_, err = e.b.Get(e.Context(), key, drivers.GetOptions{PartNumber: number})
	e.is(err, drivers.ErrPartNumber)
}

func readCloseEarly(e *env) {
	body := strings.Repeat("0123456789", 100_000)
	info := e.put("key", body, drivers.PutOptions{})
	for _, n := range []int{0, 1, 100_000} {
		obj, err := e.b.Get(e.Context(), "key", drivers.GetOptions{})
		e.must(err)
		_, err = io.ReadFull(obj.Body, make([]byte, n))
		e.ok(err)
		e.ok(obj.Body.Close())
	}
	e.holds("key", body, info)
}

func readStays(e *env) {
	old := strings.Repeat("old", 1<<20)
	for _, change := range []func(){
		func() { e.put("key", strings.Repeat("new", 1<<20), drivers.PutOptions{}) },
		func() { e.put("key", "short", drivers.PutOptions{}) },
		func() {
			_, err := e.b.Delete(e.Context(), "key", drivers.DeleteOptions{})
			e.ok(err)
		},
	} {
		e.put("key", old, drivers.PutOptions{})
		obj, err := e.b.Get(e.Context(), "key", drivers.GetOptions{})
		e.must(err)
		begin := make([]byte, 10)
		_, err = io.ReadFull(obj.Body, begin)
		e.must(err)
		change()
		rest, err := io.ReadAll(obj.Body)
		if err == nil && string(begin)+string(rest) != old { // an error is fair, other bytes are not
			e.Errorf("the body went on with other bytes: %.20q", rest)
		}
		obj.Body.Close()
	}
}

func readVersions(e *env) {
	info := e.put("key", "x", drivers.PutOptions{})
	if info.VersionID != "" {
		return // a bucket with versions
	}
	body, _ := e.getOf(e.b, "key", drivers.GetOptions{VersionID: "null"})
	same(e, "body", body, "x")
	const none = "3HL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY"
	_, err := e.b.Head(e.Context(), "key", drivers.GetOptions{VersionID: none})
	e.is(err, drivers.ErrNoVersion)
	_, err = e.b.Get(e.Context(), "key", drivers.GetOptions{VersionID: none})
	e.is(err, drivers.ErrNoVersion)
	_, err = e.b.Delete(e.Context(), "key", drivers.DeleteOptions{VersionID: none})
	e.is(err, drivers.ErrNoVersion, nil)
	e.holds("key", "x", info)
	_, err = e.b.Delete(e.Context(), "key", drivers.DeleteOptions{VersionID: "null"})
	e.ok(err)
	e.absent("key")
}
