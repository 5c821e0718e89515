package azure

import (
	"context"
	"hash/maphash"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"

	"sluice/drivers"
)

// Driver serves the containers of a storage account as buckets.
type Driver struct {
	node     string
	client   *http.Client
	account  account
	sizes    sizes
	memory   memory
	noCopies atomic.Bool // the service does not know Put Blob From URL
	noBatch  atomic.Bool // nor Blob Batch
	seed     maphash.Seed
	gates    [64]sync.RWMutex
}

var (
	_ drivers.Driver  = (*Driver)(nil)
	_ drivers.Checker = (*Driver)(nil)
	_ drivers.Limited = (*Driver)(nil)
)

// New makes a driver that speaks to the account by a client, such as upstream.Client makes, each request once. node is named in
// errors.
func New(c Config, client *http.Client, node string) (*Driver, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	a, err := c.open(client)
	if err != nil {
		return nil, err
	}
	return &Driver{node: node, client: client, account: a, sizes: defaultSizes, seed: maphash.MakeSeed()}, nil
}

// Limits implements drivers.Limited.
func (d *Driver) Limits() []drivers.Limit {
	return []drivers.Limit{
		{Name: "keys", How: "more than 254 segments, or characters that the store breaks in more than about 500 bytes, are refused"},
		{Name: "buckets", How: "names with dots or two hyphens in a row are refused; a deleted name is free again after 30 seconds or more"},
		{Name: "metadata", How: "8 KiB in all, tags and checksums with it"},
		{Name: "ranges", How: "the last n bytes cost two requests"},
		{Name: "bucket deletion", How: "atomic against writes of this process only"},
	}
}

// gate is held open by what publishes objects in a bucket, and shut by what deletes the bucket: the service deletes a container with
// all that is in it. Buckets may share one.
func (d *Driver) gate(bucket string) *sync.RWMutex {
	return &d.gates[maphash.String(d.seed, bucket)%uint64(len(d.gates))]
}

// Bucket returns the handle of a bucket.
func (d *Driver) Bucket(name string) drivers.Bucket {
	b := &bucket{d: d, name: name}
	if isContainer(name) {
		b.client = d.account.NewContainerClient(name)
	}
	return b
}

// Close closes the connections that are idle.
func (d *Driver) Close() error {
	d.client.CloseIdleConnections()
	return nil
}

// Check asks for one container, and for what the account is.
func (d *Driver) Check(ctx context.Context) error {
	if err := d.inquire(ctx); err != nil {
		return err
	}
	one := int32(1)
	_, err := d.account.NewListContainersPager(&service.ListContainersOptions{MaxResults: &one}).NextPage(ctx)
	return d.fail("Check", "", "", err)
}

// created is the container's metadata that tells when it was made, which the service does not.
const created = "sluice_created"

func createdFrom(metadata map[string]*string) time.Time {
	for name, value := range metadata {
		if strings.EqualFold(name, created) && value != nil {
			t, _ := time.Parse(time.RFC3339, *value)
			return t
		}
	}
	return time.Time{}
}

// StatBucket implements drivers.Driver.
func (d *Driver) StatBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	info, err := d.statBucket(ctx, name)
	return info, d.fail("StatBucket", name, "", err)
}

func (d *Driver) statBucket(ctx context.Context, name string) (drivers.BucketInfo, error) {
	if !isContainer(name) {
		return drivers.BucketInfo{}, drivers.ErrNoBucket
	}
	p, err := d.account.NewContainerClient(name).GetProperties(ctx, nil)
	if err != nil {
		return drivers.BucketInfo{}, noBucket(err)
	}
	return drivers.BucketInfo{Name: name, Created: createdFrom(p.Metadata)}, nil
}

// CreateBucket implements drivers.Driver. A container of the name that is still being deleted is ErrConflict.
func (d *Driver) CreateBucket(ctx context.Context, name string, _ drivers.CreateBucketOptions) error {
	return d.fail("CreateBucket", name, "", d.createBucket(ctx, name))
}

func (d *Driver) createBucket(ctx context.Context, name string) error {
	if !isContainer(name) {
		return errContainerName
	}
	now := time.Now().UTC().Format(time.RFC3339)
	_, err := d.account.CreateContainer(ctx, name, &service.CreateContainerOptions{Metadata: map[string]*string{created: &now}})
	return beingDeleted(err)
}

// DeleteBucket implements drivers.Driver.
func (d *Driver) DeleteBucket(ctx context.Context, name string) error {
	return d.fail("DeleteBucket", name, "", d.deleteBucket(ctx, name))
}

func (d *Driver) deleteBucket(ctx context.Context, name string) error {
	if !isContainer(name) {
		return drivers.ErrNoBucket
	}
	gate := d.gate(name)
	gate.Lock()
	defer gate.Unlock()
	client := d.account.NewContainerClient(name)
	one := int32(1)
	for pager := client.NewListBlobsFlatPager(&container.ListBlobsFlatOptions{MaxResults: &one}); pager.More(); {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return err
		}
		if len(page.Segment.BlobItems) > 0 {
			return drivers.ErrNotEmpty
		}
	}
	_, err := client.Delete(ctx, nil)
	return err
}

// ListBuckets implements drivers.Driver.
func (d *Driver) ListBuckets(ctx context.Context) ([]drivers.BucketInfo, error) {
	var found []drivers.BucketInfo
	pager := d.account.NewListContainersPager(&service.ListContainersOptions{Include: service.ListContainersInclude{Metadata: true}})
	for pager.More() {
		page, err := pager.NextPage(ctx)
		if err != nil {
			return nil, d.fail("ListBuckets", "", "", err)
		}
		for _, item := range page.ContainerItems {
			if name := *item.Name; isContainer(name) {
				found = append(found, drivers.BucketInfo{Name: name, Created: createdFrom(item.Metadata)})
			}
		}
	}
	slices.SortFunc(found, func(a, b drivers.BucketInfo) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}
