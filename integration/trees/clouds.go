package trees

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"

	"sluice/drivers"
)

// Clouds are the trees of the real clouds. Each start has buckets of its own, whose names begin with something random, and Stop
// deletes them. They cost money, are slow, and run where SLUICE_TREES names them (make test-clouds does).
//
// An account is told in the environment, by the variables of Needs: for aws beside the SDK's own chain of credentials.
var Clouds = []Tree{
	{Name: "aws", Type: "s3", Slow: true, Needs: []string{"SLUICE_TEST_AWS_REGION"},
		config: `{region: "${env:SLUICE_TEST_AWS_REGION}", bucket_prefix: "{prefix}"}`},
	{Name: "google", Type: "gcs", Slow: true, Needs: []string{"SLUICE_TEST_GOOGLE_PROJECT", "GOOGLE_APPLICATION_CREDENTIALS"},
		config: `{project: "${env:SLUICE_TEST_GOOGLE_PROJECT}", credentials_file: "${env:GOOGLE_APPLICATION_CREDENTIALS}", bucket_prefix: "{prefix}"}`},
	{Name: "azure-cloud", Type: "azure", Slow: true, Needs: []string{"SLUICE_TEST_AZURE_ACCOUNT", "SLUICE_TEST_AZURE_KEY"},
		config: `{account: "${env:SLUICE_TEST_AZURE_ACCOUNT}", account_key: "${env:SLUICE_TEST_AZURE_KEY}", bucket_prefix: "{prefix}"}`},
}

// Missing are the variables that the tree needs and the environment does not have.
func (t Tree) Missing() []string {
	return slices.DeleteFunc(slices.Clone(t.Needs), func(name string) bool { return os.Getenv(name) != "" })
}

// cleanLimit is for all buckets of a suite to be emptied and deleted.
const cleanLimit = 30 * time.Minute

// clean deletes all buckets of a store, with their objects. It goes on where one fails.
func (s *Store) clean(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, cleanLimit)
	defer cancel()
	opened, err := s.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	buckets, err := opened.Root.ListBuckets(ctx)
	errs := []error{err}
	for _, b := range buckets {
		errs = append(errs, empty(ctx, opened.Root.Bucket(b.Name)), opened.Root.DeleteBucket(ctx, b.Name))
	}
	return errors.Join(errs...)
}

// empty deletes all objects of a bucket.
func empty(ctx context.Context, b drivers.Bucket) error {
	for o := (drivers.ListOptions{}); ; {
		page, err := b.List(ctx, o)
		if err != nil {
			return err
		}
		items := make([]drivers.DeleteItem, len(page.Objects))
		for i, info := range page.Objects {
			items[i].Key = info.Key
		}
		for _, deleted := range drivers.DeleteAll(ctx, b, items) {
			err = errors.Join(err, deleted.Err)
		}
		if err != nil || !page.More {
			return err
		}
		o.Cursor = page.Next
	}
}
