//go:build unix

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// folder opens a driver with one bucket on a new folder, and returns the bucket and the bucket's folder.
func folder(t testing.TB, o Options) (d *Driver, b drivers.Bucket, path string) {
	t.Helper()
	root := t.TempDir()
	d = open(t, root, o)
	t.Cleanup(func() { d.Close() })
	must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	return d, d.Bucket("bucket"), filepath.Join(root, "bucket")
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, b drivers.Bucket, key string) (string, drivers.Info) {
	t.Helper()
	obj, err := b.Get(t.Context(), key, drivers.GetOptions{})
	must(t, err)
	defer obj.Body.Close()
	text, err := io.ReadAll(obj.Body)
	must(t, err)
	return string(text), obj.Info
}

func keys(t testing.TB, b drivers.Bucket, o drivers.ListOptions) (all []string) {
	t.Helper()
	for {
		page, err := b.List(t.Context(), o)
		must(t, err)
		for _, info := range page.Objects {
			all = append(all, info.Key)
		}
		all = append(all, page.Prefixes...)
		if !page.More {
			return all
		}
		o.Cursor = page.Next
	}
}

func TestObjectsArePlainFilesUnderTheirOwnNames(t *testing.T) {
	t.Parallel()
	_, b, dir := folder(t, Options{})
	for _, key := range []string{"photo.jpg", "2024/05/photo.jpg"} {
		put(t, b, key, "bytes of "+key)
		got, err := os.ReadFile(filepath.Join(dir, key))
		must(t, err)
		if string(got) != "bytes of "+key {
			t.Errorf("file %q holds %q", key, got)
		}
	}
}

func TestFilesThatAreThereAlreadyAreObjects(t *testing.T) {
	t.Parallel()
	_, b, dir := folder(t, Options{})
	must(t, os.MkdirAll(filepath.Join(dir, "sub/empty"), 0o777))
	must(t, os.WriteFile(filepath.Join(dir, "sub/page.html"), []byte("<p>"), 0o666))
	must(t, os.WriteFile(filepath.Join(dir, "bad\xff"), nil, 0o666))
	text, info := read(t, b, "sub/page.html")
	if text != "<p>" || !strings.HasSuffix(info.ETag, "-1") || !strings.HasPrefix(info.Header.ContentType, "text/html") {
		t.Errorf("%q, %+v", text, info)
	}
	page, err := b.List(t.Context(), drivers.ListOptions{})
	must(t, err)
	if len(page.Objects) != 1 || page.Objects[0].ETag != info.ETag || page.Objects[0].Token != info.Token {
		t.Errorf("listed as %+v, want %+v", page.Objects, info)
	}
	if got := keys(t, b, drivers.ListOptions{Prefix: "sub/", Delimiter: "/"}); !slices.Equal(got, []string{"sub/page.html"}) {
		t.Errorf("an empty folder is listed: %q", got)
	}
	must(t, drivers.SetTags(t.Context(), b, "sub/page.html", "", []drivers.Tag{{Key: "a", Value: "b"}}))
	if _, again := read(t, b, "sub/page.html"); again.ETag != info.ETag || again.TagCount != 1 {
		t.Errorf("with tags it is %+v, want %+v", again, info)
	}
}

func TestAFileThatAnotherToolChangedKeepsItsHeaderButNotItsETag(t *testing.T) {
	t.Parallel()
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, b, dir := folder(t, o)
			_, err := b.Put(t.Context(), "key", strings.NewReader("before"), drivers.PutOptions{Size: 6, Header: drivers.Header{ContentType: "text/x-mine"}})
			must(t, err)
			path := filepath.Join(dir, "key")
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			must(t, err)
			_, err = f.WriteString(" and after")
			must(t, errors.Join(err, f.Close()))
			text, info := read(t, b, "key")
			if text != "before and after" || info.Size != 16 || !strings.HasSuffix(info.ETag, "-1") || info.Header.ContentType != "text/x-mine" {
				t.Errorf("%q, %+v", text, info)
			}
			put(t, b, "key", "ours again")
			if _, info := read(t, b, "key"); strings.Contains(info.ETag, "-") {
				t.Errorf("ETag is %q", info.ETag)
			}
		})
	}
}

func TestOnlyRegularFilesInsideOfTheFolderAreReached(t *testing.T) {
	t.Parallel()
	d, b, dir := folder(t, Options{})
	outside := t.TempDir()
	secret := filepath.Join(outside, "secret")
	must(t, os.WriteFile(secret, []byte("secret"), 0o666))
	must(t, os.Symlink(secret, filepath.Join(dir, "link")))
	must(t, os.Symlink(outside, filepath.Join(dir, "folder")))
	must(t, os.Symlink(outside, filepath.Join(filepath.Dir(dir), "linked")))
	must(t, unix.Mkfifo(filepath.Join(dir, "fifo"), 0o666))
	escape := "../../" + filepath.Base(outside) + "/secret"
	for _, key := range []string{"link", "folder/secret", "fifo", escape, "..", "../.sluice/format", "/etc/passwd"} {
		if _, err := b.Get(t.Context(), key, drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("Get(%q): %v", key, err)
		}
		if _, err := b.Delete(t.Context(), key, drivers.DeleteOptions{}); err != nil {
			t.Errorf("Delete(%q): %v", key, err)
		}
	}
	for _, key := range []string{"link", "folder/new", "fifo", "fifo/below"} {
		_, err := b.Put(t.Context(), key, strings.NewReader("x"), drivers.PutOptions{Size: 1})
		if !errors.Is(err, drivers.ErrDenied) {
			t.Errorf("Put(%q): %v", key, err)
		}
	}
	if got := keys(t, b, drivers.ListOptions{}); len(got) > 0 {
		t.Errorf("listed: %q", got)
	}
	put(t, b, escape, "inside")
	if text, err := os.ReadFile(secret); string(text) != "secret" || err != nil {
		t.Errorf("the file outside holds %q, %v", text, err)
	}
	if names, err := os.ReadDir(outside); len(names) != 1 || err != nil {
		t.Errorf("outside there is %v, %v", names, err)
	}
	for _, name := range []string{"linked", "..", ".", ".sluice", "", "bucket/..", "a/b", "a\x00b"} {
		if _, err := d.StatBucket(t.Context(), name); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("StatBucket(%q): %v", name, err)
		}
		if _, err := d.Bucket(name).List(t.Context(), drivers.ListOptions{}); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("List of %q: %v", name, err)
		}
		if _, err := d.Bucket(name).Put(t.Context(), "k", strings.NewReader(""), drivers.PutOptions{}); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("Put to %q: %v", name, err)
		}
	}
}

func TestUploadIDsReachNothingElse(t *testing.T) {
	t.Parallel()
	d, b, _ := folder(t, Options{})
	for _, id := range []string{"", ".", "..", "../bucket", "../../bucket", "a/b", "A\x00"} {
		if _, err := drivers.Multiparts(b).ListParts(t.Context(), "key", id, drivers.ListPartsOptions{}); !errors.Is(err, drivers.ErrNoUpload) {
			t.Errorf("ListParts of %q: %v", id, err)
		}
		if err := drivers.Multiparts(d.Bucket("bucket")).AbortUpload(t.Context(), "key", id); !errors.Is(err, drivers.ErrNoUpload) {
			t.Errorf("AbortUpload of %q: %v", id, err)
		}
	}
}

func TestEmptyFoldersGo(t *testing.T) {
	t.Parallel()
	d, b, dir := folder(t, Options{})
	for _, key := range []string{"a/b/c", "a", "a/b"} {
		put(t, b, key, key)
	}
	for _, key := range []string{"a/b", "a/b/c", "a"} {
		_, err := b.Delete(t.Context(), key, drivers.DeleteOptions{})
		must(t, err)
	}
	if names, err := os.ReadDir(dir); len(names) > 0 || err != nil {
		t.Errorf("left: %v, %v", names, err)
	}
	must(t, os.MkdirAll(filepath.Join(dir, "foreign/empty/folders"), 0o777))
	must(t, d.DeleteBucket(t.Context(), "bucket"))
}

func TestABodyThatFailsLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, b, dir := folder(t, o)
			fault := errors.New("fault")
			body := io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20)), faulty{fault})
			if _, err := b.Put(t.Context(), "a/b", body, drivers.PutOptions{Size: -1}); err != fault {
				t.Errorf("Put: %v", err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			body = io.MultiReader(strings.NewReader("x"), readerFunc(func([]byte) (int, error) { cancel(); return 0, io.EOF }))
			if _, err := b.Put(ctx, "a/b", body, drivers.PutOptions{Size: -1}); !errors.Is(err, context.Canceled) {
				t.Errorf("Put: %v", err)
			}
			put(t, b, "key", "x")
			_, err := b.Put(t.Context(), "key", strings.NewReader("y"), drivers.PutOptions{Size: 1, Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}})
			if !errors.Is(err, drivers.ErrPrecondition) {
				t.Errorf("Put: %v", err)
			}
			d.nothingPending(t)
			if names, err := os.ReadDir(dir); len(names) != 1 || err != nil {
				t.Errorf("in the bucket: %v, %v", names, err)
			}
		})
	}
}

// nothingPending checks that nothing is in the making.
func (d *Driver) nothingPending(t testing.TB) {
	t.Helper()
	must(t, d.session.entries(func(name []byte, _, _ bool) bool {
		t.Errorf("left in the making: %q", name)
		return true
	}))
}

type faulty struct{ err error }

func (f faulty) Read([]byte) (int, error) { return 0, f.err }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestErrorsOfTheFileSystemHaveTheirSentinels(t *testing.T) {
	t.Parallel()
	for errno, want := range map[unix.Errno]error{
		unix.ENOSPC: drivers.ErrNoSpace, unix.EDQUOT: drivers.ErrNoSpace, unix.EMFILE: drivers.ErrSlowDown, unix.EROFS: drivers.ErrReadOnly,
		unix.EACCES: drivers.ErrDenied, unix.ENAMETOOLONG: drivers.ErrInvalid, unix.EIO: drivers.ErrUnavailable,
	} {
		err := (&bucket{d: &Driver{node: "disk"}, name: "b"}).fail("Put", "k", errno)
		if !errors.Is(err, want) || !errors.Is(err, errno) || !strings.HasPrefix(err.Error(), "disk: Put b/k: ") {
			t.Errorf("%v is %v", errno, err)
		}
	}
}

func TestAPageInTheMiddleReadsNoFolderAnew(t *testing.T) {
	t.Parallel()
	const n = 20_000
	d, b, dir := folder(t, Options{NoFsync: true})
	for i := range n {
		f, err := os.Create(filepath.Join(dir, name(i)))
		must(t, err)
		f.Close()
	}
	at, err := d.openBucket("bucket")
	must(t, err)
	defer at.close()
	first, err := d.lists.get(t.Context(), at, d.codec, "")
	must(t, err)
	for deadline := time.Now().Add(10 * time.Second); ; { // until the folder's time is old enough to tell changes
		again, err := d.lists.get(t.Context(), at, d.codec, "")
		must(t, err)
		if again == first {
			break
		}
		if first = again; time.Now().After(deadline) {
			t.Fatal("the folder is never cached")
		}
	}
	page, err := b.List(t.Context(), drivers.ListOptions{Cursor: drivers.Cursor{After: name(n / 2)}, Limit: 10})
	must(t, err)
	if len(page.Objects) != 10 || page.Objects[0].Key != name(n/2+1) || !page.More {
		t.Errorf("%+v", page)
	}
	put(t, b, name(n/2)+"-new", "x")
	page, err = b.List(t.Context(), drivers.ListOptions{Cursor: drivers.Cursor{After: name(n / 2)}, Limit: 1})
	must(t, err)
	if len(page.Objects) != 1 || page.Objects[0].Key != name(n/2)+"-new" {
		t.Errorf("after a write: %+v", page)
	}
}

func name(i int) string { return fmt.Sprintf("object-%07d", i) }

func TestUploadsOfABucketThatIsGoneAreNotTheNextOnes(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	d, err := New(folder, Options{NoFsync: true})
	must(t, err)
	defer d.Close()
	must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	_, err = drivers.Multiparts(d.Bucket("bucket")).CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	must(t, err)
	must(t, os.Remove(filepath.Join(folder, "bucket"))) // as a crash in the middle of DeleteBucket leaves it
	must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	page, err := drivers.Multiparts(d.Bucket("bucket")).ListUploads(t.Context(), drivers.ListUploadsOptions{})
	must(t, err)
	if len(page.Uploads) > 0 {
		t.Errorf("the new bucket has %+v", page.Uploads)
	}
}

func TestTimesInWholeSecondsAreTrustedLater(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		changed, read int64
		racy          bool
	}{
		{1_000_000_001, 1_040_000_000, true},
		{1_000_000_001, 1_060_000_000, false},
		{1_000_000_000, 2_900_000_000, true},
		{1_000_000_000, 3_200_000_000, false},
	} {
		if got := racy(c.changed, time.Unix(0, c.read)); got != c.racy {
			t.Errorf("changed at %d, read at %d: %v", c.changed, c.read, got)
		}
	}
}
