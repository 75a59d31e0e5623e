package search

import (
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// These shares were chosen on machine reassignment and generalised assignment problems, see docs/benchmarks.md.
const (
	// Of a thousand moves, so many take out and put back exactly, admit items that are left out (displace others where there are
	// none), displace others, and are ejections; the rest are single shifts and swaps, which cost a small part of those.
	refits    = 2
	admits    = 20
	displaces = 60
	chains    = 200
	round     = 1000
	// mostDisplacing is the largest part of the steps that goes into displacements: with many items on a site one takes hundreds.
	mostDisplacing = 0.6
	// smallProblem is the largest number of assignments that are simply all looked at.
	smallProblem = 100_000
	// insertNodes is what one step that takes out and puts back may open.
	insertNodes = 60
	// mostOut is how many items are taken out at once.
	mostOut = 6
)

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
	case k < displaces && float64(x.displacing) <= mostDisplacing*float64(x.steps):
		before := x.steps
		i = x.unsettled(i)
		x.displace(i, x.pick(i))
		x.displacing += x.steps - before
	case k < displaces+chains && x.choosy[x.p.Class[i]]:
		x.chain(i)
	case k < displaces+chains:
		x.eject(i)
	case k&1 == 0:
		x.shift(i)
	default:
		x.swap(i)
	}
}

// unsettled returns an item worth displacing others for: by turns the larger of two, and one on a site whose use costs
// much.
func (x *Searcher) unsettled(i int32) int32 {
	if x.p.Used() && x.r.IntN(2) == 0 {
		const sites = 10
		most, hot := int64(0), int32(-1)
		for range sites {
			site := int32(x.r.IntN(x.p.Sites))
			if cost := x.s.UseCost(site, x.tier); cost > most {
				most, hot = cost, site
			}
		}
		if hot >= 0 {
			if j := x.anyOn(hot); j >= 0 {
				return j
			}
		}
	}
	if j := x.movable[x.r.IntN(len(x.movable))]; x.size[j] > x.size[i] {
		return j
	}
	return i
}
