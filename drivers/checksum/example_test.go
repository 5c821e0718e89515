package checksum_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"sluice/drivers/checksum"
)

func ExampleReader() {
	want, _, _ := checksum.ParseValue(checksum.CRC32, "y/Q5Jg==")
	pool := checksum.NewPool(0)

	r := pool.NewReader(strings.NewReader("123456789"), 9, checksum.MD5, checksum.CRC32)
	defer r.Close()
	r.Verify = func(r *checksum.Reader) error {
		if !bytes.Equal(r.Sum(checksum.CRC32), want) {
			return errors.New("BadDigest")
		}
		return nil
	}
	n, err := io.Copy(io.Discard, r)
	fmt.Println(n, err, checksum.ETag(r.Sum(checksum.MD5)))
	// Output: 9 <nil> 25f9e794323b453885f5181f1b624d0b
}

func ExampleCombine() {
	c, err := checksum.Combine(checksum.CRC32, checksum.FullObject, []checksum.Part{
		{Value: "m+Pgow==", Size: 4}, // 1234
		{Value: "Ex2gcA==", Size: 5}, // 56789
	})
	fmt.Println(c.Value, err)
	// Output: y/Q5Jg== <nil>
}
