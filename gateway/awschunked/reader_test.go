package awschunked

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sluice/gateway/sigv4"
)

var (
	testTime = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)
	testKeys = sigv4.Credentials{AccessKey: "AKIAIOSFODNN7EXAMPLE", SecretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
)

const crcName = "X-Amz-Checksum-Crc32"

// declare describes a body of n decoded bytes in the given mode.
func declare(mode sigv4.PayloadMode, n int) sigv4.Payload {
	p := sigv4.Payload{Mode: mode, DecodedLength: int64(n)}
	if mode != sigv4.SignedChunks {
		p.Trailers = []string{strings.ToLower(crcName)}
	}
	return p
}

// signer returns a fresh chain, the same one on every call; nil if unsigned.
func signer(t testing.TB, mode sigv4.PayloadMode) *sigv4.ChunkSigner {
	t.Helper()
	if mode == sigv4.UnsignedChunksTrailer {
		return nil
	}
	r, err := http.NewRequest(http.MethodPut, "http://s3.example.com/b/k", nil)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sigv4.Sign(r, testKeys, "us-east-1", sigv4.StreamingPayload, testTime)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func trailerOf(data []byte) http.Header {
	sum := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(data))
	return http.Header{crcName: {base64.StdEncoding.EncodeToString(sum)}}
}

func encode(t testing.TB, mode sigv4.PayloadMode, data []byte, chunk int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := NewWriter(&b, mode, signer(t, mode))
	for rest := data; len(rest) > 0; {
		n := min(chunk, len(rest))
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	var trailer http.Header
	if mode != sigv4.SignedChunks {
		trailer = trailerOf(data)
	}
	if err := w.Close(trailer); err != nil {
		t.Fatal(err)
	}
	if n := EncodedLength(mode, int64(len(data)), int64(chunk), trailer); n != int64(b.Len()) {
		t.Fatalf("EncodedLength says %d, the body has %d bytes", n, b.Len())
	}
	return b.Bytes()
}

func newReader(t testing.TB, body io.Reader, p sigv4.Payload) *Reader {
	t.Helper()
	r, err := NewReader(body, Options{Payload: p, Chunks: signer(t, p.Mode)})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func wantCode(t *testing.T, err error, codes ...string) {
	t.Helper()
	var e *sigv4.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *sigv4.Error with code %v", err, codes)
	}
	for _, c := range codes {
		if e.Code == c {
			return
		}
	}
	t.Fatalf("got %v, want code %v", err, codes)
}

var modes = map[string]sigv4.PayloadMode{
	"signed":           sigv4.SignedChunks,
	"signed trailer":   sigv4.SignedChunksTrailer,
	"unsigned trailer": sigv4.UnsignedChunksTrailer,
}

func pattern(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func TestReaderDecodesWhatWriterEncodes(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		for _, size := range []int{0, 1, 100, 4096, 65536, 65537, 200_000} {
			for _, chunk := range []int{1 << 10, 64 << 10} {
				data := pattern(size)
				body := encode(t, mode, data, chunk)
				for how, src := range map[string]io.Reader{
					"whole": bytes.NewReader(body), "halves": iotest.HalfReader(bytes.NewReader(body)),
					"error with data": iotest.DataErrReader(bytes.NewReader(body)),
				} {
					r := newReader(t, src, declare(mode, size))
					if r.Trailer() != nil {
						t.Fatal("there is a trailer before the end")
					}
					got, err := io.ReadAll(r)
					if err != nil || !bytes.Equal(got, data) {
						t.Fatalf("%s, %d bytes in chunks of %d, %s: got %d bytes, %v", name, size, chunk, how, len(got), err)
					}
					if mode != sigv4.SignedChunks && r.Trailer().Get(crcName) != trailerOf(data).Get(crcName) {
						t.Fatalf("%s: trailer %v", name, r.Trailer())
					}
				}
			}
		}
	}
}

func TestReaderDecodesThePublishedExamples(t *testing.T) {
	t.Parallel()
	const head = "PUT /examplebucket/chunkObject.txt"
	a := strings.Repeat("a", 65536)
	for name, tt := range map[string]struct {
		mode, signedHeaders, seed, trailers, body string
	}{
		"chunks": {
			mode:          sigv4.StreamingPayload,
			signedHeaders: "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
			seed:          "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
			body: "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + a + "\r\n" +
				"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + a[:1024] + "\r\n" +
				"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n",
		},
		"chunks and trailer": {
			mode:          sigv4.StreamingPayloadTrailer,
			signedHeaders: "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
			seed:          "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
			trailers:      "x-amz-checksum-crc32c",
			body: "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" + a + "\r\n" +
				"400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" + a[:1024] + "\r\n" +
				"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n" +
				"x-amz-checksum-crc32c:sOO8/Q==\r\n" +
				"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequest(http.MethodPut, "https://s3.amazonaws.com/examplebucket/chunkObject.txt", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.ContentLength = 66824 // the published one, also beside the trailer
			for k, v := range map[string]string{
				"Content-Encoding": "aws-chunked", "X-Amz-Date": "20130524T000000Z", "X-Amz-Storage-Class": "REDUCED_REDUNDANCY",
				"X-Amz-Content-Sha256": tt.mode, "X-Amz-Decoded-Content-Length": "66560",
				"Authorization": "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
					tt.signedHeaders + ",Signature=" + tt.seed,
			} {
				r.Header.Set(k, v)
			}
			if tt.trailers != "" {
				r.Header.Set("X-Amz-Trailer", tt.trailers)
			}
			v := &sigv4.Verifier{
				Now:    func() time.Time { return testTime },
				Lookup: func(k string) (string, bool) { return testKeys.SecretKey, k == testKeys.AccessKey },
			}
			who, err := v.Verify(r)
			if err != nil {
				t.Fatal(head, err)
			}
			body, err := NewReader(r.Body, Options{Payload: who.Payload, Chunks: who.Chunks, MinChunkSize: MinChunkSize})
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(body)
			if err != nil || string(got) != a+a[:1024] {
				t.Fatalf("got %d bytes, %v", len(got), err)
			}
			if tt.trailers != "" && body.Trailer().Get("X-Amz-Checksum-Crc32c") != "sOO8/Q==" {
				t.Errorf("trailer %v", body.Trailer())
			}
		})
	}
}

func TestNewReaderRefusesWhatItCannotVerify(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		o    Options
		code string
	}{
		"signed, no signer":   {Options{Payload: declare(sigv4.SignedChunks, 1)}, sigv4.CodeAccessDenied},
		"trailer, no signer":  {Options{Payload: declare(sigv4.SignedChunksTrailer, 1)}, sigv4.CodeAccessDenied},
		"signer for unsigned": {Options{Payload: declare(sigv4.UnsignedChunksTrailer, 1), Chunks: signer(t, sigv4.SignedChunks)}, sigv4.CodeAccessDenied},
		"not framed":          {Options{Payload: declare(sigv4.Unsigned, 1)}, sigv4.CodeInvalidRequest},
		"no decoded length":   {Options{Payload: declare(sigv4.UnsignedChunksTrailer, -1)}, sigv4.CodeInvalidRequest},
	} {
		_, err := NewReader(strings.NewReader(""), tt.o)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		wantCode(t, err, tt.code)
	}
}

func TestReaderKeepsTransportErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset")
	for name, mode := range modes {
		body := encode(t, mode, pattern(10_000), 1<<10)
		for cut := 0; cut < len(body); cut += 97 {
			src := io.MultiReader(bytes.NewReader(body[:cut]), iotest.ErrReader(broken))
			r := newReader(t, src, declare(mode, 10_000))
			if _, err := io.ReadAll(r); !errors.Is(err, broken) {
				t.Fatalf("%s: broken after %d bytes: %v", name, cut, err)
			}
			if _, err := r.Read(make([]byte, 1)); !errors.Is(err, broken) {
				t.Fatalf("%s: the error does not last: %v", name, err)
			}
		}
	}
}

func TestWriterRefusesATrailerThatTheModeLacks(t *testing.T) {
	t.Parallel()
	w := NewWriter(io.Discard, sigv4.SignedChunks, signer(t, sigv4.SignedChunks))
	if err := w.Close(trailerOf(nil)); err == nil {
		t.Error("accepted")
	}
}
