package drivers_test

import (
	"errors"
	"math"
	"testing"

	"sluice/drivers"
)

func TestRangeResolves(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		r             drivers.Range
		size          int64
		start, length int64
		ok            bool
	}{
		{drivers.Range{}, 0, 0, 0, true},
		{drivers.Range{}, 10, 0, 10, true},
		{drivers.Range{Start: 0, Length: 1}, 0, 0, 0, false},
		{drivers.Range{Start: 0, Length: 1}, 10, 0, 1, true},
		{drivers.Range{Start: 3}, 10, 3, 7, true},
		{drivers.Range{Start: 3, Length: 4}, 10, 3, 4, true},
		{drivers.Range{Start: 9, Length: 4}, 10, 9, 1, true},
		{drivers.Range{Start: 10}, 10, 0, 0, false},
		{drivers.Range{Start: math.MaxInt64, Length: math.MaxInt64}, 10, 0, 0, false},
		{drivers.Range{Start: 5, Length: math.MaxInt64}, 10, 5, 5, true},
		{drivers.Range{Start: -3}, 10, 7, 3, true},
		{drivers.Range{Start: -10}, 10, 0, 10, true},
		{drivers.Range{Start: -11}, 10, 0, 10, true},
		{drivers.Range{Start: math.MinInt64}, 10, 0, 10, true},
		{drivers.Range{Start: math.MinInt64}, math.MaxInt64, 0, math.MaxInt64, true},
		{drivers.Range{Start: -1}, 0, 0, 0, false},
		{drivers.Range{Start: -5, Length: 2}, 10, 5, 2, true},
		{drivers.Range{Start: 1, Length: -1}, 10, 0, 0, false},
	} {
		start, length, err := c.r.Resolve(c.size)
		if start != c.start || length != c.length || (err == nil) != c.ok || err != nil && !errors.Is(err, drivers.ErrInvalidRange) {
			t.Errorf("%+v of %d: %d, %d, %v", c.r, c.size, start, length, err)
		}
	}
}

func FuzzRangeStaysInside(f *testing.F) {
	f.Add(int64(3), int64(4), int64(10))
	f.Add(int64(-3), int64(0), int64(10))
	f.Fuzz(func(t *testing.T, start, length, size int64) {
		if size < 0 {
			return
		}
		s, n, err := drivers.Range{Start: start, Length: length}.Resolve(size)
		if s < 0 || n < 0 || s > size-n || err != nil && (s != 0 || n != 0) {
			t.Errorf("{%d %d} of %d: %d, %d, %v", start, length, size, s, n, err)
		}
		if err == nil && n == 0 && size > 0 {
			t.Errorf("{%d %d} of %d is empty", start, length, size)
		}
	})
}

func FuzzSuccessorBoundsThePrefix(f *testing.F) {
	f.Add("a", "b")
	f.Add("a\xff", "")
	f.Fuzz(func(t *testing.T, prefix, rest string) {
		next := drivers.Successor(prefix)
		if next != "" && (prefix+rest >= next || next <= prefix) {
			t.Errorf("Successor(%q) = %q, but %q is not less", prefix, next, prefix+rest)
		}
	})
}
