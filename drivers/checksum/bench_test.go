package checksum

import (
	"fmt"
	"io"
	"sync"
	"testing"
)

// BenchmarkBody hashes bodies with MD5, SHA-256 and CRC64NVME, one after the
// other in one loop as a reader without this package would do, and by Reader in
// both ways, with several bodies at once.
func BenchmarkBody(b *testing.B) {
	data := randomBytes(1 << 20)
	for _, size := range []int64{4 << 10, 1 << 20, 64 << 20} {
		for _, streams := range []int{1, 4} {
			for _, way := range []string{"loop", "Read", "WriteTo"} {
				b.Run(fmt.Sprintf("%d/%d/%s", size, streams, way), func(b *testing.B) {
					pool := NewPool(0)
					b.SetBytes(size * int64(streams))
					b.ReportAllocs()
					var wg sync.WaitGroup
					for b.Loop() {
						for range streams {
							wg.Go(func() { hashBody(pool, data, size, way) })
						}
						wg.Wait()
					}
				})
			}
		}
	}
}

func hashBody(pool *Pool, data []byte, size int64, way string) {
	src := &repeat{data: data, left: size}
	switch way {
	case "loop":
		w := io.MultiWriter(MD5.New(), SHA256.New(), CRC64NVME.New())
		buf := make([]byte, min(size, 32<<10))
		io.CopyBuffer(writerOnly{w}, readerOnly{src}, buf)
	case "Read":
		r := pool.NewReader(src, size, MD5, SHA256, CRC64NVME)
		defer r.Close()
		buf := make([]byte, min(size, 32<<10))
		io.CopyBuffer(writerOnly{io.Discard}, readerOnly{r}, buf)
	case "WriteTo":
		r := pool.NewReader(src, size, MD5, SHA256, CRC64NVME)
		defer r.Close()
		r.WriteTo(writerOnly{io.Discard})
	}
}

// repeat yields left bytes, data over and over.
type repeat struct {
	data []byte
	left int64
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.left == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), r.left)], r.data)
	r.left -= int64(n)
	return n, nil
}

func BenchmarkAlgorithm(b *testing.B) {
	data := randomBytes(chunkSize)
	for _, a := range Algorithms() {
		b.Run(string(a), func(b *testing.B) {
			h := a.New()
			b.SetBytes(chunkSize)
			for b.Loop() {
				h.Write(data)
			}
		})
	}
}
