//go:build unix

package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// An unfinished upload is the folder .sluice/uploads/<bucket>/<id>:
//
//	upload   what it was created with (uploadDoc)
//	parts    the parts that have arrived, one line each; of several with one number the last counts (partlog.go)
//	data     parts of up to stride bytes, each at its offset in the object
//	stride   the size that most parts have
//	slot-7   part 7 has its place in data, so another one of that number cannot have it
//	own-X    a part that has no place in data
//	joined   the parts copied together, while the upload completes; "joining" says that it was there (joined.go)
//
// The folder appears and goes by a rename, so that it is there as a whole or not at all.
const (
	docFile    = "upload"
	logFile    = "parts"
	dataFile   = "data"
	strideFile = "stride"
	slotFile   = "slot-"
	ownFile    = "own-"
)

type uploadDoc struct {
	Upload drivers.Upload
	Header drivers.Header
	Tags   []drivers.Tag
}

// upload is an open upload.
type upload struct {
	uploadDoc
	b   *bucket
	at  dir
	ino uint64
}

func (u *upload) close() { u.at.close() }

// CreateUpload implements drivers.Multipart.
func (b *bucket) CreateUpload(_ context.Context, key string, o drivers.CreateUploadOptions) (drivers.Upload, error) {
	doc := uploadDoc{Header: o.Header, Tags: o.Tags, Upload: drivers.Upload{
		Key: key, ID: rand.Text(), Initiated: time.Now().UTC(), StorageClass: o.Header.StorageClass,
		ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType, ChecksumImplicit: o.ChecksumImplicit,
	}}
	return doc.Upload, b.fail("CreateUpload", key, b.createUpload(&doc))
}

func (b *bucket) createUpload(doc *uploadDoc) error {
	if err := drivers.CheckKey(doc.Upload.Key); err != nil {
		return err
	}
	unlock, err := b.d.locks.lock(b.name, "") // against DeleteBucket
	if err != nil {
		return err
	}
	defer unlock()
	if err := b.checkPlace(doc.Upload.Key); err != nil {
		return err
	}
	all, err := b.d.uploads.ensureDir(b.name)
	if err != nil {
		return err
	}
	defer all.close()
	if b.d.fsync && !b.d.ordered {
		if err := b.d.uploads.sync(); err != nil {
			return err
		}
	}
	temp := b.d.tempName()
	at, err := b.d.session.ensureDir(temp)
	if err != nil {
		return err
	}
	defer at.close()
	text, err := json.Marshal(doc)
	if err == nil {
		err = b.d.writeFile(at, docFile, text)
	}
	if err == nil {
		err = b.d.session.rename(temp, all, doc.Upload.ID)
	}
	if err != nil {
		_ = b.d.session.removeAll(temp)
		return err
	}
	if b.d.fsync {
		return all.sync()
	}
	return nil
}

// openUpload opens an upload, which must be of that key, or any with "": with ErrNoUpload or ErrNoBucket.
func (b *bucket) openUpload(key, id string) (*upload, error) {
	missing := func() error { return b.d.bucketMissing(b.name, drivers.ErrNoUpload) }
	if !safeBucket(b.name) || !safeUpload(id) {
		return nil, missing()
	}
	at, err := b.d.uploads.openDir(b.name + "/" + id)
	if absent(err) {
		return nil, missing()
	}
	if err != nil {
		return nil, err
	}
	u := &upload{b: b, at: at}
	st, err := at.self()
	var text []byte
	if err == nil {
		u.ino = st.ino
		text, err = at.readFile(docFile)
	}
	if err == nil {
		err = json.Unmarshal(text, &u.uploadDoc)
	}
	if err == unix.ENOENT || err == nil && key != "" && key != u.Upload.Key {
		err = missing()
	}
	if err != nil {
		u.close()
		return nil, err
	}
	return u, nil
}

// safeUpload tells whether an ID has the form of those that CreateUpload makes.
func safeUpload(id string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	return id != "" && len(id) <= 64 && strings.Trim(id, letters) == ""
}

// alive returns ErrNoUpload when the upload has ended since it was opened.
func (u *upload) alive() error {
	at, err := u.b.d.uploads.openDir(u.b.name + "/" + u.Upload.ID)
	if err == nil {
		defer at.close()
		var st stat
		if st, err = at.self(); err == nil && st.ino != u.ino {
			err = unix.ENOENT
		}
	}
	if absent(err) {
		return drivers.ErrNoUpload
	}
	return err
}

// lock keeps others from ending the upload. The lock ends with the file.
func (u *upload) lock(ctx context.Context) (file, error) {
	f, err := u.at.openWrite(docFile) // NFS locks only what is open for writing
	if err != nil {
		return noFile, u.ended(err)
	}
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		err := f.lock(true, false)
		if err == nil {
			err = u.alive()
		}
		if err == nil {
			return f, nil
		}
		if err != unix.EWOULDBLOCK {
			f.close()
			return noFile, err
		}
		select {
		case <-ctx.Done():
			f.close()
			return noFile, ctx.Err()
		case <-time.After(wait):
		}
	}
}

// end takes the upload away.
func (u *upload) end() error {
	all, err := u.b.d.uploads.openDir(u.b.name)
	if err != nil {
		return err
	}
	defer all.close()
	if err := u.b.d.discard(all, u.Upload.ID); err != nil {
		return err
	}
	if u.b.d.fsync {
		return all.sync()
	}
	return nil
}

// AbortUpload implements drivers.Multipart.
func (b *bucket) AbortUpload(ctx context.Context, key, id string) error {
	u, err := b.openUpload(key, id)
	if err != nil {
		return b.fail("AbortUpload", key, err)
	}
	defer u.close()
	f, err := u.lock(ctx)
	if err != nil {
		return b.fail("AbortUpload", key, err)
	}
	defer f.close()
	return b.fail("AbortUpload", key, u.end())
}

// ListParts implements drivers.Multipart.
func (b *bucket) ListParts(_ context.Context, key, id string, o drivers.ListPartsOptions) (drivers.PartsPage, error) {
	u, err := b.openUpload(key, id)
	if err != nil {
		return drivers.PartsPage{}, b.fail("ListParts", key, err)
	}
	defer u.close()
	page := drivers.PartsPage{Upload: u.Upload}
	records, err := u.records()
	if err != nil {
		return page, b.fail("ListParts", key, err)
	}
	if o.Limit <= 0 {
		o.Limit = drivers.DefaultLimit
	}
	for _, r := range records {
		if r.Part.Number > o.After {
			page.Parts = append(page.Parts, r.Part)
		}
	}
	slices.SortFunc(page.Parts, func(a, b drivers.Part) int { return a.Number - b.Number })
	if page.More = len(page.Parts) > o.Limit; page.More {
		page.Parts = page.Parts[:o.Limit]
	}
	return page, nil
}

// ListUploads implements drivers.Multipart.
func (b *bucket) ListUploads(ctx context.Context, o drivers.ListUploadsOptions) (drivers.UploadsPage, error) {
	if err := b.d.bucketMissing(b.name, nil); err != nil {
		return drivers.UploadsPage{}, b.fail("ListUploads", "", err)
	}
	all, err := b.allUploads(ctx)
	if err != nil {
		return drivers.UploadsPage{}, b.fail("ListUploads", "", err)
	}
	return drivers.PageUploads(all, o), nil
}

func (b *bucket) allUploads(ctx context.Context) ([]drivers.Upload, error) {
	at, err := b.d.uploads.openDir(b.name)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer at.close()
	var ids []string
	if err := at.entries(func(name []byte, _, _ bool) bool {
		ids = append(ids, string(name))
		return true
	}); err != nil {
		return nil, err
	}
	var all []drivers.Upload
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		u, err := b.openUpload("", id)
		if errors.Is(err, drivers.ErrNoUpload) {
			continue
		}
		if err != nil {
			return nil, err
		}
		u.close()
		all = append(all, u.Upload)
	}
	return all, nil
}
