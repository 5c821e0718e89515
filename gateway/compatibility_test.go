package gateway

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The page that tells users what works must say what the route table does.
func TestCompatibilityPageAgreesWithTheRouteTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/s3-compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	says := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\S+) \\|").FindAllStringSubmatch(operationsOf(string(page)), -1) {
		if says[m[1]] != "" {
			t.Errorf("%s is on the page twice", m[1])
		}
		says[m[1]] = m[2]
	}
	for _, ops := range operations {
		for _, op := range ops {
			said := says[op.name]
			if built := op.handler != nil; said == "" || built != (said != "-") {
				t.Errorf("%s: page says %q, has a handler: %v", op.name, said, built)
			}
			delete(says, op.name)
		}
	}
	for name := range says {
		t.Errorf("%s is on the page and not in the route table", name)
	}
}

// operationsOf cuts the page's tables of operations out of it.
func operationsOf(page string) string {
	_, rest, _ := strings.Cut(page, "## Operations")
	tables, _, _ := strings.Cut(rest, "\n## ")
	return tables
}
