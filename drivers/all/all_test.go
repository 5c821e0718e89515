package all_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"sluice/drivers"
	"sluice/drivers/all"
	"sluice/drivers/mem"
)

func TestEveryTypeHasAConfig(t *testing.T) {
	t.Parallel()
	for name, typ := range all.Registry() {
		if typ.Config() == nil {
			t.Errorf("%s has none", name)
		}
	}
}

func TestNodesAreMeasuredUnderTheirNames(t *testing.T) {
	t.Parallel()
	r := prometheus.NewRegistry()
	wrap, err := all.Observe(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range []string{"a", "b"} {
		if err := wrap(node, mem.New()).CreateBucket(t.Context(), "photos", drivers.CreateBucketOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	families, err := r.Gather()
	if err != nil || len(families) == 0 {
		t.Errorf("%d metrics, %v", len(families), err)
	}
}
