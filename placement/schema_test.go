package placement_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/domicile-eu/domicile/placement"
)

// TestSchema: what the reader takes the schema takes, and every field that the schema knows is known to the reader.
func TestSchema(t *testing.T) {
	var schema map[string]any
	require.NoError(t, json.Unmarshal(placement.Schema(), &schema))
	require.Equal(t, "https://json-schema.org/draft/2020-12/schema", schema["$schema"])
	v := validator{defs: schema["$defs"].(map[string]any), used: make(map[string]bool)}
	require.Empty(t, v.check("", schema, document(t, fullApplications)))
	for name, def := range v.defs {
		properties, _ := def.(map[string]any)["properties"].(map[string]any)
		for field := range properties {
			if name == "flow" && field == "from" || name == "constraint" {
				continue // the second flow, and five constraints
			}
			require.True(t, v.used[field], "%s.%s is not in the file that uses every field", name, field)
		}
	}
	example, err := os.ReadFile(filepath.Join("..", "examples", "virt8ra", "apps.yaml"))
	require.NoError(t, err)
	require.Empty(t, v.check("", schema, document(t, string(example))))
	text := placement.Schema()
	text[0] = 'x'
	require.Equal(t, byte('{'), placement.Schema()[0], "it is the caller's copy")
}

// TestSchemaRefuses: what the schema refuses the reader refuses.
func TestSchemaRefuses(t *testing.T) {
	var schema map[string]any
	require.NoError(t, json.Unmarshal(placement.Schema(), &schema))
	v := validator{defs: schema["$defs"].(map[string]any), used: make(map[string]bool)}
	for _, change := range [][2]string{
		{"kind: Applications", "kind: Things"},
		{"name: api", "nam: api"},
		{"name: api", "name: API"},
		{"kind: container", "kind: pod"},
		{"replicas: 2", "replicas: 0"},
		{"priority: 10", "priority: 0"},
		{"tiers: [edge", "tiers: [moon"},
		{"gpu: 1", "gpu: -1"},
		{"fpga: 2", "fpga: 2.5"},
		{"methods: [pre-copy", "methods: [beam"},
		{"fromAccess: berlin", "fromAccess: berlin, from: db"},
		{"from: api, ", ""},
		{"percentile: p99.9", "percentile: p1000"},
		{"over: provider", "over: rack"},
		{"atLeast: 2", "atLeast: 0"},
		{"atMost: 1", "atMost: 1, atLeast: 1"},
		{"gang: {components: [db]}", "gang: {components: []}"},
		{"gang: {components: [db]}", "gang: {components: [db]}\n    conflict: {components: [db], over: site, atMost: 1}"},
		{"gang: {components: [db]}", "near: {components: [db]}"},
		{"bound: 30ms, ", ""},
		{"components: [api, db], bound", "bound"},
		{"name: request", "name: Request"},
		{"percentile: p99}", "percentile: high}"},
	} {
		text := strings.Replace(fullApplications, change[0], change[1], 1)
		require.NotEqual(t, fullApplications, text, change)
		require.NotEmpty(t, v.check("", schema, document(t, text)), change)
		_, err := placement.ReadApplications("f", strings.NewReader(text))
		require.ErrorIs(t, err, placement.ErrInvalid, "%v", change)
	}
}

// document reads YAML as the values that JSON has.
func document(t *testing.T, text string) any {
	var v any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	b, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &v))
	return v
}

// validator knows the few words of JSON Schema that the schema uses, and fails on any other.
type validator struct {
	defs map[string]any
	used map[string]bool // properties seen
}

func (v *validator) check(path string, schema map[string]any, value any) (defects []string) {
	fail := func(format string, args ...any) {
		defects = append(defects, path+": "+fmt.Sprintf(format, args...))
	}
	object, isObject := value.(map[string]any)
	list, isList := value.([]any)
	text, isText := value.(string)
	number, isNumber := value.(float64)
	for word, want := range schema {
		switch word {
		case "$schema", "$id", "title", "description", "default", "$defs":
		case "$ref":
			name := strings.TrimPrefix(want.(string), "#/$defs/")
			defects = append(defects, v.check(path, v.defs[name].(map[string]any), value)...)
		case "type":
			types, several := want.([]any)
			if !several {
				types = []any{want}
			}
			if !slices.Contains(types, any(typeOf(value))) && !(typeOf(value) == "integer" && slices.Contains(types, any("number"))) {
				fail("is %s, not %v", typeOf(value), want)
			}
		case "const":
			if value != want {
				fail("is %v, not %v", value, want)
			}
		case "enum":
			if !slices.Contains(want.([]any), value) {
				fail("%v is none of %v", value, want)
			}
		case "pattern":
			if isText && !regexp.MustCompile(want.(string)).MatchString(text) {
				fail("%q does not match %s", text, want)
			}
		case "minimum":
			if isNumber && number < want.(float64) {
				fail("%v is below %v", number, want)
			}
		case "maximum":
			if isNumber && number > want.(float64) {
				fail("%v is above %v", number, want)
			}
		case "minItems":
			if isList && float64(len(list)) < want.(float64) {
				fail("has %d items", len(list))
			}
		case "uniqueItems":
			for i := range list {
				if slices.Contains(list[:i], list[i]) {
					fail("has %v twice", list[i])
				}
			}
		case "minProperties":
			if isObject && float64(len(object)) < want.(float64) {
				fail("has %d properties", len(object))
			}
		case "maxProperties":
			if isObject && float64(len(object)) > want.(float64) {
				fail("has %d properties", len(object))
			}
		case "items":
			for i := range list {
				defects = append(defects, v.check(fmt.Sprintf("%s[%d]", path, i), want.(map[string]any), list[i])...)
			}
		case "required":
			for _, key := range want.([]any) {
				if _, ok := object[key.(string)]; isObject && !ok {
					fail("%s is missing", key)
				}
			}
		case "oneOf":
			passed := 0
			for _, option := range want.([]any) {
				if len(v.check(path, option.(map[string]any), value)) == 0 {
					passed++
				}
			}
			if passed != 1 {
				fail("is %d of %v", passed, want)
			}
		case "properties":
			for key, sub := range want.(map[string]any) {
				if x, ok := object[key]; ok {
					v.used[key] = true
					defects = append(defects, v.check(path+"."+key, sub.(map[string]any), x)...)
				}
			}
		case "additionalProperties":
			known, _ := schema["properties"].(map[string]any)
			for key, x := range object {
				if _, ok := known[key]; ok {
					continue
				}
				if sub, ok := want.(map[string]any); ok {
					defects = append(defects, v.check(path+"."+key, sub, x)...)
				} else {
					fail("%s is unknown", key)
				}
			}
		default:
			fail("the test does not know the word %s", word)
		}
	}
	return defects
}

func typeOf(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if v == math.Trunc(v) {
			return "integer"
		}
		return "number"
	}
	return "null"
}
