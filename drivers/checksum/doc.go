// Package checksum computes, combines and checks the digests that S3 keeps of
// an object: the ten x-amz-checksum-* algorithms, and the MD5 behind the ETag.
//
// A [Reader] hashes a body on its way from the client to the store, in several
// digests at once, and fails before io.EOF when its Verify hook refuses them:
//
//	pool := checksum.NewPool(0) // one for the process
//	r := pool.NewReader(body, contentLength, checksum.MD5, checksum.SHA256, checksum.CRC64NVME)
//	defer r.Close()
//	r.Verify = func(r *checksum.Reader) error {
//		if !bytes.Equal(r.Sum(checksum.SHA256), signed) {
//			return errPayloadHash
//		}
//		return nil
//	}
//	_, err := io.Copy(file, r)
//
// A [Checksum] is a value as S3 shows it. Those of a multipart upload come from
// those of its parts by [Combine]; its ETag by [MultipartETag].
//
// The package knows nothing of HTTP beyond the names of the headers.
package checksum
