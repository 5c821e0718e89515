package awschunked

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"sluice/gateway/sigv4"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// FuzzReader: no input makes the Reader panic, hand out more than was announced
// or end well without all of it; and how the bytes arrive makes no difference.
func FuzzReader(f *testing.F) {
	f.Add(encode(f, sigv4.UnsignedChunksTrailer, []byte("hello"), 3), int64(5), false)
	f.Add(encode(f, sigv4.SignedChunksTrailer, []byte("hello"), 3), int64(5), true)
	f.Add([]byte("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\n\r\n\r\n"), int64(5), false)
	f.Add([]byte("0\r\n\r\n"), int64(0), false)
	f.Fuzz(func(t *testing.T, body []byte, length int64, signed bool) {
		mode := sigv4.UnsignedChunksTrailer
		if signed {
			mode = sigv4.SignedChunksTrailer
		}
		p := sigv4.Payload{Mode: mode, DecodedLength: max(length, 0), Trailers: []string{"x-amz-checksum-crc32"}}
		whole, err := io.ReadAll(newReader(t, bytes.NewReader(body), p))
		single, errSingle := io.ReadAll(iotest.OneByteReader(newReader(t, iotest.OneByteReader(bytes.NewReader(body)), p)))
		if (err == nil) != (errSingle == nil) {
			t.Fatalf("whole: %v; byte by byte: %v", err, errSingle)
		}
		if int64(len(whole)) > p.DecodedLength || int64(len(single)) > p.DecodedLength {
			t.Fatalf("%d and %d bytes were handed out of %d", len(whole), len(single), p.DecodedLength)
		}
		if err == nil && (int64(len(whole)) != p.DecodedLength || !bytes.Equal(whole, single)) {
			t.Fatalf("ended well with %d and %d bytes of %d", len(whole), len(single), p.DecodedLength)
		}
		if err != nil && p.DecodedLength > 0 && int64(len(whole)) == p.DecodedLength {
			t.Fatalf("all data were handed out although %v", err)
		}
	})
}

// FuzzRoundTrip: what the Writer makes of any data, the Reader takes apart.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("hello"), uint16(2), uint8(0))
	f.Add([]byte{}, uint16(1), uint8(1))
	f.Fuzz(func(t *testing.T, data []byte, chunk uint16, m uint8) {
		mode := sigv4.SignedChunks + sigv4.PayloadMode(m%3)
		body := encode(t, mode, data, int(chunk)+1)
		got, err := io.ReadAll(newReader(t, bytes.NewReader(body), declare(mode, len(data))))
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("got %d of %d bytes, %v", len(got), len(data), err)
		}
	})
}
