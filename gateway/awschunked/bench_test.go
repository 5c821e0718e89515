package awschunked

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func BenchmarkReader(b *testing.B) {
	const size = 8 << 20
	data := pattern(size)
	for name, mode := range modes {
		body := encode(b, mode, data, 64<<10)
		b.Run(strings.ReplaceAll(name, " ", "-"), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			buf := make([]byte, 32<<10)
			for b.Loop() {
				b.StopTimer()
				r := newReader(b, bytes.NewReader(body), declare(mode, size))
				b.StartTimer()
				for {
					_, err := r.Read(buf)
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
