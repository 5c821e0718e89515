package drivers

import "context"

// Joiner is a Bucket that makes an object of other objects of the same bucket without the bytes passing through Sluice.
// [Staging] completes uploads with it.
type Joiner interface {
	// Join makes the object key of the content of the sources, in order, atomically and under the conditions of o, whose
	// Size is the whole size and whose Digest is ready to be called. The sources stay. It fails with ErrConflict where a
	// source is no longer the write that Token names, with ErrNotFound where it is gone, and with ErrUnsupported where the
	// store cannot make this very object by itself.
	Join(ctx context.Context, key string, sources []Source, o PutOptions) (Info, error)
}

// Source is an object that [Joiner] takes the content of.
type Source struct {
	Key   string
	Token string // as Put gave it
	Size  int64
}

// Namer is a Bucket of a store that cannot keep every key under its own name, or lists some out of order. [Staging] keeps
// the objects of those keys under other names, which such a bucket need not know of.
type Namer interface {
	// Takes tells whether an object of that key can lie under the key itself and be listed in the order of the keys' bytes.
	// It is true of every key of letters, digits, ".", "-", "_" and "/" that begins with ".sluice/".
	Takes(key string) bool
}

// join has the store make the object, or fails with ErrUnsupported.
func join(ctx context.Context, b Bucket, key string, sources []Source, o PutOptions) (Info, error) {
	if _, able := core(b).(Joiner); able {
		if j, ok := b.(Joiner); ok {
			return j.Join(ctx, key, sources, o)
		}
	}
	return Info{}, ErrUnsupported
}
