package azure_test

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"sluice/drivers"
	"sluice/drivers/attrs"
)

// maxMetadata is how much user metadata of the suite's making fits beside the rest into 8 KiB: its names have hyphens, so that all of
// it goes into the one entry.
func maxMetadata() int {
	f := attrs.Format{Limit: 8 << 10, ASCII: true, Name: func(string) bool { return false }}
	fits := func(size int) bool {
		m := map[string]string{}
		for i := 0; size > 0; i++ {
			n, name := min(size, 256), fmt.Sprintf("name-%03d", i)
			name = name[:min(n, len(name))]
			m[name] = strings.Repeat("v", n-len(name))
			size -= n
		}
		a := attrs.Attrs{Size: 1, Digest: drivers.Digest{ETag: strings.Repeat("0", 32)}, Header: drivers.Header{Metadata: m}}
		_, err := f.Encode(a, "")
		return err == nil
	}
	n := 8 << 10
	for !fits(n) {
		n--
	}
	return n
}

// refused tells whether a key can be stored neither under its own name nor in hexadecimal.
func refused(key string) bool {
	astral := strings.ContainsFunc(key, func(r rune) bool { return utf8.RuneLen(r) > 3 })
	return len(".sluice/keys/")+2*len(key) > drivers.MaxKeyLength && (astral || strings.Count(key, "/") > 253)
}
