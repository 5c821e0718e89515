package strict

import (
	"encoding"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// maxDepth bounds how deep values nest.
const maxDepth = 32

// Decode reads the node into v, a pointer. It goes on after a mistake, and its error joins all of them.
func (n Node) Decode(v any) error {
	target := reflect.ValueOf(v)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return fmt.Errorf("strict: Decode wants a pointer, not %T", v)
	}
	if n.Empty() {
		return nil
	}
	var d decoder
	d.decode(n, target.Elem(), 0)
	return errors.Join(d.errs...)
}

type decoder struct{ errs []error }

func (d *decoder) fail(err error) { d.errs = append(d.errs, err) }

func (d *decoder) decode(n Node, to reflect.Value, depth int) {
	switch {
	case depth > maxDepth:
		d.fail(n.Errorf("nests deeper than %d", maxDepth))
		return
	case to.Type() == reflect.TypeFor[Node]():
		to.Set(reflect.ValueOf(n))
		return
	case n.Empty():
		return
	case to.Kind() == reflect.Pointer:
		if to.IsNil() {
			to.Set(reflect.New(to.Type().Elem()))
		}
		d.decode(n, to.Elem(), depth)
		return
	}
	if _, ok := n.ast.(*ast.NullNode); ok {
		return
	}
	if t, ok := to.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.unmarshalText(n, t)
		return
	}
	switch to.Kind() {
	case reflect.Struct:
		d.structure(n, to, depth)
	case reflect.Map:
		d.mapping(n, to, depth)
	case reflect.Slice:
		d.list(n, to, depth)
	default:
		d.scalar(n, to)
	}
}

func (d *decoder) unmarshalText(n Node, t encoding.TextUnmarshaler) {
	text, secret, err := n.text()
	if err != nil {
		d.fail(err)
		return
	}
	if err := t.UnmarshalText([]byte(text)); err != nil {
		if secret {
			err = errors.New("what the reference stands for does not fit here")
		}
		d.fail(n.Errorf("%w", err))
	}
}

func (d *decoder) structure(n Node, to reflect.Value, depth int) {
	if _, ok := n.ast.(*ast.MappingNode); !ok {
		d.fail(n.Errorf("wants a mapping, found %s", n.kind()))
		return
	}
	fields := Fields(to.Type())
	names := make([]string, len(fields))
	byName := make(map[string]reflect.Value, len(fields))
	choices := make(map[string][]string)
	for i, f := range fields {
		names[i], byName[f.Name] = f.Name, to.FieldByIndex(f.Index)
		choices[f.Name] = f.Choices()
	}
	for _, m := range n.members() {
		field, ok := byName[m.Key()]
		if !ok {
			d.fail(m.keyError("unknown field %q%s", m.Key(), Suggest(m.Key(), names)))
			continue
		}
		d.decode(m, field, depth+1)
		if choices := choices[m.Key()]; choices != nil && field.Kind() == reflect.String && !slices.Contains(choices, field.String()) {
			d.fail(m.Errorf("wants one of %s", strings.Join(choices, ", ")))
		}
	}
}

func (d *decoder) mapping(n Node, to reflect.Value, depth int) {
	if _, ok := n.ast.(*ast.MappingNode); !ok {
		d.fail(n.Errorf("wants a mapping, found %s", n.kind()))
		return
	}
	if to.IsNil() {
		to.Set(reflect.MakeMap(to.Type()))
	}
	for _, m := range n.members() {
		value := reflect.New(to.Type().Elem()).Elem()
		d.decode(m, value, depth+1)
		to.SetMapIndex(reflect.ValueOf(m.Key()).Convert(to.Type().Key()), value)
	}
}

func (d *decoder) list(n Node, to reflect.Value, depth int) {
	if _, ok := n.ast.(*ast.SequenceNode); !ok {
		d.fail(n.Errorf("wants a list, found %s", n.kind()))
		return
	}
	items := n.items()
	list := reflect.MakeSlice(to.Type(), len(items), len(items))
	for i, item := range items {
		if item.Empty() {
			d.fail(item.Errorf("is empty"))
			continue
		}
		d.decode(item, list.Index(i), depth+1)
	}
	to.Set(list)
}

func (d *decoder) scalar(n Node, to reflect.Value) {
	var err error
	switch {
	case to.Type() == reflect.TypeFor[time.Duration]():
		err = n.duration(to)
	case to.Kind() == reflect.String:
		var text string
		if text, _, err = n.text(); err == nil {
			to.SetString(text)
		}
	case to.Kind() == reflect.Bool:
		b, ok := n.ast.(*ast.BoolNode)
		if !ok {
			err = n.Errorf("wants true or false, found %s", n.kind())
			break
		}
		to.SetBool(b.Value)
	case to.CanInt(), to.CanUint(), to.CanFloat():
		err = n.number(to)
	default:
		err = n.Errorf("cannot be set from a file (%s)", to.Type())
	}
	if err != nil {
		d.fail(err)
	}
}

func (n Node) duration(to reflect.Value) error {
	text, _, err := n.text()
	if err != nil {
		return err
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		return n.Errorf(`wants a duration with its unit, as "90s" or "1h30m"`)
	}
	to.SetInt(int64(v))
	return nil
}

func (n Node) number(to reflect.Value) error {
	var text string
	switch v := n.ast.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		text = strings.ReplaceAll(v.GetToken().Value, "_", "")
	default:
		return n.Errorf("wants a number, found %s", n.kind())
	}
	bits := to.Type().Bits()
	if to.CanFloat() {
		v, err := strconv.ParseFloat(text, bits)
		if err != nil {
			return n.Errorf("wants a number")
		}
		to.SetFloat(v)
		return nil
	}
	if to.CanUint() {
		v, err := strconv.ParseUint(text, 10, bits)
		if err != nil {
			return n.Errorf("wants a whole number from 0 to %d", uint64(1)<<(bits-1)*2-1)
		}
		to.SetUint(v)
		return nil
	}
	v, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		return n.Errorf("wants a whole number of at most %d", int64(1)<<(bits-1)-1)
	}
	to.SetInt(v)
	return nil
}
