package integration

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"sluice/integration/trees"
)

// manyKeys makes n keys of a tree, in byte order: folders of different depth,
// keys beside folders of the same name, and names whose order differs once they
// are escaped.
func manyKeys(n int) []string {
	keys := make([]string, 0, n)
	for i := range n {
		switch i % 10 {
		case 0:
			keys = append(keys, fmt.Sprintf("top%06d", i))
		case 1:
			keys = append(keys, fmt.Sprintf("d%03d", i/1000)+fmt.Sprintf("~%03d", i%1000))
		case 2:
			keys = append(keys, fmt.Sprintf("d%03d/é%03d", i/1000, i%1000))
		case 3:
			keys = append(keys, fmt.Sprintf("d%03d/sub dir/%%%03d", i/1000, i%1000))
		default:
			keys = append(keys, fmt.Sprintf("d%03d/s%d/k%03d", i/1000, i%10, i%1000))
		}
	}
	slices.Sort(keys)
	return keys
}

// folded is what a listing of keys with the delimiter "/" gives below prefix:
// keys, and common prefixes in their place, in byte order.
func folded(keys []string, prefix string) []string {
	seen := map[string]bool{}
	for _, k := range keys {
		if rest, ok := strings.CutPrefix(k, prefix); ok {
			if i := strings.IndexByte(rest, '/'); i >= 0 {
				k = prefix + rest[:i+1]
			}
			seen[k] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func testManyKeysListedCompleteAndInOrder(t *testing.T, tree trees.Tree) {
	only(t, "aws-sdk-go")
	n := 100_000
	if testing.Short() || tree.Slow {
		n = 5_000
	}
	gateway := start(t, tree)
	client := awsClient(gateway.Endpoint(), func(o *s3.Options) {
		o.HTTPClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: writers}}
	})
	bucket := "many"
	if _, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	keys := manyKeys(n)
	putAll(t, client, bucket, keys)

	for _, c := range []struct {
		name, prefix, delimiter string
		page                    int32
		want                    []string
	}{
		{"all", "", "", 1000, keys},
		{"folders", "", "/", 1000, folded(keys, "")},
		{"small pages", "d001", "", 7, slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, "d001") })},
		{"small pages of a folder", "d001/", "/", 3, folded(keys, "d001/")},
		{"nothing", "none/", "/", 1000, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := listing{bucket, c.prefix, c.delimiter, c.page}
			expectKeys(t, "V2", in.v2(t, client), c.want)
			expectKeys(t, "V1", in.v1(t, client), c.want)
		})
	}
}

// writers is how many requests putAll keeps under way.
const writers = 32

// putAll writes each key, with itself as content, in random order.
func putAll(t *testing.T, client *s3.Client, bucket string, keys []string) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	next := make(chan string)
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for key := range next {
				_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(key)})
				if err != nil {
					cancel(fmt.Errorf("%q: %w", key, err))
				}
			}
		})
	}
	for _, i := range rand.Perm(len(keys)) {
		if ctx.Err() != nil {
			break
		}
		next <- keys[i]
	}
	close(next)
	wg.Wait()
	if err := context.Cause(ctx); err != nil {
		t.Fatal(err)
	}
}

// listing is one way to list a bucket, in pages.
type listing struct {
	bucket, prefix, delimiter string
	page                      int32
}

// v2 lists by ListObjectsV2. Keys and common prefixes come back as one sequence:
// sorted within a page, in page order, so that a page out of order shows.
func (l listing) v2(t *testing.T, client *s3.Client) (all []string) {
	t.Helper()
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{
		Bucket: &l.bucket, Prefix: &l.prefix, Delimiter: &l.delimiter, MaxKeys: &l.page})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var page []string
		for _, o := range out.Contents {
			page = append(page, *o.Key)
		}
		for _, p := range out.CommonPrefixes {
			page = append(page, *p.Prefix)
		}
		if int(*out.KeyCount) != len(page) || len(page) > int(l.page) {
			t.Fatalf("page of %d, KeyCount %d, at most %d asked for", len(page), *out.KeyCount, l.page)
		}
		slices.Sort(page)
		all = append(all, page...)
	}
	return all
}

// v1 lists by ListObjects, by NextMarker or the last key.
func (l listing) v1(t *testing.T, client *s3.Client) (all []string) {
	t.Helper()
	in := &s3.ListObjectsInput{Bucket: &l.bucket, Prefix: &l.prefix, Delimiter: &l.delimiter, MaxKeys: &l.page}
	for {
		out, err := client.ListObjects(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var page []string
		for _, o := range out.Contents {
			page = append(page, *o.Key)
		}
		for _, p := range out.CommonPrefixes {
			page = append(page, *p.Prefix)
		}
		slices.Sort(page)
		all = append(all, page...)
		if !aws.ToBool(out.IsTruncated) {
			return all
		}
		if in.Marker = out.NextMarker; in.Marker == nil {
			in.Marker = &page[len(page)-1]
		}
	}
}

// expectKeys fails at the first place where the two sequences part.
func expectKeys(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: entry %d is %q, want %q", what, i, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s: %d entries, want %d", what, len(got), len(want))
	}
}
