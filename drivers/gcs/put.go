package gcs

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

// Put implements drivers.Bucket. What the store does not keep by itself must be known when an upload begins. So it is one request
// where it is: where the body is in memory, where only its MD5 counts, or where its checksum was sent ahead. Else the content goes to a hidden
// object first, from which the store makes the one that is wanted, with all that belongs to it.
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
	var s stored
	switch buffered, ok := body.(*drivers.Buffered); {
	case ok:
		s, err = b.putBuffered(ctx, key, name, buffered, o, pre)
	case o.Size >= 0 && (o.Digest == nil || o.Checksum.Value != ""):
		s, err = b.putAnnounced(ctx, key, name, body, o, pre)
	case strings.HasPrefix(key, drivers.StagingPrefix):
		s, err = b.putHidden(ctx, key, name, body, o, pre)
	default:
		s, err = b.putByScratch(ctx, key, name, body, o, pre)
	}
	if err != nil {
		return drivers.Info{}, b.unmet(ctx, name, o.Conditions, err)
	}
	return s.info(key, s.attrs(), false), nil
}

// putBuffered stores a body of which everything is known.
func (b *bucket) putBuffered(ctx context.Context, key, name string, body *drivers.Buffered, o drivers.PutOptions, pre precondition) (stored, error) {
	var d drivers.Digest
	sum := checksum.CRC32C.New()
	content := *body.Reader
	if o.Digest != nil {
		d = o.Digest()
		_, _ = content.WriteTo(sum) // neither fails
	} else {
		md5 := checksum.MD5.New()
		_, _ = content.WriteTo(io.MultiWriter(sum, md5))
		d.ETag = checksum.ETag(md5.Sum(nil))
	}
	object, err := b.prepare(ctx, key, o, d)
	if err != nil {
		return stored{}, err
	}
	object.Crc32c = checksum.Encode(sum.Sum(nil))
	if md5, err := hex.DecodeString(d.ETag); err == nil { // that of parts is none
		object.Md5Hash = base64.StdEncoding.EncodeToString(md5)
	}
	return b.insert(ctx, name, object, body, o.Size, pre)
}

// prepare gives what the store keeps with an object, and stores before it what does not fit.
func (b *bucket) prepare(ctx context.Context, key string, o drivers.PutOptions, d drivers.Digest) (*storage.Object, error) {
	beside := drivers.OverflowPrefix + rand.Text()
	object, overflow, err := newObject(o.Size, o.Header, o.Tags, d, beside)
	if err != nil || overflow == nil {
		return object, err
	}
	return object, b.putOverflow(ctx, key, beside, overflow)
}

// putOverflow stores what does not fit into the metadata of the object of that key.
func (b *bucket) putOverflow(ctx context.Context, key, name string, content []byte) error {
	o, _, err := newObject(int64(len(content)), drivers.OverflowHeader(key), nil, drivers.Digest{}, "")
	if err == nil {
		_, err = b.insert(ctx, name, o, strings.NewReader(string(content)), int64(len(content)), precondition{set: true})
	}
	return err
}

// putAnnounced stores a body of which all is known but the MD5, which the store makes itself.
func (b *bucket) putAnnounced(ctx context.Context, key, name string, body io.Reader, o drivers.PutOptions, pre precondition) (stored, error) {
	object, err := b.prepare(ctx, key, o, drivers.Digest{Checksum: o.Checksum})
	if err != nil {
		return stored{}, err
	}
	s, err := b.insert(ctx, name, object, body, o.Size, pre)
	if err != nil || o.Digest == nil {
		return s, err
	}
	d := o.Digest()
	if d.ETag == s.md5 && len(d.Parts) == 0 && d.Checksum == o.Checksum {
		return s, nil
	}
	return b.complete(ctx, key, s, o, d) // of a body with a past: one that was made of parts
}

// putHidden stores what nobody reads before Put has returned, so that what becomes known of it can be added.
func (b *bucket) putHidden(ctx context.Context, key, name string, body io.Reader, o drivers.PutOptions, pre precondition) (stored, error) {
	object, _, err := newObject(o.Size, o.Header, o.Tags, drivers.Digest{}, "")
	if err != nil {
		return stored{}, err
	}
	s, err := b.insert(ctx, name, object, body, o.Size, pre)
	if err != nil {
		return s, err
	}
	d := drivers.Digest{ETag: s.md5}
	if o.Digest != nil {
		d = o.Digest()
	}
	if a := s.attrs(); d.ETag == s.md5 && len(d.Parts) == 0 && (d.Checksum.Value == "" || d.Checksum == a.Digest.Checksum) {
		return s, nil // the store says it all
	}
	return b.complete(ctx, key, s, o, d)
}

// complete adds the digest to an object that was just stored.
func (b *bucket) complete(ctx context.Context, key string, s stored, o drivers.PutOptions, d drivers.Digest) (stored, error) {
	o.Size = s.size
	object, err := b.prepare(ctx, key, o, d)
	if err != nil {
		return stored{}, err
	}
	patch := b.d.api.Objects.Patch(b.name, s.name, &storage.Object{Metadata: object.Metadata}).
		IfGenerationMatch(s.generation).Projection("noAcl").Context(ctx)
	done, err := b.d.patiently(ctx, func() (*storage.Object, error) { return patch.Do() })
	if err != nil {
		return stored{}, err
	}
	now := storedOf(done)
	now.written = s.written
	return now, nil
}

// putByScratch stores content under a hidden name, and has the store make the object of it.
func (b *bucket) putByScratch(ctx context.Context, key, name string, body io.Reader, o drivers.PutOptions, pre precondition) (made stored, err error) {
	scratch := b.newScratch()
	defer func() { scratch.clean(ctx) }()
	p, err := scratch.insert(ctx, body, o)
	if err != nil {
		return stored{}, err
	}
	d := drivers.Digest{ETag: p.md5}
	if o.Digest != nil {
		d = o.Digest()
	}
	if p.md5 != "" && len(d.Parts) == 0 && len(d.ETag) == len(p.md5) && d.ETag != p.md5 {
		return stored{}, fmt.Errorf("%w: %w", drivers.ErrUnavailable, errDamaged)
	}
	o.Size = p.size
	object, err := b.prepare(ctx, key, o, d)
	if err != nil {
		return stored{}, err
	}
	return scratch.compose(ctx, name, object, []piece{{p.name, p.generation, p.size}}, pre)
}
