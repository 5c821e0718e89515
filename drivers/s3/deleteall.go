package s3

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
)

const (
	// maxBatch is how many objects S3 deletes in one request.
	maxBatch = 1000
	// singles is how many deletes of one object each run at once.
	singles = 16
)

// DeleteAll implements drivers.BatchDeleter. Objects with conditions are deleted one by one, as a store that knows no
// conditions in a batch would delete them all the same; and so are those whose keys XML has no word for.
func (b *bucket) DeleteAll(ctx context.Context, items []drivers.DeleteItem) []drivers.DeleteOutcome {
	out := make([]drivers.DeleteOutcome, len(items))
	g := drivers.NewGroup(ctx, singles)
	var batch []int
	for i, item := range items {
		if batches(item) {
			batch = append(batch, i)
			continue
		}
		g.Go(func(ctx context.Context) error {
			out[i].Result, out[i].Err = b.Delete(ctx, item.Key, item.Options)
			return nil
		})
	}
	for len(batch) > 0 {
		n := min(len(batch), maxBatch)
		b.deleteBatch(ctx, items, batch[:n], out)
		batch = batch[n:]
	}
	_ = g.Wait() // outcomes carry the errors
	return out
}

// batches tells whether an object can be deleted in a batch.
func batches(item drivers.DeleteItem) bool {
	return item.Options.Conditions.IsZero() && drivers.CheckKey(item.Key) == nil && strings.IndexFunc(item.Key, outsideXML) < 0
}

// outsideXML tells whether a document cannot hold a character, or parsers may change it: XML 1.0, section 2.2.
func outsideXML(r rune) bool {
	return r < ' ' || r == 0xfffe || r == 0xffff || r == utf8.RuneError
}

// deleteBatch deletes the items that batch names, in one request.
func (b *bucket) deleteBatch(ctx context.Context, items []drivers.DeleteItem, batch []int, out []drivers.DeleteOutcome) {
	list := &types.Delete{Quiet: aws.Bool(true), Objects: make([]types.ObjectIdentifier, len(batch))}
	for n, i := range batch {
		list.Objects[n] = types.ObjectIdentifier{Key: &items[i].Key, VersionId: optional(items[i].Options.VersionID)}
	}
	res, err := b.d.api.DeleteObjects(ctx, &awss3.DeleteObjectsInput{Bucket: &b.name, Delete: list})
	if err != nil {
		err = b.d.classifyBucket(ctx, err)
		for _, i := range batch {
			out[i].Err = b.fail("Delete", items[i].Key, err)
		}
		return
	}
	for _, x := range res.Errors {
		if err := refused(&x); !isMissing(err) {
			b.refuse(items, batch, &x, err, out)
		}
	}
}

// refuse notes an error for the objects that it is about. One that is about none of the batch is noted for all: what may still be there
// must not pass for deleted.
func (b *bucket) refuse(items []drivers.DeleteItem, batch []int, x *types.Error, err error, out []drivers.DeleteOutcome) {
	about := func(i int) bool {
		return items[i].Key == aws.ToString(x.Key) && isVersion(items[i].Options.VersionID, aws.ToString(x.VersionId))
	}
	all := !slices.ContainsFunc(batch, about)
	for _, i := range batch {
		if all || about(i) {
			out[i].Err = b.fail("Delete", items[i].Key, err)
		}
	}
}

// isVersion tells whether an error's version, which some stores leave out, or set where none was named, is the one that was asked for.
func isVersion(asked, told string) bool {
	return told == "" || told == asked || asked == "" && told == "null"
}

// refused classifies the error of one object of a batch.
func refused(x *types.Error) error {
	code := aws.ToString(x.Code)
	told := errors.New(code + ": " + aws.ToString(x.Message))
	if class := byCode[code]; class != nil {
		return fmt.Errorf("%w: %w", class, told)
	}
	if code == "AccessDenied" {
		return fmt.Errorf("%w: %w", drivers.ErrDenied, told)
	}
	return fmt.Errorf("%w: %w", drivers.ErrUnavailable, told)
}
