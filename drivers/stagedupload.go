package drivers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// stagedUpload is the document StagingPrefix + ID + "/upload", in JSON; beside it is one object "part-00001" for each part.
// The ID is random, so two uploads of one key never meet, and says how the upload is kept.
type stagedUpload struct {
	Upload Upload
	Header Header
	Tags   []Tag
}

// stagedWidth is how many parts are looked up at once.
const stagedWidth = 16

func (b *stagingBucket) CreateUpload(ctx context.Context, key string, o CreateUploadOptions) (Upload, error) {
	if err := CheckKey(key); err != nil {
		return Upload{}, err
	}
	if hidden(key) {
		return Upload{}, ErrInvalid
	}
	u := stagedUpload{Header: o.Header, Tags: o.Tags, Upload: Upload{
		Key: key, ID: newStagedID(), Initiated: time.Now().UTC(), StorageClass: o.Header.StorageClass,
		ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType, ChecksumImplicit: o.ChecksumImplicit,
	}}
	doc, err := json.Marshal(u)
	if err != nil {
		return Upload{}, err
	}
	_, err = b.child.Put(ctx, uploadKey(u.Upload.ID), bytes.NewReader(doc), PutOptions{Size: int64(len(doc))})
	return u.Upload, err
}

func newStagedID() string {
	var r [18]byte
	rand.Read(r[:])
	return "staged-" + base64.RawURLEncoding.EncodeToString(r[:])
}

func uploadKey(id string) string { return StagingPrefix + id + "/upload" }

func partKey(id string, number int) string {
	return fmt.Sprintf("%s%s/part-%05d", StagingPrefix, id, number)
}

// upload reads an upload's document; ErrNoUpload if it is not there or belongs to another key.
func (b *stagingBucket) upload(ctx context.Context, key, id string) (stagedUpload, error) {
	u, err := b.uploadByID(ctx, id)
	if err == nil && key != u.Upload.Key {
		err = ErrNoUpload
	}
	return u, err
}

func (b *stagingBucket) uploadByID(ctx context.Context, id string) (stagedUpload, error) {
	var u stagedUpload
	if !strings.HasPrefix(id, "staged-") || strings.ContainsAny(id, "/.") {
		return u, ErrNoUpload
	}
	obj, err := b.child.Get(ctx, uploadKey(id), GetOptions{})
	if errors.Is(err, ErrNotFound) {
		return u, ErrNoUpload
	}
	if err != nil {
		return u, err
	}
	defer obj.Body.Close()
	return u, json.NewDecoder(io.LimitReader(obj.Body, 1<<20)).Decode(&u)
}

func (b *stagingBucket) PutPart(ctx context.Context, key, id string, number int, body io.Reader, o PutPartOptions) (Part, error) {
	if _, err := b.upload(ctx, key, id); err != nil {
		return Part{}, err
	}
	if number < 1 || number > MaxPartNumber {
		return Part{}, ErrInvalid
	}
	var digest Digest
	body, sum, done := WithDigest(body, o.Size, o.Digest)
	defer done()
	info, err := b.child.Put(ctx, partKey(id, number), body, PutOptions{Size: o.Size, Checksum: o.Checksum, Digest: func() Digest {
		digest = sum()
		return digest
	}})
	if err != nil {
		return Part{}, err
	}
	if _, err := b.upload(ctx, key, id); err != nil { // ended while the part came in: its parts are gone, so must this one be
		_, _ = b.child.Delete(context.WithoutCancel(ctx), partKey(id, number), DeleteOptions{})
		return Part{}, err
	}
	return Part{Number: number, Size: info.Size, ETag: digest.ETag, Checksum: digest.Checksum, LastModified: info.LastModified}, nil
}

func (b *stagingBucket) CompleteUpload(ctx context.Context, key, id string, listed []CompletedPart, o CompleteOptions) (Info, error) {
	u, err := b.upload(ctx, key, id)
	if err != nil {
		return Info{}, err
	}
	info, err := b.join(ctx, u, listed, o)
	if err == nil {
		return info, b.drop(ctx, id)
	}
	if _, gone := b.upload(ctx, key, id); errors.Is(gone, ErrNoUpload) { // another call has ended it meanwhile
		err = gone
	}
	return Info{}, err
}

// join stores the object that an upload's parts make.
func (b *stagingBucket) join(ctx context.Context, u stagedUpload, listed []CompletedPart, o CompleteOptions) (Info, error) {
	id := u.Upload.ID
	stored, err := b.parts(ctx, id, 0, MaxPartNumber)
	if err != nil {
		return Info{}, err
	}
	byNumber := make(map[int]storedPart, len(stored))
	for _, p := range stored {
		byNumber[p.Number] = p
	}
	size, digest, err := JoinParts(u.Upload, listed, func(n int) (Part, bool) {
		p, ok := byNumber[n]
		return p.Part, ok
	}, o)
	if err != nil {
		return Info{}, err
	}
	body := &joinedParts{ctx: ctx, bucket: b.child, id: id}
	for _, p := range digest.Parts {
		body.parts = append(body.parts, byNumber[p.Number])
	}
	defer body.Close()
	return b.child.Put(ctx, u.Upload.Key, body, PutOptions{
		Size: size, Header: u.Header, Tags: u.Tags, Conditions: o.Conditions, Digest: func() Digest { return digest },
	})
}

func (b *stagingBucket) AbortUpload(ctx context.Context, key, id string) error {
	if _, err := b.upload(ctx, key, id); err != nil {
		return err
	}
	return b.drop(ctx, id)
}

// drop deletes the upload's document first: from then on no part can be added.
func (b *stagingBucket) drop(ctx context.Context, id string) error {
	if _, err := b.child.Delete(ctx, uploadKey(id), DeleteOptions{}); err != nil {
		return err
	}
	return deletePrefix(ctx, b.child, StagingPrefix+id+"/")
}

func (b *stagingBucket) ListParts(ctx context.Context, key, id string, o ListPartsOptions) (PartsPage, error) {
	u, err := b.upload(ctx, key, id)
	if err != nil {
		return PartsPage{}, err
	}
	limit := o.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	stored, err := b.parts(ctx, id, o.After, limit+1)
	if err != nil {
		return PartsPage{}, err
	}
	page := PartsPage{Upload: u.Upload, More: len(stored) > limit}
	for _, p := range stored[:min(limit, len(stored))] {
		page.Parts = append(page.Parts, p.Part)
	}
	return page, nil
}

func (b *stagingBucket) ListUploads(ctx context.Context, o ListUploadsOptions) (UploadsPage, error) {
	var all []Upload
	lo := ListOptions{Prefix: StagingPrefix, Delimiter: "/"}
	for {
		page, err := b.child.List(ctx, lo)
		if err != nil {
			return UploadsPage{}, err
		}
		for _, p := range page.Prefixes {
			u, err := b.uploadByID(ctx, strings.TrimSuffix(strings.TrimPrefix(p, StagingPrefix), "/"))
			if err == nil && strings.HasPrefix(u.Upload.Key, o.Prefix) {
				all = append(all, u.Upload)
			} else if err != nil && !errors.Is(err, ErrNoUpload) {
				return UploadsPage{}, err
			}
		}
		if !page.More {
			return PageUploads(all, o), nil
		}
		lo.Cursor = page.Next
	}
}

// storedPart is a staged part and the token its bytes are pinned to.
type storedPart struct {
	Part
	token string
}

// parts looks up to limit parts with a number greater than after.
func (b *stagingBucket) parts(ctx context.Context, id string, after, limit int) ([]storedPart, error) {
	var found []storedPart
	o := ListOptions{Prefix: StagingPrefix + id + "/part-", Cursor: Cursor{After: partKey(id, after)}, Limit: min(limit, DefaultLimit)}
	for len(found) < limit {
		page, err := b.child.List(ctx, o)
		if err != nil {
			return nil, err
		}
		for _, info := range page.Objects {
			n, err := strconv.Atoi(strings.TrimPrefix(info.Key, o.Prefix))
			if err == nil && len(found) < limit {
				found = append(found, storedPart{Part: Part{Number: n}})
			}
		}
		if !page.More {
			break
		}
		o.Cursor = page.Next
	}
	g := NewGroup(ctx, stagedWidth)
	for i := range found {
		g.Go(func(ctx context.Context) error {
			p := &found[i]
			info, err := b.child.Head(ctx, partKey(id, p.Number), GetOptions{})
			p.Size, p.ETag, p.Checksum, p.LastModified, p.token = info.Size, info.ETag, info.Checksum, info.LastModified, info.Token
			if errors.Is(err, ErrNotFound) { // the upload has ended since
				return ErrNoUpload
			}
			return err
		})
	}
	return found, g.Wait()
}
