package cdk

import (
	"context"
	"errors"
	"io"

	"sluice/drivers"
	"sluice/drivers/attrs"
)

// attrsOf gives the attributes of an object whose digest is known.
func attrsOf(o drivers.PutOptions) attrs.Attrs {
	return attrs.Attrs{Size: o.Size, Digest: o.Digest(), Header: o.Header, Tags: o.Tags}
}

// joined reads objects one after the other, each opened when its turn comes, and pinned to the write that its token names.
type joined struct {
	ctx     context.Context
	store   *store
	sources []drivers.Source
	body    io.ReadCloser
}

func (j *joined) Read(p []byte) (int, error) {
	for {
		if j.body == nil {
			if len(j.sources) == 0 {
				return 0, io.EOF
			}
			if err := j.next(); err != nil {
				return 0, err
			}
		}
		n, err := j.body.Read(p)
		if err == io.EOF {
			err = j.Close()
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next opens the first of the sources.
func (j *joined) next() error {
	source := j.sources[0]
	pinned := drivers.GetOptions{Conditions: drivers.Conditions{IfToken: source.Token}}
	obj, changed, err := j.store.open(j.ctx, source.Key, pinned)
	switch {
	case changed || errors.Is(err, drivers.ErrPrecondition):
		return drivers.ErrConflict
	case err != nil:
		return err
	}
	j.body, j.sources = obj.Body, j.sources[1:]
	return nil
}

// Close closes the source that is open.
func (j *joined) Close() error {
	if j.body == nil {
		return nil
	}
	err := j.body.Close()
	j.body = nil
	return err
}
