package route

import (
	"context"
	"io"

	"sluice/drivers"
)

// missing is a bucket that no route leads to.
type missing struct{ name string }

var _ drivers.Bucket = missing{}

func (b missing) Head(context.Context, string, drivers.GetOptions) (drivers.Info, error) {
	return drivers.Info{}, fail("Head", b.name, drivers.ErrNoBucket)
}

func (b missing) Get(context.Context, string, drivers.GetOptions) (*drivers.Object, error) {
	return nil, fail("Get", b.name, drivers.ErrNoBucket)
}

func (b missing) Put(context.Context, string, io.Reader, drivers.PutOptions) (drivers.Info, error) {
	return drivers.Info{}, fail("Put", b.name, drivers.ErrNoBucket)
}

func (b missing) Delete(context.Context, string, drivers.DeleteOptions) (drivers.DeleteResult, error) {
	return drivers.DeleteResult{}, fail("Delete", b.name, drivers.ErrNoBucket)
}

func (b missing) List(context.Context, drivers.ListOptions) (drivers.Page, error) {
	return drivers.Page{}, fail("List", b.name, drivers.ErrNoBucket)
}
