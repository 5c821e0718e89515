package gcs

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// Put implements drivers.Bucket. What the store does not keep by itself must be known when an upload begins. So it is one request
// where it is: where the body is in memory, where only its MD5 counts, or where its checksum was sent ahead. Else the content goes
// to a hidden object first, from which the store makes the one that is wanted, with all that belongs to it.
func (b *bucket) Put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	info, err := b.put(ctx, key, body, o)
	return info, b.fail(ctx, "Put", key, err)
}

func (b *bucket) put(ctx context.Context, key string, body io.Reader, o drivers.PutOptions) (drivers.Info, error) {
	name, err := target(key)
	if err != nil {
		return drivers.Info{}, err
	}
	if buffered, ok := body.(*drivers.Buffered); ok {
		o.Size = int64(buffered.Len())
	}
	pre, err := b.resolve(ctx, name, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	w := write{b, key, name, o, pre}
	var s stored
	switch buffered, ok := body.(*drivers.Buffered); {
	case ok:
		s, err = w.buffered(ctx, buffered)
	case o.Size >= 0 && (o.Digest == nil || o.Checksum.Value != ""):
		s, err = w.announced(ctx, body)
	case strings.HasPrefix(key, drivers.StagingPrefix):
		s, err = w.hidden(ctx, body)
	default:
		s, err = w.byScratch(ctx, body)
	}
	if err != nil {
		return drivers.Info{}, b.unmet(ctx, name, o.Conditions, err)
	}
	return s.info(key, s.attrs(), false), nil
}

// write is the making of one object.
type write struct {
	*bucket
	key, name string
	o         drivers.PutOptions
	pre       precondition
}

// buffered stores a body of which everything is known.
func (w write) buffered(ctx context.Context, body *drivers.Buffered) (stored, error) {
	var d drivers.Digest
	sum := checksum.CRC32C.New()
	content := *body.Reader
	if w.o.Digest != nil {
		d = w.o.Digest()
		_, _ = content.WriteTo(sum) // neither fails
	} else {
		md5 := checksum.MD5.New()
		_, _ = content.WriteTo(io.MultiWriter(sum, md5))
		d.ETag = checksum.ETag(md5.Sum(nil))
	}
	object, err := w.prepare(ctx, d)
	if err != nil {
		return stored{}, err
	}
	object.Crc32c = checksum.Encode(sum.Sum(nil))
	if md5, err := hex.DecodeString(d.ETag); err == nil { // that of parts is none
		object.Md5Hash = base64.StdEncoding.EncodeToString(md5)
	}
	return w.insert(ctx, w.name, object, body, w.o.Size, w.pre)
}

// prepare gives what the store keeps with the object, and stores before it what does not fit.
func (w write) prepare(ctx context.Context, d drivers.Digest) (*storage.Object, error) {
	beside := drivers.OverflowPrefix + rand.Text()
	object, overflow, err := newObject(w.o, d, beside)
	if err != nil || overflow == nil {
		return object, err
	}
	return object, w.putOverflow(ctx, w.key, beside, overflow)
}

// putOverflow stores what does not fit into the metadata of the object of that key.
func (b *bucket) putOverflow(ctx context.Context, key, name string, content []byte) error {
	o, _, err := newObject(drivers.PutOptions{Size: int64(len(content)), Header: drivers.OverflowHeader(key)}, drivers.Digest{}, "")
	if err == nil {
		_, err = b.insert(ctx, name, o, strings.NewReader(string(content)), int64(len(content)), precondition{set: true})
	}
	return err
}

// announced stores a body of which all is known but the MD5, which the store makes itself.
func (w write) announced(ctx context.Context, body io.Reader) (stored, error) {
	known := drivers.Digest{Checksum: w.o.Checksum}
	object, err := w.prepare(ctx, known)
	if err != nil {
		return stored{}, err
	}
	object.Crc32c = wholeCRC(known) // the store then refuses what is damaged on its way, before it replaces anything
	s, err := w.insert(ctx, w.name, object, body, w.o.Size, w.pre)
	if err != nil || w.o.Digest == nil {
		return s, err
	}
	d := w.o.Digest()
	if d.ETag == s.md5 && len(d.Parts) == 0 && d.Checksum == w.o.Checksum {
		return s, nil
	}
	return w.complete(ctx, s, d) // of a body with a past: one that was made of parts
}

// hidden stores what nobody reads before Put has returned, so that what becomes known of it can be added.
func (w write) hidden(ctx context.Context, body io.Reader) (stored, error) {
	object, _, err := newObject(w.o, drivers.Digest{}, "")
	if err != nil {
		return stored{}, err
	}
	s, err := w.insert(ctx, w.name, object, body, w.o.Size, w.pre)
	if err != nil {
		return s, err
	}
	d := drivers.Digest{ETag: s.md5}
	if w.o.Digest != nil {
		d = w.o.Digest()
	}
	if a := s.attrs(); d.ETag == s.md5 && len(d.Parts) == 0 && (d.Checksum.Value == "" || d.Checksum == a.Digest.Checksum) {
		return s, nil // the store says it all
	}
	return w.complete(ctx, s, d)
}

// complete adds the digest to an object that was just stored, also when the client leaves: one without it would be of no use, and
// in the place of one that was.
func (w write) complete(ctx context.Context, s stored, d drivers.Digest) (stored, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanLimit)
	defer cancel()
	w.o.Size = s.size
	object, err := w.prepare(ctx, d)
	if err != nil {
		return stored{}, err
	}
	patch := w.d.api.Objects.Patch(w.bucket.name, s.name, &storage.Object{Metadata: object.Metadata}).
		IfGenerationMatch(s.generation).Projection("noAcl").Context(ctx)
	done, err := w.d.patiently(ctx, func() (*storage.Object, error) { return patch.Do() })
	if hasStatus(err, http.StatusPreconditionFailed, http.StatusNotFound) { // written again or deleted since: it has been there
		s.metadata = object.Metadata
		return s, nil
	}
	if err != nil {
		return stored{}, err
	}
	now := storedOf(done)
	now.written = s.written
	return now, nil
}

// byScratch stores content under a hidden name, and has the store make the object of it.
func (w write) byScratch(ctx context.Context, body io.Reader) (stored, error) {
	scratch := w.newScratch()
	defer func() { scratch.clean(ctx) }()
	p, err := scratch.insert(ctx, body, w.o)
	if err != nil {
		return stored{}, err
	}
	d := drivers.Digest{ETag: p.md5}
	if w.o.Digest != nil {
		d = w.o.Digest()
	}
	if p.md5 != "" && len(d.Parts) == 0 && len(d.ETag) == len(p.md5) && d.ETag != p.md5 {
		return stored{}, fmt.Errorf("%w: %w", drivers.ErrUnavailable, errDamaged)
	}
	w.o.Size = p.size
	object, err := w.prepare(ctx, d)
	if err != nil {
		return stored{}, err
	}
	return scratch.compose(ctx, w.name, object, []piece{{p.name, p.generation, p.size}}, w.pre)
}
