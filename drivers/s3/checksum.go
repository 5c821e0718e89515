package s3

import (
	"net/http"
	"reflect"
	"strings"

	"sluice/drivers/checksum"
)

// checksumEntry is the name of the user metadata that keeps an object's checksum where the store knows none.
const checksumEntry = "sluice-checksum"

// formatKept writes a checksum as a value of checksumEntry: "CRC32C:yZRlqg==".
func formatKept(c checksum.Checksum) string { return string(c.Algorithm) + ":" + c.Value }

// parseKept reverses formatKept; the zero Checksum stands for what is none.
func parseKept(s string) checksum.Checksum {
	name, value, _ := strings.Cut(s, ":")
	a, ok := checksum.Parse(name)
	if !ok {
		return checksum.Checksum{}
	}
	if _, parts, err := checksum.ParseValue(a, value); err != nil || parts > 0 {
		return checksum.Checksum{}
	}
	return checksum.Checksum{Algorithm: a, Type: checksum.FullObject, Value: value}
}

// checksumOf reads a checksum from the headers of an answer.
func checksumOf(h http.Header) checksum.Checksum {
	for _, a := range checksum.Algorithms() {
		if v := h.Get(a.Header()); v != "" {
			return typed(a, v, h.Get("X-Amz-Checksum-Type"))
		}
	}
	return checksum.Checksum{}
}

// typed makes a Checksum of a value, whose type follows from its form where the store does not tell.
func typed(a checksum.Algorithm, value, kind string) checksum.Checksum {
	t := checksum.FullObject
	if strings.Contains(value, "-") {
		t = checksum.Composite
	}
	if told, ok := checksum.ParseType(kind); ok {
		t = told
	}
	return checksum.Checksum{Algorithm: a, Type: t, Value: value}
}

// checksumIn reads a checksum from one of the SDK's structs, which have a field ChecksumCRC32, ChecksumCRC32C ... for each
// algorithm, and some a ChecksumType. v is a pointer to it.
func checksumIn(v any) checksum.Checksum {
	s := reflect.ValueOf(v).Elem()
	kind := ""
	if f := s.FieldByName("ChecksumType"); f.IsValid() {
		kind = f.String()
	}
	for _, a := range checksum.Algorithms() {
		if f := s.FieldByName("Checksum" + string(a)); f.IsValid() && !f.IsNil() && f.Elem().String() != "" {
			return typed(a, f.Elem().String(), kind)
		}
	}
	return checksum.Checksum{}
}

// setChecksum sets the field of a checksum's algorithm in one of the SDK's structs.
func setChecksum(v any, c checksum.Checksum) {
	if f := reflect.ValueOf(v).Elem().FieldByName("Checksum" + string(c.Algorithm)); c.Value != "" && f.IsValid() {
		f.Set(reflect.ValueOf(&c.Value))
	}
}
