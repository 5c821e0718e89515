package checksum

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"hash/crc32"
	"strings"

	"github.com/cespare/xxhash/v2"
	"github.com/minio/crc64nvme"
	"github.com/zeebo/xxh3"
)

// Algorithm names a checksum algorithm as S3 spells it in
// x-amz-checksum-algorithm and x-amz-sdk-checksum-algorithm.
type Algorithm string

// The algorithms of S3. MD5 is also the digest behind the ETag, and SHA256
// also the payload hash of Signature Version 4.
const (
	CRC32     Algorithm = "CRC32"
	CRC32C    Algorithm = "CRC32C"
	CRC64NVME Algorithm = "CRC64NVME"
	SHA1      Algorithm = "SHA1"
	SHA256    Algorithm = "SHA256"
	SHA512    Algorithm = "SHA512"
	MD5       Algorithm = "MD5"
	XXHASH64  Algorithm = "XXHASH64"
	XXHASH3   Algorithm = "XXHASH3"
	XXHASH128 Algorithm = "XXHASH128"
)

// algorithms is how many there are; index numbers them.
const algorithms = 10

// headerPrefix starts the header and trailer that carry a checksum's value.
const headerPrefix = "x-amz-checksum-"

// Algorithms returns all algorithms, the ones that S3 has had longest first.
func Algorithms() []Algorithm {
	return []Algorithm{CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128}
}

// Parse returns the algorithm of that name, in any letter case as S3 takes it.
// ok is false for a name that S3 does not know.
func Parse(name string) (a Algorithm, ok bool) {
	a = Algorithm(strings.ToUpper(name))
	return a, a.index() >= 0
}

// FromHeader returns the algorithm whose value the header or trailer called
// name carries, for example CRC32C for X-Amz-Checksum-Crc32c. ok is false for
// any other header, also x-amz-checksum-type and x-amz-checksum-algorithm.
func FromHeader(name string) (a Algorithm, ok bool) {
	if len(name) <= len(headerPrefix) || !strings.EqualFold(name[:len(headerPrefix)], headerPrefix) {
		return "", false
	}
	return Parse(name[len(headerPrefix):])
}

// Header returns the name of the header that carries a value of a, in lower
// case, for example "x-amz-checksum-crc64nvme".
func (a Algorithm) Header() string { return headerPrefix + strings.ToLower(string(a)) }

// Size returns the length of a digest in bytes before base64, or 0 when a is
// none of the algorithms of S3.
func (a Algorithm) Size() int {
	switch a {
	case CRC32, CRC32C:
		return 4
	case CRC64NVME, XXHASH64, XXHASH3:
		return 8
	case MD5, XXHASH128:
		return 16
	case SHA1:
		return sha1.Size
	case SHA256:
		return sha256.Size
	case SHA512:
		return sha512.Size
	}
	return 0
}

// New returns a new hash whose Sum has the bytes in the order that S3 encodes:
// most significant first, which is also the canonical form of the xxHash
// family. It panics when a is none of the algorithms of S3: see [Parse].
func (a Algorithm) New() hash.Hash {
	switch a {
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case CRC64NVME:
		return crc64nvme.New()
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	case SHA512:
		return sha512.New()
	case MD5:
		return md5.New()
	case XXHASH64:
		return xxhash.New()
	case XXHASH3:
		return xxh3.New()
	case XXHASH128:
		return xxh128{xxh3.New()}
	}
	panic("checksum: unknown algorithm " + string(a))
}

// index numbers the algorithms from the dearest in CPU time to the cheapest;
// -1 is an unknown one.
func (a Algorithm) index() int {
	switch a {
	case MD5:
		return 0
	case SHA512:
		return 1
	case SHA256:
		return 2
	case SHA1:
		return 3
	case XXHASH64:
		return 4
	case CRC32:
		return 5
	case CRC32C:
		return 6
	case XXHASH128:
		return 7
	case XXHASH3:
		return 8
	case CRC64NVME:
		return 9
	}
	return -1
}

// heavy reports whether hashing with a costs so much (0.5 to 2 GB/s, where the
// others reach 15 to 60) that a goroutine of its own pays.
func (a Algorithm) heavy() bool {
	i := a.index()
	return i >= 0 && i <= 3
}

// xxh128 is XXH3 with the sum of 128 bits instead of 64.
type xxh128 struct{ *xxh3.Hasher }

func (h xxh128) Size() int { return 16 }

func (h xxh128) Sum(b []byte) []byte {
	sum := h.Sum128().Bytes()
	return append(b, sum[:]...)
}
