package s3_test

import (
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/s3"
)

func TestManyDeletesAreFewRequests(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{body: "<DeleteResult/>"}))
	items := make([]drivers.DeleteItem, 2500)
	for i := range items {
		items[i].Key = fmt.Sprintf("k & <%d>", i)
	}
	for i, out := range drivers.DeleteAll(t.Context(), f.bucket(t), items) {
		if out.Err != nil {
			t.Fatalf("%d: %v", i, out.Err)
		}
	}
	all := f.seen()
	if len(all) != 3 {
		t.Fatalf("%d requests", len(all))
	}
	for _, r := range all {
		sum := md5.Sum([]byte(r.body))
		if r.Header.Get("Content-Md5") != base64.StdEncoding.EncodeToString(sum[:]) || r.Header.Get("X-Amz-Checksum-Crc32") != "" {
			t.Errorf("the list goes with %v", r.Header)
		}
		if !strings.Contains(r.body, "k &amp; &lt;") || !strings.Contains(r.body, "<Quiet>true</Quiet>") {
			t.Errorf("the list is %.200s", r.body)
		}
	}
}

func TestEachDeleteOfABatchHasItsOutcome(t *testing.T) {
	t.Parallel()
	const result = `<DeleteResult><Error><Key>denied</Key><Code>AccessDenied</Code></Error><Error><Key>slow</Key><Code>SlowDown</Code></Error>` +
		`<Error><Key>odd</Key><Code>Whatever</Code></Error><Error><Key>gone</Key><Code>NoSuchKey</Code></Error></DeleteResult>`
	f := startFake(t, always(answer{body: result}))
	want := map[string]error{"fine": nil, "denied": drivers.ErrDenied, "slow": drivers.ErrSlowDown, "odd": drivers.ErrUnavailable, "gone": nil, "": drivers.ErrInvalid}
	var items []drivers.DeleteItem
	for key := range want {
		items = append(items, drivers.DeleteItem{Key: key})
	}
	for i, out := range drivers.DeleteAll(t.Context(), f.bucket(t), items) {
		if !errors.Is(out.Err, want[items[i].Key]) {
			t.Errorf("%q: %v", items[i].Key, out.Err)
		}
	}
	f.only(t)
	broken := startFake(t, always(answer{503, nil, errorDocument("SlowDown", "")}))
	for _, out := range drivers.DeleteAll(t.Context(), broken.bucket(t), items) {
		if out.Err == nil {
			t.Error("a delete passes that was not done")
		}
	}
}

// Some stores leave the version out of an error, or say one where none was named; and one may say of all what it could not do.
func TestNoErrorOfABatchIsOverlooked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, told string // of the item "a", and in the error
		others        bool   // the error is of the others, too
	}{
		{"", "<Key>a</Key>", false},
		{"null", "<Key>a</Key>", false},
		{"null", "<Key>a</Key><VersionId>null</VersionId>", false},
		{"v1", "<Key>a</Key>", false},
		{"", "<Key>a</Key><VersionId>null</VersionId>", false},
		{"v1", "<Key>a</Key><VersionId>v2</VersionId>", true},
		{"", "<Key>/a</Key>", true},
		{"", "", true},
	} {
		f := startFake(t, always(answer{body: "<DeleteResult><Error>" + c.told + "<Code>AccessDenied</Code></Error></DeleteResult>"}))
		items := []drivers.DeleteItem{{Key: "a", Options: drivers.DeleteOptions{VersionID: c.version}}, {Key: "b"}}
		out := drivers.DeleteAll(t.Context(), f.bucket(t), items)
		if !errors.Is(out[0].Err, drivers.ErrDenied) || errors.Is(out[1].Err, drivers.ErrDenied) != c.others {
			t.Errorf("%+v: %v and %v", c, out[0].Err, out[1].Err)
		}
	}
}

func TestDeletesThatABatchCannotSayAreSingle(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{status: 204}))
	items := []drivers.DeleteItem{
		{Key: "a\x00b"}, {Key: "a\rb"}, {Key: "\uffff"},
		{Key: "held", Options: drivers.DeleteOptions{Conditions: drivers.Conditions{IfMatch: []string{"e"}}}},
	}
	for i, out := range drivers.DeleteAll(t.Context(), f.bucket(t), items) {
		if out.Err != nil {
			t.Errorf("%q: %v", items[i].Key, out.Err)
		}
	}
	all := f.seen()
	if len(all) != len(items) {
		t.Errorf("%d requests", len(all))
	}
	for _, r := range all {
		if want := map[string]string{"/photos/held": `"e"`}[r.URL.Path]; r.Method != http.MethodDelete || r.Header.Get("If-Match") != want {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
	}
}

func TestAStoreThatIgnoresConditionsDeletesOnlyWhatHolds(t *testing.T) {
	t.Parallel()
	respond := func(r request) answer {
		if r.Method == http.MethodHead && r.URL.Path == "/photos/key" {
			return answer{header: []string{`ETag: "now"`}}
		}
		if r.is("HEAD", "/photos") {
			return answer{}
		}
		if r.Method == http.MethodHead {
			return answer{status: 404}
		}
		return answer{status: 204}
	}
	for _, c := range []struct {
		key, etag string
		deletes   int
		want      error
	}{{"key", "now", 1, nil}, {"key", "*", 1, nil}, {"key", "before", 0, drivers.ErrPrecondition}, {"missing", "now", 0, drivers.ErrNotFound}} {
		f := startFake(t, respond)
		o := drivers.DeleteOptions{Conditions: drivers.Conditions{IfMatch: []string{c.etag}}}
		if _, err := f.open(t, other()).Bucket("photos").Delete(t.Context(), c.key, o); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c, err)
		}
		deletes := 0
		for _, r := range f.seen() {
			if r.Method == http.MethodDelete {
				deletes++
			}
		}
		if deletes != c.deletes {
			t.Errorf("%+v: %d deletes", c, deletes)
		}
	}
}

func TestDeletesSayWhatTheyDid(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{204, []string{"X-Amz-Version-Id: v2", "X-Amz-Delete-Marker: true"}, ""}))
	res, err := f.bucket(t).Delete(t.Context(), "key", drivers.DeleteOptions{VersionID: "v1"})
	if err != nil || res != (drivers.DeleteResult{VersionID: "v2", DeleteMarker: true}) || f.only(t).URL.Query().Get("versionId") != "v1" {
		t.Errorf("%+v, %v", res, err)
	}
	for _, c := range []struct {
		status int
		code   string
		o      drivers.DeleteOptions
		want   error
	}{
		{404, "NoSuchKey", drivers.DeleteOptions{}, nil}, // as some stores say
		{404, "NoSuchBucket", drivers.DeleteOptions{}, drivers.ErrNoBucket},
		{404, "NoSuchVersion", drivers.DeleteOptions{VersionID: "v"}, drivers.ErrNoVersion},
		{412, "PreconditionFailed", drivers.DeleteOptions{Conditions: drivers.Conditions{IfMatch: []string{"e"}}}, drivers.ErrPrecondition},
		{404, "NoSuchKey", drivers.DeleteOptions{Conditions: drivers.Conditions{IfMatch: []string{"e"}}}, drivers.ErrNotFound},
	} {
		f := startFake(t, always(answer{c.status, nil, errorDocument(c.code, "")}))
		if _, err := f.open(t, s3.Config{}).Bucket("photos").Delete(t.Context(), "key", c.o); !errors.Is(err, c.want) {
			t.Errorf("%d %s: %v", c.status, c.code, err)
		}
	}
}
