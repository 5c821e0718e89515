//go:build unix

package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// dieAt and dieIn name the variables that make the test binary a writer that is killed in the middle of a move.
const (
	dieAt = "LOCAL_TEST_DIE_AT"
	dieIn = "LOCAL_TEST_DIE_IN"
)

func TestMain(m *testing.M) {
	if step := os.Getenv(dieAt); step != "" {
		os.Exit(dieMoving(os.Getenv(dieIn), step))
	}
	if root := os.Getenv(fewFilesIn); root != "" {
		if err := fewFiles(root); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// dieMoving puts "x/a/b" beside "x/a", and is killed at a step of it.
func dieMoving(root, step string) int {
	d, err := New(root, Options{cautious: true, noSwaps: true})
	if err != nil {
		return 1
	}
	d.passing = func(now string) {
		if now == step {
			_ = unix.Kill(os.Getpid(), unix.SIGKILL)
			select {}
		}
	}
	_, err = d.Bucket("bucket").Put(context.Background(), "x/a/b", strings.NewReader("b"), drivers.PutOptions{Size: 1})
	if err != nil {
		return 2
	}
	return 0 // should be dead
}

// cutMove makes a folder with the object "x/a", whose move was cut short at a step by the death of its process. peer is
// another process that has the folder open all the time.
func cutMove(t *testing.T, step string) (peer *Driver, root string, want drivers.Info) {
	t.Helper()
	root = t.TempDir()
	peer = open(t, root, Options{cautious: true, noSwaps: true})
	t.Cleanup(func() { peer.Close() })
	must(t, peer.CreateBucket(t.Context(), "bucket", drivers.CreateBucketOptions{}))
	meta := map[string]string{"large": strings.Repeat("x", 5000)} // in a side file
	want, err := peer.Bucket("bucket").Put(t.Context(), "x/a", strings.NewReader("a"), drivers.PutOptions{Size: 1, Header: drivers.Header{Metadata: meta}})
	must(t, err)
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), dieAt+"="+step, dieIn+"="+root)
	child.Stdout, child.Stderr = t.Output(), t.Output()
	var exit *exec.ExitError
	if err := child.Run(); !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != unix.SIGKILL {
		t.Fatalf("the writer: %v", err)
	}
	return peer, root, want
}

// nothingMoves checks that no move is left unfinished once the folder was opened anew.
func nothingMoves(t *testing.T, root string) {
	t.Helper()
	must(t, open(t, root, Options{}).Close())
	must(t, filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		must(t, err)
		info, err := e.Info()
		must(t, err)
		if strings.HasPrefix(e.Name(), movingName) || strings.Contains(path, "/locks/") && info.Size() > 0 {
			t.Errorf("left: %s, %d bytes", path, info.Size())
		}
		return nil
	}))
}

func TestAMoveThatIsCutShortLosesNothing(t *testing.T) {
	t.Parallel()
	looks := map[string]func(t *testing.T, peer *Driver, root string){
		"a peer reads": func(t *testing.T, peer *Driver, _ string) {
			_, err := peer.Bucket("bucket").Head(t.Context(), "x/a", drivers.GetOptions{})
			must(t, err)
		},
		"a peer lists": func(t *testing.T, peer *Driver, _ string) {
			if got := keys(t, peer.Bucket("bucket"), drivers.ListOptions{}); !slices.Equal(got, []string{"x/a"}) {
				t.Errorf("listed: %q", got)
			}
		},
		"a peer lists prefixes": func(t *testing.T, peer *Driver, _ string) {
			if got := keys(t, peer.Bucket("bucket"), drivers.ListOptions{Delimiter: "/"}); !slices.Equal(got, []string{"x/"}) {
				t.Errorf("listed: %q", got)
			}
		},
		"a peer writes if it is new": func(t *testing.T, peer *Driver, _ string) {
			_, err := peer.Bucket("bucket").Put(t.Context(), "x/a", strings.NewReader("new"), drivers.PutOptions{
				Size: 3, Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}})
			if !errors.Is(err, drivers.ErrPrecondition) {
				t.Errorf("Put: %v", err)
			}
		},
		"a peer deletes the bucket": func(t *testing.T, peer *Driver, _ string) {
			if err := peer.DeleteBucket(t.Context(), "bucket"); !errors.Is(err, drivers.ErrNotEmpty) {
				t.Errorf("DeleteBucket: %v", err)
			}
		},
		"a peer prunes": func(t *testing.T, peer *Driver, _ string) {
			put(t, peer.Bucket("bucket"), "x/other", "x")
			_, err := peer.Bucket("bucket").Delete(t.Context(), "x/other", drivers.DeleteOptions{})
			must(t, err)
		},
		"the folder is opened anew": func(t *testing.T, _ *Driver, root string) {
			d := open(t, root, Options{}) // also where names can be swapped
			d.done.Wait()
			must(t, d.Close())
		},
	}
	for _, step := range []string{"noted", "linked", "away", "back"} {
		for name, look := range looks {
			t.Run(step+"/"+name, func(t *testing.T) {
				t.Parallel()
				peer, root, want := cutMove(t, step)
				look(t, peer, root)
				text, info := read(t, peer.Bucket("bucket"), "x/a")
				if text != "a" || info.Token != want.Token || len(info.Header.Metadata["large"]) != 5000 {
					t.Errorf("the object is %q, %+v", text, info)
				}
				put(t, peer.Bucket("bucket"), "x/a/b", "b")
				if got := keys(t, peer.Bucket("bucket"), drivers.ListOptions{}); !slices.Equal(got, []string{"x/a", "x/a/b"}) {
					t.Errorf("listed: %q", got)
				}
				nothingMoves(t, root)
			})
		}
	}
}

func TestWhatHasTakenTheNameOfAnObjectOnTheMoveStays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		other func(path string) error
		want  string // of "x/a"; "a" if empty
	}{
		"a file":             {func(path string) error { return os.WriteFile(path, []byte("newer"), 0o666) }, "newer"},
		"an empty folder":    {func(path string) error { return os.Mkdir(path, 0o777) }, ""},
		"a folder with more": {func(path string) error { return os.MkdirAll(path+"/more", 0o777) }, ""},
		"a folder with a newer object": {func(path string) error {
			return errors.Join(os.Mkdir(path, 0o777), os.WriteFile(filepath.Join(path, selfName), []byte("newer"), 0o666))
		}, "newer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer, root, _ := cutMove(t, "away")
			must(t, c.other(filepath.Join(root, "bucket/x/a")))
			d := open(t, root, Options{noSwaps: true})
			must(t, d.Close())
			if text, _ := read(t, peer.Bucket("bucket"), "x/a"); text != cmp.Or(c.want, "a") {
				t.Errorf("the object is %q", text)
			}
			if n := peer.countSides(t); c.want != "" && n > 0 {
				t.Errorf("%d side files are left", n)
			}
			nothingMoves(t, root)
		})
	}
}

func TestAnObjectOnTheMoveIsNotBroughtBackOverWhatIsNoObject(t *testing.T) {
	t.Parallel()
	_, root, _ := cutMove(t, "away")
	link := filepath.Join(root, "bucket/x/a")
	must(t, os.Symlink("elsewhere", link))
	if d, err := New(root, Options{}); !errors.Is(err, drivers.ErrDenied) || !strings.Contains(err.Error(), "bucket/x/a") {
		t.Errorf("opened: %v, %v", d, err)
	}
	must(t, os.Remove(link))
	d := open(t, root, Options{})
	t.Cleanup(func() { d.Close() })
	if text, _ := read(t, d.Bucket("bucket"), "x/a"); text != "a" {
		t.Errorf("the object is %q", text)
	}
}

func TestANoteThatWasCutShortDoesNoHarm(t *testing.T) {
	t.Parallel()
	d, b, path := folder(t, Options{noSwaps: true})
	put(t, b, "a", "a")
	lock := filepath.Join(path, "../.sluice/locks", lockFile(d.locks.number("bucket", "a")))
	must(t, os.WriteFile(lock, []byte(`{"bucket":"buc`), 0o666))
	put(t, b, "a/b", "b")
	if text, _ := read(t, b, "a"); text != "a" {
		t.Errorf("the object is %q", text)
	}
	nothingMoves(t, filepath.Dir(path))
}

func TestAPageHasAnObjectThatBeganToMoveAfterItsFolderWasRead(t *testing.T) {
	t.Parallel()
	peer, _, _ := cutMove(t, "away")
	at, err := peer.root.openDir("bucket/x")
	must(t, err)
	defer at.close()
	o := drivers.ListOptions{Limit: 10}
	w := walk{ctx: t.Context(), d: peer, bucket: "bucket", o: o, page: drivers.NewPageBuilder(o)}
	_, err = w.object(at, "x/a", "a")
	must(t, err)
	if page := w.page.Page(); len(page.Objects) != 1 {
		t.Errorf("%+v", page)
	}
}
