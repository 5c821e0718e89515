//go:build unix

package gateway_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/local"
)

const sentinel = "the sentinel outside of the root"

// startDisk runs a gateway on a folder, beside which lie things that no request may touch or see.
func startDisk(t *testing.T) (s *server, root string, check func(what string)) {
	t.Helper()
	around := t.TempDir()
	root = filepath.Join(around, "root")
	d, err := local.Open(t.Context(), local.Config{Dir: root, Durability: "none"}, drivers.Env{Node: "disk"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	for _, p := range []string{"key", "other/key", "etc/passwd"} {
		p = filepath.Join(around, p)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(sentinel), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = start(t, drivers.Staging(d))
	for _, b := range []string{"photos", "other"} {
		s.want(200, "PUT", "/"+b, "")
	}
	return s, root, func(what string) {
		t.Helper()
		seen := map[string]bool{}
		err := filepath.WalkDir(around, func(p string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				if p == root {
					return filepath.SkipDir
				}
				return err
			}
			b, err := os.ReadFile(p)
			if string(b) != sentinel {
				t.Errorf("%s: %s is %.100q", what, p, b)
			}
			seen[p] = true
			return err
		})
		if err != nil || len(seen) != 3 {
			t.Errorf("%s: %v beside the root (%v)", what, seen, err)
		}
	}
}

func TestRows19To21OnADisk(t *testing.T) {
	t.Parallel()
	s, _, check := startDisk(t)
	for _, p := range traversals {
		key, err := url.PathUnescape(p)
		if err != nil {
			t.Fatal(err)
		}
		if a := s.spelled(admin, "GET", "/photos/"+p, ""); a.status != 404 {
			t.Errorf("GET %s before there is one: %d %s", p, a.status, a.body)
		}
		a := s.spelled(admin, "PUT", "/photos/"+p, p)
		if a.status != 200 && a.status != 400 {
			t.Errorf("PUT %s: %d %s", p, a.status, a.body)
		}
		if a.status == 200 {
			if got := s.spelled(admin, "GET", "/photos/"+p, ""); got.body != p {
				t.Errorf("GET %s: %d %s", p, got.status, got.body)
			}
			s.want(200, "PUT", "/photos/copied", "", "X-Amz-Copy-Source", "/photos/"+p)
			if got := listed(t, s.want(200, "GET", "/photos?encoding-type=url&prefix="+url.QueryEscape(key), ""), "Key"); len(got) == 0 || got[0] != key {
				t.Errorf("listed as %q, want %q", got, key)
			}
			s.deleteObjects(admin, "/photos", key).check(t, p, 200, "")
			if got := s.spelled(admin, "HEAD", "/photos/"+p, ""); got.status != 404 {
				t.Errorf("%s is still there", p)
			}
		}
		if a := s.want(200, "GET", "/other", ""); len(a.texts("Key")) > 0 {
			t.Errorf("%s: the other bucket has %q", p, a.texts("Key"))
		}
		check(p)
	}
}

func TestRow26SymbolicLinksAreNeverFollowed(t *testing.T) {
	t.Parallel()
	s, root, check := startDisk(t)
	bucket := filepath.Join(root, "photos")
	for name, to := range map[string]string{
		"file": "../../key", "folder": "../../other", "absolute": "/etc", "self": ".", "up": "..", "bucket": "../other", "loop": "loop",
	} {
		if err := os.Symlink(to, filepath.Join(bucket, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../other", filepath.Join(root, "linked-bucket")); err != nil {
		t.Fatal(err)
	}
	s.want(200, "PUT", "/other/inside", "inside")
	for _, key := range []string{"file", "folder/key", "absolute/passwd", "absolute/hostname", "self/file", "up/other/inside", "bucket/inside", "loop/x", "loop"} {
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE"} {
			a := s.do(admin, method, "/photos/"+key, "written")
			if a.status == 200 && method == "GET" && a.body != "written" || strings.Contains(a.body, sentinel) || strings.Contains(a.body, "root:") {
				t.Errorf("%s %s: %d %.200s", method, key, a.status, a.body)
			}
			check(fmt.Sprintf("%s %s", method, key))
		}
	}
	if a := s.want(200, "GET", "/other/inside", ""); a.body != "inside" {
		t.Errorf("the other bucket's object is %q", a.body)
	}
	for _, path := range []string{"/linked-bucket/key", "/linked-bucket"} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			if a := s.do(admin, method, path, "written"); strings.Contains(a.body, sentinel) {
				t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
			}
			check(method + " " + path)
		}
	}
}
