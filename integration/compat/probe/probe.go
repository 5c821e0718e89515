// Package probe tries what clients do with S3, one thing after the other, and says of each whether it came out as S3 has it:
//
//	outcomes, err := probe.Run(ctx, probe.Server{Endpoint: "http://127.0.0.1:9000", AccessKey: key, SecretKey: secret})
//
// It tells stores apart: where one cannot do a thing as S3 does, its column has the S3 error code that clients get, and
// [Wrong] where they get a wrong answer.
package probe

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

// What a probe can come to, beside an S3 error code.
const (
	Yes     = "yes"
	Missing = "-" // NotImplemented
	Wrong   = "wrong"
)

// limit is for one probe.
const limit = time.Minute

// Server is where to probe.
type Server struct{ Endpoint, AccessKey, SecretKey string }

// Outcome is what came of one probe.
type Outcome struct {
	Operation string // S3's name
	What      string // which side of the operation; "" for the plain one
	Is        string // Yes, Missing, Wrong, or an S3 error code
	Err       error  // why it is not Yes
}

// probe is one thing to try, with keys below one that is its own.
type probe struct {
	operation, what string
	try             func(b *bucket, key string) error
}

// Run runs all probes, in the order of the page, in a bucket that it makes and removes. Its error says that this failed.
func Run(ctx context.Context, s Server) ([]Outcome, error) {
	b := newBucket(ctx, s)
	if _, err := b.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &b.name}); err != nil {
		return nil, err
	}
	var outcomes []Outcome
	for i, p := range slices.Concat(bucketProbes, putProbes, readProbes, listProbes, copyProbes, deleteProbes, uploadProbes) {
		outcomes = append(outcomes, p.run(b, fmt.Sprintf("probe-%02d", i)))
	}
	return outcomes, b.remove()
}

func (p probe) run(b *bucket, key string) Outcome {
	ctx, cancel := context.WithTimeout(b.ctx, limit)
	defer cancel()
	err := p.try(&bucket{ctx: ctx, s3: b.s3, name: b.name}, key)
	o := Outcome{Operation: p.operation, What: p.what, Is: Yes, Err: err}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		o.Is = api.ErrorCode()
		if o.Is == "NotImplemented" {
			o.Is = Missing
		}
	} else if err != nil {
		o.Is = Wrong
	}
	return o
}

// bucket is where probes work.
type bucket struct {
	ctx  context.Context
	s3   *s3.Client
	name string
}

func newBucket(ctx context.Context, s Server) *bucket {
	return &bucket{ctx: ctx, name: "probe-" + strings.ToLower(rand.Text()[:12]), s3: s3.New(s3.Options{
		Region: "us-east-1", BaseEndpoint: &s.Endpoint, UsePathStyle: true,
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: s.AccessKey, SecretAccessKey: s.SecretKey}, nil
		}),
	})}
}

// remove empties the bucket and deletes it.
func (b *bucket) remove() error {
	keys, err := b.list("", "", 1000)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := b.s3.DeleteObject(b.ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
			return err
		}
	}
	_, err = b.s3.DeleteBucket(b.ctx, &s3.DeleteBucketInput{Bucket: &b.name})
	return err
}

// put stores content and lets more change the request.
func (b *bucket) put(key, content string, more ...func(*s3.PutObjectInput)) error {
	in := &s3.PutObjectInput{Bucket: &b.name, Key: &key, Body: strings.NewReader(content)}
	for _, change := range more {
		change(in)
	}
	_, err := b.s3.PutObject(b.ctx, in)
	return err
}

// get reads an object, or what of it the request asks for.
func (b *bucket) get(key string, more ...func(*s3.GetObjectInput)) (*s3.GetObjectOutput, string, error) {
	in := &s3.GetObjectInput{Bucket: &b.name, Key: &key}
	for _, change := range more {
		change(in)
	}
	out, err := b.s3.GetObject(b.ctx, in)
	if err != nil {
		return nil, "", err
	}
	defer out.Body.Close()
	var body bytes.Buffer
	_, err = io.Copy(&body, out.Body)
	return out, body.String(), err
}

func (b *bucket) head(key string) (*s3.HeadObjectOutput, error) {
	return b.s3.HeadObject(b.ctx, &s3.HeadObjectInput{Bucket: &b.name, Key: &key})
}

// holds reports where an object's content is another.
func (b *bucket) holds(key, want string) error {
	_, got, err := b.get(key)
	if err != nil {
		return err
	}
	return same("content", got, want)
}

// same is an error where the two differ.
func same[T comparable](what string, got, want T) error {
	if got != want {
		return fmt.Errorf("%s: got %.80q, want %.80q", what, fmt.Sprint(got), fmt.Sprint(want))
	}
	return nil
}

// refused is an error unless err is of the S3 code, which was to be.
func refused(err error, code string) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == code {
		return nil
	}
	// Another refusal is a wrong answer, not a missing ability: its code is not to be taken for that.
	return fmt.Errorf("want %s, got: %s", code, fmt.Sprint(err))
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
