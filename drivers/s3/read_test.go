package s3_test

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/s3"
)

// object is how S3 describes one of 10 bytes.
var object = []string{
	`ETag: "781e5e245d69b566979b86e28d23f2c7"`, "Last-Modified: Sat, 28 Nov 2026 10:00:00 GMT", "Content-Type: text/plain",
	"X-Amz-Checksum-Crc32c: KAwGng==", "X-Amz-Checksum-Type: FULL_OBJECT", "X-Amz-Meta-Color: blue", "X-Amz-Tagging-Count: 2",
	"X-Amz-Storage-Class: GLACIER_IR", "X-Amz-Version-Id: 3HL4", "Expires: whenever", "Content-Encoding: aws-chunked,gzip",
}

const etag = "781e5e245d69b566979b86e28d23f2c7"

func TestAReadDescribesTheObject(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{header: object, body: "0123456789"}))
	obj, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer obj.Body.Close()
	body, err := io.ReadAll(obj.Body)
	h := obj.Header
	if string(body) != "0123456789" || err != nil || obj.Length != 10 || obj.Size != 10 || obj.ETag != etag || obj.Token != etag ||
		obj.VersionID != "3HL4" || obj.TagCount != 2 || !obj.LastModified.Equal(time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)) ||
		h.StorageClass != "GLACIER_IR" || h.Expires != "whenever" || h.ContentEncoding != "gzip" || h.Metadata["color"] != "blue" ||
		obj.Checksum != (checksum.Checksum{Algorithm: checksum.CRC32C, Type: checksum.FullObject, Value: "KAwGng=="}) {
		t.Errorf("%q, %v: %+v", body, err, obj)
	}
	r := f.only(t)
	if r.Header.Get("X-Amz-Checksum-Mode") != "ENABLED" || r.Header.Get("Accept-Encoding") != "" || r.Header.Get("Range") != "" {
		t.Errorf("asked with %v", r.Header)
	}
}

func TestConditionsOfReadsAreJudgedByTheStoreOrOnItsAnswer(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 28, 10, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		conditions drivers.Conditions
		sent       map[string]string
		want       error
	}{
		"one ETag":             {drivers.Conditions{IfMatch: []string{etag}}, map[string]string{"If-Match": `"` + etag + `"`}, nil},
		"a token":              {drivers.Conditions{IfToken: "t"}, map[string]string{"If-Match": `"t"`}, drivers.ErrPrecondition},
		"several ETags":        {drivers.Conditions{IfMatch: []string{"a", etag}}, nil, nil},
		"several others":       {drivers.Conditions{IfMatch: []string{"a", "b"}}, nil, drivers.ErrPrecondition},
		"any":                  {drivers.Conditions{IfMatch: []string{"*"}}, nil, nil},
		"a token of several":   {drivers.Conditions{IfMatch: []string{"a", etag}, IfToken: etag}, map[string]string{"If-Match": `"` + etag + `"`}, nil},
		"not this one":         {drivers.Conditions{IfNoneMatch: []string{"x"}}, map[string]string{"If-None-Match": `"x"`}, nil},
		"none of several":      {drivers.Conditions{IfNoneMatch: []string{"x", etag}}, nil, drivers.ErrNotModified},
		"dates":                {drivers.Conditions{IfModifiedSince: at.Add(-time.Hour), IfUnmodifiedSince: at}, map[string]string{"If-Modified-Since": "Sat, 28 Nov 2026 09:00:00 GMT"}, nil},
		"a date that is unmet": {drivers.Conditions{IfUnmodifiedSince: at.Add(-time.Second)}, nil, drivers.ErrPrecondition},
		"dates that do not":    {drivers.Conditions{IfMatch: []string{etag}, IfUnmodifiedSince: at.Add(-time.Hour)}, map[string]string{"If-Match": `"` + etag + `"`}, nil},
		"a store that is lax":  {drivers.Conditions{IfModifiedSince: at}, map[string]string{"If-Modified-Since": "Sat, 28 Nov 2026 10:00:00 GMT"}, drivers.ErrNotModified},
	} {
		f := startFake(t, always(answer{header: object, body: "0123456789"}))
		obj, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{Conditions: c.conditions})
		if !errors.Is(err, c.want) || obj == nil || obj.ETag != etag || (obj.Body == nil) != (c.want != nil) {
			t.Errorf("%s: %+v, error %v, want %v", name, obj, err, c.want)
		}
		if obj != nil && obj.Body != nil {
			obj.Body.Close()
		}
		r := f.only(t)
		for _, h := range []string{"If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since"} {
			if r.Header.Get(h) != c.sent[h] {
				t.Errorf("%s: %s is %q, want %q", name, h, r.Header.Get(h), c.sent[h])
			}
		}
	}
}

func TestAReadThatFailsStillDescribesTheObject(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status   int
		header   []string
		requests int
		want     error
	}{
		{304, object[:2], 1, drivers.ErrNotModified},
		{304, nil, 2, drivers.ErrNotModified}, // not as RFC 9110 has it
		{412, nil, 2, drivers.ErrPrecondition},
		{416, nil, 2, drivers.ErrInvalidRange},
	} {
		respond := func(r request) answer {
			if r.Method == http.MethodHead {
				return answer{header: append([]string{"Content-Length: 10"}, object...)}
			}
			return answer{c.status, c.header, ""}
		}
		f := startFake(t, respond)
		obj, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{})
		if !errors.Is(err, c.want) || obj == nil || obj.ETag != etag || obj.Body != nil || obj.LastModified.IsZero() || c.status != 304 && obj.Size != 10 {
			t.Errorf("%d: %+v, %v", c.status, obj, err)
		}
		if n := len(f.seen()); n != c.requests {
			t.Errorf("%d: %d requests, want %d", c.status, n, c.requests)
		}
	}
}

func TestRangesAreSaidAsHTTPSaysThem(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r       drivers.Range
		sent    string
		content string // Content-Range of the answer
		body    string
		want    string
	}{
		{drivers.Range{Start: 2, Length: 3}, "bytes=2-4", "bytes 2-4/10", "234", "234"},
		{drivers.Range{Start: 7}, "bytes=7-", "bytes 7-9/10", "789", "789"},
		{drivers.Range{Start: -4}, "bytes=-4", "bytes 6-9/10", "6789", "6789"},
		{drivers.Range{Start: -4, Length: 2}, "bytes=-4", "bytes 6-9/10", "6789", "67"},
		{drivers.Range{Start: 1, Length: 1<<63 - 1}, "bytes=1-", "bytes 1-9/10", "123456789", "123456789"},
	} {
		f := startFake(t, always(answer{206, append([]string{"Content-Range: " + c.content}, object...), c.body}))
		obj, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{Range: c.r})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(obj.Body)
		obj.Body.Close()
		if string(body) != c.want || err != nil || obj.Size != 10 || obj.Length != int64(len(c.want)) || obj.Start != int64(c.want[0]-'0') || obj.Checksum.Value != "" {
			t.Errorf("%+v: %q, %v, %+v", c.r, body, err, obj)
		}
		if r := f.only(t); r.Header.Get("Range") != c.sent {
			t.Errorf("%+v is said %q, want %q", c.r, r.Header.Get("Range"), c.sent)
		}
	}
}

func TestAStoreThatIgnoresARangeIsNotBelieved(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{header: object, body: "0123456789"}))
	if _, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{Range: drivers.Range{Start: 2}}); !errors.Is(err, drivers.ErrUnavailable) {
		t.Errorf("error %v", err)
	}
	empty := startFake(t, always(answer{header: object}))
	if obj, err := empty.bucket(t).Get(t.Context(), "key", drivers.GetOptions{Range: drivers.Range{Start: -2}}); !errors.Is(err, drivers.ErrInvalidRange) || obj == nil {
		t.Errorf("of an empty object: %+v, %v", obj, err)
	}
}

func TestAPartIsReadByItsNumberInOneRequest(t *testing.T) {
	t.Parallel()
	header := []string{`ETag: "781e5e245d69b566979b86e28d23f2c7-3"`, "Content-Range: bytes 4-6/10", "X-Amz-Mp-Parts-Count: 3",
		"Last-Modified: Sat, 28 Nov 2026 10:00:00 GMT", "X-Amz-Checksum-Sha256: A5oBxYxDcA9q7nR/6wPB1GJqnEsUbA+u1hRv7vHPVpo="}
	f := startFake(t, always(answer{206, header, "456"}))
	obj, err := f.bucket(t).Get(t.Context(), "key", drivers.GetOptions{PartNumber: 2, Parts: true})
	if err != nil {
		t.Fatal(err)
	}
	obj.Body.Close()
	last := obj.Parts[len(obj.Parts)-1]
	if obj.Start != 4 || obj.Length != 3 || obj.Size != 10 || obj.PartsCount != 3 || obj.Checksum.Value != "" || obj.Parts[0].Size != 4 ||
		last.Number != 2 || last.Size != 3 || last.Checksum.Algorithm != checksum.SHA256 {
		t.Errorf("%+v", obj)
	}
	if r := f.only(t); r.URL.Query().Get("partNumber") != "2" {
		t.Errorf("asked %s", r.URL)
	}
	none := startFake(t, always(answer{416, nil, errorDocument("InvalidPartNumber", "")}))
	if _, err := none.bucket(t).Get(t.Context(), "key", drivers.GetOptions{PartNumber: 4}); !errors.Is(err, drivers.ErrPartNumber) {
		t.Errorf("part 4: %v", err)
	}
	none.only(t)
}

func TestPartsAreListedFromTheAttributes(t *testing.T) {
	t.Parallel()
	head := []string{`ETag: "781e5e245d69b566979b86e28d23f2c7-2"`, "Content-Length: 10", "Last-Modified: Sat, 28 Nov 2026 10:00:00 GMT"}
	page := func(number, next, truncated string) string {
		return `<GetObjectAttributesResponse><ETag>781e5e245d69b566979b86e28d23f2c7-2</ETag><ObjectParts><IsTruncated>` + truncated +
			`</IsTruncated><NextPartNumberMarker>` + next + `</NextPartNumberMarker><PartsCount>2</PartsCount><Part><PartNumber>` + number +
			`</PartNumber><Size>5</Size><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></ObjectParts></GetObjectAttributesResponse>`
	}
	f := startFake(t, func(r request) answer {
		switch {
		case r.Method == http.MethodHead:
			return answer{header: head}
		case r.Header.Get("X-Amz-Part-Number-Marker") == "":
			return answer{body: page("1", "1", "true")}
		}
		return answer{body: page("2", "2", "true")} // a store that never ends
	})
	info, err := f.bucket(t).Head(t.Context(), "key", drivers.GetOptions{Parts: true})
	if err != nil || len(info.Parts) < 2 || info.Parts[0].Number != 1 || info.Parts[1].Number != 2 || info.Parts[1].Size != 5 || info.Parts[1].Checksum.Value != "AAAAAA==" {
		t.Errorf("%+v, %v", info, err)
	}
	if n := len(f.seen()); n > 4 {
		t.Errorf("%d requests", n)
	}
	plain := startFake(t, always(answer{header: append([]string{"Content-Length: 10"}, object...)}))
	if info, err := plain.bucket(t).Head(t.Context(), "key", drivers.GetOptions{Parts: true}); err != nil || info.Parts != nil {
		t.Errorf("%+v, %v", info, err)
	}
	plain.only(t) // an object without parts has none to list
}

func TestAHeadTellsAMissingKeyFromAMissingBucket(t *testing.T) {
	t.Parallel()
	missing := true
	f := startFake(t, func(r request) answer {
		if r.is("HEAD", "/photos") && !missing {
			return answer{}
		}
		return answer{status: 404}
	})
	d := f.open(t, s3.Config{})
	_, err := d.Bucket("photos").Head(t.Context(), "key", drivers.GetOptions{})
	if !errors.Is(err, drivers.ErrNoBucket) {
		t.Errorf("error %v", err)
	}
	missing = false
	for range 5 {
		if _, err := d.Bucket("photos").Head(t.Context(), "key", drivers.GetOptions{}); !errors.Is(err, drivers.ErrNotFound) {
			t.Errorf("error %v", err)
		}
	}
	if n := len(f.seen()); n != 2+2+4 { // once the bucket is known, its missing keys cost one request each
		t.Errorf("%d requests", n)
	}
}

func TestMetadataOfAnyTextSurvives(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{}))
	metadata := map[string]string{
		"plain": "value, with 100% of \"ASCII\"", "umlaut": "Grüße", "literal": "=?UTF-8?Q?not_decoded?=", "tab": "a\tb", "ends": " blank ",
		"latin": "caf\xe9", "empty": "",
	}
	_, err := f.bucket(t).Put(t.Context(), "key", strings.NewReader(""), drivers.PutOptions{Header: drivers.Header{Metadata: metadata}})
	if err != nil {
		t.Fatal(err)
	}
	var echo []string
	for name, values := range f.only(t).Header {
		if !strings.HasPrefix(name, "X-Amz-Meta-") {
			continue
		}
		echo = append(echo, name+": "+values[0])
		if strings.ContainsFunc(values[0], func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%s: %q is no ASCII", name, values[0])
		}
	}
	if !slices.Contains(echo, `X-Amz-Meta-Plain: value, with 100% of "ASCII"`) {
		t.Errorf("plain text does not stay as it is: %q", echo)
	}
	echo = append(echo, "X-Amz-Meta-Aws: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=") // as AWS gives back what others stored
	back := startFake(t, always(answer{header: echo}))
	info, err := back.bucket(t).Head(t.Context(), "key", drivers.GetOptions{})
	metadata["aws"] = "Grüße"
	for name, want := range metadata {
		if got, ok := info.Header.Metadata[name]; got != want || !ok || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	for _, name := range []string{"sluice-checksum", "no token", "ü", ""} {
		h := drivers.Header{Metadata: map[string]string{name: "v"}}
		if _, err := f.bucket(t).Put(t.Context(), "key", strings.NewReader(""), drivers.PutOptions{Header: h}); !errors.Is(err, drivers.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAKeptChecksumIsShownAndHidden(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{header: []string{`ETag: "e"`, "X-Amz-Meta-Sluice-Checksum: CRC32C:KAwGng==", "X-Amz-Meta-Color: blue"}}))
	info, err := f.open(t, s3.Config{Checksum: "none"}).Bucket("photos").Head(t.Context(), "key", drivers.GetOptions{})
	if err != nil || info.Checksum.Value != "KAwGng==" || info.Checksum.Algorithm != checksum.CRC32C || len(info.Header.Metadata) != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	if f.only(t).Header.Get("X-Amz-Checksum-Mode") != "" {
		t.Error("asks for checksums")
	}
}
