package s3xml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestDeleteIsReadWithAndWithoutNamespace(t *testing.T) {
	t.Parallel()
	size := int64(3)
	want := Delete{Quiet: true, Objects: []ObjectIdentifier{
		{Key: " a&b\n"}, {Key: "c", VersionID: "v", ETag: etag, LastModifiedTime: "Tue, 01 Jan 2030 00:00:00 GMT", Size: &size}}}
	want.XMLName.Local = "Delete"
	const inner = `<Object><Key> a&amp;b&#10;</Key></Object><!-- c --><Unknown><Key>x</Key></Unknown><Object><VersionId>v</VersionId><Key>c</Key>` +
		`<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><LastModifiedTime>Tue, 01 Jan 2030 00:00:00 GMT</LastModifiedTime><Size>3</Size></Object><Quiet>true</Quiet>`
	for name, doc := range map[string]string{
		"bare":      "<Delete>" + inner + "</Delete>",
		"namespace": Header + `<Delete xmlns="` + Namespace + `">` + inner + "</Delete>\n",
		"prefix":    `<s:Delete xmlns:s="` + Namespace + `">` + inner + "</s:Delete><!-- end -->",
		"BOM":       "\xEF\xBB\xBF" + Header + "<Delete>" + inner + "</Delete>",
		"encoding":  `<?xml version="1.0" encoding="utf-8" standalone="yes"?><Delete>` + inner + "</Delete>",
	} {
		var got Delete
		if err := Decode(strings.NewReader(doc), int64(len(doc)), &got); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

func TestCompleteMultipartUploadIsRead(t *testing.T) {
	t.Parallel()
	var got CompleteMultipartUpload
	err := Decode(strings.NewReader(`<CompleteMultipartUpload><Part><ETag>a</ETag><PartNumber>1</PartNumber><ChecksumXXHASH3>x</ChecksumXXHASH3></Part>`+
		`<Part><PartNumber>2</PartNumber><ETag>"b"</ETag></Part></CompleteMultipartUpload>`), 1<<20, &got)
	want := []CompletedPart{{1, "a", Checksums{XXHASH3: "x"}}, {PartNumber: 2, ETag: `"b"`}}
	if diff := cmp.Diff(want, got.Parts); err != nil || diff != "" {
		t.Errorf("%v, -want +got:\n%s", err, diff)
	}
}

func TestCreateBucketConfigurationIsRead(t *testing.T) {
	t.Parallel()
	var got CreateBucketConfiguration
	err := Decode(strings.NewReader(`<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint><Location><Type>AvailabilityZone</Type><Name>z</Name></Location>`+
		`<Bucket><Type>Directory</Type></Bucket><Tags><Tag><Key>b</Key><Value>1</Value></Tag><Tag><Key>a</Key><Value/></Tag></Tags></CreateBucketConfiguration>`), 1<<20, &got)
	if err != nil || got.LocationConstraint != "eu-west-1" || got.Location.Name != "z" || got.Bucket.Type != "Directory" ||
		!cmp.Equal(got.Tags, []Tag{{"b", "1"}, {"a", ""}}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func bomb() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">`)
	for i := range 10 {
		fmt.Fprintf(&b, `<!ENTITY lol%d "%s">`, i, strings.Repeat("&lol;", 10))
	}
	b.WriteString(`]><Delete><Object><Key>&lol9;</Key></Object></Delete>`)
	return b.String()
}

func TestWhatIsNotTheDocumentIsRefused(t *testing.T) {
	t.Parallel()
	const million = 1 << 20
	for name, doc := range map[string]string{
		"wrong root":               "<Tagging/>",
		"root in lower case":       "<delete/>",
		"not XML":                  "{}",
		"cut off":                  "<Delete><Object>",
		"unclosed":                 "<Delete><Object></Delete>",
		"text before":              "x<Delete/>",
		"text after":               "<Delete/>x",
		"second root":              "<Delete/><Delete/>",
		"end without start":        "<Delete/></Delete>",
		"instruction":              `<?php x?><Delete/>`,
		"instruction inside":       `<Delete><?xml version="1.0"?></Delete>`,
		"late declaration":         `<!-- c --><?xml version="1.0"?><Delete/>`,
		"document type":            `<!DOCTYPE Delete><Delete/>`,
		"external entity":          `<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&x;</Key></Object></Delete>`,
		"unknown entity":           "<Delete><Object><Key>&nbsp;</Key></Object></Delete>",
		"billion laughs":           bomb(),
		"million deep, known":      strings.Repeat("<Delete>", million),
		"million deep, skipped":    "<Delete>" + strings.Repeat("<a>", million) + strings.Repeat("</a>", million) + "</Delete>",
		"too many elements":        "<Delete>" + strings.Repeat("<a/>", maxElements) + "</Delete>",
		"too many attributes":      `<Delete a="" b="" c="" d="" e="" f="" g="" h="" i=""/>`,
		"million attributes":       "<Delete" + strings.Repeat(` a=""`, million) + "/>",
		"other namespace":          `<Delete xmlns="http://example.com/"/>`,
		"undeclared prefix":        `<s:Delete/>`,
		"other encoding":           `<?xml version="1.0" encoding="UTF-16"?><Delete/>`,
		"not UTF-8":                "<Delete><Object><Key>\xff</Key></Object></Delete>",
		"illegal character":        "<Delete><Object><Key>&#x1;</Key></Object></Delete>",
		"size is no number":        "<Delete><Object><Key>k</Key><Size>x</Size></Object></Delete>",
		"quiet is neither":         "<Delete><Quiet>maybe</Quiet></Delete>",
		"only a comment":           "<!-- -->",
		"attribute without quotes": "<Delete a=b/>",
	} {
		if err := Decode(strings.NewReader(doc), 16<<20, new(Delete)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, want ErrMalformed", name, err)
		}
	}
}

func TestABodyThatIsTooLongOrEmptyIsMalformed(t *testing.T) {
	t.Parallel()
	doc := "<Delete/>"
	if err := Decode(strings.NewReader(doc), int64(len(doc)), new(Delete)); err != nil {
		t.Errorf("at the limit: %v", err)
	}
	if err := Decode(strings.NewReader(doc+" "), int64(len(doc)), new(Delete)); !errors.Is(err, ErrMalformed) {
		t.Errorf("above the limit: %v", err)
	}
	for _, doc := range []string{"", " \n", "\xEF\xBB\xBF"} {
		if err := Decode(strings.NewReader(doc), 10, new(Delete)); !errors.Is(err, ErrEmpty) || !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", doc, err)
		}
	}
}

func TestAnErrorOfTheBodyComesBackAsItIs(t *testing.T) {
	t.Parallel()
	broken := errors.New("bad digest")
	if err := Decode(iotest.ErrReader(broken), 10, new(Delete)); err != broken {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, doc := range []string{
		"<Delete><Object><Key>a</Key></Object></Delete>", bomb(),
		`<?xml version="1.0"?><Tagging xmlns="` + Namespace + `"><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>`,
		`<AccessControlPolicy xmlns:xsi="` + xsi + `"><AccessControlList><Grant><Grantee xsi:type="Group"/></Grant></AccessControlList></AccessControlPolicy>`,
		"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		for _, v := range []any{&Delete{}, &Tagging{}, &AccessControlPolicy{}, &CompleteMultipartUpload{}, &CreateBucketConfiguration{}} {
			err := Decode(bytes.NewReader(doc), 1<<16, v)
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Fatalf("%v is not ErrMalformed", err)
			}
			if d, ok := v.(Document); ok && err == nil {
				wellFormed(t, Marshal(d))
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	for name, doc := range map[string]string{
		"many attributes": "<Delete" + strings.Repeat(` a=""`, 400_000) + "/>",
		"1000 objects":    Header + "<Delete>" + strings.Repeat("<Object><Key>photos/2026/11/IMG_0001.jpeg</Key></Object>", 1000) + "</Delete>",
		"billion laughs":  bomb(),
		"million deep":    strings.Repeat("<a>", 600_000),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				Decode(strings.NewReader(doc), 2<<20, new(Delete))
			}
		})
	}
}
