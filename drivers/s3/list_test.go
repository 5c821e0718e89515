package s3_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/s3"
)

// listing is an answer to ListObjectsV2.
func listing(token string, encoded bool, keys, prefixes []string) answer {
	var b strings.Builder
	fmt.Fprintf(&b, "<ListBucketResult><IsTruncated>%t</IsTruncated><NextContinuationToken>%s</NextContinuationToken>", token != "", token)
	if encoded {
		b.WriteString("<EncodingType>url</EncodingType>")
	}
	for _, k := range keys {
		fmt.Fprintf(&b, `<Contents><Key>%s</Key><Size>1</Size><ETag>&quot;e&quot;</ETag><StorageClass>STANDARD</StorageClass>`+
			`<LastModified>2026-11-28T10:00:00.000Z</LastModified></Contents>`, k)
	}
	for _, p := range prefixes {
		fmt.Fprintf(&b, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", p)
	}
	return answer{body: b.String() + "</ListBucketResult>"}
}

func names(p drivers.Page) (all []string) {
	for _, o := range p.Objects {
		all = append(all, o.Key)
	}
	return append(all, p.Prefixes...)
}

func TestKeysAreDecodedWhereTheStoreEncodes(t *testing.T) {
	t.Parallel()
	for _, encoded := range []bool{true, false} {
		f := startFake(t, always(listing("", encoded, []string{"a%2Fb+c%00", "d%25"}, []string{"e+%2F"})))
		page, err := f.bucket(t).List(t.Context(), drivers.ListOptions{})
		want := []string{"a/b c\x00", "d%", "e /"}
		if !encoded {
			want = []string{"a%2Fb+c%00", "d%25", "e+%2F"}
		}
		if err != nil || !slices.Equal(names(page), want) {
			t.Errorf("encoded %t: %q, %v", encoded, names(page), err)
		}
		if o := page.Objects[0]; o.ETag != "e" || o.Token != "e" || o.Size != 1 || o.Header.StorageClass != "" || o.LastModified.IsZero() {
			t.Errorf("listed as %+v", o)
		}
		if q := f.only(t).URL.Query(); q.Get("encoding-type") != "url" || q.Get("max-keys") != "1000" || q.Has("start-after") || q.Has("prefix") {
			t.Errorf("asked %v", q)
		}
	}
}

func TestACursorIsAKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o    drivers.ListOptions
		want string // start-after
	}{
		{drivers.ListOptions{Cursor: drivers.Cursor{After: "b"}}, "b"},
		{drivers.ListOptions{Cursor: drivers.Cursor{After: "b/"}, Delimiter: "/"}, "b/\U0010ffff"},
		{drivers.ListOptions{Cursor: drivers.Cursor{After: "b/x"}, Delimiter: "/"}, "b/x"},
		{drivers.ListOptions{Cursor: drivers.Cursor{After: "a"}, Prefix: "b/"}, ""},
		{drivers.ListOptions{Cursor: drivers.Cursor{After: "b", Hint: "another's token"}}, "b"},
	} {
		f := startFake(t, always(listing("", true, nil, nil)))
		if _, err := f.bucket(t).List(t.Context(), c.o); err != nil {
			t.Fatal(err)
		}
		if q := f.only(t).URL.Query(); q.Get("start-after") != c.want || q.Has("continuation-token") {
			t.Errorf("%+v asks %v", c.o, q)
		}
	}
}

// A store that counts common prefixes apart, or takes no notice of max-keys, sends more than was asked for.
func TestWhatDoesNotFitIntoThePageIsOnTheNext(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(listing("token", true, []string{"a", "b", "d"}, []string{"c/", "e/"})))
	page, err := f.bucket(t).List(t.Context(), drivers.ListOptions{Delimiter: "/", Limit: 3})
	if err != nil || !slices.Equal(names(page), []string{"a", "b", "c/"}) || !page.More || page.Next != (drivers.Cursor{After: "c/"}) {
		t.Errorf("%q, more %t, next %+v, %v", names(page), page.More, page.Next, err)
	}
}

// Whoever takes the answer of a proxy for an empty bucket may delete all copies of what is in it.
func TestAnAnswerThatIsNoListingIsNotAnEmptyOne(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]error{
		"<html><body>Welcome</body></html>": drivers.ErrUnavailable, "": drivers.ErrUnavailable,
		"<ListBucketResult><Name>photos</Name></ListBucketResult>":              nil,
		"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>": nil,
	} {
		f := startFake(t, always(answer{body: body}))
		if page, err := f.bucket(t).List(t.Context(), drivers.ListOptions{}); !errors.Is(err, want) {
			t.Errorf("%q: %+v, %v", body, page, err)
		}
	}
}

func TestTheStoresTokenServesItsVeryPlaceAlone(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(listing("token", true, []string{"a", "b"}, nil)))
	b := f.bucket(t)
	page, err := b.List(t.Context(), drivers.ListOptions{Limit: 2})
	if err != nil || !page.More || page.Next.After != "b" || page.Next.Hint == "" {
		t.Fatalf("%+v, %v", page, err)
	}
	moved := page.Next
	moved.After = "c"
	for _, c := range []struct {
		o     drivers.ListOptions
		token string
	}{
		{drivers.ListOptions{Cursor: page.Next}, "token"},
		{drivers.ListOptions{Cursor: drivers.Cursor{After: "b"}}, ""},
		{drivers.ListOptions{Cursor: moved}, ""},
		{drivers.ListOptions{Cursor: page.Next, Delimiter: "/"}, ""},
		{drivers.ListOptions{Cursor: page.Next, Prefix: "b"}, ""},
	} {
		if _, err := b.List(t.Context(), c.o); err != nil {
			t.Fatal(err)
		}
		all := f.seen()
		q := all[len(all)-1].URL.Query()
		if q.Get("continuation-token") != c.token || (c.token == "") != (q.Get("start-after") != "") {
			t.Errorf("%+v asks %v", c.o, q)
		}
	}
}

func TestWhatIsBeforeTheCursorIsLeftOut(t *testing.T) {
	t.Parallel()
	respond := func(r request) answer { // a store that knows no start-after
		if r.URL.Query().Get("continuation-token") == "" {
			return listing("two", true, []string{"a"}, []string{"b%2F"})
		}
		return listing("", true, []string{"c"}, []string{"d%2F"})
	}
	f := startFake(t, respond)
	b := f.bucket(t)
	o := drivers.ListOptions{Delimiter: "/", Cursor: drivers.Cursor{After: "b/"}}
	var all []string
	for range 5 {
		page, err := b.List(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, names(page)...)
		if !page.More {
			break
		}
		o.Cursor = page.Next
	}
	if !slices.Equal(all, []string{"c", "d/"}) || len(f.seen()) != 2 {
		t.Errorf("%q by %d requests", all, len(f.seen()))
	}
}

func TestAListingThatDoesNotGetOnFails(t *testing.T) {
	t.Parallel()
	a := listing("x", true, []string{"a"}, nil)
	a.body = strings.Replace(a.body, "<NextContinuationToken>x</NextContinuationToken>", "", 1)
	f := startFake(t, always(a))
	if _, err := f.bucket(t).List(t.Context(), drivers.ListOptions{Cursor: drivers.Cursor{After: "b"}}); !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
}

func TestBucketsAreListedAndMadeInTheRegion(t *testing.T) {
	t.Parallel()
	const list = `<ListAllMyBucketsResult><Buckets><Bucket><Name>b</Name><CreationDate>2026-01-02T03:04:05Z</CreationDate></Bucket>` +
		`<Bucket><Name>a</Name></Bucket></Buckets></ListAllMyBucketsResult>`
	respond := func(r request) answer {
		if r.Method == http.MethodHead {
			return answer{status: 404}
		}
		return answer{body: list}
	}
	for _, c := range []struct {
		config      s3.Config
		constraint  string
		bucketquery string
	}{
		{s3.Config{Region: "eu-west-1"}, "eu-west-1", "eu-west-1"},
		{s3.Config{Region: "us-east-1"}, "", "us-east-1"},
		{s3.Config{Region: "auto", Endpoint: "https://store.example.com"}, "", ""},
		{s3.Config{Region: "zone-1", Endpoint: "https://store.example.com"}, "zone-1", ""},
	} {
		f := startFake(t, respond)
		d := f.open(t, c.config)
		all, err := d.ListBuckets(t.Context())
		if err != nil || len(all) != 2 || all[0].Name != "a" || all[1].Name != "b" || all[1].Created.IsZero() {
			t.Errorf("%+v, %v", all, err)
		}
		if err := d.CreateBucket(t.Context(), "new", drivers.CreateBucketOptions{Region: "elsewhere"}); err != nil {
			t.Error(err)
		}
		seen := f.seen()
		if got := seen[0].URL.Query().Get("bucket-region"); got != c.bucketquery {
			t.Errorf("%+v: lists those of %q", c.config, got)
		}
		if body := seen[len(seen)-1].body; strings.Contains(body, "LocationConstraint>") != (c.constraint != "") || !strings.Contains(body, c.constraint) {
			t.Errorf("%+v: makes one by %q", c.config, body)
		}
	}
}

func TestCheckWantsAnAnswerToTheseCredentials(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answer answer
		want   error
	}{
		{answer{body: "<ListAllMyBucketsResult/>"}, nil},
		{answer{403, nil, errorDocument("AccessDenied", "")}, nil}, // to list is not needed
		{answer{403, nil, errorDocument("InvalidAccessKeyId", "")}, drivers.ErrDenied},
		{answer{503, nil, ""}, drivers.ErrUnavailable},
	} {
		f := startFake(t, always(c.answer))
		if err := drivers.Check(t.Context(), f.open(t, s3.Config{})); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v", c.answer, err)
		}
	}
}
