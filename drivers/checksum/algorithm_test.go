package checksum

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
)

// Sums of published vectors: the check values of the CRC catalogue and the
// FIPS and RFC examples, and those of the xxHash specification.
func TestAlgorithmsGiveThePublishedDigestsMostSignificantByteFirst(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		algorithm Algorithm
		in, want  string
	}{
		{CRC32, "123456789", "cbf43926"},
		{CRC32C, "123456789", "e3069283"},
		{CRC64NVME, "123456789", "ae8b14860a799888"},
		{SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
		{SHA256, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{SHA512, "abc", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
		{MD5, "abc", "900150983cd24fb0d6963f7d28e17f72"},
		{XXHASH64, "", "ef46db3751d8e999"},
		{XXHASH64, "Hello world", "c500b0c912b376d8"},
		{XXHASH3, "", "2d06800538d394c2"},
		{XXHASH128, "", "99aa06d3014798d86001c324468d497f"},
	} {
		h := c.algorithm.New()
		h.Write([]byte(c.in))
		if got := hex.EncodeToString(h.Sum(nil)); got != c.want {
			t.Errorf("%s(%q) = %s, want %s", c.algorithm, c.in, got, c.want)
		}
		if h.Size() != c.algorithm.Size() {
			t.Errorf("%s: Size %d, but its hash says %d", c.algorithm, c.algorithm.Size(), h.Size())
		}
	}
}

func TestNamesAndHeadersAreFoundInAnyCase(t *testing.T) {
	t.Parallel()
	for _, a := range Algorithms() {
		for _, name := range []string{string(a), strings.ToLower(string(a))} {
			if got, ok := Parse(name); !ok || got != a {
				t.Errorf("Parse(%q) = %q, %t", name, got, ok)
			}
		}
		for _, h := range []string{a.Header(), strings.ToUpper(a.Header())} {
			if got, ok := FromHeader(h); !ok || got != a {
				t.Errorf("FromHeader(%q) = %q, %t", h, got, ok)
			}
		}
	}
	for _, name := range []string{"", "CRC", "CRC-32", "SHA-256", "SHA224", "sha256 "} {
		if got, ok := Parse(name); ok {
			t.Errorf("Parse(%q) = %q, want none", name, got)
		}
	}
	for _, h := range []string{"", "x-amz-checksum-", "x-amz-checksum-type", "x-amz-checksum-algorithm", "x-amz-checksum", "crc32"} {
		if got, ok := FromHeader(h); ok {
			t.Errorf("FromHeader(%q) = %q, want none", h, got)
		}
	}
}

func TestTypesOfMultipartUploadsAreThoseOfS3(t *testing.T) {
	t.Parallel()
	for _, a := range Algorithms() {
		full := a == CRC32 || a == CRC32C || a == CRC64NVME
		if got := a.Supports(FullObject); got != full {
			t.Errorf("%s.Supports(FullObject) = %t", a, got)
		}
		if got := a.Supports(Composite); got != (a != CRC64NVME) {
			t.Errorf("%s.Supports(Composite) = %t", a, got)
		}
		if !a.Supports(a.DefaultType()) {
			t.Errorf("%s does not support its default type", a)
		}
	}
	if Algorithm("NONE").Supports(Composite) || CRC32.Supports("PARTIAL") {
		t.Error("an unknown algorithm or type is supported")
	}
	if got, ok := ParseType("full_object"); !ok || got != FullObject {
		t.Errorf("ParseType(full_object) = %q, %t", got, ok)
	}
	if _, ok := ParseType("FULL"); ok {
		t.Error("ParseType takes FULL")
	}
}

func TestValuesOfTheWrongShapeAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		algorithm Algorithm
		value     string
		parts     int
		ok        bool
	}{
		{CRC32, "y/Q5Jg==", 0, true},
		{CRC32, "y/Q5Jg==-3", 3, true},
		{CRC32, "y/Q5Jg==-10000", 10000, true},
		{CRC32, "y/Q5Jg==-10001", 0, false},
		{CRC32, "y/Q5Jg==-0", 0, false},
		{CRC32, "y/Q5Jg==-03", 0, false},
		{CRC32, "y/Q5Jg==-+3", 0, false},
		{CRC32, "y/Q5Jg==-", 0, false},
		{CRC32, "y/Q5Jg==-3-3", 0, false},
		{CRC32, "", 0, false},
		{CRC32, "y/Q5Jg", 0, false},
		{CRC32, "y/Q5Jh==", 0, false}, // loose bits
		{CRC32, "y_Q5Jg==", 0, false}, // the other alphabet
		{CRC32, "y/Q5\n=Jg", 0, false},
		{CRC32, "AAAAAAAA", 0, false}, // six bytes, same length
		{CRC64NVME, "y/Q5Jg==", 0, false},
		{"NONE", "y/Q5Jg==", 0, false},
	} {
		digest, parts, err := ParseValue(c.algorithm, c.value)
		if (err == nil) != c.ok || parts != c.parts {
			t.Errorf("ParseValue(%s, %q) = %x, %d, %v", c.algorithm, c.value, digest, parts, err)
		}
		if err != nil && !errors.Is(err, ErrInvalid) {
			t.Errorf("ParseValue(%s, %q): %v is not ErrInvalid", c.algorithm, c.value, err)
		}
	}
}

func FuzzParseValue(f *testing.F) {
	f.Add("CRC32", "y/Q5Jg==-3")
	f.Add("SHA256", "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=")
	f.Fuzz(func(t *testing.T, name, value string) {
		a, _ := Parse(name)
		digest, _, err := ParseValue(a, value)
		if err != nil {
			return
		}
		c := Checksum{Algorithm: a, Value: value}
		if len(digest) != a.Size() || Encode(digest) != c.Bare() {
			t.Fatalf("%s %q: accepted as %x", a, value, digest)
		}
	})
}
