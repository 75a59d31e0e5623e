package bound

import (
	"math"

	"github.com/domicile-eu/domicile/internal/parallel"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// oracle finds what is cheapest at given prices, in floating point: the dual function without its constants, and in use
// and gain what its slope needs.
type oracle struct {
	p       *problem.Problem
	tier    int
	value   *problem.Value
	bunches []bunch
	forest  *forest
	trees   [][2]int32 // of the forest
	scratch []branch

	y, m  []float64 // what a unit of use and of an earlier tier costs
	low   []float64 // by dimension: the least of y
	use   []float64 // what the cheapest choice uses
	gain  []float64 // what it costs in the earlier tiers, less what they may cost
	work  int       // pairs that may still be looked at
	room  []int64   // where not nil: what is in use, and sites without room for more are left out of trees
	sites []int32   // by node of the tree looked at last: where it is cheapest, -1: out

	shortens bool // most evaluations of trees look at short lists
	brief    bool // this one does
	evals    int  // made so far
	// Scratch of shorten: by number of Near, the round in which it was last seen.
	sorted   []spot
	nearSeen []int
	round    int

	parts []*oracle // where there are many bunches: the parts that are summed side by side
}

// A sum of at least manyBunches is made in sideBySide parts, whose number does not depend on the machine: that of the parts
// decides how floating point rounds.
const (
	manyBunches = 4096
	sideBySide  = 2
)

func newOracle(p *problem.Problem, tier int, value *problem.Value, joint *forest) *oracle {
	n := p.Sites * p.Dims
	o := &oracle{
		p: p, tier: tier, value: value, forest: joint, y: make([]float64, n), m: make([]float64, tier), low: make([]float64, p.Dims),
		use: make([]float64, n), gain: make([]float64, tier),
	}
	if joint == nil {
		o.bunches = bunches(p, nil)
	} else {
		o.bunches = bunches(p, joint.taken)
	}
	if joint != nil {
		o.trees = joint.trees
	}
	n1, n2 := len(o.bunches), len(o.trees)
	if n1+n2 < manyBunches {
		return o
	}
	for k := range sideBySide {
		part := *o
		part.bunches = o.bunches[k*n1/sideBySide : (k+1)*n1/sideBySide]
		part.trees = o.trees[k*n2/sideBySide : (k+1)*n2/sideBySide]
		part.use, part.gain = make([]float64, n), make([]float64, tier)
		o.parts = append(o.parts, &part)
	}
	return o
}

// least adds up the least that every item, or application, contributes.
func (o *oracle) least() float64 {
	clear(o.use)
	for t := range o.m {
		o.gain[t] = -float64(o.value[t])
	}
	o.setLow()
	o.brief = o.shortens && o.evals%refresh != 0
	o.evals++
	if o.parts == nil {
		return o.each()
	}
	return o.eachPart()
}

func (o *oracle) setLow() {
	for d := range o.low {
		o.low[d] = math.Inf(1)
		for k := d; k < len(o.y); k += o.p.Dims {
			o.low[d] = min(o.low[d], o.y[k])
		}
	}
}

// full says whether a site has no room for an item of a class beside what is there.
func (o *oracle) full(class *problem.Class, site int32) bool {
	base := int(site) * o.p.Dims
	for d, x := range class.Demand {
		if x != 0 && x > o.p.Capacity[base+d]-o.room[base+d] {
			return true
		}
	}
	return false
}

// each adds up what items contribute: those that stand in no tree, and trees.
func (o *oracle) each() (sum float64) {
	for k := range o.bunches {
		b := &o.bunches[k]
		least, at := o.cheapest(b)
		n := float64(b.count)
		sum += n * least
		o.take(b, at, n)
	}
	for _, t := range o.trees {
		sum += o.tree(t)
	}
	return sum
}

// eachPart does the same side by side; the parts share the prices.
func (o *oracle) eachPart() (sum float64) {
	var sums [sideBySide]float64
	_ = parallel.Each(len(o.parts), func(_, k int) error { // never fails
		part := o.parts[k]
		clear(part.use)
		clear(part.gain)
		part.work, part.brief, part.shortens = 0, o.brief, o.shortens
		sums[k] = part.each()
		return nil
	})
	for k, part := range o.parts {
		sum += sums[k]
		o.work += part.work
		for n, x := range part.use {
			o.use[n] += x
		}
		for t, x := range part.gain {
			o.gain[t] += x
		}
	}
	return sum
}

// take counts n items of a bunch at a position of their class.
func (o *oracle) take(b *bunch, at int, n float64) {
	o.addGain(b, at, n)
	if at < 0 {
		return
	}
	class := &o.p.Classes[b.class]
	base := int(class.Sites[at]) * o.p.Dims
	for d, x := range class.Demand {
		o.use[base+d] += n * float64(x)
	}
}

// cheapest returns the least priced cost of an item and the position where it is; -1 is to leave it out. Positions are
// looked at in order of cost until that, and the least prices there are, come to too much: mostly the first few.
func (o *oracle) cheapest(b *bunch) (float64, int) {
	class := &o.p.Classes[b.class]
	least, at := o.priced(&class.Out), -1
	bottom := o.bottom(class)
	order := class.Order()
	lead, floor := o.floor(class)
	for k := range class.Sites {
		o.work--
		pos := k
		if order != nil {
			pos = int(order[k])
			if lead*float64(class.Cost[pos*len(o.p.Unary)])+floor+bottom >= least {
				break
			}
		} else if at >= 0 && least <= bottom {
			break
		}
		if x := o.at(b, class, pos, least); x < least {
			least, at = x, pos
		}
	}
	return least, at
}

// bottom is at most what the prices come to for an item of a class on any site.
func (o *oracle) bottom(class *problem.Class) float64 {
	sum := 0.0
	for d, demand := range class.Demand {
		if demand != 0 {
			sum += o.low[d] * float64(demand)
		}
	}
	return sum
}

// at returns the priced cost of an item at a position; from enough on it need not be exact.
func (o *oracle) at(b *bunch, class *problem.Class, pos int, enough float64) float64 {
	x := 0.0
	if class.Cost != nil {
		w := len(o.p.Unary)
		for j, t := range o.p.Unary {
			if t == o.tier {
				x += float64(class.Cost[pos*w+j])
			} else if t < o.tier {
				x += o.m[t] * float64(class.Cost[pos*w+j])
			}
		}
	}
	s := class.Sites[pos]
	y := o.y[int(s)*o.p.Dims : int(s)*o.p.Dims+o.p.Dims]
	for d, demand := range class.Demand {
		x += y[d] * float64(demand)
	}
	if b.move >= 0 && x < enough { // moves cost at least nothing
		v := o.p.MoveCost(b.move, s)
		x += o.priced(&v)
	}
	return x
}

// floor returns what the first of the costs of a position counts, and at least what the others come to.
func (o *oracle) floor(class *problem.Class) (lead, floor float64) {
	if class.Order() == nil {
		return 0, 0
	}
	least := class.Least()
	for j, t := range o.p.Unary {
		weight := 0.0
		if t == o.tier {
			weight = 1
		} else if t < o.tier {
			weight = o.m[t]
		}
		if j == 0 {
			lead = weight
		} else {
			floor += weight * float64(least[t])
		}
	}
	return lead, floor
}

func (o *oracle) priced(v *problem.Value) float64 {
	x := float64(v[o.tier])
	for t, m := range o.m {
		x += m * float64(v[t])
	}
	return x
}

// addGain adds what n items of a bunch cost in the earlier tiers at a position.
func (o *oracle) addGain(b *bunch, at int, n float64) {
	if len(o.m) == 0 {
		return
	}
	p, class := o.p, &o.p.Classes[b.class]
	if at < 0 {
		for t := range o.m {
			o.gain[t] += n * float64(class.Out[t])
		}
		return
	}
	for j, t := range p.Unary {
		if t < o.tier && class.Cost != nil {
			o.gain[t] += n * float64(class.Cost[at*len(p.Unary)+j])
		}
	}
	if b.move >= 0 {
		v := p.MoveCost(b.move, class.Sites[at])
		for t := range o.m {
			o.gain[t] += n * float64(v[t])
		}
	}
}
