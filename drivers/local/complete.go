//go:build unix

package local

import (
	"context"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

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
	records, err := u.records()
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
	j := join{u: u, size: size, stride: 1}
	for _, p := range digest.Parts {
		j.parts = append(j.parts, records[p.Number])
	}
	a := attrs{etag: digest.ETag, sum: digest.Checksum, parts: digest.Parts, header: u.Header, tags: u.Tags}
	info, err := j.publish(ctx, &a, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	return info, u.end()
}

// join makes one file of the parts of an upload.
type join struct {
	u      *upload
	parts  []partRecord
	size   int64
	stride int64
	data   file // open if some part has a slot
	opened bool
}

// publish makes the parts the object of the upload's key.
func (j *join) publish(ctx context.Context, a *attrs, cond drivers.Conditions) (drivers.Info, error) {
	if err := j.openData(); err != nil {
		return drivers.Info{}, err
	}
	if j.opened {
		defer j.data.close()
	}
	if j.contiguous() && j.data.lock(true, false) == nil {
		defer j.data.unlock()
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
		return drivers.Info{}, err
	}
	info := a.info(key)
	info.Header = a.header
	return info, nil
}

// publishCopy joins the parts in a new file.
func (j *join) publishCopy(ctx context.Context, a *attrs, cond drivers.Conditions) (drivers.Info, error) {
	s, err := j.u.b.d.stage()
	if err != nil {
		return drivers.Info{}, err
	}
	defer s.drop()
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
