package drivers

import (
	"cmp"
	"context"
	"errors"

	"sluice/drivers/checksum"
)

// Copier is a Bucket that can copy without the bytes passing through Sluice; call [Copy].
type Copier interface {
	// CopyFrom copies src's object to key, or fails with ErrUnsupported where it cannot do this very copy by itself.
	CopyFrom(ctx context.Context, key string, src Bucket, srcKey string, o CopyOptions) (Info, error)
}

// PartCopier is a Multipart that can copy a part without the bytes passing through Sluice; call [CopyPart].
type PartCopier interface {
	// CopyPartFrom copies a range of src's object to a part, or fails with ErrUnsupported.
	CopyPartFrom(ctx context.Context, key, uploadID string, number int, src Bucket, srcKey string, o CopyPartOptions) (Part, error)
}

// CopyOptions are the options of Copy.
type CopyOptions struct {
	Source      GetOptions         // version and conditions of the source; an unmet one is ErrPrecondition
	Header      *Header            // nil keeps the source's, but for what HeaderOf says
	Tags        *[]Tag             // nil keeps the source's
	MayCopyTags func() error       // asked before tags of the source are kept; its error ends the copy. nil allows it
	Conditions  Conditions         // of the destination
	Algorithm   checksum.Algorithm // "" keeps the source's, or computes CRC64NVME where it has none
	// These two are never the source's, as in S3.
	StorageClass            string
	WebsiteRedirectLocation string
}

// TagsOf returns the tags of the copy.
func (o CopyOptions) TagsOf(source []Tag) ([]Tag, error) {
	switch {
	case o.Tags != nil:
		return *o.Tags, nil
	case len(source) > 0 && o.MayCopyTags != nil:
		return source, o.MayCopyTags()
	}
	return source, nil
}

// HeaderOf returns the header of the copy.
func (o CopyOptions) HeaderOf(source Header) Header {
	if o.Header != nil {
		return *o.Header
	}
	source.StorageClass, source.WebsiteRedirectLocation = o.StorageClass, o.WebsiteRedirectLocation
	return source
}

// CopyPartOptions are the options of CopyPart. Algorithm is the upload's. A range that reaches past the end of the source
// is ErrInvalidRange; it is not cut.
type CopyPartOptions struct {
	Source    GetOptions
	Algorithm checksum.Algorithm
}

// Copy copies an object within or between buckets, also onto itself: by the destination's store, or else by streaming
// it. Source and destination may be of unlike drivers.
func Copy(ctx context.Context, dst Bucket, key string, src Bucket, srcKey string, o CopyOptions) (Info, error) {
	info, err := storeCopy(ctx, dst, key, src, srcKey, o)
	if !isUnsupported(err) {
		return info, err
	}
	return streamCopy(ctx, dst, key, src, srcKey, o)
}

// storeCopy copies by the destination's store, or fails with ErrUnsupported. The store sees the bucket inside of all
// that is layered around the source, and so finds its own.
func storeCopy(ctx context.Context, dst Bucket, key string, src Bucket, srcKey string, o CopyOptions) (info Info, err error) {
	c, ok := dst.(Copier)
	if _, able := core(dst).(Copier); !ok || !able {
		return Info{}, ErrUnsupported
	}
	err = throughLayers(ctx, src, srcKey, func(ctx context.Context, src Bucket, srcKey string) error {
		info, err = c.CopyFrom(ctx, key, src, srcKey, o)
		return err
	})
	return info, err
}

func streamCopy(ctx context.Context, dst Bucket, key string, src Bucket, srcKey string, o CopyOptions) (Info, error) {
	obj, err := openSource(ctx, src, srcKey, o.Source)
	if err != nil {
		return Info{}, err
	}
	defer obj.Body.Close()
	put := PutOptions{Size: obj.Length, Header: o.HeaderOf(obj.Header), Conditions: o.Conditions}
	if put.Tags, err = copiedTags(ctx, src, srcKey, obj.Info, o); err != nil {
		return Info{}, err
	}
	put.Checksum = copiedChecksum(o, obj)
	body := NewDigestReader(obj.Body, obj.Length, put.Checksum.Algorithm)
	defer body.Close()
	if want := put.Checksum.Value; want != "" {
		body.Verify = func(*checksum.Reader) error { return matchSource(body.Digest().Checksum.Value, want) }
	}
	put.Digest = body.Digest
	return dst.Put(ctx, key, body, put)
}

// CopyPart copies a range of an object to a part of an upload, as Copy does.
func CopyPart(ctx context.Context, dst Bucket, key, uploadID string, number int, src Bucket, srcKey string, o CopyPartOptions) (Part, error) {
	m := Multiparts(dst)
	part, err := storeCopyPart(ctx, m, key, uploadID, number, src, srcKey, o)
	if !isUnsupported(err) {
		return part, err
	}
	obj, err := openSource(ctx, src, srcKey, o.Source)
	if err != nil {
		return Part{}, err
	}
	defer obj.Body.Close()
	if n := o.Source.Range.Length; n > 0 && n != obj.Length {
		return Part{}, &Error{Op: "CopyPart", Key: key, Err: ErrInvalidRange}
	}
	body := NewDigestReader(obj.Body, obj.Length, o.Algorithm)
	defer body.Close()
	return m.PutPart(ctx, key, uploadID, number, body, PutPartOptions{
		Size: obj.Length, Digest: body.Digest, Checksum: checksum.Checksum{Algorithm: o.Algorithm, Type: checksum.FullObject},
	})
}

// storeCopyPart copies as storeCopy does.
func storeCopyPart(ctx context.Context, m Multipart, key, uploadID string, number int, src Bucket, srcKey string, o CopyPartOptions) (p Part, err error) {
	c, ok := m.(PartCopier)
	if !ok || !copiesParts(m) {
		return Part{}, ErrUnsupported
	}
	err = throughLayers(ctx, src, srcKey, func(ctx context.Context, src Bucket, srcKey string) error {
		p, err = c.CopyPartFrom(ctx, key, uploadID, number, src, srcKey, o)
		return err
	})
	return p, err
}

// openSource opens a copy's source; S3 answers 412 also where a read would be 304.
func openSource(ctx context.Context, src Bucket, key string, o GetOptions) (*Object, error) {
	obj, err := src.Get(ctx, key, o)
	if isNotModified(err) {
		return nil, &Error{Op: "Copy", Key: key, Err: ErrPrecondition}
	}
	return obj, err
}

func copiedTags(ctx context.Context, src Bucket, srcKey string, info Info, o CopyOptions) ([]Tag, error) {
	switch {
	case o.Tags != nil:
		return *o.Tags, nil
	case info.TagCount == 0:
		return nil, nil
	case o.MayCopyTags != nil:
		if err := o.MayCopyTags(); err != nil {
			return nil, err
		}
	}
	return Tags(ctx, src, srcKey, info.VersionID)
}

// errDamaged is a source whose bytes are not those that its checksum was made of. It is no fault of the client.
var errDamaged = errors.New("the source does not match its own checksum")

func matchSource(got, want string) error {
	if got != want {
		return errDamaged
	}
	return nil
}

// copiedChecksum is what is known of the copy's checksum before the bytes are read.
func copiedChecksum(o CopyOptions, src *Object) checksum.Checksum {
	c := checksum.Checksum{Algorithm: cmp.Or(o.Algorithm, src.Checksum.Algorithm, checksum.CRC64NVME), Type: checksum.FullObject}
	if src.Length == src.Size && src.Checksum.Type == c.Type && src.Checksum.Algorithm == c.Algorithm {
		c.Value = src.Checksum.Value
	}
	return c
}
