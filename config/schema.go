package config

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"sluice/config/strict"
	"sluice/drivers/registry"
)

// Schema returns the JSON schema of a config file, with the configs of all types of r, for editors and other checkers. It is
// made of the very structs that are read; the tag jsonschema is a field's description, enum its only values.
func Schema(r registry.Registry) *jsonschema.Schema {
	defaults := Default()
	s := schemaOf(reflect.TypeFor[File](), reflect.ValueOf(defaults))
	s.Schema = "https://json-schema.org/draft/2020-12/schema"
	s.Title = "Sluice's config"
	s.Required = []string{"drivers"}
	s.Properties["drivers"].AdditionalProperties = nodeSchema(r)
	if t, ok := r[routeType]; ok {
		description := s.Properties["buckets"].Description
		s.Properties["buckets"] = schemaOf(reflect.TypeOf(t.Config()).Elem(), reflect.Value{})
		s.Properties["buckets"].Description = description
	}
	return s
}

// nodeSchema is that of a node, whose type decides on what its config is.
func nodeSchema(r registry.Registry) *jsonschema.Schema {
	s := schemaOf(reflect.TypeFor[Node](), reflect.Value{})
	s.Required = []string{"type"}
	for _, name := range r.Names() {
		s.Properties["type"].Enum = append(s.Properties["type"].Enum, name)
		typ := any(name)
		s.AllOf = append(s.AllOf, &jsonschema.Schema{
			If: &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{"type": {Const: &typ}}},
			Then: &jsonschema.Schema{Properties: map[string]*jsonschema.Schema{
				"config": schemaOf(reflect.TypeOf(r[name].Config()).Elem(), reflect.Value{}),
			}},
		})
	}
	return s
}

// schemaOf describes what strict reads into a type; value has the defaults, where it is valid.
func schemaOf(t reflect.Type, value reflect.Value) *jsonschema.Schema {
	if t.Kind() == reflect.Pointer {
		return schemaOf(t.Elem(), reflect.Value{})
	}
	s := &jsonschema.Schema{}
	switch {
	case t == reflect.TypeFor[strict.Node]():
		return s
	case t == reflect.TypeFor[Size]():
		s.Types, s.Pattern = []string{"string", "integer"}, `^[0-9.]+ ?([KMGT]i?)?B?$`
	case t == reflect.TypeFor[time.Duration]():
		s.Type, s.Pattern = "string", `^([0-9.]+(ns|us|µs|ms|s|m|h))+$|^0$`
	case reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		s.Type = "string"
	case t.Kind() == reflect.Struct:
		return structSchema(t, value)
	case t.Kind() == reflect.Map:
		s.Type, s.AdditionalProperties = "object", schemaOf(t.Elem(), reflect.Value{})
		return s
	case t.Kind() == reflect.Slice:
		s.Type, s.Items = "array", schemaOf(t.Elem(), reflect.Value{})
		return s
	case t.Kind() == reflect.Bool:
		s.Type = "boolean"
	case t.Kind() == reflect.String:
		s.Type = "string"
	case t.Kind() == reflect.Float32, t.Kind() == reflect.Float64:
		s.Type = "number"
	default:
		s.Type = "integer"
	}
	if value.IsValid() && !value.IsZero() {
		s.Default = defaultJSON(value)
	}
	return s
}

func structSchema(t reflect.Type, value reflect.Value) *jsonschema.Schema {
	s := &jsonschema.Schema{
		Type:                 "object",
		Properties:           make(map[string]*jsonschema.Schema),
		AdditionalProperties: &jsonschema.Schema{Not: &jsonschema.Schema{}},
	}
	for _, f := range strict.Fields(t) {
		var fieldValue reflect.Value
		if value.IsValid() {
			fieldValue = value.FieldByIndex(f.Index)
		}
		p := schemaOf(f.Type, fieldValue)
		p.Description = f.Tag.Get("jsonschema")
		for _, choice := range f.Choices() {
			p.Enum = append(p.Enum, choice)
		}
		s.Properties[f.Name] = p
		s.PropertyOrder = append(s.PropertyOrder, f.Name)
	}
	return s
}

func defaultJSON(v reflect.Value) json.RawMessage {
	value := v.Interface()
	if d, ok := value.(time.Duration); ok {
		text := d.String() // "2m0s"
		if strings.HasSuffix(text, "m0s") {
			text = strings.TrimSuffix(text, "0s")
		}
		value = text
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil // a default is only shown
	}
	return text
}
