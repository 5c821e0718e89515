package azure_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
	"github.com/google/go-cmp/cmp"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/azure/azuretest"
	"sluice/drivers/upstream"
)

// beside opens a driver with a bucket, and the container as another tool has it.
func beside(t *testing.T, s *azuretest.Service) (drivers.Bucket, func(name string) *blockblob.Client) {
	t.Helper()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := upstream.Client(upstream.Config{})
	t.Cleanup(client.CloseIdleConnections)
	d, err := azure.New(azure.Config{Account: "acme", AccountKey: azuretest.Key, Endpoint: server.URL + "/acme"}, client, "az")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
		t.Fatal(err)
	}
	key, err := service.NewSharedKeyCredential("acme", azuretest.Key)
	if err != nil {
		t.Fatal(err)
	}
	tool, err := service.NewClientWithSharedKeyCredential(server.URL+"/acme", key, nil)
	if err != nil {
		t.Fatal(err)
	}
	return d.Bucket("photos"), tool.NewContainerClient("photos").NewBlockBlobClient
}

// upload stores a blob as another tool does.
func upload(t *testing.T, c *blockblob.Client, text string, o *blockblob.UploadOptions) {
	t.Helper()
	if _, err := c.Upload(t.Context(), streaming.NopCloser(strings.NewReader(text)), o); err != nil {
		t.Fatal(err)
	}
}

func TestABlobOfAnotherToolIsAnObject(t *testing.T) {
	t.Parallel()
	b, tool := beside(t, azuretest.New())
	value, kind := "blue", "text/plain"
	upload(t, tool("theirs"), "content", &blockblob.UploadOptions{
		Metadata: map[string]*string{"Color": &value}, HTTPHeaders: &blob.HTTPHeaders{BlobContentType: &kind},
	})
	text, info := get(t, b, "theirs", drivers.GetOptions{})
	want := drivers.Header{ContentType: kind, Metadata: map[string]string{"color": value}}
	if d := cmp.Diff(want, info.Header); d != "" || text != "content" || info.ETag != "9a0364b9e99bb480dd25e1f0284c8555" {
		t.Errorf("%q with ETag %s\n%s", text, info.ETag, d)
	}
	page, err := b.List(t.Context(), drivers.ListOptions{})
	if err != nil || len(page.Objects) != 1 || page.Objects[0].ETag != info.ETag || page.Objects[0].Token != info.Token {
		t.Errorf("listed as %+v, %v", page.Objects, err)
	}
}

// A blob committed from blocks has no MD5 unless its writer gave it one.
func TestABlobWithoutMD5HasAnETagThatIsNone(t *testing.T) {
	t.Parallel()
	b, tool := beside(t, azuretest.New())
	c := tool("theirs")
	if _, err := c.StageBlock(t.Context(), "MDAwMA==", streaming.NopCloser(strings.NewReader("content")), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CommitBlockList(t.Context(), []string{"MDAwMA=="}, nil); err != nil {
		t.Fatal(err)
	}
	_, info := get(t, b, "theirs", drivers.GetOptions{})
	if len(info.ETag) != 34 || !strings.HasSuffix(info.ETag, "-1") {
		t.Errorf("ETag is %s", info.ETag)
	}
	_, part := get(t, b, "theirs", drivers.GetOptions{Range: drivers.Range{Start: 2}, Conditions: drivers.Conditions{IfMatch: []string{info.ETag}}})
	if part.ETag != info.ETag {
		t.Errorf("ETag of a range is %s", part.ETag)
	}
	if err := drivers.SetTags(t.Context(), b, "theirs", "", []drivers.Tag{{Key: "k", Value: "v"}}); err != nil {
		t.Fatal(err)
	}
	if _, tagged := get(t, b, "theirs", drivers.GetOptions{}); tagged.ETag != info.ETag || tagged.Token == info.Token {
		t.Errorf("tags change the ETag from %s to %s", info.ETag, tagged.ETag)
	}
}

func TestWhatOtherToolsWroteOverIsTheirs(t *testing.T) {
	t.Parallel()
	b, tool := beside(t, azuretest.New())
	put(t, b, "key", "content", drivers.PutOptions{Tags: []drivers.Tag{{Key: "k", Value: "v"}}})
	upload(t, tool("key"), "another", nil)
	text, info := get(t, b, "key", drivers.GetOptions{})
	if text != "another" || info.ETag != "b32d73e56ec99bc5ec8f83871cde708a" || info.TagCount != 0 {
		t.Errorf("%q: %+v", text, info)
	}
}

func TestOtherToolsSeeObjectsAsTheirs(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b, tool := beside(t, s)
	put(t, b, "dir/key.txt", "content", drivers.PutOptions{Header: drivers.Header{
		ContentType: "text/plain", CacheControl: "no-store", Expires: "tomorrow", Metadata: map[string]string{
			"color": "blue", "with-dash": "x", "text": "Grüße", "padded": "  x", "hdi_isfolder": "true", "1st": "x", "none": ""},
	}})
	p, err := tool("dir/key.txt").GetProperties(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if *p.ContentType != "text/plain" || *p.CacheControl != "no-store" || len(p.ContentMD5) != 16 {
		t.Errorf("properties: %s, %s, %x", *p.ContentType, *p.CacheControl, p.ContentMD5)
	}
	metadata := s.Metadata("photos", "dir/key.txt")
	if len(metadata) != 2 || metadata["color"] != "blue" || metadata["sluice"] == "" {
		t.Errorf("metadata: %q", metadata)
	}
}

func TestNamesThatSluiceCannotOrderAreNotShown(t *testing.T) {
	t.Parallel()
	b, tool := beside(t, azuretest.New())
	for _, name := range []string{"a", "🚀", "\uf900", `b\c`, "d.", "dir/🚀", "z"} {
		upload(t, tool(name), "x", nil)
	}
	page, err := b.List(t.Context(), drivers.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, info := range page.Objects {
		got = append(got, info.Key)
	}
	if d := cmp.Diff([]string{"a", "z", "\uf900"}, got); d != "" {
		t.Error(d)
	}
}

func TestTagsLeaveTimeAndETag(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	put(t, b, "key", "content", summed("content"))
	before, err := b.Head(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	s.Age("photos", "key", time.Hour)
	aged, err := b.Head(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := drivers.SetTags(t.Context(), b, "key", "", []drivers.Tag{{Key: "z", Value: "1"}, {Key: "a", Value: "2"}}); err != nil {
			t.Fatal(err)
		}
	}
	after, err := b.Head(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !after.LastModified.Equal(aged.LastModified) || after.ETag != before.ETag || after.Checksum != before.Checksum || after.TagCount != 2 {
		t.Errorf("before %+v\nafter %+v", aged, after)
	}
	page, err := b.List(t.Context(), drivers.ListOptions{})
	if err != nil || !page.Objects[0].LastModified.Equal(aged.LastModified) || page.Objects[0].Checksum != before.Checksum {
		t.Errorf("listed as %+v, %v", page.Objects, err)
	}
}

func TestTagsThatAreChangedAtOnce(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	put(t, b, "key", "old", drivers.PutOptions{})
	s.Before = first("SetBlobMetadata", func() { put(t, b, "key", "new", drivers.PutOptions{}) })
	if err := drivers.SetTags(t.Context(), b, "key", "", []drivers.Tag{{Key: "k", Value: "v"}}); err != nil {
		t.Fatal(err)
	}
	text, info := get(t, b, "key", drivers.GetOptions{})
	if text != "new" || info.TagCount != 1 || info.ETag != "22af645d1859cb5ca6da0c484f1f37ea" {
		t.Errorf("%q: %+v", text, info)
	}
	s.Before = func(op string, _ *http.Request) *azuretest.Fault {
		if op == "SetBlobMetadata" {
			put(t, b, "key", "again", drivers.PutOptions{})
		}
		return nil
	}
	if err := drivers.SetTags(t.Context(), b, "key", "", nil); !errors.Is(err, drivers.ErrConflict) {
		t.Errorf("tags of an object that never rests: %v", err)
	}
}

func TestReadsOfAnObjectThatIsWrittenMeanwhile(t *testing.T) {
	t.Parallel()
	s := azuretest.New()
	b := bucket(t, s)
	put(t, b, "key", "old content", drivers.PutOptions{})
	s.Before = first("GetBlob", func() { put(t, b, "key", "new", drivers.PutOptions{}) })
	if text, info := get(t, b, "key", drivers.GetOptions{Range: drivers.Range{Start: -2}}); text != "ew" || info.Size != 3 {
		t.Errorf("the last bytes: %q of %d", text, info.Size)
	}
	s.Before = func(op string, _ *http.Request) *azuretest.Fault {
		if op == "GetBlob" {
			put(t, b, "key", "again", drivers.PutOptions{})
		}
		return nil
	}
	if _, err := b.Get(t.Context(), "key", drivers.GetOptions{Range: drivers.Range{Start: -2}}); !errors.Is(err, drivers.ErrConflict) {
		t.Errorf("the last bytes of an object that never rests: %v", err)
	}
}
