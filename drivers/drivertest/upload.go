package drivertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func uploadChecks(l *limits) []check {
	if l.withoutMultipart {
		return []check{{"Upload/is refused", uploadRefused}}
	}
	return []check{
		{"Upload/parts in any order and at once become the object", uploadJoins},
		{"Upload/header and tags are the object's", uploadHeader},
		{"Upload/a part that comes again replaces the first", uploadAgain},
		{"Upload/parts that are not listed are dropped", uploadUnlisted},
		{"Upload/a bad list leaves the upload as it is", uploadBadList},
		{"Upload/an abort leaves the object alone", uploadAbort},
		{"Upload/two of one key do not meet", uploadTwo},
		{"Upload/one that is not there", uploadMissing},
		{"Upload/a part whose body fails is not stored", uploadBodyFails},
		{"Upload/part numbers outside of 1 to 10000 are refused", uploadBadNumbers},
		{"Upload/what is not complete is not seen", uploadUnseen},
		{"Upload/completed twice at once makes one object", uploadCompleteRace},
		{"Upload/parts race with an abort", uploadAbortRace},
		{"Upload/composite checksums", func(e *env) { e.uploadChecksums(checksum.Composite) }},
		{"Upload/checksums of the full object", func(e *env) { e.uploadChecksums(checksum.FullObject) }},
		{"Upload/odd keys", uploadOddKeys},
		{"Upload/parts are copied from ranges", uploadCopies},
		{"Upload/parts are listed in pages", uploadListsParts},
		{"Upload/uploads are listed in pages", uploadLists},
		{"Upload/uploads are listed by prefix and delimiter", uploadListsTree},
	}
}

// noise is 5 MiB, the least that a part but the last may have; piece makes different parts of it.
var noise = sync.OnceValue(func() string {
	var seed [32]byte
	b := make([]byte, drivers.MinPartSize)
	rand.NewChaCha8(seed).Read(b)
	return string(b)
})

// piece is the body of a part: 5 MiB and some more bytes, which differ with the number.
func piece(number, more int) string {
	begin := fmt.Sprintf("part %05d ", number)
	return begin + noise()[len(begin):] + noise()[:more]
}

// list names parts as a request to complete an upload does.
func list(parts ...drivers.Part) []drivers.CompletedPart {
	var all []drivers.CompletedPart
	for _, p := range parts {
		all = append(all, drivers.CompletedPart{Number: p.Number, ETag: p.ETag, Checksum: p.Checksum})
	}
	return all
}

func (e *env) begin(key string, o drivers.CreateUploadOptions) drivers.Upload {
	e.Helper()
	u, err := e.m.CreateUpload(e.Context(), key, o)
	if err != nil {
		e.Fatalf("CreateUpload(%q): %v", key, err)
	}
	if u.Key != key || u.ID == "" || len(u.ID) > 128 || strings.Trim(u.ID, urlSafe) != "" || time.Since(u.Initiated).Abs() > time.Minute {
		e.Errorf("CreateUpload(%q) gives %+v", key, u)
	}
	return u
}

const urlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"

// putPart stores a part, with its digest when the upload has a checksum.
func (e *env) putPart(u drivers.Upload, number int, body string) drivers.Part {
	e.Helper()
	o := drivers.PutPartOptions{Size: int64(len(body))}
	if u.ChecksumAlgorithm != "" {
		d := digestOf(body, u.ChecksumAlgorithm)
		o.Digest = func() drivers.Digest { return d }
		o.Checksum = checksum.Checksum{Algorithm: u.ChecksumAlgorithm, Type: checksum.FullObject}
		if number%2 == 0 { // as some clients send it ahead
			o.Checksum.Value = d.Checksum.Value
		}
	}
	p, err := e.m.PutPart(e.Context(), u.Key, u.ID, number, strings.NewReader(body), o)
	if err != nil {
		e.Fatalf("PutPart(%q, %d): %v", u.Key, number, err)
	}
	if p.Number != number || p.Size != int64(len(body)) || p.ETag != md5hex(body) || p.LastModified.IsZero() {
		e.Errorf("PutPart(%d) gives %+v", number, p)
	}
	return p
}

// complete ends an upload and checks the object.
func (e *env) complete(u drivers.Upload, body string, parts ...drivers.Part) {
	e.Helper()
	info, err := e.m.CompleteUpload(e.Context(), u.Key, u.ID, list(parts...), drivers.CompleteOptions{})
	if err != nil {
		e.Fatalf("CompleteUpload(%q): %v", u.Key, err)
	}
	var etags []string
	for _, p := range parts {
		etags = append(etags, p.ETag)
	}
	want, err := checksum.MultipartETag(etags)
	e.must(err)
	same(e, "ETag", info.ETag, want)
	e.holdsLarge(u.Key, body, info)
	_, err = e.m.ListParts(e.Context(), u.Key, u.ID, drivers.ListPartsOptions{})
	e.is(err, drivers.ErrNoUpload)
}

// holdsLarge is holds without a second copy of the body.
func (e *env) holdsLarge(key, body string, info drivers.Info) {
	e.Helper()
	obj, err := e.b.Get(e.Context(), key, drivers.GetOptions{})
	e.must(err)
	defer obj.Body.Close()
	h := sha256.New()
	n, err := io.Copy(h, obj.Body)
	e.must(err)
	want := sha256.Sum256([]byte(body))
	if n != int64(len(body)) || hex.EncodeToString(h.Sum(nil)) != hex.EncodeToString(want[:]) {
		e.Errorf("%q holds %d other bytes, want %d", key, n, len(body))
	}
	if obj.ETag != info.ETag || obj.Token != info.Token || obj.Size != n {
		e.Errorf("%q is %+v, want %+v", key, obj.Info, info)
	}
	e.listedAs(e.head(key))
}

func uploadRefused(e *env) {
	_, err := e.m.CreateUpload(e.Context(), "key", drivers.CreateUploadOptions{})
	e.is(err, drivers.ErrUnsupported)
	_, err = e.m.ListUploads(e.Context(), drivers.ListUploadsOptions{})
	e.is(err, drivers.ErrUnsupported)
}

func uploadJoins(e *env) {
	u := e.begin("dir/key", drivers.CreateUploadOptions{})
	numbers := []int{9, 2, 5, 10000} // unlike sizes, not from 1 on, not in order
	bodies := map[int]string{2: piece(2, 1), 5: piece(5, 100_003), 9: piece(9, 0), 10000: "the last one is small"}
	parts := make([]drivers.Part, len(numbers))
	g := drivers.NewGroup(e.Context(), len(numbers))
	for i, n := range numbers {
		g.Go(func(ctx context.Context) (err error) {
			parts[i], err = e.m.PutPart(ctx, u.Key, u.ID, n, strings.NewReader(bodies[n]), drivers.PutPartOptions{Size: int64(len(bodies[n]))})
			return err
		})
	}
	e.must(g.Wait())
	slices.SortFunc(parts, func(a, b drivers.Part) int { return a.Number - b.Number })
	e.complete(u, bodies[2]+bodies[5]+bodies[9]+bodies[10000], parts...)
	e.noUploads()
	head := e.head("dir/key")
	same(e, "PartsCount", head.PartsCount, len(parts))
	start := int64(0)
	for i, p := range head.Parts {
		same(e, "Size of a part", p.Size, parts[i].Size)
		body, obj := e.getOf(e.b, "dir/key", drivers.GetOptions{PartNumber: p.Number})
		same(e, "ETag of a part's bytes", md5hex(body), parts[i].ETag)
		same(e, "Start of a part", obj.Start, start)
		start += p.Size
	}
	across := drivers.Range{Start: int64(len(bodies[2])) - 3, Length: 10}
	body, _ := e.getOf(e.b, "dir/key", drivers.GetOptions{Range: across})
	same(e, "a range across two parts", body, (bodies[2] + bodies[5])[across.Start:][:10])
}

func uploadHeader(e *env) {
	o := drivers.CreateUploadOptions{Header: drivers.Header{
		ContentType: "text/plain", CacheControl: "no-cache", ContentEncoding: "gzip", Metadata: map[string]string{"a": "ü", "long": strings.Repeat("v", 1500)},
	}}
	want := o.Header.Clone()
	if !e.limits.withoutTags {
		o.Tags = []drivers.Tag{{Key: "z", Value: "1"}, {Key: "a", Value: "2"}}
	}
	tags := slices.Clone(o.Tags)
	u := e.begin("key", o)
	o.Header.Metadata["a"] = "changed"
	for i := range o.Tags {
		o.Tags[i].Value = "changed"
	}
	e.complete(u, "x", e.putPart(u, 1, "x"))
	e.hasHeader("key", want)
	e.hasTagsIf("key", tags)
}

func uploadAgain(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	first := e.putPart(u, 1, "first")
	second := e.putPart(u, 1, "second, and longer")
	_, err := e.m.CompleteUpload(e.Context(), "key", u.ID, list(first), drivers.CompleteOptions{})
	e.is(err, drivers.ErrInvalidPart)
	e.complete(u, "second, and longer", second)
}

func uploadUnlisted(e *env) {
	u := e.begin("key", drivers.CreateUploadOptions{})
	e.putPart(u, 1, "unlisted")
	two := e.putPart(u, 2, piece(2, 0))
	e.putPart(u, 3, "unlisted, also small")
	four := e.putPart(u, 4, "")
	e.complete(u, piece(2, 0), two, four)
	e.noUploads()
	sameList(e, "keys", e.list(drivers.ListOptions{}), []string{"key"})
}

func uploadBadList(e *env) {
	old := e.put("key", "as it was", drivers.PutOptions{})
	u := e.begin("key", drivers.CreateUploadOptions{ChecksumAlgorithm: checksum.CRC32, ChecksumType: checksum.FullObject})
	large, small, last := e.putPart(u, 1, piece(1, 0)), e.putPart(u, 2, "small"), e.putPart(u, 3, "last")
	other, wrongSum, missing := last, last, last
	other.ETag, missing.Number = md5hex("other"), 4
	wrongSum.Checksum.Value = "AAAAAA=="
	whole := digestOf(piece(1, 0)+"last", checksum.CRC32).Checksum
	for _, c := range []struct {
		name  string
		parts []drivers.Part
		o     drivers.CompleteOptions
		want  error
	}{
		{"none", nil, drivers.CompleteOptions{}, drivers.ErrInvalid},
		{"order", []drivers.Part{last, large}, drivers.CompleteOptions{}, drivers.ErrPartOrder},
		{"twice", []drivers.Part{large, large}, drivers.CompleteOptions{}, drivers.ErrPartOrder},
		{"missing", []drivers.Part{large, missing}, drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		{"wrong ETag", []drivers.Part{large, other}, drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		{"wrong checksum of a part", []drivers.Part{large, wrongSum}, drivers.CompleteOptions{}, drivers.ErrInvalidPart},
		{"too small", []drivers.Part{large, small, last}, drivers.CompleteOptions{}, drivers.ErrPartTooSmall},
		{"wrong checksum", []drivers.Part{large, last}, drivers.CompleteOptions{Checksum: wrongSum.Checksum}, drivers.ErrDigestMismatch},
		{"wrong size", []drivers.Part{large, last}, drivers.CompleteOptions{Size: 4}, drivers.ErrDigestMismatch},
		{"wrong type", []drivers.Part{large, last}, drivers.CompleteOptions{Checksum: checksum.Checksum{Type: checksum.Composite}}, drivers.ErrInvalid},
		{"condition", []drivers.Part{large, last}, drivers.CompleteOptions{Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}}, drivers.ErrPrecondition},
	} {
		_, err := e.m.CompleteUpload(e.Context(), "key", u.ID, list(c.parts...), c.o)
		if !e.is(err, c.want) {
			e.Errorf("for a list with: %s", c.name)
		}
	}
	e.holds("key", "as it was", old)
	page, err := e.m.ListParts(e.Context(), "key", u.ID, drivers.ListPartsOptions{})
	e.must(err)
	same(e, "parts left", len(page.Parts), 3)
	_, err = e.m.CompleteUpload(e.Context(), "key", u.ID, list(large, last), drivers.CompleteOptions{
		Checksum: whole, Size: int64(len(piece(1, 0) + "last")), Conditions: drivers.Conditions{IfMatch: []string{old.ETag}},
	})
	e.must(err)
	same(e, "Checksum", e.head("key").Checksum, whole)
}
