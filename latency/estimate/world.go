package estimate

import "github.com/domicile-eu/domicile/topology"

// world is what the models are fitted to: places by index, and of each measured pair one round trip.
type world struct {
	n     int
	where []*topology.Location // nil: unknown, or not to be trusted
	pairs []pair               // in order of ends
}

// pair is a measured pair of places, a < b.
type pair struct {
	a, b int32
	rtt  float64 // ms
	log  float64 // of rtt
}

// model guesses the logarithm of a pair's round trip in ms.
type model interface {
	guess(a, b int32) float64
}

// degrees counts the measured pairs of each place.
func (w *world) degrees() []int {
	out := make([]int, w.n)
	for _, p := range w.pairs {
		out[p.a]++
		out[p.b]++
	}
	return out
}

// located says whether it is known where both ends stand.
func (w *world) located(a, b int32) bool { return w.where[a] != nil && w.where[b] != nil }

// distance returns the kilometres between two places whose location is known.
func (w *world) distance(a, b int32) float64 { return Distance(*w.where[a], *w.where[b]) }
