package estimate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// median returns the middle of the figures, 0 where there are none.
func median(x []float64) float64 {
	if len(x) == 0 {
		return 0
	}
	y := slices.Clone(x)
	slices.Sort(y)
	return stat.Quantile(0.5, stat.LinInterp, y, nil)
}

// upperOf returns the value that a further figure, exchangeable with these, stays at or below with the given confidence;
// false where there are too few figures to say (split conformal prediction, Vovk et al. 2005).
func upperOf(x []float64, confidence float64) (float64, bool) {
	k := int(math.Ceil(confidence * float64(len(x)+1)))
	if k > len(x) {
		return 0, false
	}
	y := slices.Clone(x)
	slices.Sort(y)
	return y[max(k, 1)-1], true
}
