// Package s3xml holds the XML documents of the S3 protocol, as AWS writes and
// reads them: names, order of elements, which are present when empty, and the
// namespace http://s3.amazonaws.com/doc/2006-03-01/.
//
// A document that a gateway sends implements [Document]:
//
//	body := s3xml.Marshal(&s3xml.ListBucketV2{Name: "photos", MaxKeys: 1000, KeyCount: 0})
//
// A document that a client sends is read, within limits, by [Decode]:
//
//	var d s3xml.Delete
//	if err := s3xml.Decode(req.Body, 2<<20, &d); errors.Is(err, s3xml.ErrMalformed) {
//		// answer MalformedXML
//	}
//
// The types hold plain values that the gateway fills; nothing here knows a
// driver or HTTP. Element names that differ from the field's are in the tags or
// in the AppendXML method. Times are cut to whole seconds, as S3 shows them.
package s3xml
