package drivertest

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync/atomic"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func uploadAbort(e *env) {
	old := e.put("key", "as it was", drivers.PutOptions{})
	for _, key := range []string{"key", "new"} {
		u, other := e.begin(key, drivers.CreateUploadOptions{}), e.begin(key, drivers.CreateUploadOptions{})
		p := e.putPart(u, 1, "dropped")
		kept := e.putPart(other, 1, "kept")
		e.must(e.m.AbortUpload(e.Context(), key, u.ID))
		e.isGone(u, p)
		page, err := e.m.ListParts(e.Context(), key, other.ID, drivers.ListPartsOptions{})
		e.must(err)
		same(e, "parts of the other upload", len(page.Parts), 1)
		same(e, "ETag of its part", page.Parts[0].ETag, kept.ETag)
		e.must(e.m.AbortUpload(e.Context(), key, other.ID))
	}
	e.holds("key", "as it was", old)
	e.absent("new")
	e.noUploads()
}

// isGone checks that every call says so of an upload that has ended.
func (e *env) isGone(u drivers.Upload, p drivers.Part) {
	e.Helper()
	ctx := e.Context()
	_, err := e.m.PutPart(ctx, u.Key, u.ID, 1, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
	e.is(err, drivers.ErrNoUpload)
	_, err = e.m.CompleteUpload(ctx, u.Key, u.ID, list(p), drivers.CompleteOptions{})
	e.is(err, drivers.ErrNoUpload)
	e.is(e.m.AbortUpload(ctx, u.Key, u.ID), drivers.ErrNoUpload)
	_, err = e.m.ListParts(ctx, u.Key, u.ID, drivers.ListPartsOptions{})
	e.is(err, drivers.ErrNoUpload)
}

func uploadTwo(e *env) {
	a, b := e.begin("key", drivers.CreateUploadOptions{}), e.begin("key", drivers.CreateUploadOptions{})
	if a.ID == b.ID {
		e.Fatalf("two uploads have the ID %s", a.ID)
	}
	a1, b1 := e.putPart(a, 1, piece(1, 0)), e.putPart(b, 1, piece(2, 0))
	b2, a2 := e.putPart(b, 2, "b"), e.putPart(a, 2, "a")
	_, err := e.m.CompleteUpload(e.Context(), "key", a.ID, list(a1, b2), drivers.CompleteOptions{})
	e.is(err, drivers.ErrInvalidPart)
	e.complete(a, piece(1, 0)+"a", a1, a2)
	e.put("key", "a Put in between", drivers.PutOptions{})
	e.complete(b, piece(2, 0)+"b", b1, b2)
}

func uploadMissing(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	p := e.putPart(u, 1, "x")
	foreign := u
	foreign.Key = "other key"
	e.isGone(foreign, p)
	for _, id := range []string{"none", "", "..", "../x", "a/b", u.ID + "x", u.ID[:len(u.ID)-1], strings.ToLower(u.ID) + "-", strings.Repeat("i", 128)} {
		e.isGone(drivers.Upload{Key: "key", ID: id}, p)
	}
	e.complete(u, "x", p)
	if e.limits.speaksS3 { // which may take it for an answer that got lost
		_, err := e.m.CompleteUpload(e.Context(), u.Key, u.ID, list(p), drivers.CompleteOptions{})
		e.is(err, nil, drivers.ErrNoUpload)
		p.ETag = md5hex("other")
	}
	e.isGone(u, p)
}

func uploadBodyFails(e *env) {
	old := e.put("key", "as it was", drivers.PutOptions{})
	u := e.begin("key", drivers.CreateUploadOptions{})
	kept := e.putPart(u, 1, "kept")
	attempts(func(size int64, sent []byte) {
		for number := 1; number <= 2; number++ {
			_, err := e.m.PutPart(e.Context(), "key", u.ID, number, failing(sent, errBody), drivers.PutPartOptions{Size: size})
			e.is(err, errBody)
			ctx, cancel := context.WithCancel(e.Context())
			rest := strings.NewReader(strings.Repeat("x", 100<<10-len(sent)))
			body := io.MultiReader(&hostile{data: strings.NewReader(string(sent)), then: cancel, err: io.EOF}, rest)
			_, err = e.m.PutPart(ctx, "key", u.ID, number, body, drivers.PutPartOptions{Size: size})
			e.is(err, context.Canceled)
			cancel()
		}
	})
	_, err := e.m.PutPart(e.Context(), "key", u.ID, 2, strings.NewReader("short"), drivers.PutPartOptions{Size: 10})
	if err == nil {
		e.Error("a short part passes")
	}
	page, err := e.m.ListParts(e.Context(), "key", u.ID, drivers.ListPartsOptions{})
	e.must(err)
	same(e, "parts", len(page.Parts), 1)
	e.holds("key", "as it was", old)
	e.complete(u, "kept", kept)
}

func uploadBadNumbers(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	for _, number := range []int{-1, 0, drivers.MaxPartNumber + 1, 1 << 30} {
		_, err := e.m.PutPart(e.Context(), "key", u.ID, number, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
		e.is(err, drivers.ErrInvalid)
	}
	for _, key := range []string{"", "\xff", strings.Repeat("k", drivers.MaxKeyLength+1)} {
		_, err := e.m.CreateUpload(e.Context(), key, drivers.CreateUploadOptions{})
		e.is(err, drivers.ErrInvalid, drivers.ErrKeyTooLong)
	}
	first := e.putPart(u, 1, piece(1, 0))
	e.complete(u, piece(1, 0)+"last", first, e.putPart(u, drivers.MaxPartNumber, "last"))
}

func uploadUnseen(e *env) {
	for i := range 5 {
		u := e.begin(fmt.Sprintf("dir/key%d", i), drivers.CreateUploadOptions{})
		e.putPart(u, 1, "x")
		e.absent(u.Key)
	}
	e.put("z", "x", drivers.PutOptions{})
	for _, o := range []drivers.ListOptions{
		{}, {Limit: 1}, {Delimiter: "/"}, {Delimiter: "/", Limit: 1}, {Delimiter: "e"}, {Delimiter: "-"}, {Delimiter: "part"},
	} {
		sameList(e, fmt.Sprintf("%+v", o), e.list(o), []string{"z"})
	}
	for _, o := range []drivers.ListOptions{
		{Prefix: "."}, {Prefix: ".sluice"}, {Prefix: ".sluice/"}, {Prefix: drivers.StagingPrefix}, {Prefix: ".sluice/up", Delimiter: "part"},
		{Prefix: ".sluice/", Delimiter: "/"}, {Prefix: "dir/"}, {Prefix: ".", Delimiter: "-", Limit: 1}, {Prefix: drivers.StagingPrefix, Delimiter: "/"},
	} {
		same(e, fmt.Sprintf("entries of %+v", o), len(e.list(o)), 0)
	}
	e.put(".sluice/uploads.txt", "x", drivers.PutOptions{}) // neighbours of what drivers.Staging hides
	e.put(".sluice/uploads0", "x", drivers.PutOptions{})
	e.put(".sluice", "x", drivers.PutOptions{})
	keys := []string{".sluice", ".sluice/uploads.txt", ".sluice/uploads0", "z"}
	for _, o := range []drivers.ListOptions{
		{}, {Limit: 1}, {Delimiter: "/"}, {Prefix: ".sluice/", Delimiter: "/"}, {Delimiter: "s/"}, {Delimiter: "uploads"},
		{Prefix: ".", Delimiter: "s", Cursor: drivers.Cursor{After: ".sluice/uploads0"}}, {Delimiter: "s", Cursor: drivers.Cursor{After: ".sluice"}},
	} {
		sameList(e, fmt.Sprintf("%+v", o), e.list(o), model(keys, o))
	}
	e.is(e.d.DeleteBucket(e.Context(), e.bucket), drivers.ErrNotEmpty)
	page, err := e.m.ListUploads(e.Context(), drivers.ListUploadsOptions{})
	e.must(err)
	same(e, "uploads after a refused DeleteBucket", len(page.Uploads), 5)
}

func uploadCompleteRace(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	body := piece(1, 0) + "last"
	parts := list(e.putPart(u, 1, piece(1, 0)), e.putPart(u, 2, "last"))
	var wins atomic.Int32
	g := drivers.NewGroup(e.Context(), 4)
	for range 4 {
		g.Go(func(ctx context.Context) error {
			_, err := e.m.CompleteUpload(ctx, "key", u.ID, parts, drivers.CompleteOptions{})
			if e.is(err, nil, drivers.ErrNoUpload, drivers.ErrConflict) && err == nil {
				wins.Add(1)
			}
			return nil
		})
	}
	e.must(g.Wait())
	if wins.Load() == 0 {
		e.Error("nobody completed it")
	}
	e.holdsLarge("key", body, e.head("key"))
	e.noUploads()
}

func uploadAbortRace(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	race(func(i int) {
		if i == racers/2 {
			e.ok(e.m.AbortUpload(e.Context(), "key", u.ID))
			return
		}
		_, err := e.m.PutPart(e.Context(), "key", u.ID, i+1, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
		e.is(err, nil, drivers.ErrNoUpload)
	})
	e.noUploads()
	e.absent("key")
	e.must(e.d.DeleteBucket(e.Context(), e.bucket)) // nothing is left that would keep it
}

func (e *env) uploadChecksums(t checksum.Type) {
	for _, a := range checksum.Algorithms() {
		if !a.Supports(t) {
			continue
		}
		bodies := []string{"a single part"}
		if a == checksum.CRC32 { // one of each type in large parts; all would take long
			bodies = []string{piece(1, 7), "last"}
		}
		u := e.begin("key", drivers.CreateUploadOptions{ChecksumAlgorithm: a, ChecksumType: t})
		same(e, "ChecksumAlgorithm", u.ChecksumAlgorithm, a)
		same(e, "ChecksumType", u.ChecksumType, t)
		var parts []drivers.Part
		var sums []checksum.Part
		for i, body := range bodies {
			p := e.putPart(u, i+1, body)
			same(e, "Checksum of a part", p.Checksum, digestOf(body, a).Checksum)
			parts, sums = append(parts, p), append(sums, checksum.Part{Value: p.Checksum.Value, Size: p.Size})
		}
		want, err := checksum.Combine(a, t, sums)
		e.must(err)
		e.complete(u, strings.Join(bodies, ""), parts...)
		head := e.head("key")
		same(e, "Checksum", head.Checksum, want)
		sameList(e, "Parts", shown(head.Parts), shown(parts))
		if t == checksum.FullObject {
			same(e, "Checksum of the bytes", head.Checksum, digestOf(strings.Join(bodies, ""), a).Checksum)
		}
	}
}

func uploadOddKeys(e *env) {
	for _, key := range []string{"a/", "a//b", "../x", ".", "/", "%2F", "a b+c", "世界 🚀", strings.Repeat("k", 300), strings.Repeat("k", drivers.MaxKeyLength), "a\nb", ".sluice/x", "a:b", " "} {
		if e.limits.refusedKey(key) {
			continue
		}
		u := e.begin(key, drivers.CreateUploadOptions{})
		page, err := e.m.ListUploads(e.Context(), drivers.ListUploadsOptions{Prefix: key})
		e.must(err)
		if len(page.Uploads) != 1 || page.Uploads[0].Key != key || page.Uploads[0].ID != u.ID {
			e.Errorf("the upload of %q is listed as %+v", key, page)
		}
		e.complete(u, "body of "+key, e.putPart(u, 1, "body of "+key))
	}
}

func uploadCopies(e *env) {
	source := piece(1, 1000)
	info := e.put("source", source, drivers.PutOptions{})
	name, other := e.newBucket()
	_, err := other.Put(e.Context(), "elsewhere", strings.NewReader("0123456789"), drivers.PutOptions{Size: 10})
	e.must(err)
	u := e.begin("key", drivers.CreateUploadOptions{ChecksumAlgorithm: checksum.SHA256, ChecksumType: checksum.Composite})
	from := func(number int, b drivers.Bucket, key string, g drivers.GetOptions) (drivers.Part, error) {
		return drivers.CopyPart(e.Context(), e.b, u.Key, u.ID, number, b, key, drivers.CopyPartOptions{Source: g, Algorithm: checksum.SHA256})
	}
	first, err := from(1, e.b, "source", drivers.GetOptions{})
	e.must(err)
	second, err := from(2, e.b, "source", drivers.GetOptions{Range: drivers.Range{Start: 500, Length: drivers.MinPartSize}})
	e.must(err)
	third, err := from(3, e.d.Bucket(name), "elsewhere", drivers.GetOptions{Range: drivers.Range{Start: 2, Length: 3}})
	e.must(err)
	bodies := []string{source, source[500:][:drivers.MinPartSize], "234"}
	for i, p := range []drivers.Part{first, second, third} {
		d := digestOf(bodies[i], checksum.SHA256)
		if p.Number != i+1 || p.Size != int64(len(bodies[i])) || p.ETag != d.ETag || p.Checksum != d.Checksum {
			e.Errorf("CopyPart gives %+v, want %+v", p, d)
		}
	}
	for _, c := range []struct {
		key  string
		g    drivers.GetOptions
		want error
	}{
		{"missing", drivers.GetOptions{}, drivers.ErrNotFound},
		{"source", drivers.GetOptions{Range: drivers.Range{Start: int64(len(source))}}, drivers.ErrInvalidRange},
		{"source", drivers.GetOptions{Range: drivers.Range{Start: 1, Length: int64(len(source))}}, drivers.ErrInvalidRange},
		{"source", drivers.GetOptions{Conditions: drivers.Conditions{IfMatch: []string{md5hex("other")}}}, drivers.ErrPrecondition},
		{"source", drivers.GetOptions{Conditions: drivers.Conditions{IfNoneMatch: []string{info.ETag}}}, drivers.ErrPrecondition},
	} {
		_, err := from(3, e.b, c.key, c.g)
		e.is(err, c.want)
	}
	e.complete(u, strings.Join(bodies, ""), first, second, third)
	_, err = from(1, e.b, "source", drivers.GetOptions{})
	e.is(err, drivers.ErrNoUpload)
}
