package s3

import (
	"context"
	"fmt"
	"time"

	"sluice/drivers"
)

const (
	// copyPartSize is the least that a part of a large copy has, in bytes.
	copyPartSize = 1 << 30
	// copyWidth is how many parts of a large copy the store copies at once.
	copyWidth = 4
	// abortTimeout bounds the clean-up after a copy that failed.
	abortTimeout = 30 * time.Second
)

// copyLarge copies an object that is too large for one CopyObject, part by part inside of the store. The copy is an object made
// of parts. info is the source's.
func (b *bucket) copyLarge(ctx context.Context, key string, from *bucket, info drivers.Info, o drivers.CopyOptions) (drivers.Info, error) {
	tags, err := b.sourceTags(ctx, from, info, o)
	if err != nil {
		return drivers.Info{}, err
	}
	create := drivers.CreateUploadOptions{Header: o.HeaderOf(info.Header), Tags: tags, ChecksumAlgorithm: o.Algorithm} // or the store's own
	if o.Algorithm != "" {
		create.ChecksumType = o.Algorithm.DefaultType()
	}
	u, err := b.createUpload(ctx, key, create)
	if err != nil {
		return drivers.Info{}, err
	}
	parts, err := b.copyParts(ctx, u, from, info)
	if err == nil {
		var done drivers.Info
		if done, err = b.completeUpload(ctx, key, u.ID, parts, drivers.CompleteOptions{Conditions: o.Conditions}); err == nil {
			done.Size, done.TagCount = info.Size, len(tags)
			return done, nil
		}
	}
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	if aerr := b.AbortUpload(cleanup, key, u.ID); aerr != nil {
		b.d.log.Warn("the parts of a copy that failed stay in the store", "node", b.d.node, "bucket", b.name, "key", key, "upload", u.ID, "error", aerr)
	}
	return drivers.Info{}, err
}

// copyParts copies all of the source to parts of the upload.
func (b *bucket) copyParts(ctx context.Context, u drivers.Upload, from *bucket, info drivers.Info) ([]drivers.CompletedPart, error) {
	size := max(copyPartSize, (info.Size+drivers.MaxPartNumber-1)/drivers.MaxPartNumber)
	parts := make([]drivers.CompletedPart, (info.Size+size-1)/size)
	g := drivers.NewGroup(ctx, copyWidth)
	for i := range parts {
		start := int64(i) * size
		source := drivers.GetOptions{
			VersionID: info.VersionID, Conditions: drivers.Conditions{IfToken: info.Token},
			Range: drivers.Range{Start: start, Length: min(size, info.Size-start)},
		}
		g.Go(func(ctx context.Context) error {
			p, err := b.copyPart(ctx, u.Key, u.ID, i+1, from, info.Key, drivers.CopyPartOptions{Source: source})
			parts[i] = drivers.CompletedPart{Number: i + 1, ETag: p.ETag, Checksum: p.Checksum}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, fmt.Errorf("of the parts of a large copy: %w", err)
	}
	return parts, nil
}

// sourceTags returns the tags of the copy.
func (b *bucket) sourceTags(ctx context.Context, from *bucket, info drivers.Info, o drivers.CopyOptions) ([]drivers.Tag, error) {
	if o.Tags != nil || info.TagCount == 0 {
		return o.TagsOf(nil)
	}
	tags, err := from.Tags(ctx, info.Key, info.VersionID)
	if err != nil {
		return nil, err
	}
	return o.TagsOf(tags)
}
