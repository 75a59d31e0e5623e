package placement

import (
	"fmt"
	"strings"

	"github.com/domicile-eu/domicile/internal/quantity"
	"github.com/domicile-eu/domicile/topology"
)

// comparedText writes two different amounts for people, exactly where rounding would make them look the same.
func comparedText(a, b int64, u quantity.Unit) (string, string) {
	one, other := quantity.Human(a, u), quantity.Human(b, u)
	if one == other && a != b {
		one, other = quantity.Format(a, u), quantity.Format(b, u)
		if u == quantity.Cores {
			one, other = one+" cores", other+" cores"
		}
	}
	return one, other
}

func microsText(m topology.Micros) string { return quantity.Human(int64(m), quantity.Duration) }

// dataText names a class of data: "health data".
func dataText(class DataClass) string {
	if class == "" {
		return "data without a class"
	}
	return string(class) + " data"
}

// countText writes "1 site" or "3 sites".
func countText(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// andText joins words as people do: "a, b and c".
func andText(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
