package integration

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const mib = 1 << 20

// awsClient is the AWS SDK as its users have it: the defaults, an endpoint and
// a key.
func awsClient(endpoint string, more ...func(*s3.Options)) *s3.Client {
	return s3.NewFromConfig(aws.Config{
		Region:                     region,
		BaseEndpoint:               &endpoint,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: secretKey}, nil
		}),
	}, append([]func(*s3.Options){func(o *s3.Options) { o.UsePathStyle = true }}, more...)...)
}

// awsBucket makes a bucket and returns a client of it.
func awsBucket(t *testing.T, g *gateway, bucket string) *s3.Client {
	t.Helper()
	only(t, "aws-sdk-go")
	client := awsClient(g.Endpoint())
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	return client
}

// expectCode fails unless err is an S3 error with the code.
func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	if !isCode(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func testAWSSDKTransferManagerRoundTrip(t *testing.T, g *gateway) {
	bucket := aws.String("aws-sdk-transfer")
	tm := transfermanager.New(awsBucket(t, g, *bucket))
	for name, size := range map[string]int64{"empty": 0, "small": 1000, "one-part": 8 * mib, "parts": 41*mib + 7} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tm.UploadObject(t.Context(), &transfermanager.UploadObjectInput{
				Bucket: bucket, Key: &name, Body: content(1, size), Metadata: map[string]string{"color": "blue"},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err := tm.GetObject(t.Context(), &transfermanager.GetObjectInput{Bucket: bucket, Key: &name})
			if err != nil {
				t.Fatal(err)
			}
			expectContent(t, got.Body, 1, size)
			if got.Metadata["color"] != "blue" {
				t.Errorf("metadata: %v", got.Metadata)
			}
		})
	}
}

// Behind TLS the SDK sends the body unsigned with a checksum in a trailer, which
// it never does over plain HTTP.
func testAWSSDKTrailingChecksumsBehindTLS(t *testing.T, g *gateway) {
	bucket, key := aws.String("aws-sdk-tls"), aws.String("trailer")
	awsBucket(t, g, *bucket)
	proxy := tlsProxy(t, g)
	client := awsClient(proxy.URL, func(o *s3.Options) { o.HTTPClient = proxy.Client() })
	for _, algorithm := range []types.ChecksumAlgorithm{"", types.ChecksumAlgorithmCrc32, types.ChecksumAlgorithmCrc32c,
		types.ChecksumAlgorithmCrc64nvme, types.ChecksumAlgorithmSha1, types.ChecksumAlgorithmSha256} {
		const size = 3*mib + 5
		_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key,
			Body: content(2, size), ContentLength: aws.Int64(size), ChecksumAlgorithm: algorithm})
		if err != nil {
			t.Fatalf("%q: %v", algorithm, err)
		}
		got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
		if err != nil {
			t.Fatalf("%q: %v", algorithm, err)
		}
		expectContent(t, got.Body, 2, size)
		got.Body.Close()
	}
}

// tlsProxy terminates TLS in front of the shared gateway, as a load balancer
// does: the Host header, which is signed, passes unchanged.
func tlsProxy(t *testing.T, g *gateway) *httptest.Server {
	t.Helper()
	to, err := url.Parse(g.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(proxy.Close)
	return proxy
}

func testAWSSDKErrorsAreTold(t *testing.T, g *gateway) {
	bucket := aws.String("aws-sdk-errors")
	client := awsBucket(t, g, *bucket)
	_, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String("missing")})
	expectCode(t, err, "NoSuchKey")
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("no-such-bucket"), Key: aws.String("k")})
	expectCode(t, err, "NoSuchBucket")
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("wrong"),
		Body: strings.NewReader("x"), ChecksumCRC32: aws.String("AAAAAA==")})
	expectCode(t, err, "BadDigest")
	_, err = client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("wrong")})
	expectCode(t, err, "NotFound")
	long := strings.Repeat("k", 1025)
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: &long, Body: strings.NewReader("x")})
	expectCode(t, err, "KeyTooLongError")

	stranger := awsClient(g.Endpoint(), func(o *s3.Options) {
		o.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "guessed"}, nil
		})
	})
	_, err = stranger.ListBuckets(t.Context(), nil)
	expectCode(t, err, "SignatureDoesNotMatch")
}

func testAWSSDKUploadOfPartsListedCopiedAndAborted(t *testing.T, g *gateway) {
	bucket, key := aws.String("aws-sdk-parts"), aws.String("assembled")
	client := awsBucket(t, g, *bucket)
	ctx := t.Context()
	first := contentBytes(3, 5*mib)
	if _, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("source"), Body: bytes.NewReader(first)}); err != nil {
		t.Fatal(err)
	}
	upload, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	copied, err := client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{Bucket: bucket, Key: key, UploadId: upload.UploadId,
		PartNumber: aws.Int32(1), CopySource: aws.String(*bucket + "/source")})
	if err != nil {
		t.Fatal(err)
	}
	last, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: key, UploadId: upload.UploadId,
		PartNumber: aws.Int32(7), Body: strings.NewReader("tail")})
	if err != nil {
		t.Fatal(err)
	}
	uploads, err := client.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{Bucket: bucket})
	if err != nil || len(uploads.Uploads) != 1 || *uploads.Uploads[0].Key != *key {
		t.Fatalf("uploads under way: %v, %v", uploads, err)
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{
			{PartNumber: aws.Int32(1), ETag: copied.CopyPartResult.ETag},
			{PartNumber: aws.Int32(7), ETag: last.ETag},
		}}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil || !bytes.Equal(body, append(first, "tail"...)) {
		t.Errorf("assembled object: %d bytes, %v", len(body), err)
	}
	_, err = client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: bucket, Key: key, UploadId: aws.String("unknown")})
	expectCode(t, err, "NoSuchUpload")
}

func testAWSSDKPresignedRequests(t *testing.T, g *gateway) {
	bucket, key := aws.String("aws-sdk-presign"), aws.String("a b/ü+%")
	signer := s3.NewPresignClient(awsBucket(t, g, *bucket))
	send := func(method, url string, header http.Header, body string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for name := range header {
			if name != "Host" && name != "Content-Length" {
				req.Header[name] = header[name]
			}
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(b)
	}
	put, err := signer.PresignPutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, ContentType: aws.String("text/x-test")},
		s3.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	if status, body := send(put.Method, put.URL, put.SignedHeader, "by link"); status != http.StatusOK {
		t.Fatalf("presigned PUT: %d %s", status, body)
	}
	get, err := signer.PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	if status, body := send(get.Method, get.URL, get.SignedHeader, ""); status != http.StatusOK || body != "by link" {
		t.Errorf("presigned GET: %d %s", status, body)
	}
	if status, _ := send(http.MethodDelete, get.URL, get.SignedHeader, ""); status != http.StatusForbidden {
		t.Errorf("a link for GET used to DELETE: %d, want 403", status)
	}
}
