package gcs

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"google.golang.org/api/storage/v1"

	"sluice/drivers"
	"sluice/drivers/attrs"
)

// CopyFrom implements drivers.Copier: within one driver, where the copy's ETag and checksum are those of the source.
func (b *bucket) CopyFrom(
	ctx context.Context, key string, src drivers.Bucket, srcKey string, o drivers.CopyOptions,
) (drivers.Info, error) {
	from, ok := src.(*bucket)
	if !ok || from.d != b.d || o.Source.Range != (drivers.Range{}) || o.Source.PartNumber > 0 {
		return drivers.Info{}, drivers.ErrUnsupported
	}
	var info drivers.Info
	err := drivers.ErrConflict
	for i := 0; i < changes && errors.Is(err, drivers.ErrConflict); i++ { // the source has changed meanwhile, or the copy's place
		info, err = b.copyFrom(ctx, key, from, srcKey, o)
	}
	return info, b.fail(ctx, "Copy", key, err)
}

func (b *bucket) copyFrom(ctx context.Context, key string, from *bucket, srcKey string, o drivers.CopyOptions) (drivers.Info, error) {
	name, err := target(key)
	if err != nil {
		return drivers.Info{}, err
	}
	source, a, err := from.source(ctx, srcKey, o)
	if err != nil {
		return drivers.Info{}, err
	}
	tags, err := o.TagsOf(a.Tags)
	if err != nil {
		return drivers.Info{}, err
	}
	pre, err := b.resolve(ctx, name, o.Conditions)
	if err != nil {
		return drivers.Info{}, err
	}
	w := write{b, key, name, drivers.PutOptions{Size: source.size, Header: o.HeaderOf(a.Header), Tags: tags}, pre}
	object, err := w.prepare(ctx, a.Digest)
	if err != nil {
		return drivers.Info{}, err
	}
	made, err := w.rewrite(ctx, from.name, source, object)
	if err != nil {
		return drivers.Info{}, b.unmet(ctx, name, o.Conditions, err)
	}
	return made.info(key, made.attrs(), false), nil
}

// source describes the source of a copy, and judges its conditions. It fails with ErrUnsupported for one of which the copy's digest
// cannot be told.
func (b *bucket) source(ctx context.Context, key string, o drivers.CopyOptions) (stored, attrs.Attrs, error) {
	name, err := existing(key)
	if err != nil {
		return stored{}, attrs.Attrs{}, err
	}
	if err := checkVersion(o.Source.VersionID); err != nil {
		return stored{}, attrs.Attrs{}, err
	}
	s, err := b.stat(ctx, name)
	if err != nil {
		return stored{}, attrs.Attrs{}, err
	}
	a := s.attrs()
	if err := o.Source.Conditions.CheckCopySource(s.info(key, a, false)); err != nil {
		return stored{}, attrs.Attrs{}, err
	}
	sum := a.Digest.Checksum
	if len(a.Digest.ETag) != md5Length || a.PartsCount > 0 || sum.Value == "" || o.Algorithm != "" && o.Algorithm != sum.Algorithm {
		return stored{}, attrs.Attrs{}, drivers.ErrUnsupported
	}
	return s, a, nil
}

// md5Length is that of an MD5 in hex. The ETag of an object made of parts is longer.
const md5Length = 32

// rewrite has the store copy an object of the bucket from, in as many requests as it wants. What object says replaces all that the
// source has: https://cloud.google.com/storage/docs/json_api/v1/objects/rewrite.
func (w write) rewrite(ctx context.Context, from string, source stored, object *storage.Object) (stored, error) {
	call := w.d.api.Objects.Rewrite(from, source.name, w.bucket.name, w.name, object).
		IfSourceGenerationMatch(source.generation).Projection("noAcl").Context(ctx)
	if w.pre.set {
		call.IfGenerationMatch(w.pre.generation)
	}
	for {
		res, err := call.Do()
		switch {
		case hasStatus(err, http.StatusNotFound):
			return stored{}, w.missing(ctx, err)
		case err != nil:
			return stored{}, err
		case res.Done && res.Resource != nil:
			return storedOf(res.Resource), nil
		case res.RewriteToken == "":
			return stored{}, fmt.Errorf("%w: the store neither ends a copy nor goes on with it", drivers.ErrUnavailable)
		}
		call.RewriteToken(res.RewriteToken)
	}
}
