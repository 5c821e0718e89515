package checksum

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// readerOnly and writerOnly hide WriterTo and ReaderFrom.
type (
	readerOnly struct{ io.Reader }
	writerOnly struct{ io.Writer }
)

func TestReaderYieldsItsSourceAndAllDigests(t *testing.T) {
	t.Parallel()
	data := randomBytes(5*chunkSize + 77)
	pool := NewPool(3)
	pools := map[string]*Pool{"none": nil, "zero": {}, "one": NewPool(1), "three": pool}
	sources := map[string]func(io.Reader) io.Reader{
		"plain":    func(r io.Reader) io.Reader { return readerOnly{r} },
		"data+EOF": iotest.DataErrReader,
		"halves":   iotest.HalfReader,
	}
	ways := map[string]func(io.Writer, *Reader) error{
		"WriteTo": func(w io.Writer, r *Reader) error { _, err := io.Copy(w, r); return err },
		"Read":    func(w io.Writer, r *Reader) error { _, err := io.Copy(writerOnly{w}, readerOnly{r}); return err },
		"Read, then WriteTo": func(w io.Writer, r *Reader) error {
			_, err := io.CopyN(w, readerOnly{r}, 3*chunkSize+5)
			if err == nil || err == io.EOF {
				_, err = io.Copy(w, r)
			}
			return err
		},
	}
	for _, size := range []int{0, 1, 4096, chunkSize - 1, chunkSize, chunkSize + 1, 2 * chunkSize, len(data)} {
		for _, hint := range []int64{-1, 0, int64(size), 1 << 40} {
			for poolName, p := range pools {
				for sourceName, source := range sources {
					for wayName, way := range ways {
						r := p.NewReader(source(bytes.NewReader(data[:size])), hint, Algorithms()...)
						var out bytes.Buffer
						if err := way(&out, r); err != nil || !bytes.Equal(out.Bytes(), data[:size]) {
							t.Fatalf("%d bytes, hint %d, pool %s, %s, %s: %v, wrong bytes", size, hint, poolName, sourceName, wayName, err)
						}
						r.Close()
						for _, a := range Algorithms() {
							if got, want := r.Sum(a), sumOf(a, data[:size]); !bytes.Equal(got, want) {
								t.Fatalf("%d bytes, hint %d, pool %s, %s, %s: %s %x, want %x", size, hint, poolName, sourceName, wayName, a, got, want)
							}
						}
					}
				}
			}
		}
	}
	if n := len(pool.workers); n != 0 {
		t.Errorf("%d goroutines not given back", n)
	}
}

func TestVerifyIsAskedOnceAndItsErrorStandsForEOF(t *testing.T) {
	t.Parallel()
	bad := errors.New("bad digest")
	for _, size := range []int{0, 100, 3*chunkSize + 1} {
		for _, want := range []error{nil, bad} {
			data := randomBytes(size)
			for _, read := range []func(*Reader) error{
				func(r *Reader) error { _, err := io.Copy(io.Discard, r); return err },
				func(r *Reader) error { _, err := io.ReadAll(readerOnly{r}); return err },
			} {
				r := NewPool(2).NewReader(bytes.NewReader(data), int64(size), MD5, SHA256)
				calls := 0
				r.Verify = func(r *Reader) error {
					calls++
					if !bytes.Equal(r.Sum(MD5), sumOf(MD5, data)) {
						t.Errorf("%d bytes: the digest is not final", size)
					}
					return want
				}
				if err := read(r); err != want {
					t.Errorf("%d bytes: %v, want %v", size, err, want)
				}
				if err := read(r); err != want || calls != 1 {
					t.Errorf("%d bytes, again: %v after %d calls, want %v after 1", size, err, calls, want)
				}
				r.Close()
			}
		}
	}
}

func TestErrorsOfEitherSideEndTheReaderWithoutDigests(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	data := randomBytes(3 * chunkSize)
	src := func() io.Reader { return io.MultiReader(bytes.NewReader(data), iotest.ErrReader(broken)) }
	for name, c := range map[string]struct {
		read func(*Reader) error
		want error
	}{
		"source, Read":    {func(r *Reader) error { _, err := io.ReadAll(readerOnly{r}); return err }, broken},
		"source, WriteTo": {func(r *Reader) error { _, err := r.WriteTo(io.Discard); return err }, broken},
		"writer": {func(r *Reader) error {
			_, err := r.WriteTo(writerFunc(func(p []byte) (int, error) { return 0, broken }))
			return err
		}, broken},
		"short write": {func(r *Reader) error {
			_, err := r.WriteTo(writerFunc(func(p []byte) (int, error) { return 1, nil }))
			return err
		}, io.ErrShortWrite},
		"writer at its end": {func(r *Reader) error {
			_, err := r.WriteTo(writerFunc(func(p []byte) (int, error) { return 0, io.EOF }))
			return err
		}, io.ErrUnexpectedEOF},
	} {
		r := NewPool(2).NewReader(src(), -1, MD5, CRC32)
		r.Verify = func(*Reader) error { t.Errorf("%s: Verify was called", name); return nil }
		for range 2 {
			if err := c.read(r); !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
		if r.Sum(MD5) != nil {
			t.Errorf("%s: there is a digest", name)
		}
		r.Close()
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestASourceWithoutProgressIsAnError(t *testing.T) {
	t.Parallel()
	r := NewReader(idleReader{}, -1, CRC32)
	if _, err := r.WriteTo(io.Discard); err != io.ErrNoProgress {
		t.Errorf("got %v", err)
	}
}

type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

// With TestMain's check for leaked goroutines.
func TestCloseOrAbandonInTheMiddleLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	pool := NewPool(2)
	data := randomBytes(4 * chunkSize)
	for _, closes := range []int{0, 1, 2} {
		r := pool.NewReader(bytes.NewReader(data), int64(len(data)), MD5, SHA256)
		if _, err := io.CopyN(io.Discard, readerOnly{r}, 2*chunkSize+9); err != nil {
			t.Fatal(err)
		}
		for range closes {
			r.Close()
		}
		if closes > 0 {
			if _, err := r.Read(make([]byte, 1)); err != ErrClosed {
				t.Errorf("read after Close: %v", err)
			}
			if r.Sum(MD5) != nil {
				t.Error("a closed Reader has a digest")
			}
		}
		r.wait()
	}
	if n := len(pool.workers); n != 0 {
		t.Errorf("%d goroutines not given back", n)
	}
}

func TestASmallBodyIsHashedInlineAlmostWithoutAllocation(t *testing.T) {
	pool := NewPool(2)
	data := randomBytes(4096)
	buf := make([]byte, 32<<10)
	src := bytes.NewReader(nil)
	n := testing.AllocsPerRun(100, func() {
		src.Reset(data)
		r := pool.NewReader(src, 4096, MD5, SHA256, CRC64NVME)
		for {
			if _, err := r.Read(buf); err != nil {
				break
			}
		}
		r.Close()
	})
	// The Reader and its sums. The race detector makes sync.Pool forget.
	if n > 2 && !raceEnabled {
		t.Errorf("%v allocations, want 2", n)
	}
}
