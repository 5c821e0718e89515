package gcs

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"google.golang.org/api/googleapi"
	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/upstream"
)

// insert stores an object in one multipart request: https://cloud.google.com/storage/docs/uploading-objects. size is the body's,
// or -1. A body that fails or ends early leaves the request without its end, so that the store keeps nothing of it. Content that
// came to harm on its way is not stored either: by the store, where o has its checksum, else by insert.
func (b *bucket) insert(
	ctx context.Context, name string, o *storage.Object, body io.Reader, size int64, pre precondition,
) (stored, error) {
	o.Name = name
	u, err := newUpload(ctx, o, body, size)
	if err != nil {
		return stored{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.uploadURL(pre), u.body())
	if err != nil {
		return stored{}, err
	}
	req.Header.Set("Content-Type", "multipart/related; boundary="+u.boundary)
	if req.ContentLength = -1; size >= 0 {
		req.ContentLength = int64(len(u.head)) + size + int64(len(u.tail))
	}
	if buffered, ok := body.(*drivers.Buffered); ok && o.Crc32c != "" {
		again := *buffered.Reader
		req.GetBody = func() (io.ReadCloser, error) {
			r := again
			return io.NopCloser(u.around(&r)), nil
		}
	}
	made, err := b.send(req)
	if failed := u.content.End(nil); failed != nil {
		return stored{}, &bodyError{failed}
	}
	if err != nil {
		return stored{}, b.missing(ctx, err)
	}
	s := storedOf(made)
	if o.Crc32c == "" && (s.size != u.sum.n || s.crc32c != "" && s.crc32c != checksum.Encode(u.sum.Sum(nil))) {
		_ = b.drop(ctx, s.name, s.generation)
		return stored{}, fmt.Errorf("%w: %w", drivers.ErrUnavailable, errDamaged)
	}
	return s, nil
}

func (b *bucket) uploadURL(pre precondition) string {
	u := *b.d.base
	const path = "/upload/storage/v1/b/%s/o"
	u.Path, u.RawPath = fmt.Sprintf(path, b.name), fmt.Sprintf(path, url.PathEscape(b.name))
	q := url.Values{"uploadType": {"multipart"}, "prettyPrint": {"false"}}
	if pre.set {
		q.Set("ifGenerationMatch", strconv.FormatInt(pre.generation, 10))
	}
	u.RawQuery = q.Encode()
	return u.String()
}

// send sends a request whose answer is an object.
func (b *bucket) send(req *http.Request) (*storage.Object, error) {
	res, err := b.d.client.Do(req) //nolint:gosec // the host is the config's, only the path is the client's
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if err := googleapi.CheckResponse(res); err != nil {
		return nil, err
	}
	o := new(storage.Object)
	if err := json.NewDecoder(res.Body).Decode(o); err != nil {
		return nil, fmt.Errorf("%w: the store's answer to an upload: %w", drivers.ErrUnavailable, err)
	}
	return o, nil
}

// upload is the body of a multipart request: what the object has, then its content.
type upload struct {
	boundary   string
	head, tail []byte
	content    *upstream.Body
	sum        *summed
}

func newUpload(ctx context.Context, o *storage.Object, body io.Reader, size int64) (*upload, error) {
	doc, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	u := &upload{boundary: rand.Text(), sum: &summed{ctx: ctx, src: body, Hash: checksum.CRC32C.New()}}
	u.content = upstream.NewBody(u.sum, size)
	var head bytes.Buffer
	fmt.Fprintf(&head, "--%s\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n%s\r\n", u.boundary, doc)
	fmt.Fprintf(&head, "--%s\r\nContent-Type: %s\r\n\r\n", u.boundary, o.ContentType)
	u.head, u.tail = head.Bytes(), []byte("\r\n--"+u.boundary+"--\r\n")
	return u, nil
}

func (u *upload) body() io.Reader { return u.around(u.content) }

func (u *upload) around(content io.Reader) io.Reader {
	return io.MultiReader(bytes.NewReader(u.head), content, bytes.NewReader(u.tail))
}

// summed makes the checksum of what it passes on, which the store makes too. It ends with its context, so that the store does
// not get the end of what was cancelled.
type summed struct {
	ctx context.Context
	src io.Reader
	hash.Hash
	n int64
}

func (s *summed) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := s.src.Read(p)
	s.Hash.Write(p[:n])
	s.n += int64(n)
	if cancelled := s.ctx.Err(); cancelled != nil {
		err = cancelled
	}
	return n, err
}
