package drivertest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func uploadListsParts(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{ChecksumAlgorithm: checksum.CRC32C, ChecksumType: checksum.FullObject})
	page, err := e.m.ListParts(e.Context(), "key", u.ID, drivers.ListPartsOptions{})
	e.must(err)
	if len(page.Parts) != 0 || page.More {
		e.Errorf("a new upload has the parts %+v", page)
	}
	var want []drivers.Part
	for _, number := range []int{10000, 1, 7, 2, 500, 10, 9} {
		p := e.putPart(u, number, fmt.Sprint("part ", number))
		p.LastModified = time.Time{} // compared by itself
		want = append(want, p)
	}
	slices.SortFunc(want, func(a, b drivers.Part) int { return a.Number - b.Number })
	for _, limit := range []int{0, 1, 2, 3, 7, 8} {
		var got []drivers.Part
		o := drivers.ListPartsOptions{Limit: limit}
		for {
			page, err := e.m.ListParts(e.Context(), "key", u.ID, o)
			e.must(err)
			if limit > 0 && len(page.Parts) > limit || page.More && len(page.Parts) == 0 {
				e.Fatalf("ListParts(%+v) gives %+v", o, page)
			}
			e.isUpload(page.Upload, u)
			for _, p := range page.Parts {
				if time.Since(p.LastModified).Abs() > time.Minute {
					e.Errorf("a part is of %v", p.LastModified)
				}
				p.LastModified = time.Time{}
				got = append(got, p)
			}
			if !page.More {
				break
			}
			o.After = page.Parts[len(page.Parts)-1].Number
		}
		sameList(e, fmt.Sprint("parts, limit ", limit), got, want)
	}
	for after, left := range map[int]int{9: 3, 8: 4, 10000: 0, 9999: 1} {
		page, err := e.m.ListParts(e.Context(), "key", u.ID, drivers.ListPartsOptions{After: after})
		e.must(err)
		same(e, fmt.Sprint("parts after ", after), len(page.Parts), left)
	}
}

// isUpload compares what listings say of an upload with what CreateUpload said. ListParts need not tell when it began.
func (e *env) isUpload(got, want drivers.Upload) {
	e.Helper()
	if got.Initiated.IsZero() {
		got.Initiated = want.Initiated
	}
	skew := got.Initiated.Sub(want.Initiated).Abs()
	got.Initiated, want.Initiated = time.Time{}, time.Time{}
	if got != want || skew > time.Second {
		e.Errorf("upload is listed as %+v, want %+v", got, want)
	}
}

// uploadsOf lists all uploads, page by page: "key ID", and common prefixes as they are.
func (e *env) uploadsOf(o drivers.ListUploadsOptions) []string {
	e.Helper()
	var all []string
	for range 1000 {
		page, err := e.m.ListUploads(e.Context(), o)
		e.must(err)
		if o.Limit > 0 && len(page.Uploads)+len(page.Prefixes) > o.Limit {
			e.Errorf("ListUploads(%+v) gives %+v", o, page)
		}
		for _, u := range page.Uploads {
			all = append(all, u.Key+" "+u.ID)
		}
		all = append(all, page.Prefixes...)
		if !page.More {
			return all
		}
		o.KeyAfter, o.IDAfter = page.NextKey, page.NextID
	}
	e.Fatalf("ListUploads(%+v) does not end", o)
	return nil
}

func uploadLists(e *env) {
	var want []string
	asked := []drivers.CreateUploadOptions{ // what nobody asks for is S3's default; a store may have no other word for it
		{ChecksumAlgorithm: checksum.SHA256, ChecksumType: checksum.Composite},
		{ChecksumAlgorithm: checksum.CRC64NVME, ChecksumType: checksum.FullObject, ChecksumImplicit: true},
		{ChecksumAlgorithm: checksum.CRC32, ChecksumType: checksum.FullObject},
	}
	for _, key := range []string{"a", "b", "b/c", "d"} {
		for _, o := range asked {
			o.Header = drivers.Header{ContentType: "x/y"}
			u := e.begin(key, o)
			want = append(want, key+" "+u.ID)
			page, err := e.m.ListUploads(e.Context(), drivers.ListUploadsOptions{Prefix: key, KeyAfter: ""})
			e.must(err)
			i := slices.IndexFunc(page.Uploads, func(l drivers.Upload) bool { return l.ID == u.ID })
			if i < 0 {
				e.Fatalf("%+v is not listed: %+v", u, page)
			}
			e.isUpload(page.Uploads[i], u)
			time.Sleep(2 * time.Millisecond) // the order is by time
		}
	}
	e.put("c", "objects are not uploads", drivers.PutOptions{})
	for _, limit := range []int{0, 1, 2, 3, 5, 11, 12, 13} {
		sameList(e, fmt.Sprint("uploads, limit ", limit), e.uploadsOf(drivers.ListUploadsOptions{Limit: limit}), want)
	}
	id := func(i int) string { return want[i][strings.LastIndexByte(want[i], ' ')+1:] }
	for _, c := range []struct {
		key, id string
		from    int
	}{{"a", "", 3}, {"a", id(0), 1}, {"a", id(2), 3}, {"aa", "", 3}, {"b", id(4), 5}, {"b", "", 6}, {"d", id(11), 12}, {"e", "", 12}, {"", id(3), 0}} {
		got := e.uploadsOf(drivers.ListUploadsOptions{KeyAfter: c.key, IDAfter: c.id, Limit: 4})
		sameList(e, fmt.Sprintf("uploads after %q %q", c.key, c.id), got, want[c.from:])
	}
}

func uploadListsTree(e *env) {
	ids := map[string]string{}
	for _, key := range []string{"a", "a/1", "a/2", "b/1/x", "b/1/y", "b/2", "c//d", "z"} {
		ids[key] = e.begin(key, drivers.CreateUploadOptions{}).ID
	}
	u := func(key string) string { return key + " " + ids[key] }
	for _, c := range []struct {
		o    drivers.ListUploadsOptions
		want []string
	}{
		{drivers.ListUploadsOptions{Delimiter: "/"}, []string{u("a"), "a/", "b/", "c/", u("z")}},
		{drivers.ListUploadsOptions{Delimiter: "/", Prefix: "b/"}, []string{"b/1/", u("b/2")}},
		{drivers.ListUploadsOptions{Prefix: "a"}, []string{u("a"), u("a/1"), u("a/2")}},
		{drivers.ListUploadsOptions{Prefix: "a/"}, []string{u("a/1"), u("a/2")}},
		{drivers.ListUploadsOptions{Delimiter: "//"}, []string{u("a"), u("a/1"), u("a/2"), u("b/1/x"), u("b/1/y"), u("b/2"), "c//", u("z")}},
		{drivers.ListUploadsOptions{Delimiter: "/", KeyAfter: "a/"}, []string{"b/", "c/", u("z")}},
		{drivers.ListUploadsOptions{Delimiter: "/", KeyAfter: "b/1/x"}, []string{"b/", "c/", u("z")}},
		{drivers.ListUploadsOptions{Prefix: "none"}, nil},
	} {
		for _, limit := range []int{0, 1, 2, 3} {
			c.o.Limit = limit
			got := e.uploadsOf(c.o)
			slices.Sort(got) // pages keep the order; within one, uploads come before prefixes
			slices.Sort(c.want)
			sameList(e, fmt.Sprintf("%+v", c.o), got, c.want)
		}
	}
}
