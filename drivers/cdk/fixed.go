package cdk

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"sluice/drivers"
)

// fixed is the buckets that the config names.
type fixed map[string]*store

var _ buckets = fixed(nil)

// openFixed opens each bucket. The context may end afterwards.
func openFixed(ctx context.Context, urls map[string]string) (fixed, error) {
	set := make(fixed, len(urls))
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		s, err := openURL(context.WithoutCancel(ctx), urls[name])
		if err != nil {
			return nil, errors.Join(fmt.Errorf("buckets: %s: %w", name, hide(err, urls[name])), set.close())
		}
		set[name] = s
	}
	return set, nil
}

func openURL(ctx context.Context, raw string) (*store, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	switch mux := blob.DefaultURLMux(); {
	case u.Scheme == memScheme:
		return &store{Bucket: memblob.OpenBucket(nil), kind: inMemory, scheme: memScheme}, nil
	case u.Scheme == fileScheme:
		root, o, err := folderOf(u)
		if err != nil {
			return nil, err
		}
		return openFolder(root, o)
	case !mux.ValidBucketScheme(u.Scheme):
		return nil, fmt.Errorf("the scheme %q is not linked into this program; there are %s: %w",
			u.Scheme, strings.Join(mux.BucketSchemes(), ", "), drivers.ErrInvalid)
	default:
		b, err := mux.OpenBucketURL(ctx, u)
		if err != nil {
			return nil, err
		}
		return &store{Bucket: b, kind: remote, scheme: u.Scheme}, nil
	}
}

// hidden is an error without the secrets that a URL may have.
type hidden struct {
	text string
	err  error
}

func (h hidden) Error() string { return h.text }
func (h hidden) Unwrap() error { return h.err }

// hide takes the URL, and what may be secret in it, out of an error.
func hide(err error, raw string) error {
	secrets := []string{raw}
	if u, perr := url.Parse(raw); perr == nil {
		secrets = append(secrets, u.String(), u.RawQuery, u.User.String())
		for _, values := range u.Query() {
			secrets = append(secrets, values...)
		}
		if password, ok := u.User.Password(); ok {
			secrets = append(secrets, password)
		}
	}
	text := err.Error()
	for _, s := range secrets {
		if len(s) > 3 {
			text = strings.ReplaceAll(text, s, "...")
		}
	}
	return hidden{text, err}
}

func (f fixed) find(name string) (*store, error) {
	if s := f[name]; s != nil {
		return s, nil
	}
	return nil, drivers.ErrNoBucket
}

func (f fixed) takes(name, key string) bool {
	if s := f[name]; s != nil {
		return s.takes(key)
	}
	return takenByAny(key)
}

func (f fixed) list() ([]drivers.BucketInfo, error) {
	var list []drivers.BucketInfo
	for _, name := range slices.Sorted(maps.Keys(f)) {
		list = append(list, drivers.BucketInfo{Name: name})
	}
	return list, nil
}

func (f fixed) create(name string) error {
	if f[name] != nil {
		return drivers.ErrBucketExists
	}
	return fmt.Errorf("only the config makes buckets here: %w", drivers.ErrUnsupported)
}

func (f fixed) remove(_ context.Context, name string) error {
	if f[name] == nil {
		return drivers.ErrNoBucket
	}
	return fmt.Errorf("only the config takes buckets away here: %w", drivers.ErrUnsupported)
}

func (f fixed) close() error {
	var errs []error
	for _, s := range f {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
