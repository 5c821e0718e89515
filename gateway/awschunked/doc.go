// Package awschunked decodes and encodes aws-chunked bodies, the framing that S3
// clients put around an upload to sign it piece by piece and to send a checksum
// behind it:
//
//	10000;chunk-signature=<64 hex digits>\r\n
//	<65536 bytes>\r\n
//	0;chunk-signature=<64 hex digits>\r\n
//	x-amz-checksum-crc32c:sOO8/Q==\r\n
//	x-amz-trailer-signature:<64 hex digits>\r\n
//	\r\n
//
// Chunks of the unsigned form have no signature and their trailer has none.
//
// The Reader fails before io.EOF when anything is wrong, and it goes further:
// the last bytes of a chunk are handed out only when its signature was right,
// and the last bytes of the body only when everything after them was. So even a
// consumer that stops once it has the announced number of bytes never holds a
// whole object that was not verified.
//
//	body, err := awschunked.NewReader(r.Body, awschunked.Options{Payload: who.Payload, Chunks: who.Chunks})
//	...
//	info, err := bucket.Put(ctx, key, body, o) // err may be a *sigv4.Error
//	sum := body.Trailer().Get("X-Amz-Checksum-Crc32c")
//
// The checksums of the trailer are not compared with the data here.
//
// Sources: "Signature calculations: transferring payload in multiple chunks" and
// "... for trailing headers" in the Amazon S3 API reference.
package awschunked
