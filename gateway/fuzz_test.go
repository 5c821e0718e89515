package gateway

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"sluice/drivers"
	"sluice/drivers/checksum"
)

func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"bytes=0-9", "bytes=-5", "bytes=5-", "bytes=-0", "bytes=9-3", "bytes=0-1,3-4", "bytes= 1-2", "bytes=18446744073709551616-", "octets=0-1", "bytes=-9223372036854775808", "bytes=0-9223372036854775807"} {
		f.Add(s, int64(10))
	}
	f.Fuzz(func(t *testing.T, s string, size int64) {
		if size < 0 {
			size = -(size + 1)
		}
		r, ok := parseRange(s)
		if !ok {
			return
		}
		start, length, err := r.Resolve(size)
		if err != nil {
			if !errors.Is(err, drivers.ErrInvalidRange) {
				t.Fatalf("%q of %d: %v", s, size, err)
			}
			return
		}
		if start < 0 || length < 0 || start > size || length > size-start {
			t.Fatalf("%q of %d bytes is %d bytes from %d on", s, size, length, start)
		}
		if size > 0 && length == 0 {
			t.Fatalf("%q of %d bytes is empty", s, size)
		}
		if c, err := parseCopyRange(s); err == nil && c != r {
			t.Fatalf("%q is %v for a copy and %v for a read", s, c, r)
		}
	})
}

func FuzzParseCopySource(f *testing.F) {
	for _, s := range []string{"/b/k", "bucket/key", "bucket/a%20b?versionId=x", "bucket/%2e%2e/x", "bucket//x", "//bucket/x", "bucket/%ff", "bucket/k?versionId=1&versionId=2", "%2Fbucket%2Fkey", "bucket/a+b?x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		s, err := parseCopySource(header)
		if err != nil {
			return
		}
		if !validBucketName(s.bucket) || drivers.CheckKey(s.key) != nil || !utf8.ValidString(s.key) {
			t.Fatalf("%q is %+v", header, s)
		}
		again := (&url.URL{Path: "/" + s.bucket + "/" + s.key}).EscapedPath()
		again = strings.ReplaceAll(again, "?", "%3F")
		if s.versionID != "" {
			again += "?versionId=" + url.QueryEscape(s.versionID)
		}
		if back, err := parseCopySource(again); err != nil || back != s {
			t.Fatalf("%q is %+v, but %q is %+v (%v)", header, s, again, back, err)
		}
	})
}

func FuzzParseTagHeader(f *testing.F) {
	for _, s := range []string{"", "a=b", "a=b&c=d", "a", "=b", "a=b&a=c", "a=%zz", "a=b=c", "&&", "a+b=%20", "aws:x=1", "%ff=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, header string) {
		tags, err := parseTagHeader(header)
		if err != nil {
			return
		}
		if len(tags) > maxObjectTags {
			t.Fatalf("%d tags", len(tags))
		}
		var again []string
		for i, tag := range tags {
			if tag.Key == "" || !utf8.ValidString(tag.Key+tag.Value) || strings.HasPrefix(tag.Key, "aws:") {
				t.Fatalf("%q has the tag %q", header, tag)
			}
			for _, other := range tags[:i] {
				if other.Key == tag.Key {
					t.Fatalf("%q has the key %q twice", header, tag.Key)
				}
			}
			again = append(again, url.QueryEscape(tag.Key)+"="+url.QueryEscape(tag.Value))
		}
		back, err := parseTagHeader(strings.Join(again, "&"))
		if err != nil || len(back) != len(tags) {
			t.Fatalf("%q: %v %v", header, back, err)
		}
		for i := range tags {
			if back[i] != tags[i] {
				t.Fatalf("%q: %v and then %v", header, tags, back)
			}
		}
	})
}

func FuzzContinuationToken(f *testing.F) {
	f.Add("a", "")
	f.Add("a/b\x00", "store's own")
	f.Add(strings.Repeat("k", 1024), "\xff")
	f.Fuzz(func(t *testing.T, after, hint string) {
		c := drivers.Cursor{After: after, Hint: hint}
		if back, err := decodeToken(encodeToken(c)); after != "" && (err != nil || back != c) {
			t.Fatalf("%+v became %+v (%v)", c, back, err)
		}
		got, err := decodeToken(after) // whatever a client makes up
		if err == nil && got.After == "" {
			t.Fatalf("%q is a token of nothing", after)
		}
		if err != nil && got != (drivers.Cursor{}) {
			t.Fatalf("%q gave %+v and %v", after, got, err)
		}
	})
}

func FuzzUploadID(f *testing.F) {
	f.Add("id", uint8(0), true, true)
	f.Add("a_b", uint8(3), false, false)
	f.Add("_0fe", uint8(9), false, true)
	f.Fuzz(func(t *testing.T, id string, n uint8, composite, implicit bool) {
		all := checksum.Algorithms()
		u := drivers.Upload{Key: "key", ID: id, ChecksumAlgorithm: all[int(n)%len(all)], ChecksumType: checksum.FullObject, ChecksumImplicit: implicit}
		if composite {
			u.ChecksumType = checksum.Composite
		}
		q := &request{key: "key", query: url.Values{"uploadId": {uploadID(u)}}}
		got, err := q.upload()
		if id != "" && len(id) <= 128 && (err != nil || got != u) {
			t.Fatalf("%+v became %+v (%v)", u, got, err)
		}
		q.query = url.Values{"uploadId": {id}} // whatever a client makes up
		if got, err := q.upload(); err != nil && !errors.Is(err, drivers.ErrNoUpload) || err == nil && got.ID == "" {
			t.Fatalf("%q is %+v (%v)", id, got, err)
		}
	})
}
