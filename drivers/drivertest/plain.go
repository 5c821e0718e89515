package drivertest

import "sluice/drivers"

// Plain hides the abilities of a driver's buckets but for tags, so that the fallbacks have to do: streamed copies, single
// deletes, and staged uploads where it is opened through drivers.Staging.
func Plain(d drivers.Driver) drivers.Driver { return plainDriver{d} }

type plainDriver struct{ drivers.Driver }

func (d plainDriver) Bucket(name string) drivers.Bucket {
	b := d.Driver.Bucket(name)
	if t, ok := b.(drivers.Tagger); ok {
		return plainTagger{b, t}
	}
	return plainBucket{b}
}

type plainBucket struct{ drivers.Bucket }

type plainTagger struct {
	drivers.Bucket
	drivers.Tagger
}
