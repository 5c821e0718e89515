package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// module is the module whose tree is checked, and root its folder.
const (
	module = "sluice"
	root   = "../.."
)

// leaves are the drivers that talk to a store.
var leaves = []string{"drivers/azure", "drivers/cdk", "drivers/gcs", "drivers/local", "drivers/mem", "drivers/s3"}

// policies are the drivers over drivers, wrappers among them.
var policies = []string{
	"drivers/cache", "drivers/encrypt", "drivers/failover", "drivers/fault", "drivers/limit", "drivers/observe",
	"drivers/replicate", "drivers/retry", "drivers/route", "drivers/shard", "drivers/tier",
}

// clouds are the import paths of the clouds' own libraries.
var clouds = []string{
	"cloud.google.com/go/auth", "cloud.google.com/go/storage", "google.golang.org/api", "github.com/Azure/azure-sdk-for-go", "github.com/aws/aws-sdk-go-v2", "gocloud.dev",
}

// pkg is what the go tool says of a package. Imports are the direct ones of its
// code, without its tests'; Deps are all that it needs.
type pkg struct {
	ImportPath    string
	Imports, Deps []string
}

// within reports whether path is one of the folders or lies below one.
func within(path string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return path == f || strings.HasPrefix(path, f+"/") })
}

// packages lists the module's packages, their paths without the module's name.
func packages(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = root
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var all []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		p.ImportPath = strings.TrimPrefix(p.ImportPath, module+"/")
		all = append(all, p)
	}
}

// own returns those of paths that are of the module, without its name.
func own(paths []string) (local []string) {
	for _, p := range paths {
		if rest, ok := strings.CutPrefix(p, module+"/"); ok {
			local = append(local, rest)
		}
	}
	return local
}

// TestImportsRunOneWay holds each package against the list of what its folder
// may import of the module; the first matching row counts.
func TestImportsRunOneWay(t *testing.T) {
	t.Parallel()
	contract := func(path string) bool { // the contract and what drivers share
		return within(path, "drivers") && !within(path, leaves...) && !within(path, policies...) && path != "drivers/all" && path != "drivers/upstream"
	}
	rows := []struct {
		who    func(path string) bool
		may    func(path string) bool
		reason string
	}{
		{
			func(p string) bool { return p == "drivers/all" },
			func(p string) bool { return within(p, "drivers", "state") },
			"drivers/all is the one list of drivers; it opens them and nothing else",
		},
		{
			func(p string) bool { return within(p, leaves...) },
			func(p string) bool { return contract(p) || within(p, "state", "drivers/upstream") },
			"a store's driver knows the contract and what stores across a network share, not another driver",
		},
		{
			func(p string) bool { return within(p, policies...) },
			func(p string) bool { return contract(p) || within(p, "state") },
			"a driver knows the contract, not another driver: whatever it is composed with comes from the config",
		},
		{
			func(p string) bool { return p == "drivers/upstream" },
			func(p string) bool { return contract(p) || within(p, "drivers/retry", "drivers/limit") },
			"what the stores across a network share is made of the wrappers that everyone can have",
		},
		{
			func(p string) bool { return p == "drivers/drivertest" },
			func(p string) bool { return contract(p) || p == "drivers/mem" },
			"the conformance suite composes what it tests with the one driver that needs nothing",
		},
		{
			func(p string) bool { return within(p, "drivers") },
			contract,
			"the contract stands on nothing: everything else stands on it",
		},
		{
			func(p string) bool { return within(p, "state") },
			func(p string) bool { return within(p, "state") },
			"what must be remembered is kept for others and knows none of them",
		},
		{
			func(p string) bool { return within(p, "gateway") },
			func(p string) bool { return within(p, "gateway", "state") || contract(p) },
			"the gateway speaks S3 to any driver; were it to know one, it would soon lean on it",
		},
		{
			func(p string) bool { return within(p, "config") },
			func(p string) bool { return within(p, "config", "state", "gateway/access") || contract(p) },
			"the config opens drivers through the registry that it is handed, so that tests can hand it another",
		},
		{
			func(p string) bool { return within(p, "cmd") },
			func(p string) bool {
				return within(p, "cmd", "config", "gateway", "state", "drivers/all") || contract(p)
			},
			"commands wire the parts together; which drivers there are is said in drivers/all",
		},
		{
			func(string) bool { return true },
			func(string) bool { return false },
			"only the folders that the design names may import from the module",
		},
	}
	for _, p := range packages(t) {
		for _, row := range rows {
			if !row.who(p.ImportPath) {
				continue
			}
			for _, i := range own(p.Imports) {
				// A package's own subfolders are part of it.
				if !within(i, p.ImportPath) && !row.may(i) {
					t.Errorf("%s imports %s: %s", p.ImportPath, i, row.reason)
				}
			}
			break
		}
	}
}

// TestCloudLibrariesStayInTheirDriver looks through indirect imports too.
func TestCloudLibrariesStayInTheirDriver(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		if within(p.ImportPath, leaves...) || within(p.ImportPath, "drivers/all", "cmd") {
			continue
		}
		for _, d := range p.Deps {
			if within(d, clouds...) {
				t.Errorf("%s needs %s: a cloud's library belongs to the driver of that cloud, so that its types and errors stay out of the contract",
					p.ImportPath, d)
				break
			}
		}
	}
}

// TestNoPackageIsNamedForNothing refuses names that say nothing of what is in a
// package and so gather whatever has no place.
func TestNoPackageIsNamedForNothing(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for part := range strings.SplitSeq(p.ImportPath, "/") {
			switch part {
			case "util", "utils", "common", "helper", "helpers", "manager", "misc", "shared":
				t.Errorf("%s: name the package for what it does", p.ImportPath)
			}
		}
	}
}
