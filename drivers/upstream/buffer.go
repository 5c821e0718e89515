package upstream

import (
	"bytes"
	"fmt"
	"io"

	"sluice/drivers"
)

// maxBuffered bounds the bytes of bodies that one upstream holds in memory. What comes on top of it streams.
const maxBuffered = 128 << 20

// takeBuffer tells whether a body of that size is buffered; buffered is then to be taken back by so much.
func (u *upstream) takeBuffer(size int64) bool {
	if size > drivers.SmallBody {
		return false
	}
	if u.buffered.Add(size) > u.maxBuffered {
		u.buffered.Add(-size)
		return false
	}
	return true
}

// buffer reads a body to its end. The memory is not used again, because an HTTP client may still read from it for a while
// after its call has failed.
func buffer(body io.Reader, size int64) (*drivers.Buffered, error) {
	if b, ok := body.(*drivers.Buffered); ok {
		return b, nil
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(body, data); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return nil, err
	}
	for { // the end is where a body is judged
		switch n, err := body.Read(make([]byte, 1)); {
		case n > 0:
			return nil, fmt.Errorf("body is longer than the %d bytes that were announced: %w", size, drivers.ErrInvalid)
		case err == io.EOF:
			return &drivers.Buffered{Reader: bytes.NewReader(data)}, nil
		case err != nil:
			return nil, err
		}
	}
}
