package drivertest

import (
	"fmt"
	"slices"
	"strings"

	"sluice/drivers"
)

func tagChecks(l *limits) []check {
	if l.withoutTags {
		return []check{{"Tags/are refused", tagsRefused}}
	}
	return []check{
		{"Tags/come with Put and keep their order", tagsWithPut},
		{"Tags/are replaced and removed without a write of the object", tagsReplaced},
		{"Tags/of an object that is not there", tagsMissing},
	}
}

func tagsRefused(e *env) {
	tags := []drivers.Tag{{Key: "k", Value: "v"}}
	_, err := e.b.Put(e.Context(), "key", strings.NewReader("x"), drivers.PutOptions{Size: 1, Tags: tags})
	e.is(err, drivers.ErrUnsupported)
	e.absent("key")
	e.put("key", "x", drivers.PutOptions{})
	_, err = drivers.Tags(e.Context(), e.b, "key", "")
	e.is(err, drivers.ErrUnsupported)
	e.is(drivers.SetTags(e.Context(), e.b, "key", "", tags), drivers.ErrUnsupported)
}

// tagSets are lists of tags at S3's limits: 10 of them, keys of 128 and values of 256 characters.
func tagSets() [][]drivers.Tag {
	var ten []drivers.Tag
	for i := range 10 {
		ten = append(ten, drivers.Tag{Key: fmt.Sprintf("key-%d", 9-i), Value: fmt.Sprint(i)})
	}
	return [][]drivers.Tag{
		{{Key: "one", Value: "1"}},
		{{Key: "z", Value: "1"}, {Key: "a", Value: "2"}, {Key: "M", Value: "3"}},
		{{Key: "empty", Value: ""}},
		{{Key: "+ - = . _ : / @", Value: "+ - = . _ : / @"}},
		{{Key: "Grüße", Value: "世界 ë"}},
		{{Key: "case", Value: "1"}, {Key: "Case", Value: "2"}},
		{{Key: strings.Repeat("k", 128), Value: strings.Repeat("v", 256)}},
		ten,
	}
}

// hasTags compares an object's tags and their number.
func (e *env) hasTags(key string, want []drivers.Tag) {
	e.Helper()
	got, err := drivers.Tags(e.Context(), e.b, key, "")
	e.must(err)
	if e.limits.speaksS3 {
		byKey := func(a, b drivers.Tag) int { return strings.Compare(a.Key, b.Key) }
		got, want = slices.SortedFunc(slices.Values(got), byKey), slices.SortedFunc(slices.Values(want), byKey)
	}
	sameList(e, "tags", got, want)
	same(e, "TagCount of Head", e.head(key).TagCount, len(want))
	_, info := e.get(key)
	same(e, "TagCount of Get", info.TagCount, len(want))
}

func tagsWithPut(e *env) {
	for i, tags := range tagSets() {
		key := fmt.Sprint("key", i)
		e.put(key, "x", drivers.PutOptions{Tags: tags})
		e.hasTags(key, tags)
	}
	e.put("key0", "x", drivers.PutOptions{})
	e.hasTags("key0", nil)
}

func tagsReplaced(e *env) {
	header := drivers.Header{ContentType: "text/plain", Metadata: map[string]string{"a": "b"}}
	info := e.put("key", "x", drivers.PutOptions{Header: header})
	for _, tags := range append(tagSets(), nil) {
		e.must(drivers.SetTags(e.Context(), e.b, "key", "", tags))
		e.hasTags("key", tags)
	}
	body, now := e.get("key")
	same(e, "body", body, "x")
	same(e, "ETag", now.ETag, info.ETag)
	e.hasHeader("key", header)
}

func tagsMissing(e *env) {
	_, err := drivers.Tags(e.Context(), e.b, "missing", "")
	e.is(err, drivers.ErrNotFound)
	e.is(drivers.SetTags(e.Context(), e.b, "missing", "", tagSets()[0]), drivers.ErrNotFound)
	e.absent("missing")
}
