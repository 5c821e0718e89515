package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sluice/config/strict"
	"sluice/drivers"
	"sluice/drivers/mem"
	"sluice/drivers/registry"
	"sluice/drivers/route"
)

// pairConfig is that of a driver with children, for tests.
type pairConfig struct {
	Children []string `yaml:"children"`
	Fail     bool     `yaml:"fail"`
	Secret   string   `yaml:"secret_key"`
}

// events notes what tests look at, in order.
type events struct{ log []string }

func (e *events) add(format string, args ...any) { e.log = append(e.log, fmt.Sprintf(format, args...)) }

type noted struct {
	drivers.Driver
	name string
	e    *events
}

func (d *noted) Close() error {
	d.e.add("close %s", d.name)
	return d.Driver.Close()
}

func testRegistry(e *events) registry.Registry {
	return registry.Registry{
		"mem":   registry.Of(mem.Open),
		"route": registry.Of(route.Open),
		"local": registry.Of(func(_ context.Context, c struct {
			Dir string `yaml:"dir"`
		}, env drivers.Env,
		) (drivers.Driver, error) {
			e.add("open %s", env.Node)
			return &noted{mem.New(), env.Node, e}, nil
		}),
		"pair": registry.Of(func(_ context.Context, c pairConfig, env drivers.Env) (drivers.Driver, error) {
			for _, name := range c.Children {
				if _, err := env.Child(name); err != nil {
					return nil, err
				}
			}
			e.add("open %s", env.Node)
			if c.Fail {
				return nil, errors.New("store says no")
			}
			return &noted{mem.New(), env.Node, e}, nil
		}),
	}
}

const someone = "identities: [{name: app, access_key: APPKEY, secret_key: app-secret, policies: [readwrite]}]\n"

// noFiles resolves references of tests.
func noFiles(env map[string]string) strict.References {
	return strict.References{
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		File: func(path string) ([]byte, error) {
			if path != "policies/audit.json" {
				return nil, os.ErrNotExist
			}
			return []byte(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`), nil
		},
	}
}

func parse(t *testing.T, text string) *File {
	t.Helper()
	f, err := Parse("sluice.yaml", []byte(text), noFiles(nil))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// docExample returns the YAML blocks of the package comment.
func docBlocks(t *testing.T) []string {
	t.Helper()
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	inside := false
	for line := range strings.Lines(string(src)) {
		code, ok := strings.CutPrefix(line, "//\t")
		switch {
		case ok && inside:
			blocks[len(blocks)-1] += code
		case ok:
			blocks = append(blocks, code)
		}
		inside = ok
	}
	return blocks
}

func TestExampleOfThePackageCommentIsRight(t *testing.T) {
	t.Parallel()
	f, err := Parse("doc.go", []byte(docBlocks(t)[0]), noFiles(map[string]string{"APP_SECRET": "app-secret"}))
	if err != nil {
		t.Fatal(err)
	}
	if id, ok := f.AccessSet().Lookup("APPKEY"); !ok || id.SecretKey.Reveal() != "app-secret" || len(id.Policies) != 2 {
		t.Errorf("identity app: %+v, %v", id, ok)
	}
	if len(f.AccessSet().Anonymous().Policies) != 1 {
		t.Error("anonymous has no policy")
	}
	tree, err := f.Open(t.Context(), Options{Registry: testRegistry(&events{})})
	if err != nil {
		t.Fatal(err)
	}
	if err := drivers.Check(t.Context(), tree.Root); err != nil {
		t.Error(err)
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
}

func TestDefaultsOfThePackageCommentAreThose(t *testing.T) {
	t.Parallel()
	n, err := strict.Parse("doc.go", []byte(docBlocks(t)[1]), noFiles(nil))
	if err != nil {
		t.Fatal(err)
	}
	written := File{Domains: nil}
	if err := n.Decode(&written); err != nil {
		t.Fatal(err)
	}
	written.Domains = nil // an empty list in the comment
	if diff := cmp.Diff(Default(), written, cmp.FilterPath(func(p cmp.Path) bool {
		return strings.HasPrefix(p.Last().String(), ".r") || strings.HasPrefix(p.Last().String(), ".set") || p.Last().String() == ".Buckets"
	}, cmp.Ignore())); diff != "" {
		t.Errorf("defaults in code and comment (-code +comment):\n%s", diff)
	}
}

func TestTreeOpensEachNodeOnceAndClosesParentsFirst(t *testing.T) {
	t.Parallel()
	e := &events{}
	f := parse(t, someone+`
drivers:
  top:  {type: pair, config: {children: [left, right]}}
  left: {type: pair, config: {children: [disk]}}
  right: {type: pair, config: {children: [disk, left]}}
  disk: {type: local, config: {dir: /srv}}
  spare: {type: local}
buckets: {"*": {driver: top}}
`)
	var wrapped []string
	tree, err := f.Open(t.Context(), Options{Registry: testRegistry(e), Wrap: func(node string, d drivers.Driver) drivers.Driver {
		wrapped = append(wrapped, node)
		return drivers.Intercept(d, func(ctx context.Context, _ *drivers.Call, next func(context.Context) error) error { return next(ctx) })
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Close(); err != nil {
		t.Error(err)
	}
	want := []string{
		"open disk", "open left", "open right", "open top", "open spare",
		"close spare", "close top", "close right", "close left", "close disk",
	}
	if diff := cmp.Diff(want, e.log); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"disk", "left", "right", "top", "buckets", "spare"}, wrapped); diff != "" {
		t.Errorf("wrapped (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"disk", "left"}, tree.Nodes[2].Children); diff != "" {
		t.Errorf("children of right (-want +got):\n%s", diff)
	}
}

func TestSingleDriverNeedsNoRoute(t *testing.T) {
	t.Parallel()
	tree, err := parse(t, someone+"drivers: {disk: {type: mem}}\n").Open(t.Context(), Options{Registry: testRegistry(&events{})})
	if err != nil {
		t.Fatal(err)
	}
	defer tree.Close()
	if err := tree.Root.CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
		t.Error(err)
	}
}

func TestFailedOpenClosesWhatWasOpen(t *testing.T) {
	t.Parallel()
	e := &events{}
	f := parse(t, someone+"drivers:\n  top: {type: pair, config: {children: [disk], fail: true}}\n  disk: {type: local}\nbuckets: {a: {driver: top}}\n")
	if _, err := f.Open(t.Context(), Options{Registry: testRegistry(e)}); err == nil {
		t.Fatal("Open succeeded")
	}
	if diff := cmp.Diff([]string{"open disk", "open top", "close disk"}, e.log); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

// TestBadFilesAreRefused holds the errors of testdata/bad/*.yaml against the files beside them; UPDATE=1 writes those.
func TestBadFilesAreRefused(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(names) < 20 {
		t.Fatalf("%d files, %v", len(names), err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := Parse(filepath.Base(name), data, noFiles(map[string]string{"CANARY": "canary-value"}))
		if err == nil {
			var tree *Tree
			if tree, err = f.Open(t.Context(), Options{Registry: testRegistry(&events{})}); err == nil {
				t.Errorf("%s is accepted", name)
				tree.Close()
				continue
			}
		}
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: the error shows a secret", name)
		}
		golden := strings.TrimSuffix(name, ".yaml") + ".txt"
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(golden, []byte(err.Error()+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, rerr := os.ReadFile(golden)
		if rerr != nil {
			t.Fatal(rerr)
		}
		if diff := cmp.Diff(string(want), err.Error()+"\n"); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestSizesAreReadAndWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Size{
		"0": 0, "4096": 4 << 10, "64KiB": 64 << 10, "1.5GiB": 3 << 29, "10 MB": 10e6, "200GiB": 200 << 30, "2TB": 2e12, "7B": 7,
	} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err != nil || s != want {
			t.Errorf("%s = %d, %v; want %d", text, s, err, want)
		}
		out, err := s.MarshalText()
		var again Size
		if err := errors.Join(err, again.UnmarshalText(out)); err != nil || again != s {
			t.Errorf("%s is written as %s, which is read as %d, %v", text, out, again, err)
		}
	}
	for _, text := range []string{"", "B", "-1", "1e9", "0x10", "1PiB", "1KiBB", "KiB", "NaN", "Inf", "99999999TiB", "1 2", "1_0", "1ki", "1K"} {
		var s Size
		if err := s.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is read as %d", text, s)
		}
	}
}

func TestSectionsThatNeedARestartAreNamed(t *testing.T) {
	t.Parallel()
	before := parse(t, someone+"drivers: {disk: {type: mem}}\n")
	after := parse(t, "anonymous: {}\nlisten: :1\ndomains: [s3.example.com]\nlimits: {idle: 3m}\ndrivers: {b: {type: mem}}\n")
	if diff := cmp.Diff([]string{"listen", "domains", "limits"}, RestartNeeded(before, after)); diff != "" {
		t.Errorf("RestartNeeded (-want +got):\n%s", diff)
	}
}

func TestWatchTellsOfNewContent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sluice.yaml")
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("sluice.yaml", "one")
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan string, 10), make(chan error)
	ready := make(chan struct{})
	go func() {
		ended <- Watch(ctx, path, func() {
			data, _ := os.ReadFile(path)
			changed <- string(data)
		}, ready)
	}()
	<-ready
	await := func(want string) {
		t.Helper()
		select {
		case got := <-changed:
			if got != want {
				t.Errorf("told of %q, want %q", got, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("not told of %q", want)
		}
	}
	write("sluice.yaml", "two")
	await("two")
	write("new", "three")
	if err := os.Rename(filepath.Join(dir, "new"), path); err != nil {
		t.Fatal(err)
	}
	await("three")
	write("other", "x")
	write("sluice.yaml", "three") // touched, but the same
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write("sluice.yaml", "four")
	await("four")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if len(changed) != 0 {
		t.Errorf("told of a change that was none: %q", <-changed)
	}
}

// A log file beside the config, for example.
func TestWatchIsNotPutOffByBusyNeighbours(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sluice.yaml")
	ctx, cancel := context.WithCancel(t.Context())
	changed, ended := make(chan struct{}, 1), make(chan error)
	ready := make(chan struct{})
	go func() { ended <- Watch(ctx, path, func() { changed <- struct{}{} }, ready) }()
	<-ready
	if err := os.WriteFile(path, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	for begin := time.Now(); ; {
		select {
		case <-changed:
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			return
		case <-time.After(settle / 20):
			if err := os.WriteFile(filepath.Join(dir, "log"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if time.Since(begin) > 10*time.Second {
			t.Fatal("not told of the change")
		}
	}
}
