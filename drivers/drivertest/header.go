package drivertest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sluice/drivers"
)

func headerChecks() []check {
	return []check{
		{"Header/comes back as it was", headerRoundTrip},
		{"Header/user metadata comes back, of any text", metadataRoundTrip},
		{"Header/user metadata is kept up to its limit, and refused beyond", metadataLimit},
		{"Header/the caller's values stay the caller's", headerNotShared},
	}
}

// hasHeader compares the header that an object has.
func (e *env) hasHeader(key string, want drivers.Header) {
	e.Helper()
	_, got := e.get(key)
	for _, h := range []drivers.Header{got.Header, e.head(key).Header} {
		if !maps.Equal(h.Metadata, want.Metadata) {
			e.Errorf("%q has the metadata %q, want %q", key, h.Metadata, want.Metadata)
		}
		h.Metadata = nil
		bare := want
		bare.Metadata = nil
		same(e, "Header", fmt.Sprintf("%+q", h), fmt.Sprintf("%+q", bare))
	}
}

func headerRoundTrip(e *env) {
	full := drivers.Header{
		ContentType: "text/html; charset=utf-8", CacheControl: "max-age=3600, must-revalidate",
		ContentDisposition: `attachment; filename="a b.txt"; filename*=UTF-8''%e2%82%ac.txt`, ContentEncoding: "gzip",
		ContentLanguage: "de-CH, en", Expires: "Thu, 01 Dec 2033 16:00:00 GMT", WebsiteRedirectLocation: "/other?x=1#y",
	}
	for i, h := range []drivers.Header{
		full,
		{ContentType: "application/octet-stream"},
		{ContentType: "weird/type; a=\"b\""},
		{ContentType: "text/plain", ContentEncoding: "aws-chunked-not,br"},
		{ContentType: "text/plain", Expires: "tomorrow"}, // S3 keeps what is no date
	} {
		key := fmt.Sprint("key", i)
		e.put(key, "x", drivers.PutOptions{Header: h})
		e.hasHeader(key, h)
	}
}

func metadataRoundTrip(e *env) {
	for i, m := range []map[string]string{
		{"plain": "value"},
		{"a": "1", "a-b": "2", "a_b": "3", "a--b": "4", "a-_b": "5", "_": "6", "-": "7", "0": "8", "a.b": "9", "ab": "10"},
		{"empty": ""},
		{"unicode": "Grüße, 世界 🚀", "ctl": "tab\there", "quote": `"'<>&\%2F=+,;`},
		{"space": "in the  middle"},
		{"content-type": "mine", "etag": "mine", "size": "1", "sluice": "mine", "sluice-etag": "mine", "mtime": "1"},
		{"long": strings.Repeat("v", 1500)},
		{strings.Repeat("n", 200): "v"},
		{"rfc2047": "=?UTF-8?Q?not_decoded?="},
	} {
		key := fmt.Sprint("key", i)
		h := drivers.Header{ContentType: "text/plain", Metadata: m}
		e.put(key, "x", drivers.PutOptions{Header: h})
		e.hasHeader(key, h)
	}
}

// metadataOf makes metadata of so many bytes, names and values together.
func metadataOf(bytes int) map[string]string {
	m := map[string]string{}
	for i := 0; bytes > 0; i++ {
		name := fmt.Sprintf("name-%03d", i)
		n := min(bytes, 256)
		if n <= len(name) {
			name = name[:n]
		}
		m[name] = strings.Repeat("v", n-len(name))
		bytes -= n
	}
	return m
}

func metadataLimit(e *env) {
	for _, size := range []int{2 << 10, e.limits.maxMetadata} {
		h := drivers.Header{ContentType: "text/plain", Metadata: metadataOf(size)}
		e.put("key", "x", drivers.PutOptions{Header: h})
		e.hasHeader("key", h)
	}
	if e.limits.maxMetadata >= 8<<10 {
		return // as much as any client may send
	}
	h := drivers.Header{Metadata: metadataOf(e.limits.maxMetadata + 1)}
	_, err := e.b.Put(e.Context(), "large", strings.NewReader("x"), drivers.PutOptions{Size: 1, Header: h})
	e.is(err, drivers.ErrInvalid, drivers.ErrTooLarge)
	e.absent("large")
}

func headerNotShared(e *env) {
	mine := map[string]string{"a": "1"}
	tags := []drivers.Tag{{Key: "k", Value: "v"}}
	o := drivers.PutOptions{Header: drivers.Header{ContentType: "text/plain", Metadata: mine}, Tags: tags}
	if e.limits.withoutTags {
		o.Tags = nil
	}
	put := e.put("key", "x", o)
	if len(mine) != 1 || mine["a"] != "1" || tags[0].Value != "v" {
		e.Errorf("Put has changed its arguments: %v %v", mine, tags)
	}
	mine["a"], mine["b"], tags[0].Value = "2", "2", "w"
	want := drivers.Header{ContentType: "text/plain", Metadata: map[string]string{"a": "1"}}
	e.hasHeader("key", want)
	for _, info := range []drivers.Info{put, e.head("key")} { // what was returned is the caller's, too
		if info.Header.Metadata != nil {
			info.Header.Metadata["a"] = "3"
		}
		e.hasHeader("key", want)
	}
	if !e.limits.withoutTags {
		got, err := drivers.Tags(e.Context(), e.b, "key", "")
		e.must(err)
		sameList(e, "tags", got, []drivers.Tag{{Key: "k", Value: "v"}})
		got[0].Value = "changed"
		got, err = drivers.Tags(e.Context(), e.b, "key", "")
		e.must(err)
		sameList(e, "tags", slices.Clone(got), []drivers.Tag{{Key: "k", Value: "v"}})
	}
}
