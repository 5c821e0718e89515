package gcs_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/attrs"
	"sluice/drivers/checksum"
	"sluice/drivers/gcs/gcstest"
)

// described returns what Head says, having checked that Get and List say so too.
func (w *world) described(key string) drivers.Info {
	w.Helper()
	head, err := w.b.Head(w.Context(), key, drivers.GetOptions{})
	w.must(err)
	obj, err := w.b.Get(w.Context(), key, drivers.GetOptions{})
	w.must(err)
	w.must(obj.Body.Close())
	page, err := w.b.List(w.Context(), drivers.ListOptions{Prefix: key, Limit: 1})
	w.must(err)
	listed := page.Objects[0]
	for _, got := range []drivers.Info{obj.Info, listed} {
		if got.ETag != head.ETag || got.Size != head.Size || got.Token != head.Token || got.Checksum != head.Checksum ||
			got.Header.StorageClass != head.Header.StorageClass || !got.LastModified.Equal(head.LastModified) {
			w.Errorf("%q is %+v, and %+v", key, head, got)
		}
	}
	return head
}

func TestObjectsOfOtherTools(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	const md5 = "XrY7u+Ae7tCTyyK7j1rNww==" // of "hello world"
	w.must(w.server.Store(bucketName, storage.Object{
		Name: "simple", Md5Hash: md5, ContentType: "text/plain", CacheControl: "no-store", StorageClass: "ARCHIVE", Metadata: map[string]string{"Color": "blue"},
	}, "hello world"))
	w.must(w.server.Store(bucketName, storage.Object{Name: "composed", ComponentCount: 2}, "hello world"))

	simple := w.described("simple")
	if simple.ETag != "5eb63bbbe01eeed093cb22bb8f5acdc3" || simple.Checksum.Algorithm != checksum.CRC32C || simple.Header.ContentType != "text/plain" ||
		simple.Header.CacheControl != "no-store" || simple.Header.Metadata["color"] != "blue" || simple.Header.StorageClass != "GLACIER_IR" {
		t.Errorf("the object is %+v", simple)
	}
	composed := w.described("composed")
	if hex, ok := strings.CutSuffix(composed.ETag, "-1"); !ok || len(hex) != 32 || composed.Header.ContentType != "application/octet-stream" {
		t.Errorf("the object is %+v", composed)
	}
	if again := w.described("composed"); again.ETag != composed.ETag {
		t.Errorf("the ETag was %q and is %q", composed.ETag, again.ETag)
	}
	w.server.Requests()

	_, err := drivers.Copy(t.Context(), w.b, "copy", w.b, "composed", drivers.CopyOptions{}) // its MD5 must be made
	w.must(err)
	if copied := w.described("copy"); copied.ETag != simple.ETag {
		t.Errorf("the copy has the ETag %q", copied.ETag)
	}
	_, err = drivers.Copy(t.Context(), w.b, "copy", w.b, "simple", drivers.CopyOptions{})
	w.must(err)
	if copied := w.described("copy"); copied.ETag != simple.ETag || copied.Checksum != simple.Checksum {
		t.Errorf("the copy is %+v", copied)
	}
	w.must(drivers.SetTags(t.Context(), w.b, "simple", "", []drivers.Tag{{Key: "k", Value: "v"}}))
	if tagged := w.described("simple"); tagged.TagCount != 1 || tagged.ETag != simple.ETag || !tagged.LastModified.Equal(simple.LastModified) {
		t.Errorf("with a tag it is %+v", tagged)
	}
	if native := w.server.Object(bucketName, "simple"); native.Metadata["Color"] != "blue" {
		t.Errorf("its metadata is %q", native.Metadata)
	}
}

func TestWhatOtherToolsSee(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := drivers.Header{
		ContentType: "text/plain", CacheControl: "public, max-age=3600", ContentEncoding: "br", ContentLanguage: "de", ContentDisposition: "inline",
		Expires: "tomorrow", Metadata: map[string]string{"color": "blue", "ключ": "v", "name": "Ö", "empty": "", "spaced": " x"},
	}
	for _, content := range []string{"content", large} {
		w.put("a/b c", content, "", func(o *drivers.PutOptions) { o.Header = h })
		native := w.server.Object(bucketName, "a/b c")
		if native.ContentType != h.ContentType || native.CacheControl != h.CacheControl || native.ContentEncoding != "br" ||
			native.ContentLanguage != "de" || native.ContentDisposition != "inline" || native.Metadata["color"] != "blue" || len(native.Metadata) != 2 {
			t.Errorf("the store has %+v", native)
		}
		got := w.described("a/b c").Header
		if got.CacheControl != h.CacheControl || got.Expires != h.Expires || len(got.Metadata) != len(h.Metadata) || got.Metadata["name"] != "Ö" {
			t.Errorf("the header is %+v", got)
		}
	}
}

func TestAnEntryOfOtherContentIsNotBelieved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.put("key", "content", "", nil)
	entry := w.server.Object(bucketName, "key").Metadata[attrs.Entry]
	for content, md5 := range map[string]string{"other content": "7bf8VRk2wsnK/wS2wl4zBg==", "tnetnoc": "P8fPEZgJLmXWLdaECRhLYQ=="} {
		w.must(w.server.Store(bucketName, storage.Object{Name: "key", Md5Hash: md5, Metadata: map[string]string{attrs.Entry: entry}}, content))
		info := w.described("key")
		raw, err := base64.StdEncoding.DecodeString(md5)
		w.must(err)
		if info.ETag != checksum.ETag(raw) || info.Checksum.Algorithm != checksum.CRC32C {
			t.Errorf("%q is %+v", content, info)
		}
	}
}

func TestPurgeDeletesForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *gcstest.Server) { s.Versioned = true })
	purger := w.leaf.Bucket(bucketName).(drivers.Purger)
	for _, key := range []string{drivers.StagingPrefix + "u/part-00001", drivers.StagingPrefix + "u/part-00002", "key"} {
		w.put(key, "x", "", nil)
		w.put(key, "y", "", nil)
	}
	w.put("key", large, "", nil) // over a hidden object
	w.must(purger.Purge(t.Context(), drivers.StagingPrefix))
	live, old := w.server.Objects(bucketName)
	if !slices.Equal(live, []string{"key"}) || slices.ContainsFunc(old, func(name string) bool { return name != "key" }) {
		t.Errorf("the store has %q, and older %q", live, old)
	}
	w.must(purger.Purge(t.Context(), "none"))
	if err := w.d.DeleteBucket(t.Context(), bucketName); !errors.Is(err, drivers.ErrNotEmpty) {
		t.Errorf("error is %v", err)
	}
	w.must(purger.Purge(t.Context(), ""))
	w.must(w.d.DeleteBucket(t.Context(), bucketName))
}
