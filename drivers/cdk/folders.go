package cdk

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gocloud.dev/blob/fileblob"

	"sluice/drivers"
)

const fileScheme = fileblob.Scheme

// folders is buckets that are the sub-folders of a folder, each one a fileblob.
type folders struct {
	root    string
	options fileblob.Options

	mu   sync.Mutex
	open map[string]*store // the folder may be gone
}

var _ buckets = (*folders)(nil)

// openFolders opens the folder of a file URL.
func openFolders(u *url.URL) (*folders, error) {
	root, o, err := folderOf(u)
	if err != nil {
		return nil, err
	}
	if _, err := openFolder(root, o); err != nil { // which makes it, where that is wanted
		return nil, err
	}
	o.CreateDir = false
	return &folders{root: root, options: o, open: map[string]*store{}}, nil
}

// folderOf reads a file URL as fileblob does: a host of "." makes the path a relative one. Temporary files are always beside the
// objects, since a rename from elsewhere may fail, and metadata is always kept.
func folderOf(u *url.URL) (string, fileblob.Options, error) {
	o := fileblob.Options{NoTempDir: true}
	for name := range u.Query() {
		switch name {
		case "create_dir":
			o.CreateDir = u.Query().Get(name) != ""
		case "no_tmp_dir":
		default:
			return "", o, fmt.Errorf("the parameter %q of a file URL is not supported: %w", name, drivers.ErrInvalid)
		}
	}
	path := u.Path
	if u.Host == "." {
		path = strings.TrimPrefix(path, "/")
	}
	if path == "" {
		return "", o, fmt.Errorf("the file URL has no path: %w", drivers.ErrInvalid)
	}
	path, err := filepath.Abs(filepath.FromSlash(path))
	return path, o, err
}

// openFolder opens one folder as a bucket.
func openFolder(path string, o fileblob.Options) (*store, error) {
	b, err := fileblob.OpenBucket(path, &o)
	if err != nil {
		return nil, err
	}
	return &store{Bucket: b, kind: inFolder, scheme: fileScheme, folder: path}, nil
}

// safe tells whether a name can be a bucket's: one element of a path, and not a hidden one.
func safe(name string) bool {
	return name != "" && len(name) <= 255 && name[0] != '.' && !strings.ContainsAny(name, "/\\\x00")
}

func (f *folders) find(name string) (*store, error) {
	if !safe(name) {
		return nil, drivers.ErrNoBucket
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s := f.open[name]; s != nil {
		if s.there() {
			return s, nil
		}
		return nil, drivers.ErrNoBucket
	}
	path := filepath.Join(f.root, name)
	switch info, err := os.Lstat(path); {
	case errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir():
		return nil, drivers.ErrNoBucket
	case err != nil:
		return nil, err
	}
	s, err := openFolder(path, f.options)
	if err != nil {
		return nil, err
	}
	f.open[name] = s
	return s, nil
}

func (f *folders) takes(_, key string) bool { return takenByFolder(key) }

func (f *folders) list() ([]drivers.BucketInfo, error) {
	entries, err := os.ReadDir(f.root) // in the order of names
	var list []drivers.BucketInfo
	for _, e := range entries {
		if e.IsDir() && safe(e.Name()) {
			list = append(list, drivers.BucketInfo{Name: e.Name()})
		}
	}
	return list, err
}

func (f *folders) create(name string) error {
	if !safe(name) {
		return drivers.ErrInvalid
	}
	err := os.Mkdir(filepath.Join(f.root, name), 0o777)
	if errors.Is(err, os.ErrExist) {
		return drivers.ErrBucketExists
	}
	return err
}

func (f *folders) remove(ctx context.Context, name string) error {
	s, err := f.find(name)
	if err != nil {
		return err
	}
	return s.retire(func() error { return removeFolder(ctx, s.folder) })
}

func (f *folders) close() error { return nil }
