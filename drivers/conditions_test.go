package drivers_test

import (
	"errors"
	"testing"
	"time"

	"sluice/drivers"
)

func TestConditionsAreJudgedInTheOrderOfRFC9110(t *testing.T) {
	t.Parallel()
	modified := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC) // half a second, which no HTTP date has
	info := drivers.Info{ETag: "e", Token: "t", LastModified: modified}
	at := modified.Truncate(time.Second)
	before, after := at.Add(-time.Second), at.Add(time.Second)
	e, o, star := []string{"e"}, []string{"o"}, []string{"*"}
	unmet, changed, none := drivers.ErrPrecondition, drivers.ErrNotModified, drivers.ErrNotFound
	for name, c := range map[string]struct {
		c                    drivers.Conditions
		read, write, missing error
	}{
		"none":                              {drivers.Conditions{}, nil, nil, nil},
		"match":                             {drivers.Conditions{IfMatch: e}, nil, nil, none},
		"match, other":                      {drivers.Conditions{IfMatch: o}, unmet, unmet, none},
		"match, any":                        {drivers.Conditions{IfMatch: star}, nil, nil, none},
		"match, of two":                     {drivers.Conditions{IfMatch: []string{"o", "e"}}, nil, nil, none},
		"none match":                        {drivers.Conditions{IfNoneMatch: e}, changed, unmet, nil},
		"none match, other":                 {drivers.Conditions{IfNoneMatch: o}, nil, nil, nil},
		"none match, any":                   {drivers.Conditions{IfNoneMatch: star}, changed, unmet, nil},
		"modified since then":               {drivers.Conditions{IfModifiedSince: at}, changed, nil, nil},
		"modified since before":             {drivers.Conditions{IfModifiedSince: before}, nil, nil, nil},
		"modified since after":              {drivers.Conditions{IfModifiedSince: after}, changed, nil, nil},
		"unmodified since then":             {drivers.Conditions{IfUnmodifiedSince: at}, nil, nil, none},
		"unmodified since before":           {drivers.Conditions{IfUnmodifiedSince: before}, unmet, unmet, none},
		"unmodified since after":            {drivers.Conditions{IfUnmodifiedSince: after}, nil, nil, none},
		"match before unmodified since":     {drivers.Conditions{IfMatch: e, IfUnmodifiedSince: before}, nil, nil, none},
		"none match before modified since":  {drivers.Conditions{IfNoneMatch: o, IfModifiedSince: at}, nil, nil, nil},
		"match before none match":           {drivers.Conditions{IfMatch: o, IfNoneMatch: e}, unmet, unmet, none},
		"match and none match":              {drivers.Conditions{IfMatch: e, IfNoneMatch: e}, changed, unmet, none},
		"unmodified before modified":        {drivers.Conditions{IfUnmodifiedSince: before, IfModifiedSince: at}, unmet, unmet, none},
		"unmodified and modified since":     {drivers.Conditions{IfUnmodifiedSince: at, IfModifiedSince: at}, changed, nil, none},
		"token":                             {drivers.Conditions{IfToken: "t"}, nil, nil, none},
		"token, other":                      {drivers.Conditions{IfToken: "o"}, unmet, unmet, none},
		"token, other, though the ETag is":  {drivers.Conditions{IfToken: "o", IfMatch: e}, unmet, unmet, none},
		"token, though the ETag is another": {drivers.Conditions{IfToken: "t", IfMatch: o}, unmet, unmet, none},
	} {
		check := func(what string, got, want error) {
			if !errors.Is(got, want) {
				t.Errorf("%s: %s says %v, want %v", name, what, got, want)
			}
		}
		check("a read", c.c.CheckRead(info), c.read)
		check("a write", c.c.CheckWrite(&info), c.write)
		check("a write of what is not there", c.c.CheckWrite(nil), c.missing)
		source := c.read
		if source != nil {
			source = unmet
		}
		check("a copy's source", c.c.CheckCopySource(info), source)
		if c.c.IsZero() != (name == "none") {
			t.Errorf("%s: IsZero is %t", name, c.c.IsZero())
		}
	}
}
