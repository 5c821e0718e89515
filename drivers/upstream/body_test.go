package upstream_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"sluice/drivers"
	"sluice/drivers/upstream"
)

func TestABodyIsTheSource(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "ab", "abc", strings.Repeat("0123456789", 100)} {
		for name, source := range map[string]func(io.Reader) io.Reader{
			"plain": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "end with data": iotest.DataErrReader,
		} {
			for how, reader := range map[string]func(io.Reader) io.Reader{
				"plain": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
			} {
				for _, size := range []int64{int64(len(text)), -1} {
					body := upstream.NewBody(source(strings.NewReader(text)), size)
					got, err := io.ReadAll(reader(body))
					if string(got) != text || err != nil || body.End(nil) != nil {
						t.Errorf("%s read by %s: %q of %q, %v, %v", name, how, got, text, err, body.End(nil))
					}
				}
			}
		}
	}
}

// A store may publish as soon as it has what was announced: a body that turns out bad must not have given it all.
func TestTheLastByteWaitsForTheVerdict(t *testing.T) {
	t.Parallel()
	bad := errors.New("digest does not match")
	for name, reader := range map[string]func(io.Reader) io.Reader{
		"plain": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
	} {
		for source, want := range map[io.Reader]error{
			failing("0123456789", bad):                             bad,
			iotest.OneByteReader(failing("0123456789", bad)):       bad,
			iotest.DataErrReader(failing("0123456789", bad)):       bad,
			strings.NewReader("0123456789+"):                       drivers.ErrInvalid,
			iotest.OneByteReader(strings.NewReader("0123456789+")): drivers.ErrInvalid,
			strings.NewReader("012345678"):                         io.ErrUnexpectedEOF,
			io.MultiReader(strings.NewReader(""), errReader{bad}):  bad,
		} {
			body := upstream.NewBody(source, 10)
			got, err := io.ReadAll(reader(body))
			if len(got) > 9 || !errors.Is(err, want) {
				t.Errorf("%s: %q, %v, want %v", name, got, err, want)
			}
			if err := body.End(errors.New("operation error")); !errors.Is(err, want) {
				t.Errorf("%s: End: %v", name, err)
			}
		}
	}
}

func TestNothingIsReadAfterTheEnd(t *testing.T) {
	t.Parallel()
	read, entered, leave := 0, make(chan struct{}), make(chan struct{})
	body := upstream.NewBody(readerFunc(func(p []byte) (int, error) {
		close(entered)
		<-leave
		read++
		return copy(p, "0123"), nil
	}), 10)
	go func() { _, _ = body.Read(make([]byte, 8)) }()
	<-entered
	go close(leave)
	cause := errors.New("403")
	if err := body.End(cause); err != cause || read != 1 {
		t.Errorf("%v, read %d times", err, read)
	}
	if _, err := body.Read(make([]byte, 8)); err == nil || read != 1 {
		t.Errorf("%v, read %d times", err, read)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestASeekerKnowsItsLength(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src   io.Reader
		again bool
	}{
		"a stream": {unseekable("0123456789"), false}, "buffered": {&drivers.Buffered{Reader: bytes.NewReader([]byte("0123456789"))}, true},
	} {
		s := upstream.NewBody(c.src, 10).Seeker()
		end, err := s.Seek(0, io.SeekEnd)
		start, serr := s.Seek(0, io.SeekStart)
		if end != 10 || start != 0 || err != nil || serr != nil {
			t.Fatalf("%s: %d, %d, %v, %v", name, end, start, err, serr)
		}
		if _, err := io.ReadFull(s, make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		if at, err := s.Seek(0, io.SeekCurrent); at != 5 || err != nil {
			t.Errorf("%s: at %d, %v", name, at, err)
		}
		if _, err := s.Seek(3, io.SeekStart); err == nil {
			t.Errorf("%s: seeks into the middle", name)
		}
		if _, err := s.Seek(0, io.SeekStart); (err == nil) != c.again {
			t.Errorf("%s: back to the beginning: %v", name, err)
		}
		want := "56789"
		if c.again {
			want = "0123456789"
		}
		if rest, err := io.ReadAll(s); string(rest) != want || err != nil {
			t.Errorf("%s: %q, %v", name, rest, err)
		}
	}
	if _, err := upstream.NewBody(unseekable("x"), -1).Seeker().Seek(0, io.SeekEnd); err == nil {
		t.Error("an unknown length is told")
	}
}
