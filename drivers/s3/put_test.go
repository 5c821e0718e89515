package s3_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/s3"
)

// digested is a body that hashes on its way, as the gateway's do, and the options that go with it.
func digested(body string, a checksum.Algorithm) (*drivers.DigestReader, drivers.PutOptions) {
	r := drivers.NewDigestReader(struct{ io.Reader }{strings.NewReader(body)}, int64(len(body)), a)
	return r, drivers.PutOptions{Size: int64(len(body)), Digest: r.Digest, Checksum: checksum.Checksum{Algorithm: a, Type: checksum.FullObject}}
}

func sumOf(body string, a checksum.Algorithm) string {
	h := a.New()
	_, _ = io.WriteString(h, body)
	return checksum.Encode(h.Sum(nil))
}

func TestChecksumsGoOutAsTheStoreTakesThem(t *testing.T) {
	t.Parallel()
	const body = "the content"
	for _, a := range checksum.Algorithms() {
		sum := sumOf(body, a)
		trailer := strconv.FormatInt(int64(len(body)), 16) + "\r\n" + body + "\r\n0\r\n" + a.Header() + ":" + sum + "\r\n\r\n"
		for _, c := range []struct {
			mode       string
			ahead      bool // the value is known ahead
			wire       string
			headerSum  string
			kept       string // as user metadata
			payload    string
			shownAfter bool // Put tells the checksum
		}{
			{"trailer", false, trailer, "", "", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", true},
			{"trailer", true, body, sum, "", "UNSIGNED-PAYLOAD", true},
			{"header", false, body, "", "", "UNSIGNED-PAYLOAD", false},
			{"header", true, body, sum, "", "UNSIGNED-PAYLOAD", true},
			{"none", false, body, "", "", "UNSIGNED-PAYLOAD", false},
			{"none", true, body, "", string(a) + ":" + sum, "UNSIGNED-PAYLOAD", true},
		} {
			f := startFake(t, always(answer{header: []string{`ETag: "e"`}}))
			r, o := digested(body, a)
			if c.ahead {
				o.Checksum.Value = sum
			}
			info, err := f.open(t, s3.Config{Checksum: c.mode}).Bucket("photos").Put(t.Context(), "key", r, o)
			if err != nil {
				t.Fatal(err)
			}
			got := f.only(t)
			if got.body != c.wire || got.ContentLength != int64(len(c.wire)) || len(got.TransferEncoding) > 0 {
				t.Errorf("%s %s: the wire has %q of length %d, want %q", c.mode, a, got.body, got.ContentLength, c.wire)
			}
			framed := c.payload == "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
			for name, want := range map[string]string{
				a.Header(): c.headerSum, "X-Amz-Meta-Sluice-Checksum": c.kept, "X-Amz-Content-Sha256": c.payload,
				"X-Amz-Trailer": map[bool]string{true: a.Header()}[framed], "Content-Encoding": map[bool]string{true: "aws-chunked"}[framed],
				"X-Amz-Decoded-Content-Length": map[bool]string{true: strconv.Itoa(len(body))}[framed],
			} {
				if got.Header.Get(name) != want {
					t.Errorf("%s %s: %s is %q, want %q", c.mode, a, name, got.Header.Get(name), want)
				}
			}
			for name := range got.Header {
				if strings.HasPrefix(name, "Amz-Sdk") || c.mode == "none" && strings.Contains(name, "Checksum") && !strings.HasPrefix(name, "X-Amz-Meta-") {
					t.Errorf("%s: sends %s", c.mode, name)
				}
			}
			want := ""
			if c.shownAfter {
				want = sum
			}
			if info.Checksum.Value != want {
				t.Errorf("%s %s: Put tells the checksum %+v, want %q", c.mode, a, info.Checksum, want)
			}
		}
	}
}

// Content-MD5 is older than all other checksums: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
func TestABodyThatIsWholeIsGuardedByItsMD5WhereNoChecksumIs(t *testing.T) {
	t.Parallel()
	const body = "the content"
	for mode, want := range map[string]string{"trailer": "", "header": "", "none": sumOf(body, checksum.MD5)} {
		f := startFake(t, always(answer{header: []string{`ETag: "e"`}}))
		r, o := digested(body, checksum.CRC32C)
		if _, err := io.Copy(io.Discard, r); err != nil {
			t.Fatal(err)
		}
		whole := &drivers.Buffered{Reader: bytes.NewReader([]byte(body))}
		if _, err := f.open(t, s3.Config{Checksum: mode}).Bucket("photos").Put(t.Context(), "key", whole, o); err != nil {
			t.Fatal(err)
		}
		if got := f.only(t).Header.Get("Content-Md5"); got != want {
			t.Errorf("%s: Content-MD5 is %q, want %q", mode, got, want)
		}
	}
}

func TestTheFramingIsBesideTheContentsOwnEncoding(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{}))
	for _, body := range []string{"x", ""} {
		r, o := digested(body, checksum.CRC32C)
		o.Header = drivers.Header{ContentType: "text/plain", ContentEncoding: "gzip"}
		if _, err := f.bucket(t).Put(t.Context(), "key", r, o); err != nil {
			t.Fatal(err)
		}
	}
	all := f.seen()
	if got := all[0].Header.Get("Content-Encoding"); got != "aws-chunked,gzip" {
		t.Errorf("framed: %q", got)
	}
	if got := all[1].Header; got.Get("Content-Encoding") != "gzip" || got.Get("X-Amz-Checksum-Crc32c") != "AAAAAA==" { // an empty body has ended
		t.Errorf("empty: %v", got)
	}
}

func TestABodyThatGoesWrongNeverArrivesWhole(t *testing.T) {
	t.Parallel()
	wrong := errors.New("the client's digest does not match")
	const body = "the content"
	for _, mode := range []string{"trailer", "header"} {
		f := startFake(t, always(answer{}))
		_, o := digested(body, checksum.CRC32C)
		src := io.MultiReader(strings.NewReader(body), failing{wrong})
		if _, err := f.open(t, s3.Config{Checksum: mode}).Bucket("photos").Put(t.Context(), "key", src, o); !errors.Is(err, wrong) {
			t.Errorf("%s: error %v", mode, err)
		}
		f.Close() // the handler may still be on its way
		for _, r := range f.seen() {
			if r.err == nil {
				t.Errorf("%s: the store got a whole request: %q", mode, r.body)
			}
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestADigestWithoutWhatWasAnnouncedFailsTheBody(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{}))
	r, o := digested("body", checksum.CRC32C)
	o.Checksum.Algorithm = checksum.SHA256
	if _, err := f.bucket(t).Put(t.Context(), "key", r, o); !errors.Is(err, drivers.ErrInvalid) {
		t.Errorf("error %v", err)
	}
	f.Close()
	for _, r := range f.seen() {
		if r.err == nil {
			t.Errorf("the store got a whole request: %q", r.body)
		}
	}
}

// endless is a body that counts what is read of it.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	e.n += int64(len(p))
	return len(p), nil
}

func TestAnEarlyAnswerEndsTheUpload(t *testing.T) {
	t.Parallel()
	o := drivers.PutOptions{Size: 1 << 40, Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}}
	refuses := answer{412, []string{"Connection: close"}, errorDocument("PreconditionFailed", "")}
	f := startFake(t, always(refuses))
	f.unread = true
	src := &endless{}
	if _, err := f.bucket(t).Put(t.Context(), "key", src, o); !errors.Is(err, drivers.ErrPrecondition) || src.n > 0 {
		t.Errorf("%d bytes were read, error %v", src.n, err) // a large body waits until the store wants it
	}
	late := startFake(t, always(refuses))
	late.unread, late.first = true, 1<<20
	_, err := late.bucket(t).Put(t.Context(), "key", src, o)
	if !errors.Is(err, drivers.ErrPrecondition) && !errors.Is(err, drivers.ErrUnavailable) { // a closed connection may hide the answer
		t.Errorf("error %v", err)
	}
	if src.n > 64<<20 { // nobody reads on: the race detector would tell
		t.Errorf("%d bytes were read", src.n)
	}
}

func TestAnAnswerBeforeTheBodyIsNoSuccess(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{header: []string{`ETag: "e"`, "Connection: close"}}))
	f.unread = true
	if info, err := f.bucket(t).Put(t.Context(), "key", &endless{}, drivers.PutOptions{Size: 1 << 40}); !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestABodyOfUnknownSizeIsSentWithItsLength(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	for _, size := range []int{0, 10, drivers.SmallBody, drivers.SmallBody + 1, 3 << 20} {
		f := startFake(t, always(answer{}))
		body := strings.Repeat("x", size)
		info, err := f.bucket(t).Put(t.Context(), "key", struct{ io.Reader }{strings.NewReader(body)}, drivers.PutOptions{Size: -1})
		if err != nil {
			t.Fatal(err)
		}
		if r := f.only(t); r.ContentLength != int64(size) || r.body != body || info.Size != int64(size) {
			t.Errorf("%d bytes arrive as %d of length %d, Size %d", size, len(r.body), r.ContentLength, info.Size)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%d bytes: left over %v, %v", size, left, err)
		}
	}
}

func TestUploadsStreamInFlatMemory(t *testing.T) {
	f := startFake(t, nil)
	f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	d, err := s3.New(t.Context(), s3.Config{Region: "eu-west-1", PathStyle: true, AccessKey: "A", SecretKey: "s"}, s3.Options{HTTP: f.client(t)})
	if err != nil {
		t.Fatal(err)
	}
	const size = 256 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := drivers.NewDigestReader(io.LimitReader(zeros{}, size), size, checksum.CRC32C)
	o := drivers.PutOptions{Size: size, Digest: r.Digest, Checksum: checksum.Checksum{Algorithm: checksum.CRC32C}}
	if _, err := d.Bucket("photos").Put(t.Context(), "key", r, o); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > size/4 { // about 1 MiB; the race detector makes pools forget
		t.Errorf("%d MiB were allocated for %d MiB", used>>20, size>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestObjectsMadeOfPartsAreNoPut(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{}))
	for _, size := range []int64{4, -1, 0, 2 << 20} {
		body := bytes.NewReader(make([]byte, max(size, 0)))
		o := drivers.PutOptions{Size: size, Digest: func() drivers.Digest { return drivers.Digest{ETag: "d41d8cd98f00b204e9800998ecf8427e-3"} }}
		if _, err := f.bucket(t).Put(t.Context(), "key", body, o); !errors.Is(err, drivers.ErrUnsupported) {
			t.Errorf("of %d bytes: %v", size, err)
		}
	}
	f.Close()
	for _, r := range f.seen() {
		if r.err == nil {
			t.Errorf("the store got a whole request of %d bytes", len(r.body))
		}
	}
}

func TestOddETagsAreNotedOnceAndShown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header []string
		noted  bool
	}{
		{[]string{`ETag: "0123456789abcdef0123456789abcdef"`}, true},
		{[]string{`ETag: "0123456789abcdef0123456789abcdef"`, "X-Amz-Server-Side-Encryption: aws:kms"}, false},
		{[]string{`ETag: "841a2d689ad86bd1611447453c22c6fc"`}, false}, // the MD5
	} {
		f := startFake(t, always(answer{header: c.header}))
		var log bytes.Buffer
		d, err := s3.New(t.Context(), s3.Config{Region: "eu-west-1", PathStyle: true, AccessKey: "A", SecretKey: "s"},
			s3.Options{HTTP: f.client(t), Log: textLog(&log)})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			r, o := digested("body", checksum.CRC32C)
			info, err := d.Bucket("photos").Put(t.Context(), "key", r, o)
			if want := strings.Trim(strings.TrimPrefix(c.header[0], "ETag: "), `"`); err != nil || info.ETag != want || info.Token != want {
				t.Errorf("%+v, %v", info, err)
			}
		}
		if got := strings.Count(log.String(), "ETags are not MD5s"); (got == 1) != c.noted || got > 1 {
			t.Errorf("%v: noted %d times", c.header, got)
		}
	}
}
