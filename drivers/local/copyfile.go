//go:build unix

package local

import "io"

// copyBuffer is how much of a body is held at once.
const copyBuffer = 128 << 10

// copyByHand copies n bytes between files where the kernel cannot.
func copyByHand(dst file, dstOff int64, src file, srcOff, n int64) error {
	buf := make([]byte, min(n, copyBuffer))
	for n > 0 {
		m, err := src.ReadAt(buf[:min(n, int64(len(buf)))], srcOff)
		if m == 0 {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		if _, err := dst.WriteAt(buf[:m], dstOff); err != nil {
			return err
		}
		srcOff, dstOff, n = srcOff+int64(m), dstOff+int64(m), n-int64(m)
	}
	return nil
}
