package integration

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// contenders is how many clients want the same key at the same time.
const contenders = 32

func testOneKeyOneOfManyCreatorsWins(t *testing.T, g *gateway) {
	k := newOneKey(t, g, "create")
	for round := range 3 {
		k.key = fmt.Sprintf("round %d", round)
		var won atomic.Int32
		var winner atomic.Value
		k.contend(func(i int) {
			body := fmt.Sprintf("by %d", i)
			_, err := k.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &k.bucket, Key: &k.key,
				Body: strings.NewReader(body), IfNoneMatch: aws.String("*")})
			if err == nil {
				won.Add(1)
				winner.Store(body)
			} else if !lostRace(err) {
				t.Errorf("creator %d: %v", i, err)
			}
		})
		if got, _ := k.get(t.Context()); won.Load() != 1 || string(got) != winner.Load() {
			t.Errorf("%d creators were told that they made the object, the last of them %v; it holds %q", won.Load(), winner.Load(), got)
		}
	}
}

func testOneKeyCompareAndSwapLosesNothing(t *testing.T, g *gateway) {
	k := newOneKey(t, g, "swap")
	rounds := 4
	if g.tree.Slow {
		rounds = 1
	}
	k.put([]byte("0"))
	k.contend(func(i int) {
		for range rounds {
			for {
				swapped, err := k.increment(t.Context())
				if err != nil {
					t.Errorf("client %d: %v", i, err)
					return
				}
				if swapped {
					break
				}
			}
		}
	})
	if got, _ := k.get(t.Context()); string(got) != strconv.Itoa(contenders*rounds) {
		t.Errorf("%s after %d acknowledged increments", got, contenders*rounds)
	}
}

func testOneKeyInterleavedUploads(t *testing.T, g *gateway) {
	k := newOneKey(t, g, "interleaved")
	first, second := k.newUpload(1), k.newUpload(2)
	first.part(1)
	second.part(2)
	first.part(2)
	second.part(1)
	for _, u := range []*keyUpload{first, second} {
		if err := u.complete(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, _ := k.get(t.Context()); !bytes.Equal(got, u.content()) {
			t.Errorf("not the content of the upload that was completed last, but %d other bytes", len(got))
		}
	}
}

func testOneKeyUploadsCompletedAtOnce(t *testing.T, g *gateway) {
	k := newOneKey(t, g, "at-once")
	uploads := make([]*keyUpload, 4)
	for i := range uploads {
		uploads[i] = k.newUpload(uint64(10 + i))
		uploads[i].part(1)
		uploads[i].part(2)
	}
	var wg sync.WaitGroup
	for i, u := range uploads {
		wg.Go(func() {
			if err := u.complete(t.Context()); err != nil {
				t.Errorf("upload %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	got, etag := k.get(t.Context())
	for _, u := range uploads {
		if bytes.Equal(got, u.content()) {
			if etag != u.etag {
				t.Errorf("the object's ETag is %s, its upload was told %s", etag, u.etag)
			}
			return
		}
	}
	t.Errorf("the object, %d bytes, is none of the uploads", len(got))
}

func testOneKeyAbortLeavesTheObject(t *testing.T, g *gateway) {
	k := newOneKey(t, g, "abort")
	k.put([]byte("kept"))
	there := k.abortedUpload()
	if got, _ := k.get(t.Context()); string(got) != "kept" {
		t.Errorf("after an aborted upload the object holds %d bytes", len(got))
	}
	// versitygw takes it for a second answer to the upload that made the object, so that only the object counts.
	_ = there.complete(t.Context())
	if got, _ := k.get(t.Context()); string(got) != "kept" {
		t.Errorf("an aborted upload that was completed put %d bytes there", len(got))
	}
	k.key += " too"
	expectCode(t, k.abortedUpload().complete(t.Context()), "NoSuchUpload")
}

// oneKey is a key that many clients want.
type oneKey struct {
	t           *testing.T
	client      *s3.Client
	bucket, key string
}

func newOneKey(t *testing.T, g *gateway, name string) *oneKey {
	t.Helper()
	bucket := "one-key-" + name
	return &oneKey{t: t, client: awsBucket(t, g, bucket), bucket: bucket, key: "wanted/by all"}
}

// contend calls do for every contender at the same time and returns when all are done.
func (k *oneKey) contend(do func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range contenders {
		wg.Go(func() {
			<-start
			do(i)
		})
	}
	close(start)
	wg.Wait()
}

// lostRace reports whether a conditional write was refused because another came first, in the two ways of S3.
func lostRace(err error) bool {
	return isCode(err, "PreconditionFailed") || isCode(err, "ConditionalRequestConflict")
}

// increment adds one to the number that the key holds, unless another client changes it meanwhile.
func (k *oneKey) increment(ctx context.Context) (swapped bool, err error) {
	body, etag := k.get(ctx)
	n, err := strconv.Atoi(string(body))
	if err != nil {
		return false, err
	}
	_, err = k.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &k.bucket, Key: &k.key,
		Body: strings.NewReader(strconv.Itoa(n + 1)), IfMatch: &etag})
	if lostRace(err) {
		return false, nil
	}
	return err == nil, err
}

func (k *oneKey) put(body []byte) {
	k.t.Helper()
	if _, err := k.client.PutObject(k.t.Context(), &s3.PutObjectInput{Bucket: &k.bucket, Key: &k.key, Body: bytes.NewReader(body)}); err != nil {
		k.t.Fatal(err)
	}
}

// get returns what the key holds, and its ETag. An error fails the test.
func (k *oneKey) get(ctx context.Context) (body []byte, etag string) {
	got, err := k.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &k.bucket, Key: &k.key})
	if err != nil {
		k.t.Error(err)
		return nil, ""
	}
	defer got.Body.Close()
	if body, err = io.ReadAll(got.Body); err != nil {
		k.t.Error(err)
	}
	return body, *got.ETag
}
