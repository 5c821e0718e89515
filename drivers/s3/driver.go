package s3

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

// Driver serves the buckets of one account of a store.
type Driver struct {
	node      string
	log       *slog.Logger
	api       *awss3.Client
	region    string
	aws       bool // the store is AWS's own
	checksums string
	known     known
	close     func()
	noteETags sync.Once
}

var (
	_ drivers.Driver  = (*Driver)(nil)
	_ drivers.Checker = (*Driver)(nil)
)

// New makes a driver that asks the store once for each call, without retries, and under the store's own names of buckets. It does
// no I/O but reading files.
func New(ctx context.Context, c Config, o Options) (*Driver, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	d := &Driver{node: o.Node, log: o.Log, aws: c.isAWS(), checksums: cmp.Or(c.Checksum, "trailer"), close: func() {}}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if o.HTTP == nil {
		o.HTTP = upstream.Client(c.Upstream)
		d.close = o.HTTP.CloseIdleConnections
	}
	identity, err := c.identity(ctx, o.HTTP)
	if err != nil {
		return nil, err
	}
	d.region = identity.Region
	d.api = awss3.NewFromConfig(identity, func(s *awss3.Options) {
		s.UsePathStyle = c.PathStyle
		if c.Endpoint != "" {
			s.BaseEndpoint = &c.Endpoint
		}
		plain(s)
	})
	return d, nil
}

// Close lets go of idle connections. Bodies that are open stay readable.
func (d *Driver) Close() error {
	d.close()
	return nil
}

// Bucket returns the handle of a bucket.
func (d *Driver) Bucket(name string) drivers.Bucket { return d.bucket(name) }

func (d *Driver) bucket(name string) *bucket {
	return &bucket{d: d, name: name}
}

// StatBucket implements drivers.Driver. S3 does not tell there when a bucket was made.
func (d *Driver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	b := d.bucket(name)
	if name == "" {
		return drivers.BucketInfo{}, b.fail("StatBucket", "", drivers.ErrNoBucket)
	}
	out, err := d.api.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &b.name})
	if err != nil {
		return drivers.BucketInfo{}, b.fail("StatBucket", "", d.classifyBucket(ctx, err))
	}
	d.known.add(name)
	return drivers.BucketInfo{Name: name, Region: aws.ToString(out.BucketRegion)}, nil
}

// CreateBucket implements drivers.Driver. It asks first whether the bucket is there, because making it again is no error in
// us-east-1; elsewhere the store itself decides among several who make it at once.
func (d *Driver) CreateBucket(ctx context.Context, name string, _ drivers.CreateBucketOptions) error {
	b := d.bucket(name)
	if name == "" {
		return b.fail("CreateBucket", "", drivers.ErrInvalid)
	}
	if _, err := d.api.HeadBucket(ctx, &awss3.HeadBucketInput{Bucket: &b.name}); err == nil {
		return b.fail("CreateBucket", "", drivers.ErrBucketExists)
	}
	in := &awss3.CreateBucketInput{Bucket: &b.name}
	if d.region != "us-east-1" && d.region != "auto" { // which S3 and R2 do not take as constraints
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(d.region)}
	}
	if _, err := d.api.CreateBucket(ctx, in); err != nil {
		return b.fail("CreateBucket", "", d.classifyBucket(ctx, err))
	}
	d.known.add(name)
	return nil
}

// DeleteBucket implements drivers.Driver.
func (d *Driver) DeleteBucket(ctx context.Context, name string) error {
	b := d.bucket(name)
	if name == "" {
		return b.fail("DeleteBucket", "", drivers.ErrNoBucket)
	}
	d.known.remove(name)
	_, err := d.api.DeleteBucket(ctx, &awss3.DeleteBucketInput{Bucket: &b.name})
	return b.fail("DeleteBucket", "", d.classifyBucket(ctx, err))
}

// ListBuckets implements drivers.Driver: all buckets, on AWS those of the region.
func (d *Driver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	in := &awss3.ListBucketsInput{}
	if d.aws {
		in.BucketRegion = &d.region
	}
	var all []drivers.BucketInfo
	for {
		out, err := d.api.ListBuckets(ctx, in)
		if err != nil {
			return nil, (&bucket{d: d}).fail("ListBuckets", "", d.classify(ctx, err))
		}
		for _, found := range out.Buckets {
			all = append(all, drivers.BucketInfo{
				Name: aws.ToString(found.Name), Created: aws.ToTime(found.CreationDate), Region: aws.ToString(found.BucketRegion),
			})
		}
		if in.ContinuationToken = out.ContinuationToken; aws.ToString(in.ContinuationToken) == "" {
			slices.SortFunc(all, func(a, b drivers.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
			return all, nil
		}
	}
}

// Check tells whether the store answers these credentials. They need not be allowed to list the buckets.
func (d *Driver) Check(ctx context.Context) error {
	in := &awss3.ListBucketsInput{}
	if d.aws {
		in.MaxBuckets = aws.Int32(1)
	}
	_, err := d.api.ListBuckets(ctx, in)
	if code, _ := apiCode(err); code == "AccessDenied" {
		return nil
	}
	return (&bucket{d: d}).fail("Check", "", d.classify(ctx, err))
}
