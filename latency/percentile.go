package latency

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Percentile is a percentile in thousandths: 950 is the 95th. Files write p50, p95, p99, p99.9. Those from 1 to 999 have
// a meaning.
type Percentile int

// The percentiles that links state.
const (
	P50 Percentile = 500
	P95 Percentile = 950
	P99 Percentile = 990
)

// ParsePercentile reads "p95" or "p99.9": above 0, below 100, at most one digit behind the point.
func ParsePercentile(s string) (Percentile, error) {
	bad := fmt.Errorf("latency: percentile %q is not of the form p50, p95 or p99.9", s)
	number, ok := strings.CutPrefix(s, "p")
	if !ok {
		return 0, bad
	}
	whole, tenth, point := strings.Cut(number, ".")
	if !digits(whole, 2) || point && !digits(tenth, 1) {
		return 0, bad
	}
	p, err := strconv.Atoi(whole + tenth)
	if err != nil {
		return 0, bad
	}
	if !point {
		p *= 10
	}
	if !Percentile(p).valid() {
		return 0, bad
	}
	return Percentile(p), nil
}

// digits says whether s is one to most decimal digits.
func digits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// String writes the percentile as files do: "p95", "p99.9".
func (p Percentile) String() string {
	if p%10 == 0 {
		return fmt.Sprintf("p%d", int(p)/10)
	}
	return fmt.Sprintf("p%d.%d", int(p)/10, int(p)%10)
}

func (p Percentile) valid() bool { return p > 0 && p < 1000 }

// z returns the standard normal quantile.
func (p Percentile) z() float64 { return math.Sqrt2 * math.Erfinv(float64(p)/500-1) }
