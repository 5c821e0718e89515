package cdk

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"sluice/drivers"
)

// content is a body that has come to its end and was judged good: in memory, or in a file without a name.
type content struct {
	io.Reader
	size   int64
	digest drivers.Digest
	file   *os.File
}

// close gives the disk's space back.
func (c content) close() {
	if c.file != nil {
		_ = c.file.Close()
		_ = os.Remove(c.file.Name()) // where it could not lose its name before
	}
}

// receive reads a body to its end, because all that is kept of it must be known before the first byte is sent.
func (d *driver) receive(ctx context.Context, src io.Reader, size int64, digest func() drivers.Digest) (c content, err error) {
	if b, ok := src.(*drivers.Buffered); ok && digest != nil {
		c = content{Reader: b, size: int64(b.Len()), digest: digest()}
		return c, c.check(ctx, size)
	}
	src, digest, done := drivers.WithDigest(bodyReader{ctx, src}, size, digest)
	defer done()
	if size >= 0 {
		src = io.LimitReader(src, size+1) // no more than shows that it is too long
	}
	if c, err = d.fill(src, size); err == nil {
		err = c.check(ctx, size)
	}
	if err != nil {
		c.close()
		return content{}, err
	}
	c.digest = digest()
	return c, nil
}

// check compares the size with what was announced.
func (c content) check(ctx context.Context, size int64) error {
	if size >= 0 && c.size != size {
		return bodyError{fmt.Errorf("body has not the %d bytes that were announced: %w", size, drivers.ErrInvalid)}
	}
	return ctx.Err()
}

// fill keeps what fits into memory there, and else all in a file.
func (d *driver) fill(src io.Reader, size int64) (content, error) {
	var head bytes.Buffer
	if size <= drivers.SmallBody {
		head.Grow(int(max(size, 0)) + bytes.MinRead)
		n, err := io.CopyN(&head, src, drivers.SmallBody+1)
		if err == io.EOF {
			return content{Reader: bytes.NewReader(head.Bytes()), size: n}, nil
		}
		if err != nil {
			return content{}, err
		}
	}
	f, err := os.CreateTemp(d.tempDir, "sluice-body-")
	if err != nil {
		return content{}, err
	}
	_ = os.Remove(f.Name()) // the space goes with the last that has it open, whatever happens to the process
	c := content{Reader: f, file: f}
	if c.size, err = io.Copy(f, io.MultiReader(&head, src)); err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	return c, err
}

// bodyReader marks the errors of a body, and ends it with its context.
type bodyReader struct {
	ctx context.Context
	src io.Reader
}

func (r bodyReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.src.Read(p)
	if err != nil && err != io.EOF {
		err = bodyError{err}
	}
	return n, err
}
