package sigv4

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"net/http"
	"strings"
	"testing"
	"time"
)

// The credentials and the time of the examples in the Amazon S3 API reference.
const (
	exampleKey    = "AKIAIOSFODNN7EXAMPLE"
	exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	exampleScope  = "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
)

var exampleTime = time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)

func exampleVerifier() *Verifier {
	return &Verifier{
		Region: "us-east-1",
		Now:    func() time.Time { return exampleTime },
		Lookup: func(k string) (string, bool) { return exampleSecret, k == exampleKey },
	}
}

// parseRequest reads a request as net/http's server does; lines end in LF here.
func parseRequest(t testing.TB, text string) *http.Request {
	t.Helper()
	text = strings.ReplaceAll(strings.TrimSpace(text), "\n", "\r\n") + "\r\n\r\n"
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestVerifyAcceptsPublishedExamples(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request string
		want    PayloadMode
	}{
		"get object with range": {`
GET /test.txt HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Authorization: AWS4-HMAC-SHA256 ` + exampleScope + `,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41
Range: bytes=0-9
x-amz-content-sha256: ` + EmptySHA256 + `
x-amz-date: 20130524T000000Z`, Literal},
		"put object with a dollar in the key and a date header": {`
PUT /test$file.text HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Date: Fri, 24 May 2013 00:00:00 GMT
Authorization: AWS4-HMAC-SHA256 ` + exampleScope + `,SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd
x-amz-date: 20130524T000000Z
x-amz-storage-class: REDUCED_REDUNDANCY
x-amz-content-sha256: 44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072`, Literal},
		"get bucket lifecycle": {`
GET /?lifecycle HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Authorization: AWS4-HMAC-SHA256 ` + exampleScope + `,SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543
x-amz-date: 20130524T000000Z
x-amz-content-sha256: ` + EmptySHA256, Literal},
		"list objects": {`
GET /?max-keys=2&prefix=J HTTP/1.1
Host: examplebucket.s3.amazonaws.com
Authorization: AWS4-HMAC-SHA256 ` + exampleScope + `, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7
x-amz-date: 20130524T000000Z
x-amz-content-sha256: ` + EmptySHA256, Literal},
		"presigned get": {`
GET /test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404 HTTP/1.1
Host: examplebucket.s3.amazonaws.com`, Unsigned},
		"chunked upload": {`
PUT /examplebucket/chunkObject.txt HTTP/1.1
Host: s3.amazonaws.com
Authorization: AWS4-HMAC-SHA256 ` + exampleScope + `,SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9
x-amz-date: 20130524T000000Z
x-amz-storage-class: REDUCED_REDUNDANCY
x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD
Content-Encoding: aws-chunked
x-amz-decoded-content-length: 66560
Content-Length: 66824`, SignedChunks},
		"chunked upload with trailer": {`
PUT /examplebucket/chunkObject.txt HTTP/1.1
Host: s3.amazonaws.com
Authorization: AWS4-HMAC-SHA256 ` + exampleScope + `,SignedHeaders=content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer,Signature=106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e
x-amz-date: 20130524T000000Z
x-amz-storage-class: REDUCED_REDUNDANCY
x-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
Content-Encoding: aws-chunked
x-amz-decoded-content-length: 66560
x-amz-trailer: x-amz-checksum-crc32c`, SignedChunksTrailer},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := exampleVerifier().Verify(parseRequest(t, tt.request))
			if err != nil {
				t.Fatal(err)
			}
			if got.AccessKey != exampleKey || got.Region != "us-east-1" || !got.Time.Equal(exampleTime) {
				t.Errorf("got %+v", got)
			}
			if got.Payload.Mode != tt.want {
				t.Errorf("mode %d, want %d", got.Payload.Mode, tt.want)
			}
			if (got.Chunks != nil) != got.Payload.Signed() {
				t.Errorf("chunk signer %v for a payload that is signed: %v", got.Chunks, got.Payload.Signed())
			}
		})
	}
}

func TestSignMakesPublishedSignatures(t *testing.T) {
	t.Parallel()
	c := Credentials{AccessKey: exampleKey, SecretKey: exampleSecret}
	r := parseRequest(t, "GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com\nRange: bytes=0-9\nUser-Agent: x")
	if _, err := Sign(r, c, "us-east-1", EmptySHA256, exampleTime); err != nil {
		t.Fatal(err)
	}
	const want = "AWS4-HMAC-SHA256 " + exampleScope + ",SignedHeaders=host;range;x-amz-content-sha256;x-amz-date," +
		"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
	if got := r.Header.Get("Authorization"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	r = parseRequest(t, "GET /test.txt HTTP/1.1\nHost: examplebucket.s3.amazonaws.com")
	if err := Presign(r, c, "us-east-1", 24*time.Hour, exampleTime); err != nil {
		t.Fatal(err)
	}
	if got := r.URL.Query().Get("X-Amz-Signature"); got != "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404" {
		t.Errorf("presigned signature %s in %s", got, r.URL.RawQuery)
	}
}

func TestChunkSignerFollowsPublishedChains(t *testing.T) {
	t.Parallel()
	chunks := [][]byte{bytes.Repeat([]byte("a"), 65536), bytes.Repeat([]byte("a"), 1024), nil}
	tests := map[string]struct {
		seed, trailer, trailerSignature string
		want                            [3]string
	}{
		"chunks": {
			seed: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
			want: [3]string{
				"ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
				"0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
				"b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
			},
		},
		"chunks and trailer": {
			seed:             "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
			trailer:          "x-amz-checksum-crc32c:sOO8/Q==\n",
			trailerSignature: "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435",
			want: [3]string{
				"b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
				"1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
				"2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			key := deriveKey(exampleSecret, "20130524", "us-east-1", service)
			s := newChunkSigner(key, "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", Signature([]byte(tt.seed)))
			for i, data := range chunks {
				if got := s.Chunk(sha256.Sum256(data)); string(got[:]) != tt.want[i] {
					t.Errorf("chunk %d: got %s, want %s", i, got, tt.want[i])
				}
			}
			if tt.trailer == "" {
				return
			}
			if got := s.Trailer(sha256.Sum256([]byte(tt.trailer))); string(got[:]) != tt.trailerSignature {
				t.Errorf("trailer: got %s, want %s", got, tt.trailerSignature)
			}
		})
	}
}
