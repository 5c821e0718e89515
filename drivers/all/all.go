// Package all is the list of drivers that a config can name. It is the only package that imports them all.
package all

import (
	"github.com/prometheus/client_golang/prometheus"

	"sluice/drivers"
	"sluice/drivers/azure"
	"sluice/drivers/cdk"
	"sluice/drivers/fault"
	"sluice/drivers/gcs"
	"sluice/drivers/limit"
	"sluice/drivers/local"
	"sluice/drivers/mem"
	"sluice/drivers/observe"
	"sluice/drivers/registry"
	"sluice/drivers/retry"
	"sluice/drivers/route"
	"sluice/drivers/s3"
)

// Registry returns all types of drivers by the name that they have in a config.
func Registry() registry.Registry {
	return registry.Registry{
		// Stores.
		"azure": registry.Of(azure.Open),
		"cdk":   registry.Of(cdk.Open),
		"gcs":   registry.Of(gcs.Open),
		"local": registry.Of(local.Open),
		"mem":   registry.Of(mem.Open),
		"s3":    registry.Of(s3.Open),
		// Policies over several nodes.
		"route": registry.Of(route.Open),
		// Wrappers of one node.
		"fault": registry.Of(fault.Open),
		"limit": registry.Of(limit.Open),
		"retry": registry.Of(retry.Open),
	}
}

// Observe returns what is put around each node of a config: metrics of its calls, registered with r.
func Observe(r prometheus.Registerer) (func(node string, d drivers.Driver) drivers.Driver, error) {
	m, err := observe.NewMetrics(r)
	if err != nil {
		return nil, err
	}
	return func(node string, d drivers.Driver) drivers.Driver { return observe.New(d, node, m) }, nil
}
