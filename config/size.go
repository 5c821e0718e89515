package config

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Size is a number of bytes, written with or without a unit: 4096, 64KiB, 1.5GiB, 10MB.
type Size int64

// UnmarshalText reads a size. Units are B, KB, MB, GB, TB (of 1000) and KiB, MiB, GiB, TiB (of 1024).
func (s *Size) UnmarshalText(text []byte) error {
	wrong := errors.New(`wants a size, as "64KiB" or "200GiB"`)
	number := strings.TrimRight(string(text), "BKMGTi ")
	unit, ok := unitOf(strings.TrimSpace(string(text[len(number):])))
	v, err := strconv.ParseFloat(number, 64)
	if v *= unit; err != nil || !ok || !(v >= 0) || v >= math.MaxInt64 || strings.ContainsAny(number, "xXpPeEnN_+") {
		return wrong
	}
	*s = Size(v)
	return nil
}

func unitOf(unit string) (float64, bool) {
	powers := " KMGT"
	switch base := strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "i"); {
	case unit == "" || unit == "B":
		return 1, true
	case len(base) != 1 || !strings.Contains(powers, base):
		return 0, false
	case unit == base+"iB":
		return math.Pow(1024, float64(strings.Index(powers, base))), true
	case unit == base+"B":
		return math.Pow(1000, float64(strings.Index(powers, base))), true
	}
	return 0, false
}

// MarshalText writes the size with the largest unit that it is a whole number of.
func (s Size) MarshalText() ([]byte, error) {
	for i, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if n := int64(1) << (40 - 10*i); s != 0 && int64(s)%n == 0 {
			return fmt.Appendf(nil, "%d%s", int64(s)/n, unit), nil
		}
	}
	return strconv.AppendInt(nil, int64(s), 10), nil
}
