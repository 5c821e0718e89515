package s3

import "sluice/drivers"

var _ drivers.Limited = (*Driver)(nil)

// Limits implements drivers.Limited.
func (d *Driver) Limits() []drivers.Limit {
	all := []drivers.Limit{
		{Name: "conditional writes", How: "know one ETag, or that nothing is there; others are refused"},
		{Name: "large copies", How: "of more than 5 GiB are made of parts, and have the ETag of such objects"},
	}
	if !d.aws {
		all = append(all,
			drivers.Limit{Name: "conditional deletes", How: "look first, at the price of a request, and are atomic only where the store knows the condition"},
			drivers.Limit{Name: "conditional copies", How: "pass through Sluice"},
			drivers.Limit{Name: "other conditional writes", How: "hold where the store knows them; old ones take no notice"})
	}
	switch d.checksums {
	case "header":
		all = append(all, drivers.Limit{Name: "checksums", How: "are kept where clients send them ahead, and not with uploads of parts"})
	case "none":
		all = append(all, drivers.Limit{Name: "checksums", How: "are kept as user metadata where clients send them ahead, and not with uploads of parts"})
	}
	return all
}
