package cli

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestSchemaIsThatOfTheTypes writes the schema from the types that are printed (-rewrite) or holds the file to them.
func TestSchemaIsThatOfTheTypes(t *testing.T) {
	d := describer{defs: map[string]any{}}
	root := d.object(reflect.TypeFor[output]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "What domicile prints with -json"
	root["description"] = "Units stand in the names: micro-euro (an hour where the name says so), microseconds, milligrams of CO2 equivalent; capacities in milli-cores and bytes. It holds no timings of the machine."
	properties := root["properties"].(map[string]any)
	properties["apiVersion"] = map[string]any{"const": "domicile.eu/v1alpha1"}
	properties["kind"] = map[string]any{"const": "Report"}
	root["$defs"] = d.defs
	want, err := json.MarshalIndent(root, "", "  ")
	require.NoError(t, err)
	want = append(want, '\n')
	if *rewrite {
		require.NoError(t, os.WriteFile("report.schema.json", want, 0o644))
		return
	}
	assert.Equal(t, string(want), string(Schema()), "go test ./adapters/cli -rewrite writes it")
}

// describer turns Go types into JSON Schema the way encoding/json writes their values.
type describer struct{ defs map[string]any }

func (d *describer) of(t reflect.Type) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		return d.of(t.Elem())
	case reflect.Struct:
		name := t.String()
		if _, known := d.defs[name]; !known {
			d.defs[name] = nil // a type may hold itself
			d.defs[name] = d.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case reflect.Slice:
		return map[string]any{"type": []string{"array", "null"}, "items": d.of(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": []string{"object", "null"}, "additionalProperties": d.of(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Int, reflect.Int64, reflect.Uint64, reflect.Uint8:
		return map[string]any{"type": "integer"}
	case reflect.Interface:
		return map[string]any{}
	}
	panic("no schema for " + t.String())
}

func (d *describer) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	var add func(t reflect.Type)
	add = func(t reflect.Type) {
		for _, f := range reflect.VisibleFields(t) {
			if len(f.Index) > 1 || !f.IsExported() {
				continue
			}
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			switch {
			case name == "-":
				continue
			case f.Anonymous && name == "":
				add(f.Type)
				continue
			case name == "":
				name = f.Name
			}
			properties[name] = d.of(f.Type)
			if f.Type.Kind() == reflect.Pointer && options == "" {
				properties[name] = map[string]any{"anyOf": []any{d.of(f.Type), map[string]any{"type": "null"}}}
			}
			if options == "" {
				required = append(required, name)
			}
		}
	}
	add(t)
	return map[string]any{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}
