package sigv4

import (
	"net/http"
	"strconv"
	"testing"
)

const benchGet = "GET /bucket/path/to/object.bin?versionId=abc HTTP/1.1\nHost: s3.example.com:9000\nRange: bytes=0-9\n" +
	"User-Agent: x\nAmz-Sdk-Request: attempt=1\nAmz-Sdk-Invocation-Id: 1\nAccept-Encoding: identity"

func benchmarkVerify(b *testing.B, r *http.Request, v *Verifier, ok bool) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(r); (err == nil) != ok {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerifyHeader(b *testing.B) {
	benchmarkVerify(b, signed(b, benchGet, UnsignedPayload), exampleVerifier(), true)
}

func BenchmarkVerifyPresigned(b *testing.B) {
	benchmarkVerify(b, presigned(b, "GET /bucket/path/to/object.bin HTTP/1.1\nHost: s3.example.com:9000"), exampleVerifier(), true)
}

func BenchmarkVerifyStreaming(b *testing.B) {
	benchmarkVerify(b, streaming(StreamingPayloadTrailer)(b), exampleVerifier(), true)
}

func BenchmarkVerifyParallel(b *testing.B) {
	v := exampleVerifier()
	b.RunParallel(func(pb *testing.PB) {
		r := signed(b, benchGet, UnsignedPayload)
		for pb.Next() {
			if _, err := v.Verify(r); err != nil {
				b.Error(err)
			}
		}
	})
}

// The two below should take the same time: that is row 11.
func BenchmarkRefuseWrongSecret(b *testing.B) {
	v := exampleVerifier()
	v.Lookup = func(string) (string, bool) { return "wrong", true }
	benchmarkVerify(b, signed(b, benchGet, UnsignedPayload), v, false)
}

func BenchmarkRefuseUnknownKey(b *testing.B) {
	v := exampleVerifier()
	v.Lookup = func(string) (string, bool) { return "", false }
	benchmarkVerify(b, signed(b, benchGet, UnsignedPayload), v, false)
}

func BenchmarkVerifyColdKey(b *testing.B) {
	r, v, n := signed(b, benchGet, UnsignedPayload), exampleVerifier(), 0
	v.Lookup = func(string) (string, bool) { n++; return strconv.Itoa(n), true }
	benchmarkVerify(b, r, v, false)
}
