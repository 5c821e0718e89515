package drivers

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// joinedSources reads staged parts one after the other, each opened when its turn comes and pinned to the write that was
// looked up, so that a part which is uploaded again meanwhile is an error and not a mixture.
type joinedSources struct {
	ctx     context.Context
	bucket  Bucket
	sources []Source
	body    io.ReadCloser
	left    int64 // of the open part
}

func (j *joinedSources) Read(p []byte) (int, error) {
	for {
		if j.body == nil {
			if len(j.sources) == 0 {
				return 0, io.EOF
			}
			if err := j.open(); err != nil {
				return 0, err
			}
		}
		n, err := j.body.Read(p)
		j.left -= int64(n)
		if err == io.EOF {
			if j.left != 0 {
				return n, fmt.Errorf("staged part ended %d bytes early: %w", j.left, io.ErrUnexpectedEOF)
			}
			err = j.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (j *joinedSources) open() error {
	s := j.sources[0]
	obj, err := j.bucket.Get(j.ctx, s.Key, GetOptions{Conditions: Conditions{IfToken: s.Token}})
	switch {
	case errors.Is(err, ErrNotFound): // another call has ended the upload
		return ErrNoUpload
	case errors.Is(err, ErrPrecondition): // the part was uploaded again
		return ErrConflict
	case err != nil:
		return err
	}
	j.sources, j.body, j.left = j.sources[1:], obj.Body, s.Size
	return nil
}

// Close closes the part that is open.
func (j *joinedSources) Close() error {
	if j.body == nil {
		return nil
	}
	err := j.body.Close()
	j.body = nil
	return err
}
