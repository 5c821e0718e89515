package s3_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/s3"
)

const copied = `<CopyObjectResult><ETag>"new"</ETag><LastModified>2026-11-28T10:00:00.000Z</LastModified></CopyObjectResult>`

func TestACopyIsOneRequest(t *testing.T) {
	t.Parallel()
	tags := []drivers.Tag{{Key: "k", Value: "v"}}
	for name, c := range map[string]struct {
		o    drivers.CopyOptions
		sent map[string]string
	}{
		"as it is": {drivers.CopyOptions{}, map[string]string{"X-Amz-Copy-Source": "photos/a%20b/%C3%BC%3F"}},
		"of a version, under conditions": {
			drivers.CopyOptions{Source: drivers.GetOptions{VersionID: "v+1", Conditions: drivers.Conditions{IfToken: "t"}}, Conditions: drivers.Conditions{IfMatch: []string{"e"}}},
			map[string]string{"X-Amz-Copy-Source": "photos/a%20b/%C3%BC%3F?versionId=v%2B1", "X-Amz-Copy-Source-If-Match": `"t"`, "If-Match": `"e"`},
		},
		"first": {drivers.CopyOptions{Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}}, map[string]string{"If-None-Match": "*"}},
		"with another header": {
			drivers.CopyOptions{Header: &drivers.Header{ContentType: "x/y", StorageClass: "GLACIER"}},
			map[string]string{"X-Amz-Metadata-Directive": "REPLACE", "Content-Type": "x/y", "X-Amz-Storage-Class": "GLACIER"},
		},
		"what is never taken along": {
			drivers.CopyOptions{StorageClass: "GLACIER", WebsiteRedirectLocation: "/y"},
			map[string]string{"X-Amz-Storage-Class": "GLACIER", "X-Amz-Website-Redirect-Location": "/y", "X-Amz-Metadata-Directive": ""},
		},
		"other tags": {drivers.CopyOptions{Tags: &tags}, map[string]string{"X-Amz-Tagging-Directive": "REPLACE", "X-Amz-Tagging": "k=v"}},
		"a checksum": {drivers.CopyOptions{Algorithm: checksum.SHA1}, map[string]string{"X-Amz-Checksum-Algorithm": "SHA1"}},
		"tags that may come along": {
			drivers.CopyOptions{MayCopyTags: func() error { return nil }}, map[string]string{"X-Amz-Tagging-Directive": ""},
		},
	} {
		f := startFake(t, always(answer{body: copied}))
		b := f.bucket(t)
		info, err := b.(drivers.Copier).CopyFrom(t.Context(), "key", b, "a b/ü?", c.o)
		if err != nil || info.ETag != "new" || info.Token != "new" || info.LastModified.IsZero() {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
		r := f.only(t)
		for h, want := range c.sent {
			if r.Header.Get(h) != want {
				t.Errorf("%s: %s is %q, want %q", name, h, r.Header.Get(h), want)
			}
		}
	}
}

func TestTagsThatMayNotComeAlong(t *testing.T) {
	t.Parallel()
	denied := errors.New("may not")
	for count, want := range map[string]error{"0": nil, "2": denied} {
		f := startFake(t, func(r request) answer {
			if r.Method == http.MethodHead {
				return answer{header: []string{`ETag: "e"`, "X-Amz-Tagging-Count: " + count}}
			}
			return answer{body: copied}
		})
		b := f.bucket(t)
		_, err := b.(drivers.Copier).CopyFrom(t.Context(), "key", b, "source", drivers.CopyOptions{MayCopyTags: func() error { return denied }})
		if !errors.Is(err, want) {
			t.Errorf("%s tags: %v", count, err)
		}
		all := f.seen()
		if last := all[len(all)-1]; want == nil && last.Header.Get("X-Amz-Tagging-Directive") != "REPLACE" || want != nil && len(all) != 1 {
			t.Errorf("%s tags: %d requests, the last with %v", count, len(all), last.Header)
		}
	}
}

func TestCopiesThatTheStoreCannotDo(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{body: copied}))
	aws, elsewhere := f.open(t, s3.Config{}).Bucket("photos"), f.open(t, other()).Bucket("photos")
	several := drivers.CopyOptions{Source: drivers.GetOptions{Conditions: drivers.Conditions{IfMatch: []string{"a", "b"}}}}
	for name, try := range map[string]func() error{
		"from another node": func() error {
			_, err := aws.(drivers.Copier).CopyFrom(t.Context(), "key", elsewhere, "source", drivers.CopyOptions{})
			return err
		},
		"under several ETags of the source": func() error {
			_, err := aws.(drivers.Copier).CopyFrom(t.Context(), "key", aws, "source", several)
			return err
		},
		"under conditions, where these may be ignored": func() error {
			o := drivers.CopyOptions{Conditions: drivers.Conditions{IfNoneMatch: []string{"*"}}}
			_, err := elsewhere.(drivers.Copier).CopyFrom(t.Context(), "key", elsewhere, "source", o)
			return err
		},
		"of a part from here to the end": func() error {
			o := drivers.CopyPartOptions{Source: drivers.GetOptions{Range: drivers.Range{Start: 5}}}
			_, err := aws.(drivers.PartCopier).CopyPartFrom(t.Context(), "key", "id", 1, aws, "source", o)
			return err
		},
	} {
		if err := try(); !errors.Is(err, drivers.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(f.seen()); n > 0 {
		t.Errorf("%d requests", n)
	}
}

// vault is a store with one object that is too large to be copied at once.
type vault struct {
	mu       sync.Mutex
	ranges   []string
	fail     bool
	complete request
	aborted  bool
}

const vaultSize = 6<<30 + 5

func (v *vault) respond(r request) answer {
	v.mu.Lock()
	defer v.mu.Unlock()
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodHead:
		return answer{header: []string{`ETag: "e-700"`, fmt.Sprint("Content-Length: ", vaultSize), "X-Amz-Meta-Color: blue", "X-Amz-Tagging-Count: 1"}}
	case q.Has("tagging"):
		return answer{body: "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"}
	case r.Method == http.MethodPut && q.Has("uploadId"):
		if r.Header.Get("X-Amz-Copy-Source-If-Match") != `"e-700"` {
			return answer{412, nil, errorDocument("PreconditionFailed", "not pinned")}
		}
		v.ranges = append(v.ranges, r.Header.Get("X-Amz-Copy-Source-Range"))
		if v.fail && len(v.ranges) == 3 {
			return answer{500, nil, errorDocument("InternalError", "")}
		}
		return answer{body: `<CopyPartResult><ETag>"p"</ETag></CopyPartResult>`}
	case r.Method == http.MethodPut:
		return answer{400, nil, errorDocument("InvalidRequest", "The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")}
	case r.Method == http.MethodPost && q.Has("uploadId"):
		v.complete = r
		return answer{body: `<CompleteMultipartUploadResult><ETag>"done-7"</ETag></CompleteMultipartUploadResult>`}
	case r.Method == http.MethodPost:
		return answer{body: initiated}
	case r.Method == http.MethodDelete:
		v.aborted = q.Get("uploadId") != ""
		return answer{status: 204}
	}
	return answer{status: 400}
}

func TestAnObjectTooLargeForACopyIsCopiedInParts(t *testing.T) {
	t.Parallel()
	for _, fail := range []bool{false, true} {
		v := &vault{fail: fail}
		f := startFake(t, v.respond)
		b := f.bucket(t)
		info, err := b.(drivers.Copier).CopyFrom(t.Context(), "key", b, "source", drivers.CopyOptions{Conditions: drivers.Conditions{IfMatch: []string{"old"}}})
		if v.aborted != fail || errors.Is(err, drivers.ErrUnavailable) != fail {
			t.Errorf("fails %t: aborted %t, %v", fail, v.aborted, err)
		}
		if fail {
			continue
		}
		if err != nil || info.ETag != "done-7" || info.Size != vaultSize || info.TagCount != 1 {
			t.Errorf("%+v, %v", info, err)
		}
		slices.Sort(v.ranges)
		if len(v.ranges) != 7 || v.ranges[0] != "bytes=0-1073741823" || !slices.Contains(v.ranges, "bytes=6442450944-6442450948") {
			t.Errorf("copied as %q", v.ranges)
		}
		if v.complete.Header.Get("If-Match") != `"old"` || strings.Count(v.complete.body, "<Part>") != 7 {
			t.Errorf("completed with %v %s", v.complete.Header, v.complete.body)
		}
		for _, r := range f.seen() {
			if r.Method == http.MethodPost && r.URL.Query().Has("uploads") && (r.Header.Get("X-Amz-Meta-Color") != "blue" || r.Header.Get("X-Amz-Tagging") != "k=v") {
				t.Errorf("begun with %v", r.Header)
			}
		}
	}
}

func TestACopiedPartTellsItsSize(t *testing.T) {
	t.Parallel()
	f := startFake(t, func(r request) answer {
		if r.Method == http.MethodHead {
			return answer{header: []string{`ETag: "e"`, "Content-Length: 77"}}
		}
		return answer{body: `<CopyPartResult><ETag>"p"</ETag><LastModified>2026-11-28T10:00:00Z</LastModified></CopyPartResult>`}
	})
	b := f.bucket(t)
	for _, c := range []struct {
		r        drivers.Range
		size     int64
		requests int
	}{{drivers.Range{Start: 5, Length: 10}, 10, 1}, {drivers.Range{}, 77, 2}} {
		before := len(f.seen())
		p, err := b.(drivers.PartCopier).CopyPartFrom(t.Context(), "key", "id", 3, b, "source", drivers.CopyPartOptions{Source: drivers.GetOptions{Range: c.r}})
		if err != nil || p.Size != c.size || p.Number != 3 || p.ETag != "p" || len(f.seen())-before != c.requests {
			t.Errorf("%+v: %+v, %v, %d requests", c.r, p, err, len(f.seen())-before)
		}
	}
	if last := f.seen()[2]; last.Header.Get("X-Amz-Copy-Source-If-Match") != `"e"` { // the size is of what is copied
		t.Errorf("copied with %v", last.Header)
	}
}
