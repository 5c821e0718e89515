//go:build unix

package local

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// Driver serves the sub-folders of a folder as buckets.
type Driver struct {
	node string
	log  *slog.Logger

	fsync     bool
	ordered   bool // orderedJournal
	sideFiles bool
	commits   groupCommit
	unnamed   bool // files without a name can be made and linked
	exchanges bool // two names can be swapped
	codec     codec

	root        dir // the folder
	own         dir // .sluice in it
	uploads     dir
	sides       dir
	sideFolders [256]atomic.Bool // those whose names this process made durable, where the journal does not do so
	sessionName string
	session     dir // what this process has in the making; locked as long as it lives
	temps       atomic.Uint64
	passing     func(step string) // of a move; for tests
	locks       locks

	lists   listCache
	infos   infoCache
	buffers sync.Pool

	check check
	stop  context.CancelFunc
	done  sync.WaitGroup // what runs beside the calls
}

var (
	_ drivers.Driver  = (*Driver)(nil)
	_ drivers.Checker = (*Driver)(nil)
)

// New opens the folder dir as a driver, and makes it where it is missing. Close must be called.
func New(dir string, o Options) (*Driver, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	d := &Driver{node: o.Node, log: o.Log, fsync: !o.NoFsync}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	d.buffers.New = func() any { b := make([]byte, copyBuffer); return &b }
	d.lists.limit, d.lists.large = cmp.Or(o.listCache, listCacheSize), make(chan struct{}, 1)
	d.check.ask = d.tryToWrite
	err := d.open(dir)
	if err == nil {
		err = d.probe(o)
	}
	if err == nil {
		err = d.finishMoves()
	}
	if err != nil {
		d.closeSession()
		d.closeFolders()
		return nil, &drivers.Error{Node: d.node, Op: "Open", Err: classify(err)}
	}
	ctx, cancel := context.WithCancel(context.Background())
	d.stop = cancel
	d.done.Go(func() { d.sweep(ctx) })
	return d, nil
}

// Close ends the sweeping and gives the folders back. Bodies that are open stay readable.
func (d *Driver) Close() error {
	d.stop()
	d.done.Wait()
	d.closeSession()
	d.closeFolders()
	return nil
}

// Bucket returns the handle of a bucket.
func (d *Driver) Bucket(name string) drivers.Bucket { return &bucket{d: d, name: name} }

// safeBucket tells whether a name can be a bucket's: one element of a path, and not one of the driver's own.
func safeBucket(name string) bool {
	return name != "" && len(name) <= maxName && name[0] != '.' && !strings.ContainsAny(name, "/\\\x00")
}

func (d *Driver) fail(op, name string, err error) error {
	return (&bucket{d: d, name: name}).fail(op, "", err)
}

// StatBucket implements drivers.Driver.
func (d *Driver) StatBucket(_ context.Context, name string) (drivers.BucketInfo, error) {
	created, err := d.created(name)
	if err != nil {
		return drivers.BucketInfo{}, d.fail("StatBucket", name, err)
	}
	return drivers.BucketInfo{Name: name, Created: created}, nil
}

// created returns when a bucket was made: its folder's birth, or else its last change.
func (d *Driver) created(name string) (time.Time, error) {
	f, err := d.openBucket(name)
	if err != nil {
		return time.Time{}, err
	}
	defer f.close()
	if born := f.born(); born != 0 {
		return time.Unix(0, born).UTC(), nil
	}
	st, err := f.self()
	return time.Unix(0, st.mtime).UTC(), err
}

// openBucket opens a bucket's folder, or fails with ErrNoBucket.
func (d *Driver) openBucket(name string) (dir, error) {
	if !safeBucket(name) {
		return dir{}, drivers.ErrNoBucket
	}
	f, err := d.root.openDir(name)
	if absent(err) {
		return dir{}, drivers.ErrNoBucket
	}
	return f, err
}

// bucketMissing returns ErrNoBucket if the bucket's folder is not there, else err.
func (d *Driver) bucketMissing(name string, err error) error {
	if !safeBucket(name) {
		return drivers.ErrNoBucket
	}
	st, serr := d.root.stat(name)
	if serr == unix.ENOENT || serr == nil && !st.folder() {
		return drivers.ErrNoBucket
	}
	return err
}

// CreateBucket implements drivers.Driver.
func (d *Driver) CreateBucket(_ context.Context, name string, _ drivers.CreateBucketOptions) error {
	return d.fail("CreateBucket", name, d.createBucket(name))
}

func (d *Driver) createBucket(name string) error {
	if !safeBucket(name) {
		return drivers.ErrInvalid
	}
	unlock, err := d.locks.lock(name, "")
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := d.root.stat(name); err == nil {
		return drivers.ErrBucketExists
	}
	// A crash may have kept the uploads of an earlier bucket of the name, which are none of the new owner's business.
	if err := d.discard(d.uploads, name); err != nil && err != unix.ENOENT {
		return err
	}
	switch err := d.root.mkdir(name); {
	case err == unix.EEXIST:
		return drivers.ErrBucketExists
	case err == nil && d.fsync:
		return d.root.sync()
	default:
		return err
	}
}

// DeleteBucket implements drivers.Driver. The folder goes by rmdir, which fails when a Put came first; a Put that
// comes later finds no folder.
func (d *Driver) DeleteBucket(ctx context.Context, name string) error {
	return d.fail("DeleteBucket", name, d.deleteBucket(ctx, name))
}

func (d *Driver) deleteBucket(ctx context.Context, name string) error {
	f, err := d.openBucket(name)
	if err != nil {
		return err
	}
	defer f.close()
	unlock, err := d.locks.lock(name, "") // against CreateUpload
	if err != nil {
		return err
	}
	defer unlock()
	if err := d.pruneEmpty(ctx, f); err != nil {
		return err
	}
	switch err := d.root.removeDir(name); err {
	case nil:
	case unix.ENOTEMPTY, unix.EEXIST:
		return drivers.ErrNotEmpty
	case unix.ENOENT:
		return drivers.ErrNoBucket
	default:
		return err
	}
	if err := d.discard(d.uploads, name); err != nil && err != unix.ENOENT {
		return err
	}
	if d.fsync {
		return d.root.sync()
	}
	return nil
}

// ListBuckets implements drivers.Driver.
func (d *Driver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	var found []drivers.BucketInfo
	err := d.root.entries(func(name []byte, _, folder bool) bool {
		if folder && safeBucket(string(name)) {
			found = append(found, drivers.BucketInfo{Name: string(name)})
		}
		return ctx.Err() == nil
	})
	if err = errors.Join(err, ctx.Err()); err != nil {
		return nil, d.fail("ListBuckets", "", err)
	}
	slices.SortFunc(found, func(a, b drivers.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
	there := found[:0]
	for _, info := range found {
		if info.Created, err = d.created(info.Name); err == nil {
			there = append(there, info)
		} else if !errors.Is(err, drivers.ErrNoBucket) {
			return nil, d.fail("ListBuckets", info.Name, err)
		}
	}
	return there, nil
}

func (d *Driver) tempName() string { return strconv.FormatUint(d.temps.Add(1), 36) }

// discard takes a folder out of sight at once and then deletes it with all that is in it.
func (d *Driver) discard(from dir, name string) error {
	temp := d.tempName()
	if err := from.rename(name, d.session, temp); err != nil {
		return err
	}
	return d.session.removeAll(temp)
}
