package placement

import (
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/domicile-eu/domicile/internal/document"
)

// mostFactDepth keeps a value that contains itself from being followed for ever.
const mostFactDepth = 32

// judgeFact notes what is wrong with a value of an attribute: it must be of a type that files can hold, because policies
// see it, and two equal values must be seen to be equal.
func judgeFact(path string, v any, depth int, note func(path, format string, args ...any)) {
	if depth > mostFactDepth {
		note(path, "is nested deeper than %d levels", mostFactDepth)
		return
	}
	switch v := v.(type) {
	case string, bool, int64:
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			note(path, "%v is no finite number", v)
		}
	case []any:
		for i := range v {
			judgeFact(path+"["+strconv.Itoa(i)+"]", v[i], depth+1, note)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			judgeFact(document.Key(path, key), v[key], depth+1, note)
		}
	case nil:
		note(path, "is empty")
	default:
		note(path, "a value of type %T cannot stand in a file", v)
	}
}
