package multicluster

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// reader reads fields of an object that nobody validated, and collects what is wrong with them.
type reader struct {
	o       map[string]any
	defects []error
}

func (r *reader) bad(field, why string) {
	r.defects = append(r.defects, fmt.Errorf("%s: %s", field, why))
}

func (r *reader) number(path ...string) int64 {
	n, _, err := unstructured.NestedInt64(r.o, path...)
	if err != nil || n < 0 {
		r.bad(strings.Join(path, "."), "is not a number from zero")
		return 0
	}
	return n
}

// object returns a map without copying it; it must not be changed.
func (r *reader) object(path ...string) map[string]any {
	v, _, err := unstructured.NestedFieldNoCopy(r.o, path...)
	m, ok := v.(map[string]any)
	if err != nil || v != nil && !ok {
		r.bad(strings.Join(path, "."), "is not an object")
	}
	return m
}

func (r *reader) list(path ...string) []any {
	v, _, err := unstructured.NestedFieldNoCopy(r.o, path...)
	l, ok := v.([]any)
	if err != nil || v != nil && !ok {
		r.bad(strings.Join(path, "."), "is not a list")
	}
	return l
}

func (r *reader) words(path ...string) []string {
	var out []string
	for i, v := range r.list(path...) {
		s, ok := v.(string)
		if !ok || s == "" {
			r.bad(fmt.Sprintf("%s[%d]", strings.Join(path, "."), i), "is not a name")
			continue
		}
		out = append(out, s)
	}
	return out
}
