package integration

import (
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"sluice/integration/trees"
)

// memoryLimit is the most memory that the gateway may ever have held, whatever
// the size of what passes through it.
const memoryLimit = 150 * mib

// largeSize is the size of a large object: 512 MiB, or 6 GiB where SLUICE_LARGE
// asks for it, which is more than one PUT may carry. It is 64 MiB where all of it
// lies in memory in the end.
func largeSize(tree trees.Tree) int64 {
	switch {
	case os.Getenv("SLUICE_LARGE") == "1" && !tree.InMemory:
		return 6 << 30
	case testing.Short() || tree.Slow || tree.InMemory:
		return 64 * mib
	default:
		return 512 * mib
	}
}

// Not parallel, nor is the next one: each counts its own gateway's memory, and
// would only slow the others down.
func testLargeObjectByTransferManagerInBoundedMemory(t *testing.T, tree trees.Tree) {
	only(t, "aws-sdk-go")
	gateway := start(t, tree)
	client := awsClient(gateway.Endpoint())
	bucket, key, size := aws.String("large"), aws.String("large"), largeSize(tree)
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	tm := transfermanager.New(client)
	if _, err := tm.UploadObject(t.Context(), &transfermanager.UploadObjectInput{Bucket: bucket, Key: key, Body: content(7, size)}); err != nil {
		t.Fatal(err)
	}
	got, err := tm.GetObject(t.Context(), &transfermanager.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	expectContent(t, got.Body, 7, size)
	expectBoundedMemory(t, gateway, size)
}

func testLargeObjectBySinglePutInBoundedMemory(t *testing.T, tree trees.Tree) {
	only(t, "aws-sdk-go")
	gateway := start(t, tree)
	// An unseekable body over plain HTTP cannot be hashed beforehand.
	client := awsClient(gateway.Endpoint(), func(o *s3.Options) {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.APIOptions = append(o.APIOptions, v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)
	})
	bucket, key, size := aws.String("large"), aws.String("single"), min(largeSize(tree), 5<<30)
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket}); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: content(8, size), ContentLength: &size})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	expectContent(t, got.Body, 8, size)
	expectBoundedMemory(t, gateway, size)
}

// expectBoundedMemory fails where the gateway held much of an object of so many bytes in memory, unless that is where its
// store keeps it.
func expectBoundedMemory(t *testing.T, g *gateway, size int64) {
	t.Helper()
	peak, err := g.PeakRSS()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d MiB up and down, the gateway's peak memory %d MiB", size/mib, peak/mib)
	if peak > memoryLimit && !g.tree.InMemory {
		t.Errorf("peak memory %d MiB, want at most %d", peak/mib, memoryLimit/mib)
	}
}
