// Package drivertest proves that a driver keeps the contract of package drivers. Every leaf, wrapper and policy runs it:
//
//	func TestConformance(t *testing.T) {
//		t.Parallel()
//		drivertest.Run(t, func(t *testing.T) drivers.Driver { return mem.New() })
//	}
//
// Each check has a bucket of its own, is named by the behaviour that it proves, and runs beside the others. What a store
// cannot do is declared by an [Option], in the driver's test, where everyone sees it; the suite then checks that it is
// refused, and never skips it.
package drivertest

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
)

// Option declares a limit of a store.
type Option func(*limits)

// limits is what a store cannot do.
type limits struct {
	withoutTags      bool
	withoutMultipart bool
	staged           bool
	storeETags       bool
	speaksS3         bool
	maxMetadata      int
	refusedKey       func(key string) bool
	file             func(key string) bool
	without          []exception
}

// WithoutTags declares that tags are refused with ErrUnsupported.
func WithoutTags() Option { return func(l *limits) { l.withoutTags = true } }

// WithoutMultipart declares that multipart uploads are refused with ErrUnsupported. Users open such a driver through
// drivers.Staging, so its test runs the suite on that as well.
func WithoutMultipart() Option { return func(l *limits) { l.withoutMultipart = true } }

// Staged declares that uploads are staged by drivers.Staging, whose hidden prefix no client can use, as the store is no
// drivers.Namer.
func Staged() Option { return func(l *limits) { l.staged = true } }

// StoreETags declares that the store makes all ETags itself, so that a Put cannot give an object the ETag of one made of
// parts: it is refused with ErrUnsupported.
func StoreETags() Option { return func(l *limits) { l.storeETags = true } }

// SpeaksS3 declares that the store does what S3 does where the contract asks for more. It writes only under conditions that S3
// knows: IfMatch with one ETag or "*", IfToken, IfNoneMatch "*" (not of a Delete); writes under others are refused with
// ErrUnsupported. It gives tags in an order of its own. To complete an upload once more with the same parts may succeed. A
// copy of an object onto itself that changes nothing may be ErrInvalid, before anyone looks for the object. Of several who make
// a bucket at once more than one may succeed, as in us-east-1.
func SpeaksS3() Option { return func(l *limits) { l.speaksS3 = true } }

// MaxMetadata declares that an object keeps user metadata up to so many bytes, names and values together, and that
// more is refused with ErrInvalid or ErrTooLarge. Without this option it is 8 KiB; S3 promises 2 KiB.
func MaxMetadata(bytes int) Option { return func(l *limits) { l.maxMetadata = bytes } }

// RefusesKeys declares that keys for which refused is true cannot be stored: a Put of them fails with ErrInvalid or
// ErrKeyTooLong.
func RefusesKeys(refused func(key string) bool) Option {
	return func(l *limits) { l.refusedKey = refused }
}

// Files declares that an object whose key file is true of lies at that path of a file system, so that it and one whose key goes on
// with "/" exclude each other: the Put of whichever comes second fails with ErrInvalid.
func Files(file func(key string) bool) Option {
	return func(l *limits) { l.file = file }
}

// check is one behaviour.
type check struct {
	name string
	run  func(*env)
}

// Run runs the suite on the driver that open returns, and closes it at the end. open is called once; it may use
// t.Cleanup for what the driver stands on, which is released after the driver's Close. Buckets that the suite makes are
// called "drivertest-" and something random, and are deleted.
func Run(t *testing.T, open func(t *testing.T) drivers.Driver, options ...Option) {
	l := &limits{maxMetadata: 8 << 10, refusedKey: func(string) bool { return false }, file: func(string) bool { return false }}
	for _, o := range options {
		o(l)
	}
	checkLeaks(t)
	d := open(t)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	for _, c := range l.except(t, checks(l)) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newEnv(t, d, l))
		})
	}
}

func checks(l *limits) []check {
	return slices.Concat(bucketChecks(), putChecks(), headerChecks(), readChecks(), keyChecks(), listChecks(),
		conditionChecks(), raceChecks(), raceWriteChecks(l), copyChecks(), tagChecks(l), uploadChecks(l))
}

// newEnv makes a bucket for one check, and cleans it up after it.
func newEnv(t *testing.T, d drivers.Driver, l *limits) *env {
	t.Helper()
	e := &env{T: t, d: d, limits: l}
	e.bucket, e.b = e.newBucket()
	e.m = drivers.Multiparts(e.b)
	return e
}

// newBucket makes one more bucket for the check.
func (e *env) newBucket() (string, drivers.Bucket) {
	e.Helper()
	name := "drivertest-" + strings.ToLower(rand.Text()[:16])
	if err := e.d.CreateBucket(e.Context(), name, drivers.CreateBucketOptions{}); err != nil {
		e.Fatalf("CreateBucket: %v", err)
	}
	e.Cleanup(func() { e.drop(name) })
	return name, e.d.Bucket(name)
}

// drop empties a bucket and deletes it, where the check has not done so.
func (e *env) drop(name string) {
	ctx, b := context.WithoutCancel(e.Context()), e.d.Bucket(name)
	if _, err := e.d.StatBucket(ctx, name); err != nil {
		e.is(err, drivers.ErrNoBucket)
		return
	}
	for o := (drivers.ListOptions{}); ; {
		page, err := b.List(ctx, o)
		if err != nil {
			e.Errorf("clean-up: %v", err)
			return
		}
		items := make([]drivers.DeleteItem, len(page.Objects))
		for i, info := range page.Objects {
			items[i].Key = info.Key
		}
		for _, out := range drivers.DeleteAll(ctx, b, items) {
			e.ok(out.Err)
		}
		if !page.More {
			break
		}
		o.Cursor = page.Next
	}
	e.ok(e.d.DeleteBucket(ctx, name))
}
