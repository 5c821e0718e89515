package integration

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"sluice/integration/server"
	"sluice/integration/trees"
)

// crashWriters write at the same time, each to keys of its own, so that what a
// key may hold is known to one writer alone.
const crashWriters = 6

// testCrashKeepsWhatWasAcknowledged kills the gateway in the middle of writes.
// After each restart every acknowledged write is there, whole, and one that was
// cut short is there whole or not at all.
func testCrashKeepsWhatWasAcknowledged(t *testing.T, tree trees.Tree) {
	only(t, "aws-sdk-go")
	c := configure(t, tree)
	// The same address after each restart, as clients know it.
	addr, err := server.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	c.Listen = addr
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c.Log = log

	histories := make([]*history, crashWriters)
	for i := range histories {
		histories[i] = newHistory(i)
	}
	acknowledged := 0
	for cycle := range crashCycles(t, tree) {
		gateway, err := server.Start(t.Context(), c)
		if err != nil {
			t.Fatalf("cycle %d: %v\n%s", cycle, err, tail(log.Name()))
		}
		if cycle == 0 {
			createCrashBucket(t, gateway.Endpoint())
		}
		verifyAll(t, gateway.Endpoint(), histories)
		if t.Failed() {
			t.Logf("after crash %d; the gateway's last lines:\n%s", cycle, tail(log.Name()))
			_ = gateway.Kill()
			return
		}
		acknowledged += writeUntilKilled(t, gateway, histories)
	}
	gateway, err := server.Start(t.Context(), c)
	if err != nil {
		t.Fatalf("%v\n%s", err, tail(log.Name()))
	}
	verifyAll(t, gateway.Endpoint(), histories)
	if err := gateway.Stop(); err != nil {
		t.Error(err)
	}
	t.Logf("%d acknowledged writes", acknowledged)
}

// tail returns the last 4 KiB of a log file.
func tail(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-4096):])
}

// crashCycles is how often to kill the gateway.
func crashCycles(t *testing.T, tree trees.Tree) int {
	t.Helper()
	if s := os.Getenv("SLUICE_CRASH_CYCLES"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("SLUICE_CRASH_CYCLES: %v", err)
		}
		return n
	}
	if testing.Short() || tree.Slow {
		return 3
	}
	return 10
}

// crashClient makes one attempt per request: a write that was cut short must
// stay cut short. Its connections end with the gateway.
func crashClient(endpoint string) *s3.Client {
	return awsClient(endpoint, func(o *s3.Options) {
		o.RetryMaxAttempts = 1
		o.HTTPClient = &http.Client{Transport: &http.Transport{
			MaxIdleConnsPerHost: 1,
			DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
		}}
	})
}

func createCrashBucket(t *testing.T, endpoint string) {
	t.Helper()
	if _, err := crashClient(endpoint).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(crashBucket)}); err != nil {
		t.Fatal(err)
	}
}

// writeUntilKilled lets all writers run, kills the gateway at a random moment,
// and returns how many writes were acknowledged. A write that fails before the
// kill fails the test.
func writeUntilKilled(t *testing.T, gateway *server.Server, histories []*history) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var killed atomic.Bool
	var acknowledged atomic.Int64
	var wg sync.WaitGroup
	for _, h := range histories {
		wg.Go(func() {
			client := crashClient(gateway.Endpoint())
			for {
				err := h.write(ctx, client)
				if err != nil {
					if !killed.Load() {
						t.Errorf("before the kill: %v", err)
					}
					return
				}
				acknowledged.Add(1)
			}
		})
	}
	time.Sleep(time.Duration(50+rand.IntN(1200)) * time.Millisecond) // the moment itself is what is random
	killed.Store(true)
	if err := gateway.Kill(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	return int(acknowledged.Load())
}

// verifyAll compares what the gateway shows, by GET and by listing, with what
// the histories allow.
func verifyAll(t *testing.T, endpoint string, histories []*history) {
	t.Helper()
	client := crashClient(endpoint)
	shown := map[string]int64{}
	for _, h := range histories {
		for key := range h.keys {
			if err := h.verify(t.Context(), client, key, shown); err != nil {
				t.Error(err)
			}
		}
	}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: aws.String(crashBucket)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page.Contents {
			size, ok := shown[*o.Key]
			if !ok || size != *o.Size {
				t.Errorf("listed: %q of %d bytes; GET shows %d, present %v", *o.Key, *o.Size, size, ok)
			}
			delete(shown, *o.Key)
		}
	}
	for key := range shown {
		t.Errorf("not listed: %q", key)
	}
}

// read returns the object's digest and size, or absent.
func read(ctx context.Context, client *s3.Client, key string) (state, int64, error) {
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(crashBucket), Key: &key})
	if isCode(err, "NoSuchKey") {
		return absent, 0, nil
	}
	if err != nil {
		return absent, 0, err
	}
	defer got.Body.Close()
	b, err := io.ReadAll(got.Body)
	if err != nil {
		return absent, 0, fmt.Errorf("%q: %w", key, err)
	}
	return stateOf(b), int64(len(b)), nil
}
