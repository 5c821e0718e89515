package access

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// likeOperand compares by pattern; a text without wildcards is one too.
type likeOperand struct{ pattern pattern }

func compileEqual(text string, s syntax) (operand, error) {
	p, err := compilePattern(text, s)
	return &likeOperand{p}, err
}

func compileLike(text string, s syntax) (operand, error) {
	return compileEqual(text, s|wildcards)
}

func (o *likeOperand) match(r *Request, value string) bool { return o.pattern.match(r, value) }

// foldOperand compares texts without regard to case.
type foldOperand struct{ pattern pattern }

func compileEqualFold(text string, s syntax) (operand, error) {
	p, err := compilePattern(text, s)
	return &foldOperand{p}, err
}

func (o *foldOperand) match(r *Request, value string) bool {
	text, ok := o.pattern.text(r)
	return ok && strings.EqualFold(text, value)
}

type boolOperand bool

func compileBool(text string, _ syntax) (operand, error) {
	b, ok := parseBool(text)
	if !ok {
		return nil, fmt.Errorf("holds %s, which is neither true nor false", quote(text))
	}
	return boolOperand(b), nil
}

func (o boolOperand) match(_ *Request, value string) bool {
	b, ok := parseBool(value)
	return ok && b == bool(o)
}

func parseBool(s string) (value, ok bool) {
	return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
}

// ipOperand is an address or a range in CIDR form.
type ipOperand netip.Prefix

func compileIP(text string, _ syntax) (operand, error) {
	if addr, err := netip.ParseAddr(text); err == nil && addr.Zone() == "" {
		addr = addr.Unmap()
		return ipOperand(netip.PrefixFrom(addr, addr.BitLen())), nil
	}
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, fmt.Errorf(`holds %s, which is not an address range like "10.0.0.0/8"`, quote(text))
	}
	if addr := prefix.Addr(); addr.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(addr.Unmap(), prefix.Bits()-96)
	}
	return ipOperand(prefix.Masked()), nil
}

func (o ipOperand) match(_ *Request, value string) bool {
	addr, err := netip.ParseAddr(value)
	return err == nil && netip.Prefix(o).Contains(addr.Unmap().WithZone(""))
}

// order is a set of results of a comparison that count as a match.
type order uint8

const (
	less order = 1 << iota
	equal
	greater
)

func (o order) holds(result int) bool {
	return o&[...]order{less, equal, greater}[result+1] != 0
}

type numberOperand struct {
	value float64
	order order
}

func compileNumber(o order) func(string, syntax) (operand, error) {
	return func(text string, _ syntax) (operand, error) {
		f, ok := parseNumber(text)
		if !ok {
			return nil, fmt.Errorf("holds %s, which is not a number", quote(text))
		}
		return numberOperand{f, o}, nil
	}
}

func (o numberOperand) match(_ *Request, value string) bool {
	f, ok := parseNumber(value)
	return ok && o.order.holds(cmp.Compare(f, o.value))
}

// parseNumber reads a decimal number. Go's other spellings (Inf, NaN, 0x1p-2,
// 1_000) are not numbers to IAM.
func parseNumber(s string) (float64, bool) {
	if strings.Trim(s, "0123456789+-.eE") != "" {
		return 0, false
	}
	f, err := strconv.ParseFloat(s, 64)
	return f, err == nil
}

type dateOperand struct {
	value time.Time
	order order
}

func compileDate(o order) func(string, syntax) (operand, error) {
	return func(text string, _ syntax) (operand, error) {
		t, ok := parseDate(text)
		// Four digits are a year to the reader and 1970 to the clock.
		if _, err := strconv.Atoi(text); !ok || err == nil && len(text) == len("2006") {
			return nil, fmt.Errorf(`holds %s, which is not a date like "2030-01-31T00:00:00Z" or seconds since 1970`, quote(text))
		}
		return dateOperand{t, o}, nil
	}
}

func (o dateOperand) match(_ *Request, value string) bool {
	t, ok := parseDate(value)
	return ok && o.order.holds(t.Compare(o.value))
}

// parseDate reads an ISO 8601 date, with or without time, or whole seconds
// since 1970. A date without time is its first instant in UTC.
func parseDate(s string) (time.Time, bool) {
	for _, layout := range [...]string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	seconds, err := strconv.ParseInt(s, 10, 64)
	return time.Unix(seconds, 0), err == nil
}
