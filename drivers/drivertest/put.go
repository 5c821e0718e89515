package drivertest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func putChecks() []check {
	return []check{
		{"Put/what was put is read, described and listed", putIsVisible},
		{"Put/a body that fails stores nothing", putBodyFails},
		{"Put/a context cancelled in the body stores nothing", putCancelled},
		{"Put/a body of another length than announced stores nothing", putWrongSize},
		{"Put/the digest is asked once, after EOF, and comes back", putDigest},
		{"Put/the digest of an object made of parts comes back", putCompositeDigest},
		{"Put/the driver's own ETag is the MD5", putOwnETag},
		{"Put/a body that comes in drops is stored whole", putTrickle},
		{"Put/an overwrite replaces everything", putOverwrites},
		{"Put/a key that S3 does not take is refused", putBadKeys},
		{"Delete/removes, and again is no error", deleteRemoves},
	}
}

func md5hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// bodies are contents of sizes around the usual buffers.
func bodies() []string {
	var all []string
	for _, size := range []int{0, 1, 100, 32<<10 - 1, 32 << 10, 64<<10 + 1, 1 << 20} {
		all = append(all, strings.Repeat("0123456789abcdef-", size/17+1)[:size])
	}
	return all
}

func putIsVisible(e *env) {
	for i, body := range bodies() {
		key := fmt.Sprintf("key %d", i)
		before := time.Now()
		info := e.put(key, body, drivers.PutOptions{})
		if info.Token == "" || info.LastModified.IsZero() || info.Size != int64(len(body)) || info.ETag != md5hex(body) {
			e.Errorf("Put of %d bytes returns %+v", len(body), info)
		}
		e.holds(key, body, info)
		head := e.head(key)
		_, got := e.get(key)
		if head.Key != key || head.Size != got.Size || head.ETag != got.ETag || head.Token != got.Token ||
			!head.LastModified.Equal(got.LastModified) || head.PartsCount != 0 || head.TagCount != 0 {
			e.Errorf("Head says %+v, Get %+v", head, got)
		}
		if skew := head.LastModified.Sub(before); skew < -time.Minute || skew > time.Minute {
			e.Errorf("LastModified is %v, it was %v", head.LastModified, before)
		}
		e.listedAs(head)
	}
	same(e, "the number of keys", len(e.list(drivers.ListOptions{})), len(bodies()))
}

// listedAs checks that List says of an object what Head says.
func (e *env) listedAs(head drivers.Info) {
	e.Helper()
	for _, page := range e.pages(drivers.ListOptions{Prefix: head.Key}) {
		for _, l := range page.Objects {
			if l.Key != head.Key {
				continue
			}
			if l.Size != head.Size || l.ETag != head.ETag || l.Header.StorageClass != head.Header.StorageClass ||
				!l.LastModified.Truncate(time.Second).Equal(head.LastModified.Truncate(time.Second)) {
				e.Errorf("List says %+v, Head %+v", l, head)
			}
			return
		}
	}
	e.Errorf("%q is not listed", head.Key)
}

var errBody = errors.New("the body went wrong")

// attempts are the ways to announce and to begin a body that will not end well.
func attempts(run func(size int64, sent []byte)) {
	whole := strings.Repeat("x", 100<<10)
	for _, sent := range []int{0, 1, len(whole) / 2, len(whole)} {
		run(int64(len(whole)), []byte(whole[:sent]))
		run(-1, []byte(whole[:sent]))
	}
}

// leavesNothing checks that a failed write left neither an object nor an upload, and an earlier object as it was.
func (e *env) leavesNothing(write func(key string)) {
	e.Helper()
	old := e.put("old", "as it was", drivers.PutOptions{})
	write("new")
	e.absent("new")
	write("old")
	e.holds("old", "as it was", old)
	sameList(e, "keys", e.list(drivers.ListOptions{}), []string{"old"})
	e.noUploads()
}

func putBodyFails(e *env) {
	attempts(func(size int64, sent []byte) {
		e.leavesNothing(func(key string) {
			_, err := e.b.Put(e.Context(), key, failing(sent, errBody), drivers.PutOptions{Size: size, Digest: func() drivers.Digest {
				e.Error("Digest was called for a body that failed")
				return drivers.Digest{}
			}})
			e.is(err, errBody)
			_, err = e.b.Put(e.Context(), key, failing(sent, errBody), drivers.PutOptions{Size: size})
			e.is(err, errBody)
		})
	})
}

func putCancelled(e *env) {
	attempts(func(size int64, sent []byte) {
		e.leavesNothing(func(key string) {
			ctx, cancel := context.WithCancel(e.Context())
			defer cancel()
			rest := strings.NewReader(strings.Repeat("x", 100<<10-len(sent)))
			body := io.MultiReader(&hostile{data: strings.NewReader(string(sent)), then: cancel, err: io.EOF}, rest)
			_, err := e.b.Put(ctx, key, body, drivers.PutOptions{Size: size})
			e.is(err, context.Canceled)
		})
	})
}

func putWrongSize(e *env) {
	for _, c := range []struct {
		announced int64
		sent      int
	}{{1, 0}, {0, 1}, {100, 99}, {100, 101}, {100 << 10, 10}, {10, 100 << 10}} {
		e.leavesNothing(func(key string) {
			_, err := e.b.Put(e.Context(), key, strings.NewReader(strings.Repeat("x", c.sent)), drivers.PutOptions{Size: c.announced})
			if err == nil {
				e.Errorf("a body of %d bytes passes for one of %d", c.sent, c.announced)
			}
		})
	}
}

// eofReader notes when it has said io.EOF.
type eofReader struct {
	io.Reader
	eof bool
}

func (r *eofReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.eof = r.eof || err == io.EOF
	return n, err
}

// digestOf is the digest of a body that was put as one.
func digestOf(body string, a checksum.Algorithm) drivers.Digest {
	h := a.New()
	h.Write([]byte(body))
	return drivers.Digest{ETag: md5hex(body), Checksum: checksum.New(a, h.Sum(nil))}
}

// digestOfParts is the digest of a body that was put in parts, numbered 2, 5, 8 and so on.
func digestOfParts(e *env, a checksum.Algorithm, t checksum.Type, pieces ...string) drivers.Digest {
	e.Helper()
	var d drivers.Digest
	var etags []string
	var sums []checksum.Part
	for i, piece := range pieces {
		p := digestOf(piece, a)
		size := int64(len(piece))
		etags, sums = append(etags, p.ETag), append(sums, checksum.Part{Value: p.Checksum.Value, Size: size})
		d.Parts = append(d.Parts, drivers.Part{Number: 2 + 3*i, Size: size, Checksum: p.Checksum})
	}
	var err error
	d.ETag, err = checksum.MultipartETag(etags)
	e.must(err)
	d.Checksum, err = checksum.Combine(a, t, sums)
	e.must(err)
	return d
}

func putDigest(e *env) {
	const body = "0123456789"
	for i, a := range append(checksum.Algorithms(), checksum.SHA256) {
		size := []int64{int64(len(body)), -1}[i%2]
		e.keepsDigest(fmt.Sprint("key", i), body, size, digestOf(body, a))
	}
}

func putCompositeDigest(e *env) {
	pieces := []string{"012345", "6789"}
	body := strings.Join(pieces, "")
	digests := []drivers.Digest{
		digestOfParts(e, checksum.SHA256, checksum.Composite, pieces...),
		digestOfParts(e, checksum.CRC64NVME, checksum.FullObject, pieces...),
		digestOfParts(e, checksum.CRC32C, checksum.Composite, body),
	}
	if e.limits.storeETags {
		for _, d := range digests {
			_, err := e.b.Put(e.Context(), "key", strings.NewReader(body), drivers.PutOptions{Size: 10, Digest: func() drivers.Digest { return d }})
			e.is(err, drivers.ErrUnsupported)
		}
		e.absent("key")
		return
	}
	for i, d := range digests {
		e.keepsDigest(fmt.Sprint("key", i), body, int64(len(body)), d)
	}
	info := e.put("key0", "a single part", drivers.PutOptions{})
	e.holds("key0", "a single part", info)
	now := e.head("key0")
	same(e, "PartsCount after an overwrite", now.PartsCount, 0)
	same(e, "Parts after an overwrite", len(now.Parts), 0)
}

// keepsDigest puts a body whose digest the caller knows, and looks for it everywhere.
func (e *env) keepsDigest(key, content string, size int64, want drivers.Digest) {
	e.Helper()
	body, calls := &eofReader{Reader: strings.NewReader(content)}, 0
	info, err := e.b.Put(e.Context(), key, body, drivers.PutOptions{Size: size, Digest: func() drivers.Digest {
		if calls++; !body.eof {
			e.Error("Digest was called before EOF")
		}
		return want
	}})
	e.must(err)
	same(e, "calls of Digest", calls, 1)
	same(e, "ETag of Put", info.ETag, want.ETag)
	head := e.head(key)
	text, obj := e.getOf(e.b, key, drivers.GetOptions{Parts: true})
	same(e, "the body", text, content)
	for _, got := range []drivers.Info{head, obj.Info} {
		same(e, "ETag", got.ETag, want.ETag)
		same(e, "Checksum", got.Checksum, want.Checksum)
		same(e, "PartsCount", got.PartsCount, len(want.Parts))
		sameList(e, "Parts", shown(got.Parts), want.Parts)
	}
	if bare, err := e.b.Head(e.Context(), key, drivers.GetOptions{}); e.ok(err) && bare.Parts != nil {
		e.Error("Head fills Parts that nobody asked for")
	}
	e.listedAs(head)
}

// shown reduces parts to the fields that an object's Info has of them.
func shown(parts []drivers.Part) []drivers.Part {
	var out []drivers.Part
	for _, p := range parts {
		out = append(out, drivers.Part{Number: p.Number, Size: p.Size, Checksum: p.Checksum})
	}
	return out
}

func putOwnETag(e *env) {
	for i, body := range bodies() {
		info, err := e.b.Put(e.Context(), fmt.Sprint(i), strings.NewReader(body), drivers.PutOptions{Size: -1})
		e.must(err)
		same(e, "ETag", info.ETag, md5hex(body))
		e.holds(fmt.Sprint(i), body, info)
	}
}

// oneByte gives a byte at a time, io.EOF together with the last one, and nothing at all in between.
type oneByte struct {
	data string
	turn bool
}

func (r *oneByte) Read(p []byte) (int, error) {
	if r.turn = !r.turn; r.turn || len(p) == 0 {
		return 0, nil
	}
	n := copy(p[:1], r.data)
	if r.data = r.data[n:]; r.data == "" {
		return n, io.EOF
	}
	return n, nil
}

func putTrickle(e *env) {
	body := strings.Repeat("drop", 500)
	info, err := e.b.Put(e.Context(), "key", &oneByte{data: body}, drivers.PutOptions{Size: int64(len(body))})
	e.must(err)
	e.holds("key", body, info)
}

func putOverwrites(e *env) {
	first := drivers.PutOptions{
		Header: drivers.Header{ContentType: "text/plain", CacheControl: "no-cache", Metadata: map[string]string{"a": "1"}},
		Digest: func() drivers.Digest { return digestOf("x", checksum.SHA256) },
	}
	if !e.limits.withoutTags {
		first.Tags = []drivers.Tag{{Key: "k", Value: "v"}}
	}
	old := e.put("key", "x", first)
	e.holds("key", "x", old)
	info := e.put("key", "other", drivers.PutOptions{Header: drivers.Header{ContentLanguage: "de"}})
	if info.Token == old.Token {
		e.Errorf("two writes have the token %q", info.Token)
	}
	e.holds("key", "other", info)
	now := e.head("key")
	same(e, "TagCount", now.TagCount, 0)
	same(e, "CacheControl", now.Header.CacheControl, "")
	same(e, "ContentLanguage", now.Header.ContentLanguage, "de")
	same(e, "Metadata", len(now.Header.Metadata), 0)
	if now.Checksum == old.Checksum && old.Checksum.Value != "" {
		e.Errorf("the checksum of the old bytes stays: %+v", now.Checksum)
	}
}

func putBadKeys(e *env) {
	for _, key := range []string{"", "\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", strings.Repeat("k", drivers.MaxKeyLength+1)} {
		_, err := e.b.Put(e.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
		e.is(err, drivers.ErrInvalid, drivers.ErrKeyTooLong)
		_, err = e.b.Head(e.Context(), key, drivers.GetOptions{})
		e.is(err, drivers.ErrInvalid, drivers.ErrKeyTooLong, drivers.ErrNotFound)
		_, err = e.b.Get(e.Context(), key, drivers.GetOptions{})
		e.is(err, drivers.ErrInvalid, drivers.ErrKeyTooLong, drivers.ErrNotFound)
	}
	same(e, "the number of keys", len(e.list(drivers.ListOptions{})), 0)
}

func deleteRemoves(e *env) {
	e.put("key", "x", drivers.PutOptions{})
	e.put("key2", "x", drivers.PutOptions{})
	for range 2 {
		_, err := e.b.Delete(e.Context(), "key", drivers.DeleteOptions{})
		e.ok(err)
		e.absent("key")
	}
	items := []drivers.DeleteItem{{Key: "missing"}, {Key: "key2"}, {Key: "key2"}}
	out := drivers.DeleteAll(e.Context(), e.b, items)
	same(e, "outcomes", len(out), len(items))
	for _, o := range out {
		e.ok(o.Err)
	}
	e.absent("key2")
	info := e.put("key", "again", drivers.PutOptions{})
	e.holds("key", "again", info)
}
