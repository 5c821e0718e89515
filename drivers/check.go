package drivers

import (
	"context"
	"iter"
)

// Checker is a Driver that can tell whether its store is reachable and usable; call [Check].
type Checker interface {
	Check(ctx context.Context) error
}

// Check tells whether the driver's store is reachable and usable: by its own check, or else by listing its buckets.
func Check(ctx context.Context, d Driver) error {
	if c, ok := d.(Checker); ok {
		return c.Check(ctx)
	}
	_, err := d.ListBuckets(ctx)
	return err
}

// Unwrapper is a Driver around one other, whose abilities it passes on.
type Unwrapper interface {
	Unwrap() Driver
}

// Base returns what is left of d without its wrappers: what every [Unwrapper] is around, in the end. Two drivers with the same
// Base are two ways to one store.
func Base(d Driver) Driver {
	base := d
	for inner := range withInner(d) {
		base = inner
	}
	return base
}

// withInner gives d, what it is around, and so on inwards.
func withInner(d Driver) iter.Seq[Driver] {
	return func(yield func(Driver) bool) {
		for yield(d) {
			u, ok := d.(Unwrapper)
			if !ok {
				return
			}
			d = u.Unwrap()
		}
	}
}

// Breaker is a Driver that leaves its store alone for a while when it fails; call [OnBreaker].
type Breaker interface {
	// OnBreaker calls f now and after each change: whether the store is left alone. f must not block.
	OnBreaker(f func(open bool))
}

// OnBreaker has f told by the breaker of d, or of what d is around; it does nothing where there is none.
func OnBreaker(d Driver, f func(open bool)) {
	for inner := range withInner(d) {
		if b, ok := inner.(Breaker); ok {
			b.OnBreaker(f)
			return
		}
	}
}

// probe is the name of a bucket that is asked for to see what a driver's buckets can do; no bucket can have it.
const probe = ".sluice"

// Ability is one thing that a driver can do, and how.
type Ability struct{ Name, How string }

// Abilities tells what a driver's buckets do by themselves and what Sluice does in their place.
func Abilities(d Driver) []Ability {
	b := Base(d).Bucket(probe)
	_, multipart := b.(Multipart)
	_, joiner := b.(Joiner)
	_, copier := b.(Copier)
	_, tagger := b.(Tagger)
	_, batch := b.(BatchDeleter)
	return []Ability{
		{"multipart", either(multipart, "native", "staged as hidden objects, joined "+either(joiner, "by the driver", "through Sluice"))},
		{"copy", either(copier, "by the store", "streamed")},
		{"tags", either(tagger, "native", "refused")},
		{"batch delete", either(batch, "native", "one by one, in parallel")},
	}
}

func either(native bool, yes, no string) string {
	if native {
		return yes
	}
	return no
}

// Limit is one thing in which a store is less than S3 is, or dearer: Name says what it is about in a word or two, How what is
// true of it, in a sentence that a person who runs the store understands.
type Limit struct{ Name, How string }

// Limited is a Driver that tells the limits of its store; call [Limits]. A leaf's Limits depend on its config alone, so that
// they are known also where the store does not answer.
type Limited interface {
	Limits() []Limit
}

// Limits tells what a driver declares that its store cannot do, can do only so far, or does at a price, its wrappers' limits
// first. `sluice check` prints them with each node.
func Limits(d Driver) []Limit {
	var all []Limit
	for inner := range withInner(d) {
		if l, ok := inner.(Limited); ok {
			all = append(all, l.Limits()...)
		}
	}
	return all
}
