package azure

import (
	"context"
	"errors"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"

	"sluice/drivers"
)

// tries is how often a write or a read is begun that others get in the way of.
const tries = 4

// pin is what a write is held to by the service: that there is no blob, or the one of that token, or nothing.
type pin struct {
	absent bool
	token  string
}

// conditions are the headers of a pin.
// https://learn.microsoft.com/rest/api/storageservices/specifying-conditional-headers-for-blob-service-operations
func (p pin) conditions() *blob.AccessConditions {
	m := &blob.ModifiedAccessConditions{}
	switch {
	case p.absent:
		every := azcore.ETagAny
		m.IfNoneMatch = &every
	case p.token != "":
		m.IfMatch = etag(p.token)
	default:
		return nil
	}
	return &blob.AccessConditions{ModifiedAccessConditions: m}
}

// onlyAbsent tells whether conditions ask for no more than that there is no object.
func onlyAbsent(c drivers.Conditions) bool {
	return len(c.IfNoneMatch) == 1 && c.IfNoneMatch[0] == "*" && len(c.IfMatch) == 0 && c.IfToken == "" && c.IfUnmodifiedSince.IsZero()
}

// onlyToken tells the same of the token.
func onlyToken(c drivers.Conditions) bool {
	return c.IfToken != "" && len(c.IfMatch)+len(c.IfNoneMatch) == 0 && c.IfUnmodifiedSince.IsZero()
}

// pin translates conditions. Where they are not the service's own, it looks at what is there, judges, and pins just that.
func (b *bucket) pin(ctx context.Context, key string, c drivers.Conditions) (pin, error) {
	switch {
	case c.IsZero():
		return pin{}, nil
	case onlyAbsent(c):
		return pin{absent: true}, nil
	case onlyToken(c):
		return pin{token: c.IfToken}, nil
	}
	return b.judge(ctx, key, c)
}

// judge judges conditions on what is there now.
func (b *bucket) judge(ctx context.Context, key string, c drivers.Conditions) (pin, error) {
	o, err := b.describe(ctx, key)
	if errors.Is(err, drivers.ErrNotFound) {
		return pin{absent: true}, c.CheckWrite(nil)
	}
	if err != nil {
		return pin{}, err
	}
	info := o.info(key, false)
	return pin{token: o.token}, c.CheckWrite(&info)
}

// under does a write that is held to p, which pin made of c. Where the service says that p does not hold, the conditions are judged
// on what is there then: they may well hold, as after a change of tags.
func (b *bucket) under(ctx context.Context, key string, c drivers.Conditions, p pin, write func(*blob.AccessConditions) error) error {
	for range tries {
		err := write(p.conditions())
		if !errors.Is(err, drivers.ErrPrecondition) || onlyAbsent(c) {
			return err
		}
		if p, err = b.judge(ctx, key, c); err != nil {
			return err
		}
	}
	return drivers.ErrConflict
}
