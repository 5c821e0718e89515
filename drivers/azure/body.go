package azure

import (
	"context"
	"io"

	"sluice/drivers/upstream"
)

// section is the part of a body that goes out in one request. It claims to be an io.Seeker, as the SDK wants it, but only tells its
// length: what was read is gone, so requests are sent once.
type section struct {
	body *upstream.Body
	size int64
	left int64
	at   int64
}

func newSection(body *upstream.Body, size int64) *section {
	return &section{body: body, size: size, left: size}
}

func (s *section) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.body.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	return n, err
}

// Seek moves nothing but the position that it tells.
func (s *section) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.size
	}
	s.at = offset
	return offset, nil
}

// Close does nothing: the body is not the section's.
func (s *section) Close() error { return nil }

// download is a body on its way from the service.
type download struct {
	io.ReadCloser
	ctx context.Context
}

func (d *download) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = upstream.FromTransport(d.ctx, err)
	}
	return n, err
}
