package topology

import (
	"fmt"
	"math"

	"github.com/domicile-eu/domicile/internal/document"
)

// maxAttributeDepth keeps a value that contains itself from being followed for ever.
const maxAttributeDepth = 32

// attributes checks free-form facts: the values must be of the types that files can hold.
func (s spot) attributes(m map[string]any) {
	for _, key := range sortedKeys(m) {
		s.attribute(document.Key("attributes", key), key, m[key], 1)
	}
}

func (s spot) attribute(path, key string, v any, depth int) {
	s.key(path, key)
	if depth > maxAttributeDepth {
		s.defect(path, "is nested deeper than %d levels", maxAttributeDepth)
		return
	}
	switch v := v.(type) {
	case bool, int64:
	case string:
		if wrong := document.Unfit(v, "\n\t"); wrong != "" { // facts may be of several lines
			s.defect(path, "%s", wrong)
		}
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			s.defect(path, "%v is no finite number", v)
		}
	case []any:
		for i := range v {
			s.attribute(item(path, i), "", v[i], depth+1)
		}
	case map[string]any:
		for _, key := range sortedKeys(v) {
			s.attribute(document.Key(path, key), key, v[key], depth+1)
		}
	case nil:
		s.defect(path, "is empty")
	default:
		s.defect(path, "a value of type %s can not stand in a file", fmt.Sprintf("%T", v))
	}
}
