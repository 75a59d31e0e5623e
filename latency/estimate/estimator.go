package estimate

import (
	"cmp"
	"errors"
	"maps"
	"math"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/topology"
)

// Estimator guesses round trips. It is immutable and safe for concurrent use; it implements latency.Estimator.
type Estimator struct {
	opts   Options
	places []Place // sorted by ID
	index  map[topology.NodeID]int32
	wrong  []topology.NodeID

	histories map[key]history
	w         *world // of the pairs that have a history
	parts     []int32
	degree    []int

	network *blend // nil: too little was measured
	spread  *spread
	curve   *curve // nil: too few located pairs for an interval of its own
	byCurve tails
	ratios  [2]ratio // of p95 and p99 to the median

	findings []Finding
	digest   string
}

// key is a pair of places by index, lesser first.
type key struct{ a, b int32 }

// tails are both ends of an interval around a guess, of logarithms.
type tails struct{ lower, upper float64 }

// ratio is how many times the median a higher percentile is: usually, and at the upper end.
type ratio struct{ likely, upper float64 }

// What an estimate rests on, as latency.Estimate.Basis says.
const (
	BasisNetwork  = "measured pairs"    // of both places
	BasisDistance = "distance"          // as measured pairs elsewhere show
	BasisPrior    = "distance, assumed" // nothing was measured that could tell
)

// Fit fits an estimator. nil options are the defaults. The error names every defect, each wraps [ErrInvalid]. Coordinates that
// cannot be right are not used, see [Misplaced] and [Estimator.Misplaced]. For the cost see the package doc.
func Fit(p Problem, opts *Options) (*Estimator, error) {
	if opts == nil {
		opts = &Options{}
	}
	e := &Estimator{opts: *opts, places: slices.Clone(p.Places), index: map[topology.NodeID]int32{}, histories: map[key]history{}}
	slices.SortStableFunc(e.places, func(p, q Place) int { return cmp.Compare(p.ID, q.ID) })
	for i, place := range e.places {
		e.index[place.ID] = int32(i)
	}
	defects := slices.Concat(opts.check(), checkPlaces(p.Places), checkObservations(p.Observations, e.index))
	if err := errors.Join(defects...); err != nil {
		return nil, err
	}
	e.take(p.Observations)
	e.fit()
	e.findings = e.find(p.Observations, e.heldOutEnds())
	e.digest = e.digestOf("fit", p.Observations)
	return e, nil
}

// key returns the pair that an observation is of.
func (e *Estimator) key(o latency.Observation) key {
	a, b := e.index[o.A], e.index[o.B]
	return key{min(a, b), max(a, b)}
}

// take adds fresh observations to the histories, which nobody else may hold, and returns the pairs touched.
func (e *Estimator) take(list []latency.Observation) []key {
	more := map[key][]sample{}
	for _, o := range list {
		if !e.opts.stale(o.At) {
			more[e.key(o)] = append(more[e.key(o)], newSample(o))
		}
	}
	touched := slices.SortedFunc(maps.Keys(more), key.compare)
	for _, k := range touched {
		e.histories[k] = e.histories[k].with(more[k])
	}
	return touched
}

func (k key) compare(l key) int { return cmp.Or(cmp.Compare(k.a, l.a), cmp.Compare(k.b, l.b)) }

// gather makes the world of what the histories say, with coordinates as given.
func (e *Estimator) gather(where []*topology.Location) {
	e.w = &world{n: len(e.places), where: where}
	for _, k := range slices.SortedFunc(maps.Keys(e.histories), key.compare) {
		s := e.histories[k].typical()
		e.w.pairs = append(e.w.pairs, pair{k.a, k.b, math.Exp(s.log), s.log})
	}
	e.parts, e.degree = e.w.parts(), e.w.degrees()
}

func (o *Options) coverage() float64 {
	if o.Coverage == 0 {
		return defaultCoverage
	}
	return o.Coverage
}

func (o *Options) families() []Family {
	if o.Only == "" {
		return combined
	}
	return []Family{o.Only}
}

// fit fits everything to the histories.
func (e *Estimator) fit() {
	where := make([]*topology.Location, len(e.places))
	for i, p := range e.places {
		where[i] = p.Location
	}
	e.gather(where)
	e.wrong = nil
	for _, i := range e.w.misplaced() {
		e.w.where[i] = nil
		e.wrong = append(e.wrong, e.places[i].ID)
	}
	e.fitRatios()
	e.fitCurve()
	e.network, e.spread = nil, nil
	if len(e.w.pairs) < leastPairs || e.opts.Only == Curve {
		return
	}
	families := e.opts.families()
	h := e.w.holdOut(families, e.opts.Seed)
	weights := h.learn(e.w)
	s := h.calibrate(e.w, weights, e.opts.coverage())
	if !s.known {
		return
	}
	s.of = h
	e.spread = s
	e.network = &blend{e.w, families, e.w.fitAll(families, e.opts.Seed, 0), weights}
	s.match(e.network, e.parts, e.opts.Seed)
}

// fitRatios learns how the higher percentiles stand to the median: usually, and for all but one pair in twenty.
func (e *Estimator) fitRatios() {
	var of [2][]float64
	for _, k := range slices.SortedFunc(maps.Keys(e.histories), key.compare) {
		r := e.histories[k].typical().rtt
		of[0] = append(of[0], float64(r.P95)/float64(r.P50))
		of[1] = append(of[1], float64(r.P99)/float64(r.P50))
	}
	for i, x := range of {
		if len(x) == 0 {
			continue
		}
		upper, ok := upperOf(x, 0.95)
		if !ok {
			upper = slices.Max(x)
		}
		e.ratios[i] = ratio{median(x), upper}
	}
}

// fitCurve fits the distance curve and its interval, on pairs held out.
func (e *Estimator) fitCurve() {
	e.curve = nil
	of := e.w.split(e.opts.Seed)
	var low, high []float64
	for fold := range folds {
		c := newCurve(e.w.without(fold, of))
		for k, p := range e.w.pairs {
			if of[k] == fold && e.w.located(p.a, p.b) {
				off := p.log - c.guess(p.a, p.b)
				low, high = append(low, -off), append(high, off)
			}
		}
	}
	tail := 1 - (1-e.opts.coverage())/2
	lower, okL := upperOf(low, tail)
	upper, okU := upperOf(high, tail)
	if okL && okU {
		e.curve, e.byCurve = newCurve(e.w), tails{max(lower, 0), max(upper, 0)}
	}
}

// Misplaced returns the places whose coordinates cannot be right, in order of ID.
func (e *Estimator) Misplaced() []topology.NodeID { return slices.Clone(e.wrong) }

// Findings returns what was odd about the samples that made this version: those of the [Problem], or those given to Observe.
func (e *Estimator) Findings() []Finding { return slices.Clone(e.findings) }

// Digest identifies what the estimator was made of and how; equal digests give equal estimates.
func (e *Estimator) Digest() string { return e.digest }

// Weights returns how much each family counts in the network's guesses, of sum 1; empty where too little was measured.
func (e *Estimator) Weights() map[Family]float64 {
	out := map[Family]float64{}
	if e.network != nil {
		for i, f := range e.network.families {
			out[f] = e.network.weights[i]
		}
	}
	return out
}
