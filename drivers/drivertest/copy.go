package drivertest

import (
	"errors"
	"strings"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/mem"
)

func copyChecks() []check {
	return []check{
		{"Copy/takes bytes, header and tags along", copyKeeps},
		{"Copy/replaces header and tags where asked", copyReplaces},
		{"Copy/onto itself changes the header", copyOntoItself},
		{"Copy/of what is not there fails", copyMissing},
		{"Copy/between buckets", copyAcross},
		{"Copy/from and to an unlike driver", copyUnlike},
		{"Copy/computes the checksum asked for", copyChecksums},
		{"Copy/of an object made of parts", copyParts},
		{"Copy/to and from odd keys", copyOddKeys},
	}
}

// source puts an object with all that a copy can take along.
func (e *env) source(b drivers.Bucket, key, body string) drivers.PutOptions {
	e.Helper()
	o := drivers.PutOptions{Size: int64(len(body)), Header: drivers.Header{
		ContentType: "text/plain", CacheControl: "no-store", WebsiteRedirectLocation: "/x", StorageClass: "STANDARD_IA", Metadata: map[string]string{"color": "blue"},
	}}
	if !e.limits.withoutTags {
		o.Tags = []drivers.Tag{{Key: "z", Value: "1"}, {Key: "a", Value: "2"}}
	}
	_, err := b.Put(e.Context(), key, strings.NewReader(body), o)
	e.must(err)
	o.Header.WebsiteRedirectLocation, o.Header.StorageClass = "", "" // never copied
	return o
}

// copies copies within the check's bucket and checks the copy's body.
func (e *env) copies(key, from, body string, o drivers.CopyOptions) {
	e.Helper()
	info, err := drivers.Copy(e.Context(), e.b, key, e.b, from, o)
	e.must(err)
	e.holds(key, body, info)
	same(e, "ETag", info.ETag, md5hex(body))
	e.listedAs(e.head(key))
}

func (e *env) hasTagsIf(key string, want []drivers.Tag) {
	e.Helper()
	if !e.limits.withoutTags {
		e.hasTags(key, want)
	}
}

func copyKeeps(e *env) {
	for _, body := range []string{"", "content", strings.Repeat("large", 100_000)} {
		src := e.source(e.b, "source", body)
		e.put("copy", "before", drivers.PutOptions{})
		e.copies("copy", "source", body, drivers.CopyOptions{})
		e.hasHeader("copy", src.Header)
		e.hasTagsIf("copy", src.Tags)
		_, err := e.b.Delete(e.Context(), "source", drivers.DeleteOptions{})
		e.must(err)
		text, _ := e.get("copy")
		same(e, "the copy, without its source", text, body)
	}
}

func copyReplaces(e *env) {
	src := e.source(e.b, "source", "content")
	header := drivers.Header{ContentType: "image/png", Metadata: map[string]string{"color": "red"}}
	e.copies("copy", "source", "content", drivers.CopyOptions{Header: &header})
	e.hasHeader("copy", header)
	e.hasTagsIf("copy", src.Tags)
	if !e.limits.withoutTags {
		for _, tags := range [][]drivers.Tag{{{Key: "new", Value: "tag"}}, {}} {
			e.copies("copy", "source", "content", drivers.CopyOptions{Tags: &tags})
			e.hasHeader("copy", src.Header)
			e.hasTags("copy", tags)
		}
	}
	header.Metadata["color"] = "changed"
	own := src.Header
	own.WebsiteRedirectLocation, own.StorageClass = "/y", "GLACIER"
	e.copies("copy", "source", "content", drivers.CopyOptions{WebsiteRedirectLocation: "/y", StorageClass: "GLACIER"})
	e.hasHeader("copy", own)
	src.Header.WebsiteRedirectLocation, src.Header.StorageClass = "/x", "STANDARD_IA"
	e.hasHeader("source", src.Header)
}

func copyOntoItself(e *env) {
	src := e.source(e.b, "key", "content")
	header := drivers.Header{ContentType: "image/png", Metadata: map[string]string{"color": "red"}}
	e.copies("key", "key", "content", drivers.CopyOptions{Header: &header})
	e.hasHeader("key", header)
	e.hasTagsIf("key", src.Tags)
	sameList(e, "keys", e.list(drivers.ListOptions{}), []string{"key"})
}

func copyMissing(e *env) {
	info := e.put("key", "x", drivers.PutOptions{})
	_, err := drivers.Copy(e.Context(), e.b, "key", e.b, "missing", drivers.CopyOptions{})
	e.is(err, drivers.ErrNotFound)
	e.holds("key", "x", info)
	_, err = drivers.Copy(e.Context(), e.b, "missing", e.b, "missing", drivers.CopyOptions{})
	if !e.limits.speaksS3 || !errors.Is(err, drivers.ErrInvalid) {
		e.is(err, drivers.ErrNotFound)
	}
	e.absent("missing")
}

func copyAcross(e *env) {
	name, other := e.newBucket()
	src := e.source(other, "source", "content")
	info, err := drivers.Copy(e.Context(), e.b, "copy", other, "source", drivers.CopyOptions{})
	e.must(err)
	e.holds("copy", "content", info)
	e.hasHeader("copy", src.Header)
	e.hasTagsIf("copy", src.Tags)
	e.must(e.d.DeleteBucket(e.Context(), e.emptied(name, other)))
	e.holds("copy", "content", info)
}

// emptied deletes the key "source" and returns the bucket's name.
func (e *env) emptied(name string, b drivers.Bucket) string {
	e.Helper()
	_, err := b.Delete(e.Context(), "source", drivers.DeleteOptions{})
	e.must(err)
	return name
}

func copyUnlike(e *env) {
	unlike := mem.New()
	e.must(unlike.CreateBucket(e.Context(), "unlike", drivers.CreateBucketOptions{}))
	b := unlike.Bucket("unlike")
	src := e.source(b, "source", "content")
	info, err := drivers.Copy(e.Context(), e.b, "copy", b, "source", drivers.CopyOptions{})
	e.must(err)
	e.holds("copy", "content", info)
	e.hasHeader("copy", src.Header)
	e.hasTagsIf("copy", src.Tags)
	_, err = drivers.Copy(e.Context(), b, "back", e.b, "copy", drivers.CopyOptions{})
	e.must(err)
	body, obj := e.getOf(b, "back", drivers.GetOptions{})
	same(e, "body", body, "content")
	same(e, "metadata", obj.Header.Metadata["color"], "blue")
}

func copyChecksums(e *env) {
	const body = "content"
	want := digestOf(body, checksum.SHA1)
	e.put("source", body, drivers.PutOptions{Digest: func() drivers.Digest { return want }})
	e.copies("kept", "source", body, drivers.CopyOptions{})
	same(e, "Checksum", e.head("kept").Checksum, want.Checksum)
	e.copies("asked", "source", body, drivers.CopyOptions{Algorithm: checksum.CRC32C})
	same(e, "Checksum", e.head("asked").Checksum, digestOf(body, checksum.CRC32C).Checksum)
	e.put("bare", body, drivers.PutOptions{})
	if e.head("bare").Checksum.Value == "" {
		e.copies("computed", "bare", body, drivers.CopyOptions{})
		same(e, "Checksum", e.head("computed").Checksum, digestOf(body, checksum.CRC64NVME).Checksum)
	}
}

func copyParts(e *env) {
	if e.limits.storeETags {
		return // checked on a multipart upload
	}
	d := digestOfParts(e, checksum.CRC32, checksum.FullObject, "first ", "second")
	e.put("source", "first second", drivers.PutOptions{Digest: func() drivers.Digest { return d }})
	info, err := drivers.Copy(e.Context(), e.b, "copy", e.b, "source", drivers.CopyOptions{})
	e.must(err)
	e.holds("copy", "first second", info)
	head := e.head("copy") // S3 makes it an object without parts; a store that keeps them must keep all
	if head.ETag == d.ETag {
		sameList(e, "Parts", shown(head.Parts), d.Parts)
	} else {
		same(e, "ETag", head.ETag, md5hex("first second"))
		same(e, "PartsCount", head.PartsCount, 0)
	}
	same(e, "Checksum", head.Checksum, d.Checksum)
}

func copyOddKeys(e *env) {
	keys := []string{"a//b", "../x", "a/", "%2F", "a b+c", "ünï", strings.Repeat("k", 300), "a\nb", "?x=y#z"}
	for i, key := range keys {
		if e.limits.refusedKey(key) {
			continue
		}
		to := keys[(i+1)%len(keys)] + "-copy"
		e.put(key, "body of "+key, drivers.PutOptions{})
		if !e.limits.refusedKey(to) {
			e.copies(to, key, "body of "+key, drivers.CopyOptions{})
		}
	}
}
