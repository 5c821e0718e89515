package integration

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"sluice/gateway/awschunked"
	"sluice/gateway/sigv4"
)

func oracleVerifier() *sigv4.Verifier {
	return &sigv4.Verifier{
		Region: region,
		Lookup: func(k string) (string, bool) { return secretKey, k == accessKey },
	}
}

// delivered turns a client's request into the one that a server sees.
func delivered(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	text, err := httputil.DumpRequestOut(r, true)
	if err != nil {
		t.Fatal(err)
	}
	got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// What AWS's own signer signs, in the header or in the query, is accepted, and
// is refused under another secret.
func TestSigV4AgreesWithTheAWSSigner(t *testing.T) {
	t.Parallel()
	right := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}
	wrong := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey + "x", SessionToken: "token/+="}
	sum := sha256.Sum256([]byte("hello"))
	for _, target := range []string{
		"/", "/b", "/b/k", "/b//k/../x/./", "/b/a%20b", "/b/a%2Bb%25", "/b/%C3%A9~", "/b/%21%27%28%29%2A", "/b/a%00b%5C",
		"/b?acl", "/b?list-type=2&prefix=a%20b%2Fc&delimiter=%2F", "/b?prefix=%2B&x=%3D&x=1&x=", "/b?a-=1&a=2&%5B=3",
	} {
		for _, headers := range []map[string]string{
			{}, {"Content-Type": "text/plain", "Range": "bytes=0-9"}, {"X-Amz-Meta-Note": "  a   b ", "X-Amz-Acl": "private"},
		} {
			for _, c := range []aws.Credentials{right, wrong} {
				// A signer each: it remembers derived keys by the access key alone.
				signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
				for _, presign := range []bool{false, true} {
					r := oracleRequest(t, target, headers)
					if presign {
						q := r.URL.Query()
						q.Set("X-Amz-Expires", "60")
						r.URL.RawQuery = q.Encode()
						url, signed, err := signer.PresignHTTP(t.Context(), c, r, sigv4.UnsignedPayload, "s3", region, time.Now())
						if err != nil {
							t.Fatal(err)
						}
						r = oracleRequest(t, strings.TrimPrefix(url, "http://s3.example.com:9000"), nil)
						signed.Del("Host")
						r.Header = signed
					} else {
						hash := hex.EncodeToString(sum[:])
						r.Header.Set("X-Amz-Content-Sha256", hash)
						if err := signer.SignHTTP(t.Context(), c, r, hash, "s3", region, time.Now()); err != nil {
							t.Fatal(err)
						}
					}
					_, err := oracleVerifier().Verify(delivered(t, r))
					if (err == nil) != (c == right) {
						t.Errorf("%s %v, presigned %v: %v", target, headers, presign, err)
					}
				}
			}
		}
	}
}

func oracleRequest(t *testing.T, target string, headers map[string]string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPut, "http://s3.example.com:9000"+target, strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	return r
}

// oracleServer verifies and unframes what clients send, and hands on the form in
// which it came.
func oracleServer(t *testing.T, want []byte, tls bool) (*httptest.Server, <-chan sigv4.PayloadMode) {
	t.Helper()
	modes := make(chan sigv4.PayloadMode, 8)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mode, err := oracleReceive(r, want)
		if err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		modes <- mode
		w.Header().Set("ETag", `"00000000000000000000000000000000"`)
	}))
	if tls {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s, modes
}

func oracleReceive(r *http.Request, want []byte) (sigv4.PayloadMode, error) {
	who, err := oracleVerifier().Verify(r)
	if err != nil {
		return 0, err
	}
	var body io.Reader = r.Body
	if who.Payload.Streaming() {
		o := awschunked.Options{Payload: who.Payload, Chunks: who.Chunks, MinChunkSize: awschunked.MinChunkSize}
		if body, err = awschunked.NewReader(r.Body, o); err != nil {
			return 0, err
		}
	}
	got, err := io.ReadAll(body)
	switch {
	case err != nil:
		return 0, err
	case !bytes.Equal(got, want):
		return 0, fmt.Errorf("%d bytes came as %d", len(want), len(got))
	}
	if c, ok := body.(*awschunked.Reader); ok && len(c.Trailer()) != len(who.Payload.Trailers) {
		return 0, fmt.Errorf("trailer %v of %v", c.Trailer(), who.Payload.Trailers)
	}
	return who.Payload.Mode, nil
}

// Each client frames its uploads in its own way; all of them are understood.
func TestChunkedBodiesOfRealClientsAreDecoded(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 5, 200_000} {
		data := bytes.Repeat([]byte("s"), size)
		for name, tt := range map[string]struct {
			tls  bool
			put  func(ctx context.Context, s *httptest.Server, data []byte) error
			want sigv4.PayloadMode
		}{
			"AWS SDK over TLS":         {true, oracleAWS, sigv4.UnsignedChunksTrailer},
			"AWS SDK":                  {false, oracleAWS, sigv4.Literal},
			"minio-go":                 {false, oracleMinio(false), sigv4.SignedChunks},
			"minio-go, trailer":        {false, oracleMinio(true), sigv4.SignedChunksTrailer},
			"minio-go, trailer by TLS": {true, oracleMinio(true), sigv4.UnsignedChunksTrailer},
		} {
			s, modes := oracleServer(t, data, tt.tls)
			if err := tt.put(t.Context(), s, data); err != nil {
				t.Errorf("%s, %d bytes: %v", name, size, err)
				continue
			}
			if got := <-modes; got != tt.want && size > 0 {
				t.Errorf("%s, %d bytes: came in form %d, want %d", name, size, got, tt.want)
			}
		}
	}
}

func oracleAWS(ctx context.Context, s *httptest.Server, data []byte) error {
	client := s3.New(s3.Options{
		Region: region, BaseEndpoint: &s.URL, UsePathStyle: true, HTTPClient: s.Client(), RetryMaxAttempts: 1,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, nil
		}),
	})
	_, err := client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String("bucket"), Key: aws.String("a key/é+"), Body: bytes.NewReader(data), Metadata: map[string]string{"note": "a  b"},
	})
	return err
}

func oracleMinio(trailers bool) func(context.Context, *httptest.Server, []byte) error {
	return func(ctx context.Context, s *httptest.Server, data []byte) error {
		client, err := minio.New(s.Listener.Addr().String(), &minio.Options{
			Creds: credentials.NewStaticV4(accessKey, secretKey, ""), Secure: s.TLS != nil, Transport: s.Client().Transport,
			Region: region, TrailingHeaders: trailers, MaxRetries: 1,
		})
		if err != nil {
			return err
		}
		o := minio.PutObjectOptions{DisableMultipart: true}
		if trailers {
			o.Checksum = minio.ChecksumCRC32C
		}
		_, err = client.PutObject(ctx, "bucket", "a key/é+", iotest.HalfReader(bytes.NewReader(data)), int64(len(data)), o)
		return err
	}
}
