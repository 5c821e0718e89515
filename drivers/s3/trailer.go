package s3

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// streamingTrailer is the payload of a body in aws-chunked framing that has its checksum behind it.
const streamingTrailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"

// frame puts a body of known size into one chunk of the framing aws-chunked, with a checksum as trailer that is known when the
// body has ended. The SDK would compute that checksum once more, and only over TLS. Source: "Signature calculations: trailing
// headers", https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
func frame(c *content, a checksum.Algorithm, to *call) (io.Reader, *int64, error) {
	begin := strconv.FormatInt(c.size, 16) + "\r\n"
	if c.size == 0 {
		begin = ""
	}
	tail := func(value string) string {
		end := "0\r\n" + a.Header() + ":" + value + "\r\n\r\n"
		if c.size > 0 {
			end = "\r\n" + end
		}
		return end
	}
	encoding := "aws-chunked"
	if own := to.header.Get("Content-Encoding"); own != "" {
		encoding += "," + own
	}
	to.payload = streamingTrailer
	to.header.Set("Content-Encoding", encoding)
	to.header.Set("X-Amz-Decoded-Content-Length", strconv.FormatInt(c.size, 10))
	to.header.Set("X-Amz-Trailer", a.Header())
	length := int64(len(begin)) + c.size + int64(len(tail(checksum.Encode(make([]byte, a.Size())))))
	trailer := &lazy{make: func() (string, error) {
		if !c.whole {
			return "", io.ErrUnexpectedEOF
		}
		sum := c.digest().Checksum
		if sum.Algorithm != a || sum.Value == "" {
			return "", fmt.Errorf("%w: the digest has no %s, which was announced", drivers.ErrInvalid, a)
		}
		return tail(sum.Value), nil
	}}
	return io.MultiReader(strings.NewReader(begin), c.body, trailer), &length, nil
}

// lazy is a text that is made when it is read.
type lazy struct {
	make func() (string, error)
	text *strings.Reader
}

func (l *lazy) Read(p []byte) (int, error) {
	if l.text == nil {
		text, err := l.make()
		if err != nil {
			return 0, err
		}
		l.text = strings.NewReader(text)
	}
	return l.text.Read(p)
}
