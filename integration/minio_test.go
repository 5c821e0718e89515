package integration

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/tags"
)

// minioBucket makes a bucket and returns a client of it, with minio-go's
// defaults or with checksums in trailers.
func minioBucket(t *testing.T, g *gateway, bucket string, trailers bool) *minio.Client {
	t.Helper()
	only(t, "minio-go")
	client, err := minio.New(g.Listen, &minio.Options{
		Creds:           credentials.NewStaticV4(accessKey, secretKey, ""),
		TrailingHeaders: trailers,
		MaxRetries:      1,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	return client
}

// Over plain HTTP minio-go signs each chunk of a body; with trailers it signs
// the trailing checksum too.
func testMinioPutObjectRoundTrip(t *testing.T, g *gateway) {
	for _, trailers := range []bool{false, true} {
		bucket := "minio-put-" + strconv.FormatBool(trailers)
		client := minioBucket(t, g, bucket, trailers)
		for _, c := range []struct {
			name     string
			size     int64
			declared int64 // -1: not known beforehand
		}{
			{"empty", 0, 0}, {"chunks", 200_000, 200_000}, {"unknown-small", 1000, -1},
			{"parts", 40*mib + 3, 40*mib + 3}, {"unknown-large", 21*mib + 1, -1},
		} {
			t.Run(bucket+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				_, err := client.PutObject(t.Context(), bucket, c.name, content(4, c.size), c.declared,
					minio.PutObjectOptions{PartSize: 16 * mib, UserMetadata: map[string]string{"color": "blue"}})
				if err != nil {
					t.Fatal(err)
				}
				got, err := client.GetObject(t.Context(), bucket, c.name, minio.GetObjectOptions{})
				if err != nil {
					t.Fatal(err)
				}
				defer got.Close()
				expectContent(t, got, 4, c.size)
				info, err := client.StatObject(t.Context(), bucket, c.name, minio.StatObjectOptions{})
				if err != nil || info.Size != c.size || info.UserMetadata["Color"] != "blue" {
					t.Errorf("size %d, metadata %v, %v", info.Size, info.UserMetadata, err)
				}
			})
		}
	}
}

func testMinioFilesCopiesAndComposition(t *testing.T, g *gateway) {
	const bucket, size = "minio-files", 18*mib + 9
	client := minioBucket(t, g, bucket, false)
	ctx := t.Context()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, contentBytes(5, size), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := client.FPutObject(ctx, bucket, "file", name, minio.PutObjectOptions{PartSize: 5 * mib}); err != nil {
		t.Fatal(err)
	}
	if err := client.FGetObject(ctx, bucket, "file", name+".back", minio.GetObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	back, err := os.Open(name + ".back")
	if err != nil {
		t.Fatal(err)
	}
	defer back.Close()
	expectContent(t, back, 5, size)

	source := minio.CopySrcOptions{Bucket: bucket, Object: "file"}
	if _, err := client.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "copy"}, source); err != nil {
		t.Fatal(err)
	}
	part := minio.CopySrcOptions{Bucket: bucket, Object: "copy", MatchRange: true, Start: 0, End: 6*mib - 1}
	if _, err := client.ComposeObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "composed"}, part, source); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObject(ctx, bucket, "composed", minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	want, _ := digest(t, io.MultiReader(content(5, 6*mib), content(5, size)))
	if sum, n := digest(t, got); sum != want {
		t.Errorf("composed object of %d bytes differs", n)
	}
}

func testMinioAttributesOfAnUploadOfParts(t *testing.T, g *gateway) {
	const bucket, size = "minio-attributes", 12 * mib
	client := minioBucket(t, g, bucket, true)
	put, err := client.PutObject(t.Context(), bucket, "parts", content(6, size), size,
		minio.PutObjectOptions{PartSize: 5 * mib, Checksum: minio.ChecksumCRC32C})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObjectAttributes(t.Context(), bucket, "parts", minio.ObjectAttributesOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got.ObjectSize != size || got.ObjectParts.PartsCount != 3 || got.ETag != put.ETag || got.LastModified.IsZero() {
		t.Errorf("attributes: %+v", got)
	}
	// S3 shows a composite checksum without its count of parts here, and with it everywhere else.
	if sum, parts, ok := strings.Cut(put.ChecksumCRC32C, "-"); !ok || parts != "3" || got.Checksum.ChecksumCRC32C != sum {
		t.Errorf("checksum %q, of the upload %q", got.Checksum.ChecksumCRC32C, put.ChecksumCRC32C)
	}
}

func testMinioListingAndRemoval(t *testing.T, g *gateway) {
	const bucket = "minio-list"
	client := minioBucket(t, g, bucket, false)
	ctx := t.Context()
	keys := []string{"a", "a/b", "a/b/c", "a b+c", "é/日本", "~", "z//z", "x/", "100%"}
	if g.tree.Files {
		keys = []string{"a/b/c", "a b+c", "é/日本", "~", "z/z", "100%"}
	}
	for _, k := range keys {
		if _, err := client.PutObject(ctx, bucket, k, bytes.NewReader([]byte(k)), int64(len(k)), minio.PutObjectOptions{}); err != nil {
			t.Fatalf("%q: %v", k, err)
		}
	}
	slices.Sort(keys)
	list := func(o minio.ListObjectsOptions) (seen []string) {
		for info := range client.ListObjects(ctx, bucket, o) {
			if info.Err != nil {
				t.Fatal(info.Err)
			}
			seen = append(seen, info.Key)
		}
		return seen
	}
	for _, v1 := range []bool{false, true} {
		if got := list(minio.ListObjectsOptions{Recursive: true, MaxKeys: 2, UseV1: v1}); !slices.Equal(got, keys) {
			t.Errorf("listing (V1 %v): %q, want %q", v1, got, keys)
		}
	}
	want := folded(keys, "")
	got := list(minio.ListObjectsOptions{MaxKeys: 3})
	slices.Sort(got) // minio-go gives a page's keys before its prefixes
	if !slices.Equal(got, want) {
		t.Errorf("listing with a delimiter: %q, want %q", got, want)
	}
	remove := make(chan minio.ObjectInfo, len(keys))
	for _, k := range keys {
		remove <- minio.ObjectInfo{Key: k}
	}
	close(remove)
	for e := range client.RemoveObjects(ctx, bucket, remove, minio.RemoveObjectsOptions{}) {
		t.Errorf("removing %q: %v", e.ObjectName, e.Err)
	}
	if err := client.RemoveBucket(ctx, bucket); err != nil {
		t.Error(err)
	}
}

func testMinioTagsAndConditions(t *testing.T, g *gateway) {
	const bucket = "minio-tags"
	client := minioBucket(t, g, bucket, false)
	ctx := t.Context()
	put := func(o minio.PutObjectOptions) error {
		_, err := client.PutObject(ctx, bucket, "k", bytes.NewReader([]byte("x")), 1, o)
		return err
	}
	if err := put(minio.PutObjectOptions{UserTags: map[string]string{"a": "1"}}); err != nil {
		t.Fatal(err)
	}
	want, err := tags.MapToObjectTags(map[string]string{"b": "2", "c d": "e"})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.PutObjectTagging(ctx, bucket, "k", want, minio.PutObjectTaggingOptions{}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObjectTagging(ctx, bucket, "k", minio.GetObjectTaggingOptions{})
	if err != nil || got.String() != want.String() {
		t.Errorf("tags %v, want %v, %v", got, want, err)
	}
	var once minio.PutObjectOptions
	once.SetMatchETagExcept("*")
	var refused minio.ErrorResponse
	if err := put(once); !errors.As(err, &refused) || refused.Code != "PreconditionFailed" {
		t.Errorf("a second creation: %v", err)
	}
}
