package awschunked

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"sluice/gateway/sigv4"
)

// refused reads body and reports the error, which must come before all of the
// decoded bytes did.
func refused(t *testing.T, body []byte, p sigv4.Payload) error {
	t.Helper()
	r := newReader(t, bytes.NewReader(body), p)
	got, err := io.ReadAll(r)
	if err == nil {
		t.Fatalf("accepted %d bytes: %.200q", len(got), body)
	}
	if p.DecodedLength > 0 && int64(len(got)) >= p.DecodedLength {
		t.Fatalf("handed out all %d bytes before failing with %v", len(got), err)
	}
	if r.Trailer() != nil {
		t.Fatal("there is a trailer after an error")
	}
	return err
}

func TestRow8_TruncatedBodiesAreRefused(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := encode(t, mode, pattern(300), 100)
			for n := range body {
				wantCode(t, refused(t, body[:n], declare(mode, 300)), CodeIncompleteBody, sigv4.CodeInvalidRequest)
			}
		})
	}
}

func TestRow8_EveryTurnedBitIsRefused(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		if mode == sigv4.UnsignedChunksTrailer {
			continue // there the checksum is what covers the data
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := encode(t, mode, pattern(40), 20)
			for i := range 8 * len(body) {
				bad := bytes.Clone(body)
				bad[i/8] ^= 1 << (i % 8)
				if strings.EqualFold(string(bad), string(body)) && caseFree(body, i/8) {
					continue // the letter case of a size or a trailer's name means nothing
				}
				refused(t, bad, declare(mode, 40))
			}
		})
	}
}

// caseFree reports whether position i belongs to a chunk size or a header name.
func caseFree(body []byte, i int) bool {
	line := body[bytes.LastIndexByte(body[:i], '\n')+1:]
	at := i - (len(body) - len(line))
	end := bytes.IndexAny(line, ";:\r")
	return at < end
}

func TestRow8_ChunksReorderedDroppedReplayed(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		if mode == sigv4.UnsignedChunksTrailer {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := pattern(300)
			body := string(encode(t, mode, data, 100))
			size := len("64") + len(signatureKey) + 64 + 2 + 100 + 2
			c := []string{body[:size], body[size : 2*size], body[2*size : 3*size], body[3*size:]}
			for what, bad := range map[string]string{
				"reordered":         c[1] + c[0] + c[2] + c[3],
				"last two swapped":  c[0] + c[2] + c[1] + c[3],
				"first dropped":     c[1] + c[2] + c[3],
				"replayed":          c[0] + c[0] + c[2] + c[3],
				"terminal first":    c[3] + c[0] + c[1] + c[2],
				"terminal twice":    body + c[3],
				"terminal dropped":  c[0] + c[1] + c[2],
				"trailing bytes":    body + "x",
				"trailing newline":  body + "\r\n\r\n",
				"another appended":  c[0] + c[1] + c[2] + c[2] + c[3],
				"signature missing": strings.Replace(body, signatureKey, ";chunk-signaturf=", 1),
				"no extension":      "64\r\n" + body[len("64")+len(signatureKey)+64:],
				"upper-case hex":    strings.ToUpper(body[:20]) + body[20:],
			} {
				if bad == body {
					t.Fatalf("%s changes nothing", what)
				}
				err := refused(t, []byte(bad), declare(mode, 300))
				wantCode(t, err, sigv4.CodeSignatureDoesNotMatch, CodeIncompleteBody, sigv4.CodeInvalidRequest, sigv4.CodeMalformedTrailer)
			}
			// A prefix that is signed correctly but shorter than announced.
			wantCode(t, refused(t, []byte(c[0]+c[1]+c[3]), declare(mode, 300)), CodeIncompleteBody)
		})
	}
}

func TestRow8_DecodedLengthOffByOne(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		for _, size := range []int{1, 100, 300} {
			for _, chunk := range []int{100, 1000} {
				body := encode(t, mode, pattern(size), chunk)
				for _, n := range []int{size - 1, size + 1, 0} {
					err := refused(t, body, declare(mode, n))
					var e *sigv4.Error
					if !errors.As(err, &e) || e.Code != CodeIncompleteBody {
						t.Errorf("%s: %d bytes announced as %d: %v", name, size, n, err)
					}
				}
			}
		}
	}
}

func TestRow8_WrongTrailersAreRefused(t *testing.T) {
	t.Parallel()
	data := "5\r\nhello\r\n0\r\n"
	const crc = "x-amz-checksum-crc32:NhCmhg==\r\n"
	for name, tt := range map[string]struct{ trailer, code string }{
		"missing":            {"\r\n", sigv4.CodeMalformedTrailer},
		"nothing":            {"", CodeIncompleteBody},
		"unannounced":        {"x-amz-checksum-sha1:AAAA\r\n\r\n", sigv4.CodeMalformedTrailer},
		"one too many":       {crc + "x-amz-meta-a:1\r\n\r\n", sigv4.CodeMalformedTrailer},
		"twice":              {crc + crc + "\r\n", sigv4.CodeMalformedTrailer},
		"a signature":        {crc + "x-amz-trailer-signature:" + strings.Repeat("0", 64) + "\r\n\r\n", sigv4.CodeMalformedTrailer},
		"no colon":           {"x-amz-checksum-crc32\r\n\r\n", sigv4.CodeMalformedTrailer},
		"control character":  {"x-amz-checksum-crc32:a\x00\r\n\r\n", sigv4.CodeMalformedTrailer},
		"name not ASCII":     {"x-amz-chec\u212asum-crc32:NhCmhg==\r\n\r\n", sigv4.CodeMalformedTrailer},
		"bare CR":            {"x-amz-checksum-crc32:a\rb\r\n\r\n", sigv4.CodeMalformedTrailer},
		"after the end":      {crc + "\r\n" + "x-amz-meta-a:1\r\n\r\n", sigv4.CodeMalformedTrailer},
		"line ends missing":  {crc, CodeIncompleteBody},
		"many line ends":     {crc + "\r\n\r\n\r\n", sigv4.CodeMalformedTrailer},
		"row 36: long line":  {"x-amz-checksum-crc32:" + strings.Repeat("a", maxLine) + "\r\n\r\n", sigv4.CodeMalformedTrailer},
		"row 36: long block": {strings.Repeat("\n", maxTrailer+1), sigv4.CodeMalformedTrailer},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, refused(t, []byte(data+tt.trailer), declare(sigv4.UnsignedChunksTrailer, 5)), tt.code)
		})
	}
	for name, trailer := range map[string]string{
		"as the SDKs write it": crc + "\r\n",
		"upper case, blanks":   "X-Amz-Checksum-CRC32: NhCmhg== \r\n\r\n",
		"as minio-go writes":   "x-amz-checksum-crc32:NhCmhg==\n\r\n\r\n",
		"behind a blank line":  "\r\n" + crc + "\r\n",
	} {
		r := newReader(t, strings.NewReader(data+trailer), declare(sigv4.UnsignedChunksTrailer, 5))
		if got, err := io.ReadAll(r); err != nil || string(got) != "hello" || r.Trailer().Get(crcName) != "NhCmhg==" {
			t.Errorf("%s: got %q, %v, %v", name, got, err, r.Trailer())
		}
	}
}

func TestRow8_SignedTrailerNeedsItsSignature(t *testing.T) {
	t.Parallel()
	mode := sigv4.SignedChunksTrailer
	body := string(encode(t, mode, []byte("hello"), 100))
	at := strings.Index(body, trailerSignature)
	end := strings.Index(body[at:], "\r\n") + at
	for name, bad := range map[string]string{
		"missing":  body[:at] + "\r\n",
		"empty":    body[:at] + trailerSignature + ":\r\n\r\n",
		"cut":      body[:end-1] + body[end:],
		"other":    body[:end-64] + strings.Repeat("0", 64) + body[end:],
		"upper":    body[:end-64] + strings.ToUpper(body[end-64:]),
		"checksum": strings.Replace(body, "crc32:N", "crc32:O", 1),
	} {
		if bad == body {
			t.Fatalf("%s changes nothing", name)
		}
		wantCode(t, refused(t, []byte(bad), declare(mode, 5)), sigv4.CodeSignatureDoesNotMatch)
	}
	wantCode(t, refused(t, []byte(body[:end+2]+"x-amz-meta-a:1\r\n\r\n"), declare(mode, 5)), sigv4.CodeMalformedTrailer)

	// minio-go's line ends around the same signature.
	lf := body[:at-2] + "\n\r\n" + body[at:]
	r := newReader(t, strings.NewReader(lf), declare(mode, 5))
	if got, err := io.ReadAll(r); err != nil || string(got) != "hello" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestRow36_HostileChunkHeadersAreRefused(t *testing.T) {
	t.Parallel()
	const end = "\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
	for name, tt := range map[string]struct{ body, code string }{
		"empty":            {"", CodeIncompleteBody},
		"no size":          {"\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"negative":         {"-5\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"signed":           {"+5\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"prefix":           {"0x5\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"blank":            {"5 \r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"underscore":       {"0_5\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"overflow":         {"10000000000000005\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"15 digits":        {"fffffffffffffff\r\nhello\r\n0" + end, CodeInvalidChunkSize},
		"above 5 GiB":      {strconv.FormatInt(MaxChunkSize+1, 16) + "\r\nhello\r\n0" + end, CodeInvalidChunkSize},
		"bare LF":          {"5\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"extension":        {"5;a=b\r\nhello\r\n0" + end, sigv4.CodeInvalidRequest},
		"data too long":    {"5\r\nhello!\r\n0" + end, sigv4.CodeInvalidRequest},
		"data too short":   {"5\r\nhell\r\n0" + end, sigv4.CodeInvalidRequest},
		"endless header":   {strings.Repeat("0", 1<<20), sigv4.CodeInvalidRequest},
		"endless line":     {"5;" + strings.Repeat("a", 1<<20), sigv4.CodeInvalidRequest},
		"not framed":       {"hello", CodeIncompleteBody},
		"not framed lines": {"hello\r\nworld\r\n", sigv4.CodeInvalidRequest},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, refused(t, []byte(tt.body), declare(sigv4.UnsignedChunksTrailer, 5)), tt.code)
		})
	}
}

func TestSmallChunksAreRefusedOnDemand(t *testing.T) {
	t.Parallel()
	for name, mode := range modes {
		data := pattern(20_000)
		for _, chunk := range []int{MinChunkSize - 1, MinChunkSize} {
			body := encode(t, mode, data, chunk)
			r, err := NewReader(bytes.NewReader(body), Options{Payload: declare(mode, len(data)), Chunks: signer(t, mode), MinChunkSize: MinChunkSize})
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.ReadAll(r)
			if chunk == MinChunkSize {
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			wantCode(t, err, CodeInvalidChunkSize)
			var e *sigv4.Error
			errors.As(err, &e)
			if e.Detail("Chunk") != "2" || e.Detail("BadChunkSize") != "8191" {
				t.Errorf("%s: details %v", name, e.Details)
			}
		}
	}
}
