package local

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

func TestAFullDiskIsErrNoSpaceAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := unix.Mount("tmpfs", root, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("mounting a small file system needs root: ", err)
	}
	t.Cleanup(func() { must(t, unix.Unmount(root, unix.MNT_DETACH)) })
	d := open(t, root, Options{})
	t.Cleanup(func() { d.Close() })
	must(t, d.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	b := d.Bucket("bucket")
	put(t, b, "small", "fits")
	large := strings.Repeat("x", 2<<20)
	_, err := b.Put(t.Context(), "small", strings.NewReader(large), drivers.PutOptions{Size: int64(len(large))})
	if !errors.Is(err, drivers.ErrNoSpace) {
		t.Errorf("Put: %v", err)
	}
	if text, _ := read(t, b, "small"); text != "fits" {
		t.Errorf("the object holds %q", text)
	}
	d.nothingPending(t)
	put(t, b, "another", strings.Repeat("x", 500<<10))
}
