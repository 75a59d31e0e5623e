package policy

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// What stands at a path is written in bytes, without building the input, so that equal bytes mean equal values in the input. The
// reverse need not hold: 1 and 1.0 are one number in Rego and two texts here, which costs a class and nothing else. A value that
// is absent has no bytes. Paths for which there is no such short way are looked up in the input that rules would get.

// writeText, writeInteger and writeValue write what is there.
func writeText[S ~string](b []byte, s S) []byte {
	b = append(b, 's')
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

func writeInteger(b []byte, n int64) []byte { return binary.AppendVarint(append(b, 'i'), n) }

// writeValue writes a free-form fact. Facts that toValue refuses are the caller's to refuse first.
func writeValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return writeText(b, v)
	case bool:
		if v {
			return append(b, 't')
		}
		return append(b, 'f')
	case int64:
		return writeInteger(b, v)
	case int:
		return writeInteger(b, int64(v))
	case float64:
		return binary.LittleEndian.AppendUint64(append(b, 'd'), math.Float64bits(v))
	case []any:
		b = binary.AppendUvarint(append(b, '['), uint64(len(v)))
		for _, e := range v {
			b = writeValue(b, e)
		}
		return b
	case map[string]any:
		b = binary.AppendUvarint(append(b, '{'), uint64(len(v)))
		for _, k := range sortedKeys(v) {
			b = writeValue(writeText(b, k), v[k])
		}
		return b
	}
	// Lists and mappings of particular types are rare.
	plain, err := toValue(v)
	if err != nil {
		return append(append(b, '!'), err.Error()...)
	}
	return writeText(append(b, 'v'), plain.String())
}

// writeKind writes of which type a free-form fact is.
func writeKind(b []byte, v any) []byte {
	switch v.(type) {
	case string:
		return append(b, 'S')
	case bool:
		return append(b, 'B')
	case int64, int, float64:
		return append(b, 'N')
	}
	if reflect.ValueOf(v).Kind() == reflect.Map {
		return append(b, 'O')
	}
	return append(b, 'A')
}

// fits says whether a free-form fact is one that toValue takes. It may say no of one that it takes all the same.
func fits(v any, depth int) bool {
	switch v := v.(type) {
	case string, bool, int64, int:
		return true
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		return depth < maxValueDepth && !slices.ContainsFunc(v, func(e any) bool { return !fits(e, depth+1) })
	case map[string]any:
		if depth >= maxValueDepth {
			return false
		}
		for _, e := range v {
			if !fits(e, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}

// checkFacts says what is wrong with attributes, in the words of the input.
func checkFacts[S ~string](kind string, id S, attributes map[string]any) error {
	for _, v := range attributes {
		if !fits(v, 1) {
			if _, err := toValue(attributes); err != nil {
				return fmt.Errorf("%s %s: attributes.%w", kind, id, err)
			}
			return nil
		}
	}
	return nil
}

// fact looks a free-form fact up below attributes.
func fact(attributes map[string]any, keys []string) (any, bool) {
	v, ok := attributes[keys[0]]
	for _, key := range keys[1:] {
		if !ok {
			return nil, false
		}
		switch m := v.(type) {
		case map[string]any:
			v, ok = m[key]
		default:
			r := reflect.ValueOf(v)
			if r.Kind() != reflect.Map || r.Type().Key().Kind() != reflect.String {
				return nil, false
			}
			e := r.MapIndex(reflect.ValueOf(key).Convert(r.Type().Key()))
			if ok = e.IsValid(); ok {
				v = e.Interface()
			}
		}
	}
	return v, ok
}

// workloadFact writes what stands at a path of a workload; short is false where there is no short way.
func workloadFact(b []byte, s sight, w *placement.Workload) (out []byte, short bool) {
	p := s.path[1:]
	if len(p) == 2 && p[0] == "demand" && !s.kind {
		if n := w.Demand[topology.Dimension(p[1])]; n != 0 {
			b = writeInteger(b, n)
		}
		return b, true
	}
	if len(p) > 1 && p[0] == "attributes" {
		return freeFact(b, s, w.Attributes), true
	}
	if len(p) == 2 && p[0] == "labels" && !s.kind {
		return labelFact(b, p[1], w.Labels), true
	}
	if len(p) != 1 || s.kind {
		return b, false
	}
	switch p[0] {
	case "application":
		return writeText(b, w.Application), true
	case "component":
		return writeText(b, w.Component), true
	case "tenant":
		return writeText(b, w.Tenant), true
	case "kind":
		return writeText(b, w.Kind), true
	case "data":
		return writeText(b, w.Data), true
	case "priority":
		return writeInteger(b, w.Priority), true
	case "tiers":
		for _, t := range w.Tiers {
			b = writeText(b, t.String())
		}
		return append(b, ']'), true
	}
	return b, false
}

// siteFact is workloadFact for sites. Their certifications are not only their own.
func siteFact(b []byte, s sight, x *topology.Site) (out []byte, short bool) {
	p := s.path[1:]
	if len(p) > 1 && p[0] == "attributes" {
		return freeFact(b, s, x.Attributes), true
	}
	if s.kind {
		return b, false
	}
	switch {
	case len(p) == 2 && p[0] == "labels":
		return labelFact(b, p[1], x.Labels), true
	case len(p) == 2 && p[0] == "energy" && p[1] == "intensity":
		return writeInteger(b, x.Energy.Intensity), true
	case len(p) != 1:
		return b, false
	}
	switch p[0] {
	case "id":
		return writeText(b, x.ID), true
	case "country":
		return writeText(b, x.Country), true
	case "city":
		return writeText(b, x.City), true
	case "tier":
		return writeText(b, x.Tier.String()), true
	case "runtimes":
		for _, r := range x.Runtimes {
			b = writeText(b, r)
		}
		return append(b, ']'), true
	}
	return b, false
}

func freeFact(b []byte, s sight, attributes map[string]any) []byte {
	v, ok := fact(attributes, s.path[2:])
	switch {
	case !ok:
		return b
	case s.kind:
		return writeKind(b, v)
	}
	return writeValue(b, v)
}

func labelFact(b []byte, key string, labels map[string]string) []byte {
	if v, ok := labels[key]; ok {
		b = writeText(b, v)
	}
	return b
}
