package probe

import (
	"strings"
	"testing"
)

func TestTableIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	columns := []Column{
		{"disk", []Outcome{{Operation: "PutObject", Is: Yes}, {Operation: "ListParts, AbortMultipartUpload", What: "`If-Match`", Is: Wrong}}},
		{"cloud", []Outcome{{Operation: "PutObject", Is: "InvalidArgument"}, {Operation: "ListParts, AbortMultipartUpload", What: "`If-Match`", Is: Missing}}},
	}
	page, err := Replace("before\n"+begin+"an old table\n"+end+"after\n", columns)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Replace(page, columns); err != nil || again != page || strings.Contains(page, "old") || !strings.HasSuffix(page, end+"after\n") {
		t.Errorf("%v\n%s", err, page)
	}
	for _, c := range columns {
		said := Read(page, c.Name)
		for _, o := range c.Outcomes {
			if got := said[[2]string{o.Operation, o.What}]; got != o.Is {
				t.Errorf("%s, %s: %q, want %q", c.Name, o.Operation, got, o.Is)
			}
		}
	}
	if said := Read(page, "none"); len(said) != 0 {
		t.Errorf("of a store without a column: %v", said)
	}
	if _, err := Replace("no place", columns); err == nil {
		t.Error("a page without the marks was taken")
	}
}
