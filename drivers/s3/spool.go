package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"sluice/drivers"
)

// maxPut is S3's limit for one PUT and one part, in bytes.
const maxPut = 5 << 30

// spool reads a body to its end, into memory where it is small and else into a temporary file. size is the length that it must
// have, -1 for any. release must be called once.
func spool(ctx context.Context, src io.Reader, size int64) (body io.Reader, n int64, release func(), err error) {
	var head bytes.Buffer
	n, err = io.Copy(&head, io.LimitReader(src, drivers.SmallBody+1))
	if err != nil {
		return nil, 0, nil, err
	}
	if err := checkSize(n, size); err != nil {
		return nil, 0, nil, err
	}
	if n <= drivers.SmallBody {
		return &head, n, func() {}, nil
	}
	f, err := os.CreateTemp("", "sluice-body-")
	if err != nil {
		return nil, 0, nil, fmt.Errorf("%w: %w", drivers.ErrUnavailable, err)
	}
	release = func() {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	n, err = io.Copy(f, io.LimitReader(io.MultiReader(&head, &watchful{ctx, src}), maxPut+1))
	if err == nil && n > maxPut {
		err = drivers.ErrTooLarge
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		release()
		return nil, 0, nil, err
	}
	return f, n, release, nil
}

func checkSize(n, size int64) error {
	switch {
	case size < 0 || n == size:
		return nil
	case n < size:
		return io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: body is longer than the %d bytes that were announced", drivers.ErrInvalid, size)
}

// watchful is a body that ends with a context.
type watchful struct {
	ctx context.Context
	src io.Reader
}

func (w *watchful) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.src.Read(p)
}
