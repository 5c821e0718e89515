package integration

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// keyUpload is an upload of two parts to a key that others upload to as well. Its content is that of its seed.
type keyUpload struct {
	*oneKey
	seed  uint64
	id    string
	parts []types.CompletedPart
	etag  string // of the object, as Complete told it
}

func (k *oneKey) newUpload(seed uint64) *keyUpload {
	k.t.Helper()
	made, err := k.client.CreateMultipartUpload(k.t.Context(), &s3.CreateMultipartUploadInput{Bucket: &k.bucket, Key: &k.key})
	if err != nil {
		k.t.Fatal(err)
	}
	return &keyUpload{oneKey: k, seed: seed, id: *made.UploadId}
}

// content is the whole object: a first part of 5 MiB and the rest.
func (u *keyUpload) content() []byte { return contentBytes(u.seed, 5*mib+100_000) }

// part sends one of the two parts.
func (u *keyUpload) part(number int32) {
	u.t.Helper()
	body := u.content()[:5*mib]
	if number == 2 {
		body = u.content()[5*mib:]
	}
	sent, err := u.client.UploadPart(u.t.Context(), &s3.UploadPartInput{Bucket: &u.bucket, Key: &u.key, UploadId: &u.id,
		PartNumber: &number, Body: bytes.NewReader(body)})
	if err != nil {
		u.t.Fatal(err)
	}
	u.parts = append(u.parts, types.CompletedPart{PartNumber: &number, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32})
}

// abortedUpload is an upload with one part that has been aborted.
func (k *oneKey) abortedUpload() *keyUpload {
	k.t.Helper()
	u := k.newUpload(1)
	u.part(1)
	_, err := k.client.AbortMultipartUpload(k.t.Context(), &s3.AbortMultipartUploadInput{Bucket: &k.bucket, Key: &k.key, UploadId: &u.id})
	if err != nil {
		k.t.Fatal(err)
	}
	return u
}

// complete makes the object of the parts that were sent.
func (u *keyUpload) complete(ctx context.Context) error {
	slices.SortFunc(u.parts, func(a, b types.CompletedPart) int { return cmp.Compare(*a.PartNumber, *b.PartNumber) })
	done, err := u.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: &u.bucket, Key: &u.key, UploadId: &u.id,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: u.parts}})
	if err == nil {
		u.etag = aws.ToString(done.ETag)
	}
	return err
}
