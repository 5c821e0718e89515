package drivers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	joinTries = 3                // of one completion
	endLimit  = 10 * time.Second // for the end of an upload whose object is there
)

// stagedUpload is the document StagingPrefix + ID + "/upload", in JSON; beside it is one object "part-00001" for each part.
// The ID is random, so two uploads of one key never meet, and says how the upload is kept.
type stagedUpload struct {
	Upload Upload
	Header Header
	Tags   []Tag
}

func (b *stagingBucket) CreateUpload(ctx context.Context, key string, o CreateUploadOptions) (Upload, error) {
	if _, err := b.names.target("CreateUpload", key); err != nil {
		return Upload{}, err
	}
	u := stagedUpload{Header: o.Header, Tags: o.Tags, Upload: Upload{
		Key: key, ID: newStagedID(), Initiated: time.Now().UTC(), StorageClass: o.Header.StorageClass,
		ChecksumAlgorithm: o.ChecksumAlgorithm, ChecksumType: o.ChecksumType, ChecksumImplicit: o.ChecksumImplicit,
	}}
	doc, err := json.Marshal(u)
	if err != nil {
		return Upload{}, err
	}
	if _, err = b.child.Put(ctx, uploadKey(u.Upload.ID), bytes.NewReader(doc), PutOptions{Size: int64(len(doc))}); err != nil {
		return Upload{}, err
	}
	b.d.known.put(uploadName{b.bucket, u.Upload.ID}, u)
	return u.Upload, nil
}

// stagedID begins the ID of every staged upload.
const stagedID = "staged-"

func newStagedID() string { return stagedID + rand.Text() }

func uploadKey(id string) string { return StagingPrefix + id + "/upload" }

func partKey(id string, number int) string {
	return fmt.Sprintf("%s%s/part-%05d", StagingPrefix, id, number)
}

// upload reads an upload's document; ErrNoUpload if it is not there or belongs to another key.
func (b *stagingBucket) upload(ctx context.Context, key, id string) (stagedUpload, error) {
	name := uploadName{b.bucket, id}
	u, err := b.uploadByID(ctx, id)
	if err != nil {
		b.d.known.forget(name)
		return u, err
	}
	b.d.known.put(name, u)
	return u, u.of(key)
}

// goesOn is nil for an upload that was there a moment ago.
func (b *stagingBucket) goesOn(ctx context.Context, key, id string) error {
	if u, ok := b.d.known.get(uploadName{b.bucket, id}); ok {
		return u.of(key)
	}
	_, err := b.upload(ctx, key, id)
	return err
}

// of fails with ErrNoUpload where the upload is not of that key.
func (u stagedUpload) of(key string) error {
	if key != u.Upload.Key {
		return ErrNoUpload
	}
	return nil
}

func (b *stagingBucket) uploadByID(ctx context.Context, id string) (stagedUpload, error) {
	var u stagedUpload
	if !strings.HasPrefix(id, stagedID) || strings.ContainsAny(id, "/.") {
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
	if err := b.goesOn(ctx, key, id); err != nil {
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
	if err := b.goesOn(ctx, key, id); err != nil {
		if errors.Is(err, ErrNoUpload) { // ended while the part came in: its parts are gone, so must this one be
			b.d.clean.later(b.child, partKey(id, number))
		} // else it stays: by the time it were deleted it could be another one, sent again
		return Part{}, err
	}
	return Part{Number: number, Size: info.Size, ETag: digest.ETag, Checksum: digest.Checksum, LastModified: info.LastModified}, nil
}

func (b *stagingBucket) CompleteUpload(ctx context.Context, key, id string, listed []CompletedPart, o CompleteOptions) (Info, error) {
	u, err := b.upload(ctx, key, id)
	if err != nil {
		return Info{}, err
	}
	var info Info
	err = ErrConflict
	for i := 0; i < joinTries && errors.Is(err, ErrConflict); i++ { // a part was uploaded again meanwhile: with other content or not
		info, err = b.join(ctx, u, listed, o)
	}
	if err == nil {
		info.Key = key
		b.ended(ctx, id)
		return info, nil
	}
	if _, gone := b.upload(ctx, key, id); errors.Is(gone, ErrNoUpload) { // another call has ended it meanwhile
		err = gone
	}
	return Info{}, err
}

// ended drops an upload whose object is there: nothing that goes wrong from then on may tell the client otherwise, who would send
// it again, over what others may have written since, or be refused by the condition that there is no such object.
func (b *stagingBucket) ended(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	if b.drop(ctx, id) != nil {
		b.d.clean.later(b.child, StagingPrefix+id+"/") // with the document
	}
}

// join stores the object that an upload's parts make: by the store, or else by streaming them.
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
	name, err := b.names.target("CompleteUpload", u.Upload.Key)
	if err != nil {
		return Info{}, err
	}
	put := PutOptions{
		Size: size, Header: u.Header, Tags: u.Tags, Conditions: o.Conditions, Digest: func() Digest { return digest }, Checksum: digest.Checksum,
	}
	sources := make([]Source, len(digest.Parts))
	for i, p := range digest.Parts {
		sources[i] = Source{Key: partKey(id, p.Number), Token: byNumber[p.Number].token, Size: p.Size}
	}
	info, err := join(ctx, b.child, name, sources, put)
	if !isUnsupported(err) {
		return info, err
	}
	body := &joinedSources{ctx: ctx, bucket: b.child, sources: sources}
	defer func() { _ = body.Close() }()
	return b.child.Put(ctx, name, body, put)
}

func (b *stagingBucket) AbortUpload(ctx context.Context, key, id string) error {
	if _, err := b.upload(ctx, key, id); err != nil {
		return err
	}
	return b.drop(ctx, id)
}

// drop deletes the upload's document: from then on no part can be added, and those that are there are deleted soon.
func (b *stagingBucket) drop(ctx context.Context, id string) error {
	_, err := b.child.Delete(ctx, uploadKey(id), DeleteOptions{})
	b.d.known.forget(uploadName{b.bucket, id}) // now: a part may have come meanwhile
	if err != nil {
		return err
	}
	b.d.clean.later(b.child, StagingPrefix+id+"/")
	return nil
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
		found, err := b.uploadsIn(ctx, page.Prefixes)
		if err != nil {
			return UploadsPage{}, err
		}
		for _, u := range found {
			if u.ID != "" && strings.HasPrefix(u.Key, o.Prefix) {
				all = append(all, u)
			}
		}
		if !page.More {
			return PageUploads(all, o), nil
		}
		lo.Cursor = page.Next
	}
}

// uploadsIn reads the documents in folders, side by side. A folder that has none gives no ID.
func (b *stagingBucket) uploadsIn(ctx context.Context, folders []string) ([]Upload, error) {
	found := make([]Upload, len(folders))
	g := NewGroup(ctx, stagedWidth)
	for i, folder := range folders {
		g.Go(func(ctx context.Context) error {
			u, err := b.uploadByID(ctx, strings.TrimSuffix(strings.TrimPrefix(folder, StagingPrefix), "/"))
			if errors.Is(err, ErrNoUpload) {
				return nil
			}
			found[i] = u.Upload
			return err
		})
	}
	return found, g.Wait()
}
