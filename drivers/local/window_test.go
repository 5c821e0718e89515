//go:build unix

package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// manyKeys are keys of all kinds in one folder: more than a window takes.
func manyKeys() (all []string) {
	for i := range 120 {
		name := fmt.Sprintf("%03d", i*7%120)
		all = append(all, name)
		if i%5 == 0 {
			all = append(all, name+"/", name+"/below", name+"/below/more", name+"0", name+"-")
		}
		if i%20 == 0 {
			long := name + strings.Repeat("x", 250)
			all = append(all, long, long+"y", long+"y/below", name+strings.Repeat("x", 230), name+strings.Repeat("x", 600)+"/z")
		}
	}
	for i := range 80 { // more than a window in one continuation folder
		all = append(all, "100"+strings.Repeat("x", 250)+fmt.Sprint("more", i, strings.Repeat("z", 40)))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestAFolderThatIsTooLargeToKeepIsListedInWindows(t *testing.T) {
	t.Parallel()
	_, b, path := folder(t, Options{NoFsync: true})
	all := manyKeys()
	for _, key := range all {
		put(t, b, key, "")
	}
	small := open(t, filepath.Dir(path), Options{NoFsync: true, listCache: 2 << 10})
	t.Cleanup(func() { small.Close() })
	at, err := small.openBucket("bucket")
	must(t, err)
	defer at.close()
	l, err := small.lists.get(t.Context(), at, small.codec, "")
	must(t, err)
	if l.last == "" || l.bytes() > 1<<10 {
		t.Fatalf("a window has %d entries, up to %q", l.len(), l.last)
	}
	for _, o := range []drivers.ListOptions{
		{}, {Limit: 1}, {Limit: 7}, {Delimiter: "/"}, {Delimiter: "/", Limit: 1}, {Delimiter: "0"}, {Prefix: "10"}, {Prefix: "100x"},
		{Prefix: "100/", Limit: 1}, {Prefix: "0", Delimiter: "/", Limit: 3}, {Cursor: drivers.Cursor{After: "050/below"}},
	} {
		if got, want := keys(t, small.Bucket("bucket"), o), keys(t, b, o); !slices.Equal(got, want) {
			t.Errorf("%+v: %d keys, want %d: %q", o, len(got), len(want), diff(got, want))
		}
	}
	if got := keys(t, small.Bucket("bucket"), drivers.ListOptions{}); !slices.Equal(got, all) {
		t.Errorf("keys: %q", diff(got, all))
	}
}

// diff returns the keys that are in only one of two lists.
func diff(a, b []string) (only []string) {
	for _, key := range a {
		if !slices.Contains(b, key) {
			only = append(only, "+"+key)
		}
	}
	for _, key := range b {
		if !slices.Contains(a, key) {
			only = append(only, "-"+key)
		}
	}
	return only
}

// fewFilesIn names the variable that makes the test binary a reader that may have few files open.
const fewFilesIn = "LOCAL_TEST_FEW_FILES_IN"

// fewFiles lists the bucket "deep", tells how many objects and prefixes there are, and deletes the bucket "empty".
func fewFiles(root string) error {
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 60, Max: 60}); err != nil {
		return err
	}
	d, err := New(root, Options{NoFsync: true})
	if err != nil {
		return err
	}
	defer d.Close()
	ctx := context.Background()
	for _, o := range []drivers.ListOptions{{}, {Delimiter: "/"}, {Prefix: "a/", Delimiter: "b"}} {
		page, err := d.Bucket("deep").List(ctx, o)
		if err != nil {
			return err
		}
		fmt.Println(len(page.Objects), len(page.Prefixes))
	}
	return d.DeleteBucket(ctx, "empty")
}

func TestADeepTreeKeepsFewFoldersOpen(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	d := open(t, root, Options{NoFsync: true})
	t.Cleanup(func() { d.Close() })
	must(t, d.CreateBucket(t.Context(), "deep", drivers.CreateBucketOptions{}))
	deep := strings.Repeat("a/", 500)
	want := []string{deep + "last", "b"}
	for i := 1; i < 500; i += 100 {
		want = append(want, deep[:2*i]+"b")
	}
	slices.Sort(want)
	for _, key := range want {
		put(t, d.Bucket("deep"), key, "")
	}
	must(t, os.MkdirAll(filepath.Join(root, "empty", deep), 0o777))
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), fewFilesIn+"="+root)
	child.Stderr = t.Output()
	out, err := child.Output()
	must(t, err)
	if string(out) != "7 0\n1 1\n1 5\n" {
		t.Errorf("lists of %s", out)
	}
	if got := keys(t, d.Bucket("deep"), drivers.ListOptions{}); !slices.Equal(got, want) {
		t.Errorf("%d keys, want %d", len(got), len(want))
	}
}
