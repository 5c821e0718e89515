package cdk_test

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"sluice/drivers"
	"sluice/drivers/cdk"
)

// folder opens a driver of a folder with the bucket "b".
func folder(t *testing.T) (d drivers.Driver, dir string) {
	t.Helper()
	root := t.TempDir()
	d = open(t, cdk.Config{URL: "file://" + root})
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	return d, filepath.Join(root, "b")
}

func md5hex(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

func keys(t *testing.T, b drivers.Bucket, o drivers.ListOptions) (names []string) {
	t.Helper()
	for {
		page, err := b.List(t.Context(), o)
		must(t, err)
		for _, info := range page.Objects {
			names = append(names, info.Key)
		}
		names = append(names, page.Prefixes...)
		if !page.More {
			return names
		}
		o.Cursor = page.Next
	}
}

func write(t *testing.T, path, content string, at time.Time) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o777))
	must(t, os.WriteFile(path, []byte(content), 0o666))
	must(t, os.Chtimes(path, at, at))
}

func TestObjectsOfOtherToolsAreServed(t *testing.T) {
	t.Parallel()
	d, dir := folder(t)
	b := d.Bucket("b")
	write(t, filepath.Join(dir, "dir", "plain.txt"), "plain", time.Now())
	theirs, err := fileblob.OpenBucket(dir, &fileblob.Options{NoTempDir: true})
	must(t, err)
	must(t, theirs.WriteAll(t.Context(), "theirs", []byte("theirs"), &blob.WriterOptions{ContentType: "text/css", Metadata: map[string]string{"a": "1"}}))
	must(t, theirs.WriteAll(t.Context(), "odd//key", []byte("x"), nil)) // fileblob escapes it

	body, info := get(t, b, "dir/plain.txt", drivers.GetOptions{})
	if body != "plain" || !strings.Contains(info.ETag, "-") || info.Token == "" {
		t.Errorf("plain: %q, %+v", body, info)
	}
	body, info = get(t, b, "theirs", drivers.GetOptions{})
	if body != "theirs" || info.ETag != md5hex("theirs") || info.Header.ContentType != "text/css" || info.Header.Metadata["a"] != "1" {
		t.Errorf("theirs: %q, %+v", body, info)
	}
	if got := keys(t, b, drivers.ListOptions{}); !slices.Equal(got, []string{"dir/plain.txt", "theirs"}) {
		t.Errorf("keys are %q", got)
	}

	put(t, b, "ours", "ours", drivers.PutOptions{Header: drivers.Header{ContentType: "text/html", Metadata: map[string]string{"b": "2"}}})
	a, err := theirs.Attributes(t.Context(), "ours")
	must(t, err)
	if a.ContentType != "text/html" || a.Metadata["b"] != "2" || a.Size != 4 {
		t.Errorf("ours looks so to others: %+v", a)
	}
}

func TestAttributesOfOtherContentAreNotBelieved(t *testing.T) {
	t.Parallel()
	d, dir := folder(t)
	b := d.Bucket("b")
	path := filepath.Join(dir, "key")
	for name, change := range map[string]func(){
		"another tool has written over it": func() { write(t, path, "NEW", time.Now().Add(time.Hour)) },
		"a write was cut short before its content came": func() {
			write(t, path, "NEW", time.Now().Add(-time.Hour))
		},
	} {
		put(t, b, "key", "old", drivers.PutOptions{})
		before, err := b.Head(t.Context(), "key", drivers.GetOptions{})
		must(t, err)
		change()
		body, info := get(t, b, "key", drivers.GetOptions{})
		if body != "NEW" || info.ETag == before.ETag || !strings.Contains(info.ETag, "-") || info.Token == before.Token || info.Checksum.Value != "" {
			t.Errorf("%s: %q with %+v", name, body, info)
		}
		page, err := b.List(t.Context(), drivers.ListOptions{})
		if must(t, err); page.Objects[0].ETag != info.ETag {
			t.Errorf("%s: listed as %+v", name, page.Objects[0])
		}
	}
}

func TestAttributesThatACrashHasLeftInPiecesHarmNoObject(t *testing.T) {
	t.Parallel()
	d, dir := folder(t)
	b := d.Bucket("b")
	put(t, b, "other", "fine", drivers.PutOptions{})
	for name, left := range map[string]string{"nothing": "", "a piece": `{"user.cache_con`} {
		put(t, b, "key", "content", drivers.PutOptions{})
		must(t, os.WriteFile(filepath.Join(dir, "key.attrs"), []byte(left), 0o666))
		if got := keys(t, b, drivers.ListOptions{}); !slices.Equal(got, []string{"key", "other"}) {
			t.Errorf("%s: keys are %q", name, got)
		}
		must(t, os.WriteFile(filepath.Join(dir, "key.attrs"), []byte(left), 0o666))
		if body, info := get(t, b, "key", drivers.GetOptions{}); body != "content" || !strings.Contains(info.ETag, "-") {
			t.Errorf("%s: %q, %+v", name, body, info)
		}
	}
}

func TestFilesThatFileblobHasNotFinishedAreNoObjects(t *testing.T) {
	t.Parallel()
	d, dir := folder(t)
	b := d.Bucket("b")
	unfinished := "key.18ec3ae7cdd1376b.tmp"
	write(t, filepath.Join(dir, unfinished), "half", time.Now())
	write(t, filepath.Join(dir, "sub", unfinished), "half", time.Now())
	write(t, filepath.Join(dir, "sub", "gone.attrs"), "{}", time.Now())
	if got := keys(t, b, drivers.ListOptions{Delimiter: "/"}); len(got) > 0 {
		t.Errorf("keys are %q", got)
	}
	if _, err := b.Head(t.Context(), unfinished, drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
		t.Errorf("Head says %v", err)
	}
	put(t, b, unfinished, "a key of that form", drivers.PutOptions{})
	if body, _ := get(t, b, unfinished, drivers.GetOptions{}); body != "a key of that form" {
		t.Errorf("body is %q", body)
	}
	if err := d.DeleteBucket(t.Context(), "b"); !errors.Is(err, drivers.ErrNotEmpty) {
		t.Errorf("DeleteBucket says %v", err)
	}
	_, err := b.Delete(t.Context(), unfinished, drivers.DeleteOptions{})
	must(t, err)
	must(t, d.DeleteBucket(t.Context(), "b"))
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestFoldersGoWithTheirLastObject(t *testing.T) {
	t.Parallel()
	d, dir := folder(t)
	b := d.Bucket("b")
	put(t, b, "a/b/c/d", "x", drivers.PutOptions{})
	put(t, b, "a/e", "x", drivers.PutOptions{})
	for _, key := range []string{"a/b/c/d", "a/b", "a/b/c/d/e"} { // the others are none
		_, err := b.Delete(t.Context(), key, drivers.DeleteOptions{})
		must(t, err)
	}
	put(t, b, "a/b", "a file where a folder was", drivers.PutOptions{})
	for _, key := range []string{"a/b", "a/e"} {
		_, err := b.Delete(t.Context(), key, drivers.DeleteOptions{})
		must(t, err)
	}
	entries, err := os.ReadDir(dir)
	if must(t, err); len(entries) > 0 {
		t.Errorf("left: %v", entries)
	}
}

func TestAnObjectAndItsFolderExcludeEachOther(t *testing.T) {
	t.Parallel()
	d, _ := folder(t)
	b := d.Bucket("b")
	old := put(t, b, "a", "file", drivers.PutOptions{Header: drivers.Header{ContentType: "text/plain"}})
	put(t, b, "dir/x", "x", drivers.PutOptions{})
	for _, key := range []string{"a/b", "a/b/c", "dir"} {
		for range 2 {
			_, err := b.Put(t.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
			if !errors.Is(err, drivers.ErrInvalid) || !strings.Contains(err.Error(), "folder") {
				t.Errorf("Put of %s says %v", key, err)
			}
		}
		if _, err := b.Head(t.Context(), key, drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("Head of %s says %v", key, err)
		}
	}
	if body, info := get(t, b, "a", drivers.GetOptions{}); body != "file" || info.Token != old.Token || info.Header.ContentType != "text/plain" {
		t.Errorf("%q, %+v", body, info)
	}
	if got := keys(t, b, drivers.ListOptions{}); !slices.Equal(got, []string{"a", "dir/x"}) {
		t.Errorf("keys are %q", got)
	}
}

func TestListingsAreInTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	d, _ := folder(t)
	b := d.Bucket("b")
	want := []string{"photo!", "photo.jpg", "photo/1", "photo/2", "photo/3", "photo/3.jpg", "photo/4/5", "photo0"}
	for _, key := range want {
		put(t, b, key, "x", drivers.PutOptions{})
	}
	for limit := range 10 {
		if got := keys(t, b, drivers.ListOptions{Limit: limit}); !slices.Equal(got, want) {
			t.Errorf("limit %d: %q", limit, got)
		}
	}
}

// TestLargeBodiesLeaveNothingOnDisk holds for bodies of known and unknown size, good and bad, and also while they come.
func TestLargeBodiesLeaveNothingOnDisk(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	d, err := cdk.Open(t.Context(), cdk.Config{URL: "mem://", TempDir: temp}, drivers.Env{})
	must(t, err)
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	empty := func(when string) {
		t.Helper()
		entries, err := os.ReadDir(temp)
		if must(t, err); len(entries) > 0 {
			t.Errorf("%s there is %v", when, entries)
		}
	}
	body := strings.Repeat("0123456789abcdef", 3<<16)
	for _, size := range []int64{int64(len(body)), -1} {
		for _, bad := range []error{nil, errors.New("bad")} {
			src := io.MultiReader(strings.NewReader(body), ender{err: bad, at: func() { empty("while the body comes") }})
			_, err := d.Bucket("b").Put(t.Context(), "key", src, drivers.PutOptions{Size: size})
			if err != bad {
				t.Errorf("error is %v, want %v", err, bad)
			}
			empty("afterwards")
		}
		if got, info := get(t, d.Bucket("b"), "key", drivers.GetOptions{}); got != body || info.ETag != md5hex(body) {
			t.Errorf("%d bytes, %+v", len(got), info)
		}
	}
}

// ender ends a body.
type ender struct {
	err error
	at  func()
}

func (e ender) Read([]byte) (int, error) {
	e.at()
	if e.err != nil {
		return 0, e.err
	}
	return 0, io.EOF
}

func TestATemporaryFolderThatIsNotThereIsAnError(t *testing.T) {
	t.Parallel()
	d, err := cdk.Open(t.Context(), cdk.Config{URL: "mem://", TempDir: filepath.Join(t.TempDir(), "none")}, drivers.Env{})
	must(t, err)
	must(t, d.CreateBucket(t.Context(), "b", drivers.CreateBucketOptions{}))
	put(t, d.Bucket("b"), "small", "x", drivers.PutOptions{})
	_, err = d.Bucket("b").Put(t.Context(), "key", strings.NewReader(strings.Repeat("x", 2<<20)), drivers.PutOptions{Size: 2 << 20})
	if !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error is %v", err)
	}
}
