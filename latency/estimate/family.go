package estimate

import (
	"math"
	"math/rand/v2"

	"github.com/domicile-eu/domicile/topology"
)

// Family is one way of guessing.
type Family string

// The families. Each is fitted by the relative error, robustly.
const (
	// Plane is a point in two dimensions and a height for each place.
	Plane Family = "plane"
	// Space is a point in five dimensions and a height, times what a table of low rank says about the rest.
	Space Family = "space"
	// Globe is Space without the table, begun from where the places stand on Earth.
	Globe Family = "globe"
	// Product is matrix factorisation of the round trips.
	Product Family = "product"
	// Curve is a fitted function of the distance on Earth.
	Curve Family = "curve"
	// Vivaldi is the algorithm of the paper in a plane with heights. It is a yardstick and not part of the combination.
	Vivaldi Family = "vivaldi"
)

// combined are the families of the combination.
var combined = []Family{Plane, Space, Globe, Product, Curve}

// Sizes of the models. Ranks and dimensions are those that the literature found enough for round trips (Dabek et al. 2004,
// Liao et al. 2013); more costs time and changes little.
const (
	planeDim, spaceDim    = 2, 5
	tableRank, tableRidge = 3, 0.5
	productRank           = 10
	productRidge          = 0.3
	factorRounds          = 15
	vivaldiRounds         = 100
	warmRounds            = 30
	polishRounds          = 200
	// With fewer than half of fewPairs there is time for two starts, and so on up to mostStarts.
	fewPairs, mostStarts = 4000, 4
	// mostWork bounds rounds x pairs of each descent, so that tables of a million pairs take a minute and not an hour.
	mostWork = 20_000_000
)

// rounds is how many of the wanted rounds there is time for.
func (w *world) rounds(wanted int) int {
	return max(min(wanted, mostWork/max(len(w.pairs), 1)), 10)
}

// fit fits a family.
func (w *world) fit(f Family, rng *rand.Rand) model {
	switch f {
	case Vivaldi:
		e := newEuclid(w, planeDim, rng)
		e.vivaldi(w, w.rounds(vivaldiRounds), rng)
		return e
	case Plane:
		return w.embed(planeDim, rng)
	case Space:
		e := w.embed(spaceDim, rng)
		rest := make([]entry, len(w.pairs))
		for k, p := range w.pairs {
			rest[k] = entry{p.a, p.b, p.log - e.guess(p.a, p.b), 1}
		}
		return &corrected{e, factorise(w.n, tableRank, rest, tableRidge, factorRounds, 2*smooth, rng)}
	case Globe:
		e := newEuclid(w, spaceDim, rng)
		e.stand(w)
		e.polish(w, w.rounds(polishRounds))
		return e
	case Product:
		scale := typical(w.pairs)
		return &product{factorise(w.n, productRank, w.relative(scale), productRidge, factorRounds, 0, rng), scale}
	default:
		return newCurve(w)
	}
}

// relative are the round trips in units of scale, so weighed that what counts is the relative error.
func (w *world) relative(scale float64) []entry {
	out := make([]entry, len(w.pairs))
	for k, p := range w.pairs {
		x := p.rtt / scale
		out[k] = entry{p.a, p.b, x, 1 / (x * x)}
	}
	return out
}

// embed finds points by Vivaldi's algorithm and then better ones by descent. Small worlds get folded now and then; there the
// best of several starts counts, which costs little.
func (w *world) embed(dim int, rng *rand.Rand) *euclid {
	var best *euclid
	least := math.Inf(1)
	for range min(max(fewPairs/max(len(w.pairs), 1), 1), mostStarts) {
		e := newEuclid(w, dim, rng)
		e.vivaldi(w, w.rounds(warmRounds), rng)
		e.polish(w, w.rounds(polishRounds))
		if loss := e.loss(w); loss < least || best == nil {
			best, least = e, loss
		}
	}
	return best
}

// loss is what polish minimises.
func (e *euclid) loss(w *world) float64 {
	sum := 0.0
	for _, p := range w.pairs {
		d := e.guess(p.a, p.b) - p.log
		sum += math.Sqrt(d*d + smooth*smooth)
	}
	return sum
}

// corrected is a model and what it gets wrong, both logarithms.
type corrected struct {
	base model
	rest *factors
}

func (c *corrected) guess(a, b int32) float64 { return c.base.guess(a, b) + c.rest.at(a, b) }

// product guesses round trips as products, in a unit of its own.
type product struct {
	f     *factors
	scale float64 // ms
}

func (p *product) guess(a, b int32) float64 {
	const least = 0.01 // of the typical round trip: products may come out negative
	return math.Log(p.scale * max(p.f.at(a, b), least))
}

// stand puts the places where they stand on Earth, in the first three dimensions; those that stand nobody knows where begin
// near its centre.
func (e *euclid) stand(w *world) {
	const radius = earthRadius * microsPerKm / 1000 * 1.5 // ms; chords are shorter than arcs, cables longer
	const jitter, lost = 0.05, 0.3
	for i, l := range w.where {
		p := e.at(int32(i))
		share := jitter
		if l == nil {
			share = lost
		}
		for k := range p {
			p[k] *= share
		}
		if l != nil {
			for k, x := range onSphere(*l) {
				p[k] = radius * x
			}
		}
	}
}

// onSphere returns the unit vector of a place.
func onSphere(l topology.Location) [3]float64 {
	lat, lon := l.Lat*math.Pi/180, l.Lon*math.Pi/180
	return [3]float64{math.Cos(lat) * math.Cos(lon), math.Cos(lat) * math.Sin(lon), math.Sin(lat)}
}
