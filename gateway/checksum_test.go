package gateway_test

import (
	"sluice/drivers/checksum"
)

// sumOf returns a checksum as clients send it.
func sumOf(a checksum.Algorithm, body string) string {
	h := a.New()
	h.Write([]byte(body))
	return checksum.Encode(h.Sum(nil))
}

func crc32Of(body string) string { return sumOf(checksum.CRC32, body) }
