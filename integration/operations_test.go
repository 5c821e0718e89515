package integration

import (
	"os"
	"testing"

	"sluice/integration/compat/probe"
)

// testOperationsAreAsThePageSays holds a store against its column in the page that tells users what works. Where it fails and is
// right, the page is to be written anew: go run ./compat -page ../docs/s3-compatibility.md
func testOperationsAreAsThePageSays(t *testing.T, g *gateway) {
	only(t, "aws-sdk-go")
	page, err := os.ReadFile("../docs/s3-compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	said := probe.Read(string(page), g.tree.Name)
	outcomes, err := probe.Run(t.Context(), probe.Server{Endpoint: g.Endpoint(), AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outcomes {
		want, ok := said[[2]string{o.Operation, o.What}]
		if !ok {
			want = probe.Yes // a store without a column, as the real clouds, must do everything
		}
		if o.Is != want {
			t.Errorf("%s %s: %s, the page says %q: %v", o.Operation, o.What, o.Is, want, o.Err)
		}
	}
}
