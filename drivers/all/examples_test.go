package all_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"sluice/config"
	"sluice/drivers/all"
)

// example returns the config in a package's comment: its first block of code.
func example(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		var block string
		for line := range strings.Lines(f.Doc.Text()) {
			if code, ok := strings.CutPrefix(line, "\t"); ok {
				block += strings.ReplaceAll(code, "\t", "  ")
			} else if block != "" {
				break
			}
		}
		switch {
		case block == "":
			continue
		case strings.HasPrefix(block, "buckets:"): // the section of route
			block = "drivers: {any: {type: mem}}\n" + block
		case !strings.HasPrefix(block, "drivers:"): // the node alone
			block = "drivers:\n  " + strings.ReplaceAll(block, "\n", "\n  ")
		}
		return block
	}
	t.Errorf("%s shows no config in its package comment", dir)
	return ""
}

func TestExamplesInPackageCommentsAreConfigs(t *testing.T) {
	t.Parallel()
	schema, err := config.Schema(all.Registry()).Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range all.Registry().Names() {
		text := example(t, filepath.Join("..", typ))
		var v any
		if err := yaml.Unmarshal([]byte(text), &v); err != nil {
			t.Errorf("%s: %v", typ, err)
			continue
		}
		doc, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(doc, &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v\n%s", typ, err, text)
		}
		if typ != "route" && !strings.Contains(text, "type: "+typ) {
			t.Errorf("the example of %s has no node of its type:\n%s", typ, text)
		}
	}
}
