package s3

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/upstream"
)

// content is the body of a PUT on its way to the store, with what is known of it.
type content struct {
	size      int64
	body      *upstream.Body
	digest    func() drivers.Digest // asks once; nil where nobody knows
	known     bool                  // digest may be asked at once
	announced checksum.Checksum
	whole     bool // the body has been read to a good end
	release   func()
}

// openContent takes a body over. S3 wants its size ahead: one of unknown size is kept until its end has come. So is a small one
// whose digest holds something that was not announced.
func openContent(ctx context.Context, src io.Reader, size int64, digest func() drivers.Digest, announced checksum.Checksum) (*content, error) {
	c := &content{size: size, announced: announced, release: func() {}}
	if digest != nil {
		c.digest = sync.OnceValue(digest)
	}
	b, buffered := src.(*drivers.Buffered)
	switch {
	case buffered:
		c.size, c.known = int64(b.Len()), true
	case size < 0 || size <= drivers.SmallBody && digest != nil && announced.Algorithm == "":
		var err error
		if src, c.size, c.release, err = spool(ctx, src, size); err != nil {
			return nil, err
		}
		c.known = true
	case size == 0: // no byte would go out that a bad end could be told by
		if err := readEnd(src); err != nil {
			return nil, err
		}
		src, c.known = bytes.NewReader(nil), true
	}
	if c.known {
		if err := c.judge(); err != nil {
			c.release()
			return nil, err
		}
	}
	c.body = upstream.NewBody(&judged{ctx: ctx, src: src, c: c}, c.size)
	return c, nil
}

// readEnd makes sure that nothing comes.
func readEnd(src io.Reader) error {
	_, _, _, err := spool(context.Background(), src, 0)
	return err
}

// judge refuses an object made of parts, which S3 makes of uploads alone.
func (c *content) judge() error {
	c.whole = true
	if c.digest == nil {
		return nil
	}
	if d := c.digest(); len(d.Parts) > 0 || partsOf(d.ETag) > 0 {
		return fmt.Errorf("%w: an object made of parts by one Put", drivers.ErrUnsupported)
	}
	return nil
}

// checksum returns what is known of the checksum ahead.
func (c *content) checksum() checksum.Checksum {
	if c.known && c.digest != nil {
		return c.digest().Checksum
	}
	return c.announced
}

// end releases what the body stands on and gives the error of sending it.
func (c *content) end(err error) error {
	err = c.body.End(err)
	c.release()
	if err == nil && !c.whole {
		return fmt.Errorf("%w: the store answered before it had the body", drivers.ErrUnavailable)
	}
	return err
}

// judged is a source whose end is judged before anyone sees it. It ends with its context: an HTTP client may take a while to
// see that, and the store might get it all until then.
type judged struct {
	ctx context.Context
	src io.Reader
	c   *content
}

func (j *judged) Read(p []byte) (int, error) {
	n, err := j.src.Read(p)
	if cerr := j.ctx.Err(); cerr != nil {
		return 0, cerr
	}
	if err == io.EOF {
		if jerr := j.c.judge(); jerr != nil {
			return n, jerr
		}
	}
	return n, err
}

// setMD5 has the store check a body whose digest is known ahead, which nothing else guards on its way.
func (c *content) setMD5(h http.Header) {
	if !c.known || c.digest == nil {
		return
	}
	if sum, err := hex.DecodeString(c.digest().ETag); err == nil && len(sum) == md5.Size {
		h.Set("Content-Md5", base64.StdEncoding.EncodeToString(sum))
	}
}

// unsignedPayload tells that the body is not part of the signature: its hash is not known ahead.
const unsignedPayload = "UNSIGNED-PAYLOAD"

// send puts into a call how the body and its checksum go out, and returns the body and its length on the wire.
func (c *content) send(to *call, mode string) (io.Reader, *int64, error) {
	to.payload = unsignedPayload
	sum := c.checksum()
	switch {
	case sum.Algorithm == "" || mode == "none" || sum.Value == "" && c.digest == nil:
		c.setMD5(to.header)
	case sum.Value != "":
		to.header.Set(sum.Algorithm.Header(), sum.Value)
	case mode == "trailer":
		return frame(c, sum.Algorithm, to)
	}
	if c.size == 0 {
		return http.NoBody, &c.size, nil
	}
	return c.body, &c.size, nil
}
