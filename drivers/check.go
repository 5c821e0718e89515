package drivers

import "context"

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
	for {
		u, ok := d.(Unwrapper)
		if !ok {
			return d
		}
		d = u.Unwrap()
	}
}

// Ability is one thing that a driver can do, and how.
type Ability struct{ Name, How string }

// Abilities tells what a driver's buckets do by themselves and what Sluice does in their place.
func Abilities(d Driver) []Ability {
	b := Base(d).Bucket("abilities")
	_, multipart := b.(Multipart)
	_, copier := b.(Copier)
	_, tagger := b.(Tagger)
	_, batch := b.(BatchDeleter)
	return []Ability{
		{"multipart", either(multipart, "native", "staged as hidden objects")},
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
