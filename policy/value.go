package policy

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxValueDepth keeps a value that contains itself from being followed for ever.
const maxValueDepth = 64

// toValue turns a free-form fact into Rego's form: texts, truth values, int64, float64, and slices and string-keyed maps
// of these. Anything else is refused, because a rule that reads it could not be trusted to have seen it.
func toValue(v any) (ast.Value, error) { return convert(v, 0) }

func convert(v any, depth int) (ast.Value, error) {
	if depth > maxValueDepth {
		return nil, fmt.Errorf("is nested more than %d deep", maxValueDepth)
	}
	switch v := v.(type) {
	case string:
		return ast.String(v), nil
	case bool:
		return ast.Boolean(v), nil
	case int64:
		return integer(v), nil
	case int:
		return integer(int64(v)), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("is %v, which is no number", v)
		}
		return ast.Number(json.Number(strconv.FormatFloat(v, 'g', -1, 64))), nil
	}
	switch r := reflect.ValueOf(v); {
	case r.Kind() == reflect.Slice:
		terms := make([]*ast.Term, r.Len())
		for i := range terms {
			e, err := convert(r.Index(i).Interface(), depth+1)
			if err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
			terms[i] = ast.NewTerm(e)
		}
		return ast.NewArray(terms...), nil
	case r.Kind() == reflect.Map && r.Type().Key().Kind() == reflect.String:
		keys := r.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		o := ast.NewObjectWithCapacity(len(keys))
		for _, k := range keys {
			e, err := convert(r.MapIndex(k).Interface(), depth+1)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k.String(), err)
			}
			o.Insert(ast.StringTerm(k.String()), ast.NewTerm(e))
		}
		return o, nil
	}
	return nil, fmt.Errorf("is a %T, not a text, truth value, number, list or mapping", v)
}

// fromValue turns a result back into plain values: text, bool, int64 or float64, []any, map[string]any. Sets become sorted
// lists. A number that fits neither becomes its text.
func fromValue(v ast.Value) (any, error) {
	plain, err := ast.JSON(v)
	if err != nil {
		return nil, err
	}
	return numbers(plain), nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := v.Int64(); err == nil {
			return i
		}
		if f, err := v.Float64(); err == nil {
			return f
		}
		return v.String()
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

func integer(v int64) ast.Number { return ast.Number(json.Number(strconv.FormatInt(v, 10))) }

func pair(key string, v ast.Value) [2]*ast.Term {
	return [2]*ast.Term{ast.StringTerm(key), ast.NewTerm(v)}
}
