package gateway_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// startListed has a bucket "photos" with these keys.
func startListed(t *testing.T, keys ...string) *server {
	t.Helper()
	s := start(t, newMem(t, "photos"))
	for _, k := range keys {
		s.want(200, "PUT", "/photos/"+url.PathEscape(k), k)
	}
	return s
}

// prefixes are the common prefixes of a listing.
func (a answer) prefixes() (out []string) {
	for _, c := range a.texts("CommonPrefixes") {
		out = append(out, answer{body: c}.texts("Prefix")...)
	}
	return out
}

func TestListings(t *testing.T) {
	t.Parallel()
	s := startListed(t, "a", "b/1", "b/2", "b/c/3", "d e", "z&z")
	for _, c := range []struct{ query, keys, prefixes string }{
		{"", "a b/1 b/2 b/c/3 d+e z&z", ""},
		{"delimiter=/", "a d+e z&z", "b/"},
		{"delimiter=/&prefix=b/", "b/1 b/2", "b/c/"},
		{"delimiter=/&prefix=b", "", "b/"},
		{"prefix=b/", "b/1 b/2 b/c/3", ""},
		{"prefix=none", "", ""},
		{"delimiter=none", "a b/1 b/2 b/c/3 d+e z&z", ""},
		{"delimiter=c/", "a b/1 b/2 d+e z&z", "b/c/"},
		{"delimiter=&prefix=", "a b/1 b/2 b/c/3 d+e z&z", ""},
	} {
		for _, version := range []string{"list-type=2", "list-type=1", "versions"} {
			a := s.want(200, "GET", "/photos?"+version+"&"+c.query, "")
			keys := strings.ReplaceAll(strings.Join(a.texts("Key"), " "), "d e", "d+e")
			if got := strings.Join(a.prefixes(), " "); keys != c.keys || got != c.prefixes {
				t.Errorf("%s&%s: keys %q, prefixes %q", version, c.query, keys, got)
			}
			if a.text("Name") != "photos" || a.text("IsTruncated") != "false" || a.text("MaxKeys") != "1000" {
				t.Errorf("%s: %s", version, a.body)
			}
			if n := a.text("KeyCount"); version == "list-type=2" && n != fmt.Sprint(len(a.texts("Key"))+len(a.prefixes())) {
				t.Errorf("%s: KeyCount %s", c.query, n)
			}
		}
	}
}

func TestListingsPageByPage(t *testing.T) {
	t.Parallel()
	s := startListed(t, "a", "b/1", "b/2", "c", "d/1", "e")
	for _, delimiter := range []string{"", "/"} {
		want := []string{"a", "b/1", "b/2", "c", "d/1", "e"}
		if delimiter != "" {
			want = []string{"a", "b/", "c", "d/", "e"}
		}
		for size := 1; size <= 7; size++ {
			for kind, next := range map[string]func(a answer) string{
				"list-type=2": func(a answer) string { return "&continuation-token=" + a.text("NextContinuationToken") },
				"list-type=1": func(a answer) string {
					if m := a.text("NextMarker"); m != "" {
						return "&marker=" + url.QueryEscape(m)
					}
					keys := a.texts("Key")
					return "&marker=" + url.QueryEscape(keys[len(keys)-1])
				},
				"versions": func(a answer) string {
					return "&key-marker=" + url.QueryEscape(a.text("NextKeyMarker")) + "&version-id-marker=" + a.text("NextVersionIdMarker")
				},
			} {
				var got []string
				for more, pages := "", 0; pages < 10; pages++ {
					a := s.want(200, "GET", fmt.Sprintf("/photos?%s&delimiter=%s&max-keys=%d%s", kind, delimiter, size, more), "")
					page := append(a.texts("Key"), a.prefixes()...)
					slices.Sort(page)
					got = append(got, page...)
					if len(page) > size {
						t.Errorf("a page of %d", len(page))
					}
					if a.text("IsTruncated") != "true" {
						break
					}
					more = next(a)
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, delimiter %q, pages of %d: %q", kind, delimiter, size, got)
				}
			}
		}
	}
}

func TestListingParameters(t *testing.T) {
	t.Parallel()
	s := startListed(t, "a", "b", "c d")
	for _, bad := range []string{"max-keys=x", "max-keys=-1", "max-keys=99999999999", "max-keys=1.5", "encoding-type=base64"} {
		for _, kind := range []string{"list-type=2", "list-type=1", "versions"} {
			s.wantCode(400, "InvalidArgument", "GET", "/photos?"+kind+"&"+bad, "")
		}
	}
	for _, bad := range []string{"x", "!!", "AA", "AW"} {
		s.wantCode(400, "InvalidArgument", "GET", "/photos?list-type=2&continuation-token="+bad, "")
	}
	s.wantCode(400, "InvalidArgument", "GET", "/photos?versions&version-id-marker=null", "")
	a := s.want(200, "GET", "/photos?list-type=2&max-keys=0", "")
	if a.text("MaxKeys") != "0" || a.text("IsTruncated") != "false" || a.text("KeyCount") != "0" {
		t.Errorf("max-keys=0: %s", a.body)
	}
	if a := s.want(200, "GET", "/photos?list-type=2&max-keys=5000", ""); a.text("MaxKeys") != "1000" || len(a.texts("Key")) != 3 {
		t.Errorf("max-keys=5000: %s", a.body)
	}
	a = s.want(200, "GET", "/photos?list-type=2&start-after=a", "")
	if a.text("StartAfter") != "a" || !slices.Equal(a.texts("Key"), []string{"b", "c d"}) {
		t.Errorf("start-after: %s", a.body)
	}
	if strings.Contains(a.body, "<Owner>") {
		t.Error("an owner nobody asked for")
	}
	if a = s.want(200, "GET", "/photos?list-type=2&fetch-owner=true", ""); len(a.texts("Owner")) != 3 || a.text("DisplayName") != "sluice" {
		t.Errorf("fetch-owner: %s", a.body)
	}
	if a = s.want(200, "GET", "/photos", ""); len(a.texts("Owner")) != 3 {
		t.Errorf("version 1 has owners always: %s", a.body)
	}
	a = s.want(200, "GET", "/photos?encoding-type=url&prefix=c+&marker=b", "")
	if a.text("EncodingType") != "url" || a.text("Key") != "c%20d" || a.text("Prefix") != "c%20" || a.text("Marker") != "b" {
		t.Errorf("encoding-type=url: %s", a.body)
	}
	a = s.want(200, "GET", "/photos?versions", "")
	if !slices.Equal(a.texts("VersionId"), []string{"null", "null", "null"}) || !slices.Equal(a.texts("IsLatest"), []string{"true", "true", "true"}) {
		t.Errorf("versions: %s", a.body)
	}
	token := s.want(200, "GET", "/photos?list-type=2&max-keys=1", "").text("NextContinuationToken")
	a = s.want(200, "GET", "/photos?list-type=2&start-after=b&continuation-token="+token, "")
	if !slices.Equal(a.texts("Key"), []string{"b", "c d"}) || a.text("ContinuationToken") != token {
		t.Errorf("the token counts, not start-after: %s", a.body)
	}
	for _, field := range []string{"LastModified", "ETag", "Size", "StorageClass", "ChecksumAlgorithm"} {
		if len(a.texts(field)) != 2 {
			t.Errorf("no %s: %s", field, a.body)
		}
	}
}

func TestListMultipartUploadsAndParts(t *testing.T) {
	t.Parallel()
	s := start(t, newMem(t, "photos"))
	var ids []string
	for _, k := range []string{"a", "a", "b/1", "b/2", "c"} {
		ids = append(ids, s.createUpload("/photos/"+k))
	}
	for size := 1; size <= 6; size++ {
		var got []string
		for more, pages := "", 0; pages < 10; pages++ {
			a := s.want(200, "GET", fmt.Sprintf("/photos?uploads&max-uploads=%d%s", size, more), "")
			got = append(got, a.texts("UploadId")...)
			if a.text("IsTruncated") != "true" {
				break
			}
			more = "&key-marker=" + url.QueryEscape(a.text("NextKeyMarker")) + "&upload-id-marker=" + a.text("NextUploadIdMarker")
		}
		if !slices.Equal(got, ids) {
			t.Errorf("uploads in pages of %d: %q, want %q", size, got, ids)
		}
	}
	a := s.want(200, "GET", "/photos?uploads&delimiter=/&prefix=", "")
	if !slices.Equal(a.prefixes(), []string{"b/"}) || !slices.Equal(a.texts("Key"), []string{"a", "a", "c"}) || a.text("Bucket") != "photos" {
		t.Errorf("uploads by delimiter: %s", a.body)
	}
	s.want(200, "GET", "/photos?uploads&max-uploads=0", "")
	s.wantCode(400, "InvalidArgument", "GET", "/photos?uploads&max-uploads=x", "")
	for n := 1; n <= 5; n++ {
		s.want(200, "PUT", partPath("/photos/c", ids[4], n), strings.Repeat("x", n))
	}
	for size := 1; size <= 6; size++ {
		var got []string
		for more, pages := "", 0; pages < 10; pages++ {
			a := s.want(200, "GET", fmt.Sprintf("/photos/c?uploadId=%s&max-parts=%d%s", ids[4], size, more), "")
			got = append(got, a.texts("Size")...)
			if a.text("IsTruncated") != "true" {
				break
			}
			more = "&part-number-marker=" + a.text("NextPartNumberMarker")
		}
		if strings.Join(got, "") != "12345" {
			t.Errorf("parts in pages of %d: %q", size, got)
		}
	}
	for _, bad := range []string{"max-parts=x", "max-parts=-1", "part-number-marker=x", "part-number-marker=-1"} {
		s.wantCode(400, "InvalidArgument", "GET", "/photos/c?uploadId="+ids[4]+"&"+bad, "")
	}
}
