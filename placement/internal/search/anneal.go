package search

import (
	"math"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// These shares were chosen on machine reassignment and generalised assignment problems, see docs/benchmarks.md.
const (
	// Of a thousand moves, so many take out and put back exactly, admit items that are left out (where there are any), are
	// ejection chains, and displace others; the rest are single shifts and swaps, which cost a small part of those.
	refits    = 2
	admits    = 20
	displaces = 60
	chains    = 60
	round     = 1000
	// smallProblem is the largest number of assignments that are simply all looked at.
	smallProblem = 100_000
	// insertNodes is what one step that takes out and puts back may open.
	insertNodes = 60
	// mostOut is how many items are taken out at once.
	mostOut = 6
)

// The temperatures start where a move of the upper end of sizes is accepted about every third time, and fall in two
// legs: slowly over the range in which the large items settle, then fast to where only improvements count.
const (
	startQuantile = 0.85
	slowFall      = 1e-2
	slowShare     = 0.85
	coldest       = 0.2 // of the smallest change seen
)

// scales holds, by tier, the temperatures at the start and at the end.
type scales struct{ hot, cold [problem.MaxTiers]float64 }

// measure samples what single shifts change, to find the scale of each tier.
func (x *Searcher) measure() (s scales) {
	const samples, tries = 4000, 200_000
	var seen [problem.MaxTiers][]float64
	for n, found := 0, 0; n < tries && found < samples && len(x.movable) > 0; n++ {
		i := x.movable[x.r.IntN(len(x.movable))]
		pos := x.anywhere(i)
		var d problem.Value
		if pos == x.s.Pos(i) || !x.s.Try(i, pos, &d) {
			continue
		}
		found++
		for t, change := range d {
			if change != 0 {
				seen[t] = append(seen[t], math.Abs(float64(change)))
			}
		}
	}
	for t := x.tier; t < x.p.Tiers; t++ {
		if len(seen[t]) == 0 {
			continue
		}
		slices.Sort(seen[t])
		s.hot[t] = seen[t][int(startQuantile*float64(len(seen[t])-1))]
		s.cold[t] = coldest * seen[t][0]
	}
	return s
}

// cool sets the temperatures for a share of the budget that is used up.
func (x *Searcher) cool(s *scales, heat, spent float64) {
	for t := range x.temp {
		hot := s.hot[t] * heat
		switch knee := max(hot*slowFall, s.cold[t]); {
		case hot <= s.cold[t]:
			x.temp[t] = 0
		case spent < slowShare:
			x.temp[t] = hot * math.Pow(knee/hot, spent/slowShare)
		default:
			x.temp[t] = knee * math.Pow(s.cold[t]/knee, (spent-slowShare)/(1-slowShare))
		}
	}
}

// accept says whether the search takes a change of the value: always where it improves; where it worsens, with a
// probability that falls with the change over the temperature of the first tier that changes, and never before the
// deciding tier (Kirkpatrick, Gelatt and Vecchi, Optimization by simulated annealing, 1983).
func (x *Searcher) accept(d *problem.Value) bool {
	for t := range x.p.Tiers {
		switch change := d[t]; {
		case change < 0:
			return true
		case change > 0:
			temp := x.temp[t]
			return temp > 0 && float64(change) < 40*temp && x.r.Float64() < math.Exp(-float64(change)/temp)
		}
	}
	return true
}

// move tries one move of some kind.
func (x *Searcher) move() {
	x.steps++ // so that a budget ends whatever the moves find
	k := x.r.IntN(round)
	if k < refits {
		x.refit()
		return
	}
	if k -= refits; k < admits && len(x.out.items) > 0 {
		x.admit()
		return
	}
	i := x.movable[x.r.IntN(len(x.movable))]
	switch k -= admits; {
	case k < displaces:
		if j := x.movable[x.r.IntN(len(x.movable))]; x.size[j] > x.size[i] {
			i = j
		}
		x.displace(i, x.pick(i))
	case k < displaces+chains:
		x.eject(i)
	case k&1 == 0:
		x.shift(i)
	default:
		x.swap(i)
	}
}
