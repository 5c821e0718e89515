//go:build unix

package local

import (
	"context"
	"io"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"sluice/drivers"
)

// PutPart implements drivers.Multipart.
func (b *bucket) PutPart(ctx context.Context, key, id string, number int, body io.Reader, o drivers.PutPartOptions) (drivers.Part, error) {
	body, digest, done := drivers.WithDigest(body, o.Size, o.Digest)
	defer done()
	part, err := b.putPart(key, id, number, o.Size, func(w *partWriter) (drivers.Digest, error) {
		if _, err := b.d.fill(ctx, w, body, o.Size); err != nil {
			return drivers.Digest{}, err
		}
		return digest(), nil
	})
	return part, b.fail("PutPart", key, err)
}

// putPart stores a part that fill writes.
func (b *bucket) putPart(key, id string, number int, size int64, fill func(*partWriter) (drivers.Digest, error)) (drivers.Part, error) {
	u, err := b.openUpload(key, id)
	if err != nil {
		return drivers.Part{}, err
	}
	defer u.close()
	if number < 1 || number > drivers.MaxPartNumber {
		return drivers.Part{}, drivers.ErrInvalid
	}
	w, err := u.place(number, size)
	if err != nil {
		return drivers.Part{}, u.ended(err)
	}
	part, recorded := drivers.Part{Number: number}, false
	digest, err := fill(w)
	if err == nil && size >= 0 && w.written != size {
		err = errBodySize
	}
	if err == nil && b.d.fsync {
		err = w.file.sync()
	}
	if err == nil {
		part.Size, part.ETag, part.Checksum, part.LastModified = w.written, digest.ETag, digest.Checksum, time.Now().UTC()
		recorded, err = u.record(partRecord{Part: part, File: w.own})
		err = u.ended(err)
	}
	w.file.close()
	if err != nil && !recorded {
		_ = u.at.remove(w.name)
	}
	return part, err
}

// ended turns the error of a file that is missing in the upload's folder into the reason.
func (u *upload) ended(err error) error {
	if err == unix.ENOENT {
		return drivers.ErrNoUpload
	}
	return err
}

// maxData is how long the data file can become: ext4 has no longer files.
const maxData = 16<<40 - 4096

// partWriter writes a part to its place.
type partWriter struct {
	file    file
	name    string // the file that stands for the place
	own     string // the part's own file, if it has one
	offset  int64
	limit   int64 // how much there is room for; -1 is no limit
	written int64
}

// Write implements io.Writer. It never writes into the place of another part.
func (w *partWriter) Write(p []byte) (int, error) {
	if w.limit >= 0 && int64(len(p)) > w.limit-w.written {
		return 0, errBodySize
	}
	n, err := w.file.WriteAt(p, w.offset+w.written)
	w.written += int64(n)
	return n, err
}

// place finds a place for a part: its slot in the data file, where it fits and nobody has taken it, else a file of its
// own. A part that comes again never has the slot of the one before, which a Complete may be reading.
func (u *upload) place(number int, size int64) (*partWriter, error) {
	if size >= 0 {
		w, err := u.slot(number, size)
		if w != nil || err != nil {
			return w, err
		}
	}
	name := ownFile + u.b.d.sessionName + "-" + u.b.d.tempName()
	f, err := u.at.create(name)
	return &partWriter{file: f, name: name, own: name, limit: size}, err
}

// slot takes the part's slot; nil where it cannot have it. As long as the file is open it is locked against a Complete
// that would publish it.
func (u *upload) slot(number int, size int64) (*partWriter, error) {
	stride, err := u.stride(size)
	if err != nil || stride <= 0 || size > stride || int64(number) > maxData/stride {
		return nil, err
	}
	f, err := u.at.openWrite(dataFile)
	if err == unix.ENOENT {
		return nil, drivers.ErrNoUpload // published
	}
	if err != nil {
		return nil, err
	}
	name := slotFile + strconv.Itoa(number)
	free, err := u.claim(f, name)
	if err != nil || !free {
		f.close()
		return nil, err
	}
	return &partWriter{file: f, name: name, offset: int64(number-1) * stride, limit: size}, nil
}

func (u *upload) claim(f file, name string) (free bool, err error) {
	if err := f.lock(false, false); err == unix.EWOULDBLOCK {
		return false, nil // a Complete is at it
	} else if err != nil {
		return false, err
	}
	mine, err := f.stat()
	if err != nil {
		return false, err
	}
	if st, err := u.at.stat(dataFile); err != nil || st.ino != mine.ino {
		return false, drivers.ErrNoUpload // published before it was locked
	}
	mark, err := u.at.create(name)
	switch err {
	case nil:
		mark.close()
		return true, nil
	case unix.EEXIST:
		return false, nil
	}
	return false, err
}

// stride returns the size of the slots; the first part that may well be one of many sets it. -1 is not set.
func (u *upload) stride(size int64) (int64, error) {
	stride, err := u.readStride()
	if err != unix.ENOENT {
		return stride, err
	}
	if size < drivers.MinPartSize { // the last one, or the only one
		return -1, nil
	}
	f, err := u.at.create(dataFile)
	if err == nil {
		f.close()
	} else if err != unix.EEXIST {
		return 0, err
	}
	temp := "new-" + u.b.d.sessionName + "-" + u.b.d.tempName()
	if err := u.b.d.writeFile(u.at, temp, strconv.AppendInt(nil, size, 10)); err != nil {
		return 0, err
	}
	if err := u.at.renameNew(temp, u.at, strideFile); err != nil {
		_ = u.at.remove(temp)
		if err != unix.EEXIST {
			return 0, err
		}
	}
	return u.readStride()
}

func (u *upload) readStride() (int64, error) {
	text, err := u.at.readFile(strideFile)
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(string(text), 10, 64)
}
