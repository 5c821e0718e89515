package azure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/streaming"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"

	"sluice/drivers"
	"sluice/drivers/attrs"
	"sluice/drivers/upstream"
)

// memoryLimit is for all bodies together that are larger than drivers.SmallBody and held whole.
const memoryLimit = 128 << 20

// sizes are the sizes, in bytes, at which the driver does things another way.
type sizes struct {
	whole   int64 // a body up to this is one request, if there is memory for it
	unknown int64 // of the blocks of a body whose length is not known
	block   int64 // the service's limit for a block
	// piece is what is copied at once, side by side with others, within the time that an answer may take. 5 TiB in 10,000 parts
	// stay below 50,000 blocks.
	piece int64
}

var defaultSizes = sizes{whole: 8 << 20, unknown: 4 << 20, block: 4000 << 20, piece: 256 << 20}

// memory counts what bodies take that are held whole.
type memory struct{ used atomic.Int64 }

func (m *memory) take(n int64) bool {
	if n <= drivers.SmallBody {
		return true
	}
	if m.used.Add(n) > memoryLimit {
		m.used.Add(-n)
		return false
	}
	return true
}

func (m *memory) give(n int64) {
	if n > drivers.SmallBody {
		m.used.Add(-n)
	}
}

// Put implements drivers.Bucket. A body that fits into memory is one Put Blob. A larger one is staged as blocks of the key itself,
// under IDs that no other write has, and published by Put Block List with all attributes, which are known by then.
//
// Any commit of the key drops blocks of others. A write that meets with that has been overtaken: without conditions it is then as
// good as done, and overwritten at once by the one that came between; with conditions it is ErrConflict, as in S3.
// https://learn.microsoft.com/rest/api/storageservices/put-block-list
func (b *bucket) Put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.put(ctx, key, body, o)
	return info, b.fail("Put", key, err)
}

func (b *bucket) put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	if err := b.writes(key); err != nil {
		return drivers.Info{}, err
	}
	p, err := b.pin(ctx, key, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	body, digest, done := drivers.WithDigest(body, o.Size, o.Digest)
	defer done()
	w := &write{b: b, key: key, pin: p, o: o, digest: digest}
	buffered, whole := body.(*drivers.Buffered)
	switch {
	case whole:
		return w.whole(ctx, buffered.Reader)
	case o.Size < 0:
		return w.unknown(ctx, body)
	case o.Size > b.d.sizes.whole || !b.d.memory.take(o.Size):
		return w.streamed(ctx, body)
	}
	defer b.d.memory.give(o.Size)
	content := bytes.NewBuffer(make([]byte, 0, o.Size+bytes.MinRead))
	src := upstream.NewBody(body, o.Size)
	if _, err := content.ReadFrom(src); err != nil {
		return drivers.Info{}, &bodyError{err}
	}
	return w.whole(ctx, bytes.NewReader(content.Bytes()))
}

// readFull reads until p is full, and tells of an error as it comes, also of io.EOF.
func readFull(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

// write is one Put on its way.
type write struct {
	b      *bucket
	key    string
	pin    pin
	o      drivers.PutOptions
	digest func() drivers.Digest
}

// written is what the service says of what it has stored.
type written struct {
	token    string
	modified time.Time
}

func newWritten(e *azcore.ETag, modified *time.Time) written {
	w := written{token: token(e), modified: time.Now().UTC()}
	if modified != nil {
		w.modified = modified.UTC()
	}
	return w
}

// publish encodes the attributes and does the request that makes the object.
func (w *write) publish(ctx context.Context, size int64, do func(stored, *blob.AccessConditions) (written, error)) (drivers.Info, error) {
	if err := ctx.Err(); err != nil {
		return drivers.Info{}, err
	}
	a := attrs.Attrs{Size: size, Digest: w.digest(), Header: w.o.Header, Tags: w.o.Tags}
	s, err := w.b.encode(ctx, w.key, a)
	if err != nil {
		return drivers.Info{}, err
	}
	var done written
	err = w.b.under(ctx, w.key, w.o.Conditions, w.pin, func(c *blob.AccessConditions) (err error) {
		done, err = do(s, c)
		return err
	})
	a.Header, a.PartsCount = w.o.Header.Clone(), len(a.Digest.Parts)
	return object{a, done.token, done.modified}.info(w.key, false), err
}

func (w *write) whole(ctx context.Context, content *bytes.Reader) (drivers.Info, error) {
	return w.publish(ctx, content.Size(), func(s stored, c *blob.AccessConditions) (written, error) {
		return w.b.putBlob(ctx, w.key, content, s, c)
	})
}

// streamed sends a body of known length as it comes in.
func (w *write) streamed(ctx context.Context, body io.Reader) (drivers.Info, error) {
	l := w.b.newBlocks(w.key)
	src := upstream.NewBody(body, w.o.Size)
	limit := w.b.d.sizes.block
	var err error
	for left := w.o.Size; left > 0 && err == nil; left -= limit {
		err = l.stream(ctx, newSection(src, min(left, limit)))
	}
	if berr := src.End(nil); berr != nil {
		return drivers.Info{}, &bodyError{berr}
	}
	if err != nil {
		return drivers.Info{}, err
	}
	return w.commit(ctx, l)
}

// unknown sends a body of unknown length, a buffer at a time.
func (w *write) unknown(ctx context.Context, body io.Reader) (drivers.Info, error) {
	buf := make([]byte, w.b.d.sizes.unknown)
	n, err := readFull(body, buf)
	if err == io.EOF {
		return w.whole(ctx, bytes.NewReader(buf[:n]))
	}
	l := w.b.newBlocks(w.key)
	for n > 0 && (err == nil || err == io.EOF) {
		if serr := l.stage(ctx, buf[:n]); serr != nil {
			return drivers.Info{}, serr
		}
		if n = 0; err == nil {
			n, err = readFull(body, buf)
		}
	}
	if err != io.EOF {
		return drivers.Info{}, &bodyError{err}
	}
	return w.commit(ctx, l)
}

// commit publishes blocks.
func (w *write) commit(ctx context.Context, l *blocks) (drivers.Info, error) {
	info, err := w.publish(ctx, l.size, func(s stored, c *blob.AccessConditions) (written, error) { return l.commit(ctx, s, c) })
	if errors.Is(err, errDiscarded) && w.o.Conditions.IsZero() {
		info.Token, info.LastModified = "overtaken "+l.nonce, time.Now().UTC()
		return info, nil
	}
	return info, err
}

// putBlob is one Put Blob, under the gate of the bucket. The service holds the content against the MD5, where there is one.
// https://learn.microsoft.com/rest/api/storageservices/put-blob
func (b *bucket) putBlob(ctx context.Context, key string, content *bytes.Reader, s stored, c *blob.AccessConditions) (written, error) {
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return written{}, err
	}
	o := &blockblob.UploadOptions{Metadata: s.metadata, HTTPHeaders: &s.headers, AccessConditions: c}
	if sum := s.headers.BlobContentMD5; sum != nil {
		o.TransactionalValidation = blob.TransferValidationTypeMD5(sum)
	}
	gate := b.d.gate(b.name)
	gate.RLock()
	defer gate.RUnlock()
	resp, err := b.blob(key).Upload(ctx, streaming.NopCloser(content), o)
	if err != nil {
		return written{}, classify(err)
	}
	return newWritten(resp.ETag, resp.LastModified), nil
}
