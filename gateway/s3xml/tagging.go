package s3xml

import "encoding/xml"

var _ Document = (*Tagging)(nil)

// Tagging is the body of PutObjectTagging and PutBucketTagging and the answer
// of GetObjectTagging and GetBucketTagging. Tags keep their order.
type Tagging struct {
	XMLName xml.Name `xml:"Tagging"`
	TagSet  []Tag    `xml:"TagSet>Tag"`
}

// Tag is a tag of an object or bucket.
type Tag struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

// AppendXML implements [Document].
func (t *Tagging) AppendXML(b []byte) []byte {
	e := encoder{b: b}
	e.root("Tagging")
	e.open("TagSet")
	for _, tag := range t.TagSet {
		e.open("Tag")
		e.text("Key", tag.Key)
		e.text("Value", tag.Value)
		e.close("Tag")
	}
	e.close("TagSet")
	e.close("Tagging")
	return e.b
}
