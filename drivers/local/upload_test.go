//go:build unix

package local

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

func inodeOf(t testing.TB, path string) uint64 {
	t.Helper()
	var st unix.Stat_t
	must(t, unix.Stat(path, &st))
	return st.Ino
}

// uploadOf begins an upload and stores parts of those sizes, from the last to the first.
func uploadOf(t testing.TB, b drivers.Bucket, sizes ...int) (drivers.Upload, []drivers.CompletedPart, string) {
	t.Helper()
	m := drivers.Multiparts(b)
	u, err := m.CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	must(t, err)
	parts, whole := make([]drivers.CompletedPart, len(sizes)), ""
	for i := len(sizes) - 1; i >= 0; i-- {
		body := strings.Repeat(string(rune('a'+i)), sizes[i])
		whole = body + whole
		p, err := m.PutPart(t.Context(), "key", u.ID, i+1, strings.NewReader(body), drivers.PutPartOptions{Size: int64(len(body))})
		must(t, err)
		parts[i] = drivers.CompletedPart{Number: i + 1, ETag: p.ETag}
	}
	return u, parts, whole
}

func TestPartsOfEqualSizeAreNotCopiedAgain(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	for _, c := range []struct {
		name    string
		sizes   []int
		inPlace bool
	}{
		{"equal", []int{5 * mib, 5 * mib, 5 * mib}, true},
		{"the last is shorter", []int{5 * mib, 5 * mib, 100}, true},
		{"the last is empty", []int{6 * mib, 0}, true},
		{"one in the middle is shorter", []int{6 * mib, 5 * mib, 6 * mib}, false},
		{"the last is longer", []int{5*mib + 1, 6 * mib}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, b, dir := folder(t, Options{NoFsync: true})
			put(t, b, "key", "before")
			u, parts, whole := uploadOf(t, b, c.sizes...)
			data := inodeOf(t, filepath.Join(dir, "../.sluice/uploads/bucket", u.ID, dataFile))
			_, err := drivers.Multiparts(b).CompleteUpload(t.Context(), "key", u.ID, parts, drivers.CompleteOptions{})
			must(t, err)
			if inPlace := inodeOf(t, filepath.Join(dir, "key")) == data; inPlace != c.inPlace {
				t.Errorf("the parts' file is the object: %v", inPlace)
			}
			if text, info := read(t, b, "key"); text != whole || info.PartsCount != len(c.sizes) {
				t.Errorf("the object has %d bytes, want %d; %+v", len(text), len(whole), info)
			}
			d.nothingPending(t)
		})
	}
}

func TestAPartThatComesAgainIsCopiedIntoItsPlace(t *testing.T) {
	t.Parallel()
	_, b, dir := folder(t, Options{NoFsync: true})
	u, parts, whole := uploadOf(t, b, drivers.MinPartSize, drivers.MinPartSize, 10)
	again := strings.Repeat("z", drivers.MinPartSize)
	p, err := drivers.Multiparts(b).PutPart(t.Context(), "key", u.ID, 2, strings.NewReader(again), drivers.PutPartOptions{Size: int64(len(again))})
	must(t, err)
	parts[1].ETag = p.ETag
	data := inodeOf(t, filepath.Join(dir, "../.sluice/uploads/bucket", u.ID, dataFile))
	_, err = drivers.Multiparts(b).CompleteUpload(t.Context(), "key", u.ID, parts, drivers.CompleteOptions{})
	must(t, err)
	want := whole[:drivers.MinPartSize] + again + whole[2*drivers.MinPartSize:]
	if text, _ := read(t, b, "key"); text != want || inodeOf(t, filepath.Join(dir, "key")) != data {
		t.Error("other bytes, or another file")
	}
}

// TestACompleteBesideAPartThatIsStillComingIn holds a part open while the upload completes: the object must not change
// under its readers when the part goes on.
func TestACompleteBesideAPartThatIsStillComingIn(t *testing.T) {
	t.Parallel()
	_, b, _ := folder(t, Options{NoFsync: true})
	m := drivers.Multiparts(b)
	u, parts, whole := uploadOf(t, b, drivers.MinPartSize, drivers.MinPartSize)
	begun, resume, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		first := true
		body := readerFunc(func(p []byte) (int, error) {
			if first {
				close(begun)
				<-resume
				first = false
				return copy(p, "late"), nil
			}
			return 0, io.EOF
		})
		_, err := m.PutPart(context.WithoutCancel(t.Context()), "key", u.ID, 3, body, drivers.PutPartOptions{Size: 4})
		ended <- err
	}()
	<-begun
	_, err := m.CompleteUpload(t.Context(), "key", u.ID, parts, drivers.CompleteOptions{})
	close(resume)
	if perr := <-ended; !errors.Is(perr, drivers.ErrNoUpload) {
		t.Errorf("PutPart: %v", perr)
	}
	must(t, err)
	if text, _ := read(t, b, "key"); text != whole {
		t.Errorf("the object has %d bytes, want %d", len(text), len(whole))
	}
}

func TestTenThousandPartsComplete(t *testing.T) {
	t.Parallel()
	d, b, _ := folder(t, Options{NoFsync: true})
	m := drivers.Multiparts(b)
	created, err := m.CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{})
	must(t, err)
	u, err := d.Bucket("bucket").(*bucket).openUpload("key", created.ID)
	must(t, err)
	defer u.close()
	// The parts' bytes are a hole: as many slots as there are parts, none of them written.
	const stride, etag = drivers.MinPartSize, "5f363e0e58a95f06cbe9bbc662c5dfb6" // MD5 of 5 MiB of zeros
	_, err = u.stride(stride)
	must(t, err)
	f, err := u.at.openWrite(dataFile)
	must(t, err)
	must(t, f.truncate(drivers.MaxPartNumber*stride))
	f.close()
	parts := make([]drivers.CompletedPart, drivers.MaxPartNumber)
	for i := range parts {
		parts[i] = drivers.CompletedPart{Number: i + 1, ETag: etag}
		_, err := u.record(partRecord{Part: drivers.Part{Number: i + 1, Size: stride, ETag: etag}})
		must(t, err)
	}
	info, err := m.CompleteUpload(t.Context(), "key", u.Upload.ID, parts, drivers.CompleteOptions{})
	must(t, err)
	if info.Size != drivers.MaxPartNumber*stride || info.PartsCount != drivers.MaxPartNumber {
		t.Errorf("%+v", info)
	}
	obj, err := b.Get(t.Context(), "key", drivers.GetOptions{PartNumber: drivers.MaxPartNumber})
	must(t, err)
	defer obj.Body.Close()
	if obj.Length != stride || obj.Start != (drivers.MaxPartNumber-1)*stride {
		t.Errorf("the last part is %d bytes from %d on", obj.Length, obj.Start)
	}
}
