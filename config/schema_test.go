package config_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"sluice/config"
	"sluice/drivers/all"
)

// published is where the schema is kept for editors; `make schema` writes it.
const published = "../docs/config.schema.json"

func TestPublishedSchemaIsThatOfTheCode(t *testing.T) {
	t.Parallel()
	want, err := json.MarshalIndent(config.Schema(all.Registry()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want)+"\n", string(got)); diff != "" {
		t.Errorf("%s is not up to date; `make schema` writes it (-code +file):\n%s", published, diff)
	}
}

// validate holds YAML against the schema.
func validate(t *testing.T, text string) error {
	t.Helper()
	schema, err := config.Schema(all.Registry()).Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	return schema.Validate(v)
}

func TestSchemaAcceptsTheExamples(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	inside := false
	for line := range strings.Lines(string(src)) {
		code, ok := strings.CutPrefix(line, "//\t")
		if ok && !inside {
			blocks = append(blocks, "")
		}
		if ok {
			blocks[len(blocks)-1] += code
		}
		inside = ok
	}
	for _, text := range []string{blocks[0], blocks[1] + "drivers: {}\n"} {
		if err := validate(t, text); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
}

func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"unknown-field", "unknown-type", "unknown-driver-field", "no-type", "log", "state-engine", "no-driver",
	} {
		text, err := os.ReadFile(filepath.Join("testdata", "bad", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, string(text)); err == nil {
			t.Errorf("the schema accepts %s", name)
		}
	}
}
