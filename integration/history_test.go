package integration

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// crashBucket is the bucket that the crash test writes to.
const crashBucket = "crash"

// state is what a key holds: the digest of its content, or absent.
type state sum

// absent is the state of a key that holds nothing; no content has this digest.
var absent state

func stateOf(b []byte) state { return sha256.Sum256(b) }

// history is one writer and what it knows of its keys.
type history struct {
	name int
	rng  *rand.Rand
	keys map[string]*record
}

// record is what a key may hold: what was acknowledged last and, after a write
// without an answer, what that would have left.
type record struct {
	acknowledged state
	pending      *state
}

func newHistory(name int) *history {
	h := &history{name: name, rng: rand.New(rand.NewPCG(uint64(name), 1)), keys: map[string]*record{}}
	for i := range 20 {
		h.keys[fmt.Sprintf("w%d/k%02d", name, i)] = &record{}
	}
	return h
}

// write changes one key at random and records the answer. On an error the
// change stays pending.
func (h *history) write(ctx context.Context, client *s3.Client) error {
	key := fmt.Sprintf("w%d/k%02d", h.name, h.rng.IntN(len(h.keys)))
	r := h.keys[key]
	next := absent
	var err error
	bucket := aws.String(crashBucket)
	switch p := h.rng.IntN(100); {
	case p < 20:
		r.pending = &next
		_, err = client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: &key})
	case p < 25:
		body := contentBytes(h.rng.Uint64(), 5*mib+h.rng.Int64N(mib))
		next = stateOf(body)
		r.pending = &next
		err = uploadParts(ctx, client, key, body)
	default:
		body := contentBytes(h.rng.Uint64(), h.size())
		next = stateOf(body)
		r.pending = &next
		_, err = client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key, Body: bytes.NewReader(body)})
	}
	if err != nil {
		return fmt.Errorf("%q: %w", key, err)
	}
	r.acknowledged, r.pending = next, nil
	return nil
}

// size is mostly that of a small object, sometimes that of one which takes long
// enough to be cut in two.
func (h *history) size() int64 {
	if h.rng.IntN(10) == 0 {
		return 1 + h.rng.Int64N(4*mib)
	}
	return h.rng.Int64N(10_000)
}

// verify compares a key with its record, settles a pending write, and adds what
// is there to shown.
func (h *history) verify(ctx context.Context, client *s3.Client, key string, shown map[string]int64) error {
	r := h.keys[key]
	got, size, err := read(ctx, client, key)
	if err != nil {
		return err
	}
	if got != r.acknowledged && (r.pending == nil || got != *r.pending) {
		return fmt.Errorf("%q holds %d bytes (present %v) that nobody acknowledged or began; acknowledged present %v, pending %v",
			key, size, got != absent, r.acknowledged != absent, r.pending != nil)
	}
	r.acknowledged, r.pending = got, nil
	if got != absent {
		shown[key] = size
	}
	return nil
}

// uploadParts writes body as an upload of two parts.
func uploadParts(ctx context.Context, client *s3.Client, key string, body []byte) error {
	bucket := aws.String(crashBucket)
	upload, err := client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &key})
	if err != nil {
		return err
	}
	var parts []types.CompletedPart
	for i, b := range [][]byte{body[:5*mib], body[5*mib:]} {
		n := aws.Int32(int32(i + 1))
		part, err := client.UploadPart(ctx, &s3.UploadPartInput{Bucket: bucket, Key: &key, UploadId: upload.UploadId, PartNumber: n, Body: bytes.NewReader(b)})
		if err != nil {
			return err
		}
		parts = append(parts, types.CompletedPart{PartNumber: n, ETag: part.ETag})
	}
	_, err = client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{Bucket: bucket, Key: &key, UploadId: upload.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
	return err
}

// isCode reports whether err is an S3 error with the code.
func isCode(err error, code string) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == code
}
