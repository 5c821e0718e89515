package checksum

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func sumOf(a Algorithm, data []byte) []byte {
	h := a.New()
	h.Write(data)
	return h.Sum(nil)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rnd := rand.NewChaCha8([32]byte{1})
	rnd.Read(b)
	return b
}

func TestFullObjectCombinesToTheChecksumOfTheJoinedBytes(t *testing.T) {
	t.Parallel()
	data := randomBytes(1 << 16)
	for _, a := range []Algorithm{CRC32, CRC32C, CRC64NVME} {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				var parts []Part
				end := 0
				for _, n := range rapid.SliceOfN(rapid.IntRange(0, 9000), 1, 7).Draw(t, "sizes") {
					part := data[end : end+n]
					end += n
					parts = append(parts, Part{Value: Encode(sumOf(a, part)), Size: int64(n)})
				}
				got, err := Combine(a, FullObject, parts)
				if want := New(a, sumOf(a, data[:end])); err != nil || got != want {
					t.Fatalf("got %v, %v, want %v", got, err, want)
				}
			})
		})
	}
}

func TestCompositeIsTheDigestOfThePartsDigests(t *testing.T) {
	t.Parallel()
	for _, a := range Algorithms() {
		if !a.Supports(Composite) {
			continue
		}
		one, two := sumOf(a, []byte("one")), sumOf(a, []byte("two"))
		got, err := Combine(a, Composite, []Part{{Value: Encode(one)}, {Value: Encode(two)}})
		want := Encode(sumOf(a, append(one, two...))) + "-2"
		if err != nil || got.Value != want || got.Type != Composite || got.Algorithm != a {
			t.Errorf("%s: got %v, %v, want %s", a, got, err, want)
		}
		if digest, err := got.Digest(); err != nil || len(digest) != a.Size() {
			t.Errorf("%s: Digest() = %x, %v", a, digest, err)
		}
	}
}

// The value that Amazon S3 gave for these three parts.
func TestCompositeAgreesWithAmazon(t *testing.T) {
	t.Parallel()
	got, err := Combine(SHA256, Composite, []Part{
		{Value: "lcKa6Boe7a167tUCN5C4OaFygGSYD8MBnBARTrdL+1w="},
		{Value: "gHjhbUT4oo2tSCtSZJdlKi+jeNXJT+VImqdPXsXvkOc="},
		{Value: "4l9PQ3zOPZ0oGFvknFX+J4zZwE4WMzO+l3r8XrbWOeM="},
	})
	if want := "rVWtNbadtsaKXJAcgWPWjifHzJaXde/iV4jaJAOdivc=-3"; err != nil || got.Value != want {
		t.Errorf("got %q, %v, want %q", got.Value, err, want)
	}
}

func TestCombineRefusesWhatS3DoesNotKnow(t *testing.T) {
	t.Parallel()
	part := []Part{{Value: "y/Q5Jg==", Size: 9}}
	for name, f := range map[string]func() (Checksum, error){
		"full SHA-1":     func() (Checksum, error) { return Combine(SHA1, FullObject, part) },
		"composite NVME": func() (Checksum, error) { return Combine(CRC64NVME, Composite, part) },
		"unknown":        func() (Checksum, error) { return Combine("NONE", Composite, part) },
		"no parts":       func() (Checksum, error) { return Combine(CRC32, FullObject, nil) },
		"10,001 parts":   func() (Checksum, error) { return Combine(CRC32, Composite, make([]Part, MaxParts+1)) },
		"no value":       func() (Checksum, error) { return Combine(CRC32, Composite, make([]Part, 1)) },
		"negative size":  func() (Checksum, error) { return Combine(CRC32, FullObject, []Part{{"y/Q5Jg==", -1}}) },
		"composite part": func() (Checksum, error) { return Combine(CRC32, Composite, []Part{{"y/Q5Jg==-1", 9}}) },
	} {
		if got, err := f(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, %v, want ErrInvalid", name, got, err)
		}
	}
}

func TestMultipartETagIsTheMD5OfMD5s(t *testing.T) {
	t.Parallel()
	one, two := md5.Sum([]byte("one")), md5.Sum([]byte("two"))
	joined := md5.Sum(append(one[:], two[:]...))
	want := hex.EncodeToString(joined[:]) + "-2"
	for _, tags := range [][]string{
		{ETag(one[:]), ETag(two[:])},
		{`"` + ETag(one[:]) + `"`, ETag(two[:])},
	} {
		if got, err := MultipartETag(tags); err != nil || got != want {
			t.Errorf("MultipartETag(%q) = %q, %v, want %q", tags, got, err, want)
		}
	}
	for _, tags := range [][]string{nil, {""}, {"0x8D0"}, {want}, {"zz0150983cd24fb0d6963f7d28e17f72"}} {
		if got, err := MultipartETag(tags); !errors.Is(err, ErrInvalid) {
			t.Errorf("MultipartETag(%q) = %q, %v, want ErrInvalid", tags, got, err)
		}
	}
}

func BenchmarkCombine10000Parts(b *testing.B) {
	parts := make([]Part, MaxParts)
	for i := range parts {
		parts[i] = Part{Value: "roMUhgp5mIg=", Size: 8 << 20}
	}
	for b.Loop() {
		if _, err := Combine(CRC64NVME, FullObject, parts); err != nil {
			b.Fatal(err)
		}
	}
}
