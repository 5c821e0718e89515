package drivertest

import (
	"slices"
	"testing"
)

// Without leaves out the check with the name. It is for a server that stands in for a store and is no model of it there, never
// for the store itself, whose limits are declared; why says what the server does instead. The suite fails where there is no such
// check, so that a stale exception shows.
func Without(name, why string) Option {
	return func(l *limits) { l.without = append(l.without, exception{name, why}) }
}

// exception is a check that is left out.
type exception struct{ name, why string }

// except takes the exceptions out of all checks.
func (l *limits) except(t *testing.T, all []check) []check {
	t.Helper()
	for _, x := range l.without {
		i := slices.IndexFunc(all, func(c check) bool { return c.name == x.name })
		if i < 0 {
			t.Errorf("there is no check %q to leave out", x.name)
			continue
		}
		t.Logf("without %q: %s", x.name, x.why)
		all = slices.Delete(all, i, i+1)
	}
	return all
}
