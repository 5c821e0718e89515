package s3_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"sluice/drivers"
	"sluice/drivers/checksum"
	"sluice/drivers/s3"
)

const initiated = "<InitiateMultipartUploadResult><UploadId>VXBs-b2Fk.SUQ_</UploadId></InitiateMultipartUploadResult>"

func TestAnUploadIsTheStoresOwn(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"trailer", "header", "none"} {
		f := startFake(t, func(r request) answer {
			if r.Method == http.MethodPost {
				return answer{body: initiated}
			}
			return answer{header: []string{`ETag: "part"`}}
		})
		m := drivers.Multiparts(f.open(t, s3.Config{Checksum: mode}).Bucket("photos"))
		u, err := m.CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{
			Header: drivers.Header{ContentType: "text/plain", Metadata: map[string]string{"a": "b"}}, Tags: []drivers.Tag{{Key: "k &", Value: "v"}},
			ChecksumAlgorithm: checksum.SHA256, ChecksumType: checksum.Composite,
		})
		if err != nil || u.ID != "VXBs-b2Fk.SUQ_" || u.ChecksumAlgorithm != checksum.SHA256 || u.ChecksumType != checksum.Composite {
			t.Errorf("%+v, %v", u, err)
		}
		created := f.only(t).Header
		if got := created.Get("X-Amz-Checksum-Algorithm") + created.Get("X-Amz-Checksum-Type"); got != map[string]string{"trailer": "SHA256COMPOSITE"}[mode] {
			t.Errorf("%s: created with the checksum %q", mode, got)
		}
		if created.Get("Content-Type") != "text/plain" || created.Get("X-Amz-Meta-A") != "b" || created.Get("X-Amz-Tagging") != "k+%26=v" {
			t.Errorf("created with %v", created)
		}
		const body = "the content"
		r, o := digested(body, checksum.SHA256)
		p, err := m.PutPart(t.Context(), "key", u.ID, 7, r, drivers.PutPartOptions{Size: o.Size, Digest: o.Digest, Checksum: o.Checksum})
		if err != nil || p.Number != 7 || p.Size != int64(len(body)) || p.ETag != "part" || p.Checksum.Value != sumOf(body, checksum.SHA256) {
			t.Errorf("%+v, %v", p, err)
		}
		put := f.seen()[1]
		if q := put.URL.Query(); q.Get("uploadId") != u.ID || q.Get("partNumber") != "7" {
			t.Errorf("put to %s", put.URL)
		}
		if framed := put.Header.Get("X-Amz-Trailer") != ""; framed != (mode == "trailer") {
			t.Errorf("%s: the part goes with %v", mode, put.Header)
		}
	}
}

func TestAListOfPartsGoesWithConditionsAndChecksums(t *testing.T) {
	t.Parallel()
	const done = `<CompleteMultipartUploadResult><ETag>"e-2"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType>` +
		`</CompleteMultipartUploadResult>`
	f := startFake(t, always(answer{header: []string{"X-Amz-Version-Id: v1"}, body: "  \n" + done}))
	sum := checksum.Checksum{Algorithm: checksum.CRC32, Type: checksum.FullObject, Value: "AAAAAA=="}
	info, err := drivers.Multiparts(f.bucket(t)).CompleteUpload(t.Context(), "key", "id",
		[]drivers.CompletedPart{{Number: 1, ETag: "a", Checksum: sum}, {Number: 9, ETag: "b"}},
		drivers.CompleteOptions{Conditions: drivers.Conditions{IfMatch: []string{"old"}}, Checksum: sum, Size: 99})
	if err != nil || info.ETag != "e-2" || info.PartsCount != 2 || info.VersionID != "v1" || info.Checksum != sum || info.LastModified.IsZero() {
		t.Errorf("%+v, %v", info, err)
	}
	r := f.only(t)
	if h := r.Header; h.Get("If-Match") != `"old"` || h.Get("X-Amz-Checksum-Crc32") != sum.Value || h.Get("X-Amz-Mp-Object-Size") != "99" {
		t.Errorf("completed with %v", h)
	}
	if !strings.Contains(r.body, "<PartNumber>9</PartNumber>") || !strings.Contains(r.body, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>") {
		t.Errorf("the list is %s", r.body)
	}
	_, err = drivers.Multiparts(f.bucket(t)).CompleteUpload(t.Context(), "key", "id", nil, drivers.CompleteOptions{})
	if !errors.Is(err, drivers.ErrInvalid) {
		t.Errorf("without parts: %v", err)
	}
}

func TestNoUploadIDBecomesAnotherRequest(t *testing.T) {
	t.Parallel()
	f := startFake(t, always(answer{status: 204}))
	m := drivers.Multiparts(f.bucket(t))
	for _, id := range []string{"", ".", "..", "a/b", "a?b", "a b", "ü", strings.Repeat("i", 129)} {
		if err := m.AbortUpload(t.Context(), "key", id); !errors.Is(err, drivers.ErrNoUpload) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if n := len(f.seen()); n > 0 { // DELETE /photos/key?uploadId= might delete the object
		t.Errorf("%d requests", n)
	}
	odd := startFake(t, always(answer{body: strings.Replace(initiated, "VXBs", "a/b", 1)}))
	if _, err := drivers.Multiparts(odd.bucket(t)).CreateUpload(t.Context(), "key", drivers.CreateUploadOptions{}); !errors.Is(err, drivers.ErrUnsupported) {
		t.Errorf("an ID that is not safe in a URL: %v", err)
	}
}

func TestUploadsAndPartsAreListed(t *testing.T) {
	t.Parallel()
	const uploads = `<ListMultipartUploadsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>a%2Fb</NextKeyMarker>` +
		`<NextUploadIdMarker>i2</NextUploadIdMarker><Upload><Key>a+%01</Key><UploadId>i1</UploadId><Initiated>2026-11-28T10:00:00Z</Initiated></Upload>` +
		`<Upload><Key>a%2Fb</Key><UploadId>i2</UploadId><ChecksumAlgorithm>SHA256</ChecksumAlgorithm><ChecksumType>COMPOSITE</ChecksumType></Upload>` +
		`<CommonPrefixes><Prefix>c%2F</Prefix></CommonPrefixes></ListMultipartUploadsResult>`
	f := startFake(t, always(answer{body: uploads}))
	page, err := drivers.Multiparts(f.bucket(t)).ListUploads(t.Context(), drivers.ListUploadsOptions{KeyAfter: "A", IDAfter: "i0", Delimiter: "/", Limit: 3})
	if err != nil || len(page.Uploads) != 2 || !page.More || page.NextKey != "a/b" || page.NextID != "i2" || page.Prefixes[0] != "c/" {
		t.Fatalf("%+v, %v", page, err)
	}
	if u := page.Uploads[0]; u.Key != "a \x01" || u.ChecksumAlgorithm != checksum.CRC64NVME || !u.ChecksumImplicit || u.Initiated.IsZero() {
		t.Errorf("%+v", u)
	}
	if u := page.Uploads[1]; u.ChecksumAlgorithm != checksum.SHA256 || u.ChecksumType != checksum.Composite || u.ChecksumImplicit {
		t.Errorf("%+v", u)
	}
	if q := f.only(t).URL.Query(); q.Get("key-marker") != "A" || q.Get("upload-id-marker") != "i0" || q.Get("max-uploads") != "3" {
		t.Errorf("asked %v", q)
	}
	const parts = `<ListPartsResult><IsTruncated>true</IsTruncated><ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>` +
		`<Part><PartNumber>8</PartNumber><Size>5</Size><ETag>"p"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></ListPartsResult>`
	f = startFake(t, always(answer{body: parts}))
	listed, err := drivers.Multiparts(f.bucket(t)).ListParts(t.Context(), "key", "id", drivers.ListPartsOptions{After: 7, Limit: 1})
	if err != nil || !listed.More || len(listed.Parts) != 1 || listed.Parts[0].Number != 8 || listed.Parts[0].ETag != "p" || listed.Parts[0].Checksum.Value != "AAAAAA==" {
		t.Errorf("%+v, %v", listed, err)
	}
	if q := f.only(t).URL.Query(); q.Get("part-number-marker") != "7" || q.Get("max-parts") != "1" {
		t.Errorf("asked %v", q)
	}
}
