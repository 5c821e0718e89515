//go:build unix

package local

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// crash ends a driver as a loss of its process would: its locks end, and nothing is tidied up.
func (d *Driver) crash() {
	d.stop()
	d.done.Wait()
	d.closeFolders()
}

func TestWhatACrashedProcessHadInTheMakingIsSweptAndNothingElse(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	dead, alive := open(t, root, Options{}), open(t, root, Options{})
	t.Cleanup(func() { alive.Close() })
	for _, d := range []*Driver{dead, alive} {
		f, err := d.session.create("half")
		must(t, err)
		f.close()
		must(t, d.session.mkdir("folder"))
	}
	dead.crash()
	next := open(t, root, Options{})
	t.Cleanup(func() { next.Close() })
	next.done.Wait() // the sweep
	if _, err := os.Stat(filepath.Join(root, ".sluice/tmp", dead.sessionName)); !os.IsNotExist(err) {
		t.Errorf("the dead session's folder: %v", err)
	}
	for _, name := range []string{"half", "folder"} {
		if _, err := alive.session.stat(name); err != nil {
			t.Errorf("of the living session, %s: %v", name, err)
		}
	}
}

func TestAnUploadWhoseDataWasPublishedBeforeTheCrashIsSwept(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d := open(t, root, Options{})
	must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	m := drivers.Multiparts(d.Bucket("bucket"))
	done, err := m.CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	must(t, err)
	large := strings.Repeat("x", drivers.MinPartSize)
	part, err := m.PutPart(t.Context(), "key", done.ID, 1, strings.NewReader(large), drivers.PutPartOptions{Size: int64(len(large))})
	must(t, err)
	going, err := m.CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	must(t, err)
	must(t, os.Remove(filepath.Join(root, ".sluice/uploads/bucket", done.ID, dataFile))) // as the rename to the bucket does
	_, err = m.CompleteUpload(t.Context(), "key", done.ID, []drivers.CompletedPart{{Number: 1, ETag: part.ETag}}, drivers.CompleteOptions{})
	if err == nil {
		t.Error("completed twice")
	}
	d.crash()
	d = open(t, root, Options{})
	t.Cleanup(func() { d.Close() })
	d.done.Wait()
	page, err := drivers.Multiparts(d.Bucket("bucket")).ListUploads(t.Context(), drivers.ListUploadsOptions{})
	must(t, err)
	if len(page.Uploads) != 1 || page.Uploads[0].ID != going.ID {
		t.Errorf("left: %+v", page.Uploads)
	}
}

func TestSideFilesOfObjectsThatAreGoneAreSwept(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d := open(t, root, Options{sideFiles: true})
	must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	want := put(t, d.Bucket("bucket"), "stays", "x")
	put(t, d.Bucket("bucket"), "goes", "x")
	must(t, os.Remove(filepath.Join(root, "bucket/goes"))) // by another tool
	old := time.Now().Add(-2 * sideFileAge)
	sides, err := filepath.Glob(filepath.Join(root, ".sluice/attrs/*/*"))
	must(t, err)
	if len(sides) != 2 {
		t.Fatalf("side files: %q", sides)
	}
	for _, side := range sides {
		must(t, os.Chtimes(side, old, old))
	}
	d.crash()
	d = open(t, root, Options{sideFiles: true})
	t.Cleanup(func() { d.Close() })
	d.done.Wait()
	if sides, err = filepath.Glob(filepath.Join(root, ".sluice/attrs/*/*")); len(sides) != 1 || err != nil {
		t.Errorf("side files: %q, %v", sides, err)
	}
	if _, info := read(t, d.Bucket("bucket"), "stays"); info.ETag != want.ETag || info.Token != want.Token {
		t.Errorf("the other object is %+v, want %+v", info, want)
	}
}

func TestSideFilesGoWithTheirObjects(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{sideFiles: true}, {}} {
		d, b, _ := folder(t, o)
		meta := map[string]string{"large": strings.Repeat("x", 5000)} // too much for an extended attribute
		for range 3 {
			_, err := b.Put(t.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1, Header: drivers.Header{Metadata: meta}})
			must(t, err)
		}
		if _, info := read(t, b, "key"); info.Header.Metadata["large"] != meta["large"] {
			t.Error("metadata is lost")
		}
		if n := d.countSides(t); n != 1 {
			t.Errorf("%d side files", n)
		}
		_, err := b.Delete(t.Context(), "key", drivers.DeleteOptions{})
		must(t, err)
		if n := d.countSides(t); n != 0 {
			t.Errorf("%d side files after the delete", n)
		}
	}
}

func (d *Driver) countSides(t *testing.T) (n int) {
	t.Helper()
	must(t, d.sides.each(t.Context(), func(folder string) error {
		at, err := d.sides.openDir(folder)
		must(t, err)
		defer at.close()
		return at.entries(func([]byte, bool, bool) bool { n++; return true })
	}))
	return n
}

func TestAFolderOfALaterReleaseIsRefused(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	must(t, os.Mkdir(filepath.Join(root, ".sluice"), 0o777))
	must(t, os.WriteFile(filepath.Join(root, ".sluice/format"), []byte(`{"version": 99}`), 0o666))
	if d, err := New(root, Options{}); err == nil {
		d.Close()
		t.Error("opened")
	}
	names, err := os.ReadDir(filepath.Join(root, ".sluice/tmp"))
	must(t, err)
	if len(names) > 0 {
		t.Errorf("left: %v", names)
	}
}

func TestALineOfTheLogOfPartsThatACrashCutDoesNoHarm(t *testing.T) {
	t.Parallel()
	d, b, _ := folder(t, Options{})
	m := drivers.Multiparts(b)
	u, err := m.CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	must(t, err)
	log, err := d.uploads.openDir("bucket/" + u.ID)
	must(t, err)
	defer log.close()
	f, err := log.openAppend(logFile)
	must(t, err)
	_, err = unix.Write(f.fd, []byte("\n{\"Part\":{\"Number\":1,\"Si"))
	f.close()
	must(t, err)
	part, err := m.PutPart(t.Context(), "key", u.ID, 2, strings.NewReader("x"), drivers.PutPartOptions{Size: 1})
	must(t, err)
	_, err = m.CompleteUpload(t.Context(), "key", u.ID, []drivers.CompletedPart{{Number: 2, ETag: part.ETag}}, drivers.CompleteOptions{})
	must(t, err)
}
