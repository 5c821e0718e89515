package strict

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type inner struct {
	Dir  string `yaml:"dir"`
	Size int64  `yaml:"max_size"`
}

type common struct {
	Region string `yaml:"region"`
}

type outer struct {
	Common  common           `yaml:",inline"`
	Listen  string           `yaml:"listen"`
	Wait    time.Duration    `yaml:"wait"`
	On      *bool            `yaml:"on"`
	Port    uint16           `yaml:"port"`
	Rate    float64          `yaml:"rate"`
	Names   []string         `yaml:"names"`
	Inner   inner            `yaml:"inner"`
	Nodes   map[string]inner `yaml:"nodes"`
	Address netip.Addr       `yaml:"address"`
	Secret  string           `yaml:"secret_key"`
	Later   Node             `yaml:"later"`
	Hidden  string           `yaml:"-"`
}

func references(t *testing.T) References {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("a: {b\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refs := OS(dir)
	refs.Env = func(name string) (string, bool) {
		v, ok := map[string]string{"HOST": "example.com", "CANARY": "canary-value", "EMPTY": ""}[name]
		return v, ok
	}
	return refs
}

func read(t *testing.T, text string, v any) error {
	t.Helper()
	n, err := Parse("sluice.yaml", []byte(text), references(t))
	if err != nil {
		return err
	}
	return n.Decode(v)
}

func TestValuesAreReadIntoTheirFields(t *testing.T) {
	t.Parallel()
	got := outer{Listen: "default", Inner: inner{Dir: "default", Size: 7}}
	err := read(t, `
region: eu-west-1
wait: 1m30s
on: false
port: 65535
rate: 1_000.5
names: [a, "b", 0123]
inner: {dir: /srv}
nodes:
  a: {max_size: -1}
  b:
address: 127.0.0.1
secret_key: '0x10'
`, &got)
	if err != nil {
		t.Fatal(err)
	}
	off := false
	want := outer{
		Common: common{"eu-west-1"}, Listen: "default", Wait: 90 * time.Second, On: &off, Port: 65535, Rate: 1000.5,
		Names: []string{"a", "b", "0123"}, Inner: inner{"/srv", 7}, Address: netip.MustParseAddr("127.0.0.1"),
		Nodes: map[string]inner{"a": {"", -1}, "b": {}}, Secret: "0x10",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outer{}), cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
		cmp.Comparer(func(a, b Node) bool { return a.ast == b.ast })); diff != "" {
		t.Errorf("Decode (-want +got):\n%s", diff)
	}
}

func TestEmptyDocumentsChangeNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "\n", "# only a comment\n", "---\n", "listen:\n", "{}"} {
		got := outer{Listen: "default"}
		if err := read(t, text, &got); err != nil || got.Listen != "default" {
			t.Errorf("%q: %q, %v", text, got.Listen, err)
		}
	}
}

func TestReferencesStandForText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"${env:HOST}:80"`:              "example.com:80",
		`${env:HOST}`:                   "example.com",
		`"${env:EMPTY}"`:                "",
		`"${file:password}"`:            "a: {b",
		`"a$${env:HOST}b"`:              "a${env:HOST}b",
		`"$${aws:username}"`:            "${aws:username}",
		`"home/${aws:username}/*"`:      "home/${aws:username}/*",
		`"${env:HOST}${env:HOST}"`:      "example.comexample.com",
		`"$ $$ {} ${"`:                  "$ $$ {} ${",
		"|-\n  ${env:HOST}\n  and more": "example.com\nand more",
	} {
		var got outer
		if err := read(t, "listen: "+text, &got); err != nil || got.Listen != want {
			t.Errorf("%s: %q, %v; want %q", text, got.Listen, err, want)
		}
	}
}

func TestMistakesAreShownWhereTheyAre(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, want string }{
		{"listen: a\nlisen: b\n", "sluice.yaml:2:1: lisen: unknown field \"lisen\"; did you mean \"listen\"?\n    2 | lisen: b\n      | ^"},
		{"inner:\n\tdir: a\n", "sluice.yaml:2:1: found character '\t' that cannot start any token"},
		{"inner: {dirr: a}\n", "sluice.yaml:1:9: inner.dirr: unknown field \"dirr\"; did you mean \"dir\"?\n    1 | inner: {dirr: a}\n      |         ^"},
		{"inner: {nothing: a}\n", "unknown field \"nothing\"; there are dir, max_size"},
		{"listen: a\nlisten: b\n", "sluice.yaml:2:1: mapping key \"listen\" already defined"},
		{"nodes: {a: {dir: x, dir: y}}\n", "already defined"},
		{"listen: [a]\n", "sluice.yaml:1:1: listen: wants text, found a list"},
		{"listen: true\n", "listen: wants text, found true or false"},
		{"wait: 5\n", `wait: wants a duration with its unit`},
		{"wait: ${env:CANARY}\n", `wait: wants a duration with its unit`},
		{"on: yes\n", "on: wants true or false, found text"},
		{"port: 65536\n", "port: wants a whole number from 0 to 65535"},
		{"port: -1\n", "port: wants a whole number from 0 to 65535"},
		{"port: ${env:HOST}\n", "port: wants a number, found text"},
		{"names: a\n", "names: wants a list, found text"},
		{"names: [a, {b: c}]\n", "names[1]: wants text, found a mapping"},
		{"names: [a, null]\n", "names[1]: is empty"},
		{"inner: 5\n", "inner: wants a mapping, found a number"},
		{"nodes: [a]\n", "nodes: wants a mapping, found a list"},
		{"nodes:\n  a:\n    max_size: 1.5\n", "sluice.yaml:3:15: nodes.a.max_size: wants a whole number of at most 9223372036854775807"},
		{"address: ${env:CANARY}\n", "address: what the reference stands for does not fit here"},
		{"listen: ${env:NOT_SET}\n", "sluice.yaml:1:9: listen: environment variable \"NOT_SET\" is not set\n    1 | listen: ${env:NOT_SET}\n      |         ^"},
		{"listen: ${file:missing}\n", `listen: file "missing": no such file or directory`},
		{"listen: \"${env:HOST\"\n", "listen: ${env: has no end"},
		{"inner: &a {dir: x}\n", "inner: wants a mapping, found an anchor or alias, which are not supported"},
		{"listen: !!binary aGk=\n", "listen: wants text, found a tag, which is not supported"},
		{"listen: a\n---\nlisten: b\n", "a second document"},
		{"listen: \"a\x00\"\n", "sluice.yaml:1:11: control character"},
		{"- a\n", "wants a mapping, found a list"},
		{"listen: [a\n", "sluice.yaml:1"},
		{"Hidden: a\n", "unknown field"},
		{strings.Repeat("[", 200) + strings.Repeat("]", 200), "wants a mapping"},
	} {
		err := read(t, c.text, new(outer))
		switch {
		case err == nil:
			t.Errorf("%q is accepted", c.text)
		case !strings.Contains(err.Error(), c.want):
			t.Errorf("%q: error\n%v\nwant\n%s", c.text, err, c.want)
		case strings.Contains(err.Error(), "canary-value"):
			t.Errorf("%q: the error shows the value of a reference:\n%v", c.text, err)
		}
	}
}

func TestSecretsAreMaskedInTheLineShown(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		`inner: {secret_key: canary, dirr: x}`, `inner: {"secret_key": "can ary", dirr: x}`, `inner: {secret_key: 'canary', dirr: x}`,
		`inner: {password: canary, dirr: x}`, `inner: {session_token: canary, dirr: x}`, `secret_key: [canary, x]`,
		`secret_key: "canary`,
	} {
		err := read(t, line+"\n", new(outer))
		if err == nil || strings.Contains(err.Error(), "ary") {
			t.Errorf("%s: %v", line, err)
		}
	}
}

func TestAllMistakesAreReported(t *testing.T) {
	t.Parallel()
	err := read(t, "wait: 5\nport: x\nlisen: a\n", new(outer))
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) != 3 {
		t.Errorf("want three errors, got %v", err)
	}
	var e *Error
	if !errors.As(err, &e) || e.Line != 1 || e.Path != "wait" {
		t.Errorf("first error: %+v", e)
	}
}

func TestNodesAreDecodedLater(t *testing.T) {
	t.Parallel()
	var o outer
	if err := read(t, "later:\n  list: [{a: 1, b: \"${env:HOST}\", c: ~, d: 1.5, e: true}]\n", &o); err != nil {
		t.Fatal(err)
	}
	got, err := o.Later.JSON()
	if want := `{"list":[{"a":1,"b":"example.com","c":null,"d":1.5,"e":true}]}`; string(got) != want || err != nil {
		t.Errorf("JSON = %s, %v; want %s", got, err, want)
	}
	if diff := cmp.Diff([]string{"list"}, o.Later.Keys()); diff != "" {
		t.Error(diff)
	}
	want := "sluice.yaml:2:14: later.list[0].a: is wrong\n    2 |   list: [{a: 1, b: \"${env:HOST}\", c: ~, d: 1.5, e: true}]\n      |              ^"
	if err := o.Later.At("list").Index(0).At("a", "deeper").Errorf("is wrong"); err.Error() != want {
		t.Errorf("Errorf:\n%v\nwant\n%s", err, want)
	}
	if err := (Node{}).Errorf("no place"); err.Error() != "no place" {
		t.Errorf("Errorf of nothing: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("listen: a\ninner: {dir: x}\nnodes: {a: {max_size: 5}}\n")
	f.Add("names:\n- a\n- |\n  b\nlater: &x [*x]\n<<: {a: b}\n")
	f.Add("? a\n: b\n--- !!x 'a'\n...\n")
	f.Fuzz(func(t *testing.T, text string) {
		n, err := Parse("fuzz.yaml", []byte(text), References{
			Env:  func(string) (string, bool) { return "", false },
			File: func(string) ([]byte, error) { return nil, os.ErrNotExist },
		})
		if err == nil {
			var o outer
			err = n.Decode(&o)
			_, jsonErr := n.JSON()
			err = errors.Join(err, jsonErr)
		}
		if err != nil && err.Error() == "" {
			t.Error("an error without words")
		}
	})
}
