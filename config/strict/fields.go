package strict

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Field is one key that a struct reads.
type Field struct {
	Name  string // the key
	Index []int  // for reflect.Value.FieldByIndex
	Type  reflect.Type
	Tag   reflect.StructTag
}

// Fields returns the keys of a struct: exported fields under the name of their yaml tag, or else their own in lower case.
// The fields of a struct that is tagged ",inline" count as the outer one's own; "-" leaves a field out.
func Fields(t reflect.Type) []Field {
	var all []Field
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if options == "inline" {
			for _, inner := range Fields(f.Type) {
				inner.Index = append([]int{i}, inner.Index...)
				all = append(all, inner)
			}
			continue
		}
		if !f.IsExported() || name == "-" {
			continue
		}
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		all = append(all, Field{Name: name, Index: f.Index, Type: f.Type, Tag: f.Tag})
	}
	return all
}

// Choices returns the only values that a text may have: those of the field's tag enum, between commas; nil for any.
func (f Field) Choices() []string {
	enum, ok := f.Tag.Lookup("enum")
	if !ok {
		return nil
	}
	return strings.Split(enum, ",")
}

// Suggest ends an error about an unknown name with the known one that is most like it, or with all of them where none is.
func Suggest(name string, known []string) string {
	best, distance := "", max(1, len(name)/3)+1
	for _, k := range known {
		if d := editDistance(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best != "" {
		return "; did you mean " + strconv.Quote(best) + "?"
	}
	if len(known) == 0 {
		return ""
	}
	known = slices.Clone(known)
	slices.Sort(known)
	return "; there are " + strings.Join(known, ", ")
}

// editDistance counts the bytes to insert, remove or replace (Levenshtein).
func editDistance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, row[j], row[j+1])
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
