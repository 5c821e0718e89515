//go:build unix

package local

import (
	"io"
	"os"
)

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
