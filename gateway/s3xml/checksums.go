package s3xml

// Checksums are the checksum elements of an object or part, in base64. At most
// one is set in what S3 sends; absent when empty.
type Checksums struct {
	CRC32     string `xml:"ChecksumCRC32"`
	CRC32C    string `xml:"ChecksumCRC32C"`
	CRC64NVME string `xml:"ChecksumCRC64NVME"`
	SHA1      string `xml:"ChecksumSHA1"`
	SHA256    string `xml:"ChecksumSHA256"`
	SHA512    string `xml:"ChecksumSHA512"`
	MD5       string `xml:"ChecksumMD5"`
	XXHASH64  string `xml:"ChecksumXXHASH64"`
	XXHASH3   string `xml:"ChecksumXXHASH3"`
	XXHASH128 string `xml:"ChecksumXXHASH128"`
}

// Get returns the value of the algorithm that S3 calls by that name, for
// example "CRC64NVME"; empty when it is absent or unknown.
func (c *Checksums) Get(algorithm string) string {
	if f := c.field(algorithm); f != nil {
		return *f
	}
	return ""
}

// Set sets the value of the algorithm that S3 calls by that name; an unknown
// one is ignored.
func (c *Checksums) Set(algorithm, value string) {
	if f := c.field(algorithm); f != nil {
		*f = value
	}
}

func (c *Checksums) field(algorithm string) *string {
	switch algorithm {
	case "CRC32":
		return &c.CRC32
	case "CRC32C":
		return &c.CRC32C
	case "CRC64NVME":
		return &c.CRC64NVME
	case "SHA1":
		return &c.SHA1
	case "SHA256":
		return &c.SHA256
	case "SHA512":
		return &c.SHA512
	case "MD5":
		return &c.MD5
	case "XXHASH64":
		return &c.XXHASH64
	case "XXHASH3":
		return &c.XXHASH3
	case "XXHASH128":
		return &c.XXHASH128
	}
	return nil
}

func (e *encoder) checksums(c *Checksums) {
	e.optional("ChecksumCRC32", c.CRC32)
	e.optional("ChecksumCRC32C", c.CRC32C)
	e.optional("ChecksumCRC64NVME", c.CRC64NVME)
	e.optional("ChecksumSHA1", c.SHA1)
	e.optional("ChecksumSHA256", c.SHA256)
	e.optional("ChecksumSHA512", c.SHA512)
	e.optional("ChecksumMD5", c.MD5)
	e.optional("ChecksumXXHASH64", c.XXHASH64)
	e.optional("ChecksumXXHASH3", c.XXHASH3)
	e.optional("ChecksumXXHASH128", c.XXHASH128)
}
