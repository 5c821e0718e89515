package gcs

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/api/storage/v1"

	"sluice/drivers"
)

// Driver is the buckets of one project.
type Driver struct {
	node, project, location string

	client *http.Client // with credentials
	base   *url.URL
	api    *storage.Service

	// pause is how long patiently waits at first.
	pause time.Duration
	// deletes is what is known of the store's deleting the sources of a compose (scratch.go).
	deletes atomic.Int32
}

var (
	_ drivers.Driver  = (*Driver)(nil)
	_ drivers.Checker = (*Driver)(nil)
	_ drivers.Limited = (*Driver)(nil)
)

// New returns a driver that asks by client, which adds credentials and makes one attempt. It does no I/O.
func New(client *http.Client, o Options) (*Driver, error) {
	if o.Project == "" {
		return nil, fmt.Errorf("gcs: no project: %w", drivers.ErrInvalid)
	}
	base, err := endpointURL(o.Endpoint)
	if err != nil {
		return nil, err
	}
	endpoint := option.WithEndpoint(base.String() + "/storage/v1/")
	api, err := storage.NewService(context.Background(), option.WithHTTPClient(client), endpoint)
	if err != nil {
		return nil, fmt.Errorf("gcs: %w", err)
	}
	return &Driver{
		node: o.Node, project: o.Project, location: o.Location, client: client, base: base, api: api, pause: firstPause,
	}, nil
}

// Close gives connections back.
func (d *Driver) Close() error {
	d.client.CloseIdleConnections()
	return nil
}

// Limits implements drivers.Limited.
func (d *Driver) Limits() []drivers.Limit {
	return []drivers.Limit{
		{Name: "metadata", How: "user metadata, tags and checksums of one object are 8 KiB at most, names and values together"},
		{Name: "tags", How: "tags are kept as metadata: the store's own rules do not see them"},
		{Name: "write rate", How: "the store takes about one write of an object per second"},
		{Name: "keys", How: "a line break in a key takes 9 bytes of the store's 1,024"},
		{Name: "cold classes", How: "an object in another storage class than STANDARD is billed for a least time, also when deleted sooner"},
		{Name: "soft delete", How: "a bucket with soft delete or versioning keeps, and bills, what is deleted for a while, parts of uploads too"},
		{Name: "versions", How: "older versions of a versioned bucket are kept and not shown"},
	}
}

// Bucket returns the handle of a bucket.
func (d *Driver) Bucket(name string) drivers.Bucket {
	return &bucket{d, name}
}

func (d *Driver) fail(ctx context.Context, op, name string, err error) error {
	return (&bucket{d, name}).fail(ctx, op, "", err)
}

// StatBucket implements drivers.Driver.
func (d *Driver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	found, err := d.statBucket(ctx, name)
	if err != nil {
		return drivers.BucketInfo{}, d.fail(ctx, "StatBucket", name, err)
	}
	return bucketInfo(found), nil
}

func (d *Driver) statBucket(ctx context.Context, name string) (*storage.Bucket, error) {
	if checkBucketName(name) != nil {
		return nil, drivers.ErrNoBucket
	}
	found, err := d.api.Buckets.Get(name).Projection("noAcl").Context(ctx).Do()
	return found, bucketError(err)
}

func bucketInfo(b *storage.Bucket) drivers.BucketInfo {
	created, _ := time.Parse(time.RFC3339, b.TimeCreated) // zero where it is none
	return drivers.BucketInfo{Name: b.Name, Created: created.UTC(), Region: strings.ToLower(b.Location)}
}

// CreateBucket implements drivers.Driver. Access to the bucket is a matter of IAM alone, as Google recommends; the names of all
// projects' buckets are in one space.
func (d *Driver) CreateBucket(ctx context.Context, name string, o drivers.CreateBucketOptions) error {
	if err := checkBucketName(name); err != nil {
		return d.fail(ctx, "CreateBucket", name, err)
	}
	_, err := d.api.Buckets.Insert(d.project, &storage.Bucket{
		Name: name, Location: d.locationFor(o.Region),
		IamConfiguration: &storage.BucketIamConfiguration{
			UniformBucketLevelAccess: &storage.BucketIamConfigurationUniformBucketLevelAccess{Enabled: true},
		},
	}).Context(ctx).Do()
	if hasStatus(err, http.StatusConflict) {
		err = fmt.Errorf("%w: %w", drivers.ErrBucketExists, err)
	}
	return d.fail(ctx, "CreateBucket", name, err)
}

// locationFor returns where a new bucket goes. Clients that know only S3 ask for its regions, which are no locations here:
// "eu-west-1" beside "europe-west1".
func (d *Driver) locationFor(region string) string {
	last := region[strings.LastIndexByte(region, '-')+1:]
	if d.location != "" || strings.Trim(last, "0123456789") == "" {
		return d.location
	}
	return region
}

// DeleteBucket implements drivers.Driver.
func (d *Driver) DeleteBucket(ctx context.Context, name string) error {
	if checkBucketName(name) != nil {
		return d.fail(ctx, "DeleteBucket", name, drivers.ErrNoBucket)
	}
	err := bucketError(d.api.Buckets.Delete(name).Context(ctx).Do())
	if hasStatus(err, http.StatusConflict, http.StatusPreconditionFailed) {
		err = fmt.Errorf("%w: %w", drivers.ErrNotEmpty, err)
	}
	return d.fail(ctx, "DeleteBucket", name, err)
}

// ListBuckets implements drivers.Driver.
func (d *Driver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	var all []drivers.BucketInfo
	err := d.api.Buckets.List(d.project).Projection("noAcl").MaxResults(1000).
		Fields("nextPageToken", "items(name,timeCreated,location)").Pages(ctx, func(page *storage.Buckets) error {
		for _, b := range page.Items {
			all = append(all, bucketInfo(b))
		}
		return nil
	})
	if err != nil {
		return nil, d.fail(ctx, "ListBuckets", "", err)
	}
	slices.SortFunc(all, func(a, b drivers.BucketInfo) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Check tells whether the store answers for the project, also where the credentials are good and for some buckets only.
func (d *Driver) Check(ctx context.Context) error {
	_, err := d.api.Buckets.List(d.project).MaxResults(1).Fields("items(name)").Context(ctx).Do()
	if hasStatus(err, http.StatusForbidden) && !throttled[reason(err)] {
		return nil
	}
	return d.fail(ctx, "Check", "", err)
}

// checkBucketName returns an error that says what the store does not take of a bucket's name:
// https://cloud.google.com/storage/docs/buckets#naming.
func checkBucketName(name string) error {
	for part := range strings.SplitSeq(name, ".") {
		if part == "" || len(part) > 63 {
			return fmt.Errorf("a bucket's name has 1 to 63 characters between full stops: %w", drivers.ErrInvalid)
		}
	}
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	switch ends := name[:1] + name[len(name)-1:]; {
	case len(name) < 3 || len(name) > 222:
		return fmt.Errorf("a bucket's name has 3 to 63 characters: %w", drivers.ErrInvalid)
	case strings.Trim(name, letters+"-_.") != "" || strings.Trim(ends, letters) != "":
		return fmt.Errorf("a bucket's name is of a-z, 0-9, -, _ and ., and begins and ends with a letter or digit: %w", drivers.ErrInvalid)
	case strings.HasPrefix(name, "goog") || strings.Contains(name, "google"):
		return fmt.Errorf("the store reserves names with goog in front or google in them: %w", drivers.ErrInvalid)
	}
	return nil
}
