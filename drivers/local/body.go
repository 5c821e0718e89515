//go:build unix

package local

import (
	"io"
	"os"
)

// eagerBody is how long a body may be to be read at once. At 4 KiB that costs less than an *os.File and sendfile, at 16 KiB as
// much; and no small object holds a file open while its client is slow.
const eagerBody = 8 << 10

// openBody returns the bytes of a file from start on, and takes the file over, also where it fails.
func (c *current) openBody(key string, start, length int64) (io.ReadCloser, error) {
	if length <= eagerBody {
		b := make([]byte, length)
		if n, err := c.file.ReadAt(b, start); int64(n) == length && err == nil {
			c.file.close()
			return &smallBody{rest: b}, nil
		} // else reading the file tells what is wrong, at its place
	}
	return newBody(c.file.osFile(key), start, length)
}

// smallBody is a body that is read already.
type smallBody struct{ rest []byte }

var (
	_ io.ReadCloser = (*smallBody)(nil)
	_ io.WriterTo   = (*smallBody)(nil)
)

// Read implements io.Reader.
func (b *smallBody) Read(p []byte) (int, error) {
	if len(b.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// WriteTo implements io.WriterTo, in one Write.
func (b *smallBody) WriteTo(w io.Writer) (int64, error) {
	if len(b.rest) == 0 {
		return 0, nil
	}
	n, err := w.Write(b.rest)
	b.rest = b.rest[n:]
	return int64(n), err
}

func (b *smallBody) Close() error { return nil }

// body is a section of an open file.
type body struct {
	file *os.File
	left io.LimitedReader
}

var (
	_ io.ReadCloser = (*body)(nil)
	_ io.WriterTo   = (*body)(nil)
)

func newBody(f *os.File, start, length int64) (io.ReadCloser, error) {
	if start > 0 {
		if _, err := f.Seek(start, io.SeekStart); err != nil {
			f.Close()
			return nil, err
		}
	}
	return &body{file: f, left: io.LimitedReader{R: f, N: length}}, nil
}

// Read implements io.Reader. A file that another tool has cut short meanwhile is io.ErrUnexpectedEOF.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.left.Read(p)
	if err == io.EOF && b.left.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// WriteTo implements io.WriterTo. A writer that is an io.ReaderFrom gets the bare file, which net/http and net send
// without a copy in user space.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, &b.left)
	if err == nil && b.left.N > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *body) Close() error { return b.file.Close() }
