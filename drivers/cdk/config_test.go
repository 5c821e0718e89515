package cdk_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/cdk"
	"sluice/drivers/upstream"
)

func TestConfigsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for want, c := range map[string]cdk.Config{
		"missing":                              {},
		"exclude":                              {URL: "mem://", Buckets: map[string]string{"b": "mem://"}},
		"buckets":                              {URL: "s3://acme"},
		"not linked":                           {Buckets: map[string]string{"b": "s3://acme"}},
		"file, mem":                            {Buckets: map[string]string{"b": "what://acme"}},
		"metadata":                             {URL: "file://" + dir + "?metadata=skip"},
		"path":                                 {URL: "file://"},
		"no such file":                         {URL: "file://" + dir + "/none"},
		"negative":                             {URL: "mem://", Upstream: upstream.Config{Attempts: -1}},
		"buckets: b: parse":                    {Buckets: map[string]string{"b": "mem://%zz"}},
		"buckets: b: the parameter \"prefix\"": {Buckets: map[string]string{"b": "file://" + dir + "?prefix=x"}},
	} {
		_, err := cdk.Open(t.Context(), c, drivers.Env{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
}

func TestErrorsHideTheSecretsOfURLs(t *testing.T) {
	t.Parallel()
	const secret = "se%63ret+value"
	for _, url := range []string{
		"what://user:" + secret + "@host/?key=" + secret, "what://host/%zz?key=" + secret, "what://host/?key=" + secret, "://" + secret,
	} {
		for _, c := range []cdk.Config{{URL: url}, {Buckets: map[string]string{"b": url}}} {
			_, err := cdk.Open(t.Context(), c, drivers.Env{})
			if err == nil || strings.Contains(err.Error(), "ret") {
				t.Errorf("%s: error %v", url, err)
			}
		}
	}
}

func TestBucketsOfTheConfigAreFixed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := open(t, cdk.Config{Buckets: map[string]string{"photos": "file://" + dir, "drafts": "mem://", "new": fmt.Sprintf("file://%s/new?create_dir=1", dir)}})
	var names []string
	list, err := d.ListBuckets(t.Context())
	must(t, err)
	for _, info := range list {
		names = append(names, info.Name)
	}
	if !slices.Equal(names, []string{"drafts", "new", "photos"}) {
		t.Errorf("buckets are %q", names)
	}
	must(t, drivers.Check(t.Context(), d))
	for name, want := range map[string]error{"photos": drivers.ErrBucketExists, "other": drivers.ErrUnsupported} {
		if err := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); !errors.Is(err, want) {
			t.Errorf("CreateBucket(%s) says %v, want %v", name, err, want)
		}
	}
	for name, want := range map[string]error{"photos": drivers.ErrUnsupported, "other": drivers.ErrNoBucket} {
		if err := d.DeleteBucket(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("DeleteBucket(%s) says %v, want %v", name, err, want)
		}
	}
	for _, name := range []string{"photos", "drafts"} {
		put(t, d.Bucket(name), "a//b", name, drivers.PutOptions{})
		if body, _ := get(t, d.Bucket(name), "a//b", drivers.GetOptions{}); body != name {
			t.Errorf("%s holds %q", name, body)
		}
	}
	must(t, os.RemoveAll(dir))
	if _, err := d.StatBucket(t.Context(), "photos"); !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("StatBucket without its folder says %v", err)
	}
	if err := drivers.Check(t.Context(), d); !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("Check without a folder says %v", err)
	}
}

func TestBucketsOfAFolderAreItsFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.MkdirAll(dir+"/there/sub", 0o777))
	must(t, os.MkdirAll(dir+"/.hidden", 0o777))
	must(t, os.WriteFile(dir+"/file", nil, 0o666))
	d := open(t, cdk.Config{URL: "file://" + dir})
	list, err := d.ListBuckets(t.Context())
	if must(t, err); len(list) != 1 || list[0].Name != "there" {
		t.Errorf("buckets are %+v", list)
	}
	for _, name := range []string{"", ".", "..", ".hidden", "a/b", "../x", strings.Repeat("x", 256), "file"} {
		if err := d.CreateBucket(t.Context(), name, drivers.CreateBucketOptions{}); !errors.Is(err, drivers.ErrInvalid) && !errors.Is(err, drivers.ErrBucketExists) {
			t.Errorf("CreateBucket(%q) says %v", name, err)
		}
		if _, err := d.Bucket(name).List(t.Context(), drivers.ListOptions{}); !errors.Is(err, drivers.ErrNoBucket) {
			t.Errorf("List of %q says %v", name, err)
		}
	}
}

func TestLimitsAreOfWhatIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		config       cdk.Config
		with, absent string
	}{
		{cdk.Config{URL: "mem://"}, "end with the process", "fsync"},
		{cdk.Config{URL: "file://" + dir}, "fsync", "end with the process"},
		{cdk.Config{Buckets: map[string]string{"a": "file://" + dir}}, "those of the config", "end with the process"},
	} {
		var text strings.Builder
		for _, l := range drivers.Limits(open(t, c.config)) {
			fmt.Fprintln(&text, l)
		}
		if !strings.Contains(text.String(), c.with) || strings.Contains(text.String(), c.absent) {
			t.Errorf("%+v: %s", c.config, &text)
		}
	}
}
