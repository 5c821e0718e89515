//go:build unix

package local

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

var errNoData = fmt.Errorf("the file of an upload's parts is missing: %w", drivers.ErrUnavailable)

// CompleteUpload implements drivers.Multipart. Parts that lie in the data file one after the other need no copy: that
// file is the object. Others are joined in the kernel.
func (b *bucket) CompleteUpload(ctx context.Context, key, id string, parts []drivers.CompletedPart, o drivers.CompleteOptions) (drivers.Info, error) {
	info, err := b.completeUpload(ctx, key, id, parts, o)
	return info, b.fail("CompleteUpload", key, err)
}

func (b *bucket) completeUpload(ctx context.Context, key, id string, listed []drivers.CompletedPart, o drivers.CompleteOptions) (drivers.Info, error) {
	u, err := b.openUpload(key, id)
	if err != nil {
		return drivers.Info{}, err
	}
	defer u.close()
	lock, err := u.lock(ctx)
	if err != nil {
		return drivers.Info{}, err
	}
	defer lock.close()
	j := join{u: u, stride: 1}
	defer j.close()
	records, err := j.load()
	if err != nil {
		return drivers.Info{}, err
	}
	size, digest, err := drivers.JoinParts(u.Upload, listed, func(number int) (drivers.Part, bool) {
		r, ok := records[number]
		return r.Part, ok
	}, o)
	if err != nil {
		return drivers.Info{}, err
	}
	j.choose(size, digest.Parts, records)
	a := attrs{etag: digest.ETag, sum: digest.Checksum, parts: digest.Parts, header: u.Header, tags: u.Tags}
	info, err := j.publish(ctx, &a, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	if err := u.end(); err != nil { // the object is there; the sweep tries again
		b.d.log.WarnContext(ctx, "removing an upload that is complete", "node", b.d.node, "bucket", b.name, "upload", id, "error", err)
	}
	return info, nil
}

// join makes one file of the parts of an upload.
type join struct {
	u      *upload
	parts  []partRecord
	size   int64
	stride int64
	data   file // open if some part has a slot
	opened bool
	locked bool // no part is coming into data, and none begins to
	beyond bool // data holds a part after the last one that was chosen
}

func (j *join) close() {
	if j.opened {
		j.data.close() // with its lock
	}
}

// load opens the data file and reads the log of parts. The data file is locked before the log is read, so that every
// slot that a part was written to is known, and no other one can be taken while the lock is held. A part that is still
// coming into its slot holds the lock; then the parts have to be copied.
func (j *join) load() (map[int]partRecord, error) {
	if gone, err := j.u.published(); err != nil || gone {
		return nil, errors.Join(err, drivers.ErrNoUpload)
	}
	for range 2 {
		if err := j.openData(); err != nil {
			return nil, err
		}
		j.locked = j.opened && j.data.lock(true, false) == nil
		records, err := j.u.records()
		if err != nil || j.opened || !slotted(records) {
			return records, err
		}
	}
	return nil, errNoData // even though the log, which is written later, names a part of it
}

// slotted tells whether a part has its place in the data file.
func slotted(records map[int]partRecord) bool {
	for _, r := range records {
		if r.File == "" {
			return true
		}
	}
	return false
}

// choose takes the parts that make the object, of size bytes.
func (j *join) choose(size int64, parts []drivers.Part, records map[int]partRecord) {
	j.size = size
	for _, p := range parts {
		j.parts = append(j.parts, records[p.Number])
	}
	for number, r := range records {
		j.beyond = j.beyond || r.File == "" && number > parts[len(parts)-1].Number
	}
}

// publish makes the parts the object of the upload's key. The data file becomes the object only where nothing has to be
// cut off that the upload still needs should the publication fail.
func (j *join) publish(ctx context.Context, a *attrs, cond drivers.Conditions) (drivers.Info, error) {
	if j.locked && !j.beyond && j.contiguous() {
		return j.publishData(ctx, a, cond)
	}
	return j.publishCopy(ctx, a, cond)
}

// openData opens the data file, if there is one.
func (j *join) openData() (err error) {
	if j.stride, err = j.u.readStride(); err == unix.ENOENT {
		return nil
	}
	if err != nil {
		return err
	}
	if j.data, err = j.u.at.openWrite(dataFile); err == unix.ENOENT {
		return drivers.ErrNoUpload // published, but for the cleaning up
	}
	j.opened = err == nil
	return err
}

// contiguous tells whether the parts are 1 to N, of one size but for the last, so that their slots make the object.
func (j *join) contiguous() bool {
	for i, r := range j.parts {
		if r.Part.Number != i+1 || r.Part.Size > j.stride || i < len(j.parts)-1 && r.Part.Size != j.stride {
			return false
		}
	}
	return j.opened
}

// publishData publishes the data file. Parts that came again are copied into their slots, which no record names any
// more. Up to the moment when the conditions hold, nothing changes that would keep the upload from going on.
func (j *join) publishData(ctx context.Context, a *attrs, cond drivers.Conditions) (drivers.Info, error) {
	d := j.u.b.d
	s := &staged{d: d, file: j.data, at: j.u.at, name: dataFile}
	for _, r := range j.parts {
		if r.File != "" {
			if err := j.copyPart(ctx, j.data, j.offset(r), r); err != nil {
				return drivers.Info{}, err
			}
		}
	}
	if err := s.prepare(); err != nil {
		return drivers.Info{}, err
	}
	key := j.u.Upload.Key
	err := j.u.b.publish(key, s, cond, func() error {
		if err := j.data.truncate(j.size); err != nil {
			return err
		}
		if err := j.data.touch(); err != nil {
			return err
		}
		if err := s.seal(j.u.b.name+"/"+key, a); err != nil {
			return err
		}
		return s.prepare()
	})
	if err != nil {
		d.unseal(s)
		return drivers.Info{}, err
	}
	info := a.info(key)
	info.Header = a.header
	return info, nil
}

// publishCopy joins the parts in a new file.
func (j *join) publishCopy(ctx context.Context, a *attrs, cond drivers.Conditions) (drivers.Info, error) {
	s, err := j.u.stageJoined()
	if err != nil {
		return drivers.Info{}, err
	}
	defer j.u.dropJoined(s)
	offset := int64(0)
	for _, r := range j.parts {
		if err := j.copyPart(ctx, s.file, offset, r); err != nil {
			return drivers.Info{}, err
		}
		offset += r.Part.Size
	}
	return j.u.b.commit(j.u.Upload.Key, s, a, cond)
}

func (j *join) offset(r partRecord) int64 { return int64(r.Part.Number-1) * j.stride }

// copyPart copies a part to an offset of a file.
func (j *join) copyPart(ctx context.Context, dst file, offset int64, r partRecord) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if r.File == "" {
		return copyRange(dst, offset, j.data, j.offset(r), r.Part.Size)
	}
	src, err := j.u.at.open(r.File)
	if err == unix.ENOENT {
		return drivers.ErrInvalidPart
	}
	if err != nil {
		return err
	}
	defer src.close()
	return copyRange(dst, offset, src, 0, r.Part.Size)
}
