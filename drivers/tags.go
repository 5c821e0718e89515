package drivers

import "context"

// Tagger is a Bucket that changes tags without a new write of the object; call [Tags] and [SetTags].
type Tagger interface {
	Tags(ctx context.Context, key, versionID string) ([]Tag, error)
	// SetTags replaces all tags; none removes them.
	SetTags(ctx context.Context, key, versionID string, tags []Tag) error
}

// Tags returns an object's tags in the order they were set, or fails with ErrUnsupported.
func Tags(ctx context.Context, b Bucket, key, versionID string) ([]Tag, error) {
	if t, ok := b.(Tagger); ok {
		return t.Tags(ctx, key, versionID)
	}
	return nil, &Error{Op: "Tags", Key: key, Err: ErrUnsupported}
}

// SetTags replaces an object's tags, or fails with ErrUnsupported.
func SetTags(ctx context.Context, b Bucket, key, versionID string, tags []Tag) error {
	if t, ok := b.(Tagger); ok {
		return t.SetTags(ctx, key, versionID, tags)
	}
	return &Error{Op: "SetTags", Key: key, Err: ErrUnsupported}
}
