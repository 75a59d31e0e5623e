package placement

import (
	"math"
	"slices"

	"github.com/domicile-eu/domicile/latency"
	"github.com/domicile-eu/domicile/placement/internal/problem"
	"github.com/domicile-eu/domicile/topology"
)

// schedQuery is one question: where may this workload go, all others staying where they are?
type schedQuery struct {
	w      *schedWorld
	snap   *schedSnapshot
	app    *schedApp
	i      int32
	load   *Workload
	shape  *schedShape
	limits []schedLimit
	ends   []schedEnd
	gaps   []schedGap
	move   problem.Move
	now    int32 // where it is placed, -1
	home   int32 // where it runs, -1
	beside int32 // others of its component that are to move
}

// schedEnd is a flow to or from a workload that is placed.
type schedEnd struct {
	*schedArc
	site   int32
	row    *latency.Row // from that site
	egress int64        // of the way to the site looked at last
}

func (w *schedWorld) query(snap *schedSnapshot, app *schedApp, i int32, shape *schedShape) (*schedQuery, error) {
	q := &schedQuery{
		w: w, snap: snap, app: app, i: i, load: &app.app.Workloads[i], shape: shape,
		limits: app.limits(i), gaps: app.gaps(w, i), now: app.site[i], home: app.current[i],
	}
	if slices.ContainsFunc(w.terms, func(t schedTerm) bool { return t.Kind == GroupMoves }) {
		q.beside = app.movedBeside(i)
	}
	plan := &app.loads[i]
	for k := range plan.arcs {
		a := &plan.arcs[k]
		if at := app.site[a.other]; at >= 0 {
			q.ends = append(q.ends, schedEnd{a, at, w.graph.Row(w.sites[at].ID.Node(), a.transit), 0})
		}
	}
	if q.home < 0 || !slices.ContainsFunc(w.terms, func(t schedTerm) bool { return t.Kind == Moves }) {
		return q, nil
	}
	bytes, ok := copied(q.load)
	if !ok {
		return nil, tooLarge(q.load, "the bytes to copy")
	}
	c := compiled{sites: w.sites, tiers: w.tiers}
	var err error
	q.move, err = c.move(q.load, bytes, q.home)
	return q, err
}

// ranked is a site that may take the workload.
type schedRanked struct {
	value problem.Value
	pos   int
}

func (q *schedQuery) before(a, b *schedRanked) int {
	switch {
	case a.value.Less(&b.value):
		return -1
	case b.value.Less(&a.value):
		return 1
	}
	return int(q.shape.sites[a.pos] - q.shape.sites[b.pos])
}

// best returns the k best sites. Sites come in order of what is known of them beforehand. What the state of the others
// adds to that is never below zero, so that the rest can be left out once what is known alone is too much.
func (q *schedQuery) best(k int) []schedRanked {
	s, w := q.shape, q.w
	out := make([]schedRanked, 0, min(k, len(s.sites)))
	plain := q.plain()
	for pos, at := range s.sites {
		if len(out) == k {
			if plain {
				break
			}
			if worst := out[k-1].value[w.deciding]; !w.lowers && !w.early {
				if s.lead[pos] > worst {
					break
				}
				if !plain && plusCapped(s.lead[pos], q.leastTraffic(at)) > worst {
					continue
				}
			}
		}
		if !q.fits(at) {
			continue
		}
		c := schedRanked{s.value(w, pos), pos}
		if !plain {
			if !q.reaches(at) {
				continue
			}
			q.add(at, &c.value)
		}
		out = q.insert(out, &c, k)
	}
	return out
}

// plain says that nothing but what is known beforehand tells the sites apart.
func (q *schedQuery) plain() bool {
	if len(q.ends) > 0 {
		return false
	}
	for k := range q.w.terms {
		switch q.w.terms[k].Kind {
		case Traffic: // without partners there is none
		case Moves, Relocation, GroupMoves:
			if q.home >= 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func (q *schedQuery) insert(out []schedRanked, c *schedRanked, k int) []schedRanked {
	if n := len(out); n == 0 || q.before(&out[n-1], c) < 0 {
		if n < k {
			out = append(out, *c)
		}
		return out
	}
	at, _ := slices.BinarySearchFunc(out, c, func(a schedRanked, b *schedRanked) int { return q.before(&a, b) })
	if len(out) < k {
		out = append(out, schedRanked{})
	}
	copy(out[at+1:], out[at:])
	out[at] = *c
	return out
}

// fits judges room and the constraints over several workloads.
func (q *schedQuery) fits(at int32) bool {
	if !q.hasRoom(at) || !q.affords(at) {
		return false
	}
	for k := range q.limits {
		if !q.limits[k].allows(at) {
			return false
		}
	}
	return true
}

// hasRoom says whether a site has room beside the others.
func (q *schedQuery) hasRoom(at int32) bool {
	free, demand := q.snap.free.at(at), q.shape.demand
	if at == q.now {
		return q.keeps(at, free)
	}
	for d, x := range demand {
		if x > free[d] && x > 0 {
			return false
		}
	}
	if q.w.transient == nil || at == q.home {
		return true
	}
	held := free[len(demand):]
	for d, x := range demand {
		if q.w.transient[d] && x > held[d] && x > 0 {
			return false
		}
	}
	return true
}

// keeps is hasRoom for the site that it is placed on: what it takes there is its own.
func (q *schedQuery) keeps(at int32, free []int64) bool {
	for d, x := range q.shape.demand {
		if x == 0 {
			continue
		}
		if free[d] < 0 || q.w.transient != nil && q.w.transient[d] && at != q.home && free[len(q.shape.demand)+d] < 0 {
			return false
		}
	}
	return true
}

// reaches says whether the flows and paths keep their bounds, and notes what their ways cost. Ways to partners are looked up from
// the partner's side, which can differ from the way there where two ways are equally good; a reservation is judged by the
// way there.
func (q *schedQuery) reaches(at int32) bool {
	node := q.w.sites[at].ID.Node()
	for k := range q.ends {
		e := &q.ends[k]
		e.egress = 0
		if e.site == at {
			continue
		}
		leg, ok := e.row.Leg(node)
		if !ok || e.percentile != 0 && !e.within(e.row, node) {
			return false
		}
		e.egress = int64(leg.Egress)
	}
	for k := range q.gaps {
		if !q.gaps[k].keeps(q.w, at) {
			return false
		}
	}
	return true
}

// within says whether a way exists and keeps the bound.
func (a *schedArc) within(row *latency.Row, to topology.NodeID) bool {
	if a.percentile == 0 {
		_, ok := row.Leg(to)
		return ok
	}
	l, ok := row.Latency(to, a.percentile)
	return ok && l <= topology.Micros(a.bound)
}

// add adds what depends on where others are, and where the workload comes from.
func (q *schedQuery) add(at int32, v *problem.Value) {
	for k := range q.w.terms {
		t := &q.w.terms[k]
		x := int64(0)
		switch t.Kind {
		case Traffic:
			x = q.traffic(t, at)
		case Moves:
			if q.home >= 0 && at != q.home {
				if q.w.near[at] == q.w.near[q.home] {
					x = q.move.Near[t.tier]
				} else {
					x = q.move.Far[t.tier]
				}
			}
		case Relocation:
			if q.home >= 0 && at != q.home && q.w.problem.Relocation != nil {
				cost := relocationBy(q.w.problem.Relocation, q.w.sites[q.home], q.w.sites[at])
				x = orMost(mulDivUp(max(0, int64(cost)), t.Weight, 1, hoursPerMonth))
			}
		case GroupMoves:
			x = q.groupMoves(t, at)
		default:
			x = q.useCost(t, at)
		}
		v[t.tier] = plusCapped(v[t.tier], x)
	}
}

const hoursPerMonth = 720

// traffic returns what the flows to and from placed workloads cost, over ways that reaches has noted.
func (q *schedQuery) traffic(t *schedTerm, at int32) int64 {
	sum := int64(0)
	for k := range q.ends {
		e := &q.ends[k]
		sum = plusCapped(sum, e.carried(t, addUp(e.egress, q.leaving(e, at))))
	}
	return sum
}

// leaving is what the provider of the sending end charges.
func (q *schedQuery) leaving(e *schedEnd, at int32) int64 {
	switch {
	case q.w.near[at] == q.w.near[e.site]:
		return 0
	case e.out:
		return int64(q.w.sites[at].Egress)
	}
	return int64(q.w.sites[e.site].Egress)
}

// leastTraffic is what traffic costs at least in the deciding tier, whatever the ways.
func (q *schedQuery) leastTraffic(at int32) int64 {
	sum := int64(0)
	for n := range q.w.terms {
		if t := &q.w.terms[n]; t.Kind == Traffic && t.tier == q.w.deciding {
			for k := range q.ends {
				sum = plusCapped(sum, q.ends[k].carried(t, q.leaving(&q.ends[k], at)))
			}
		}
	}
	return sum
}

// carried returns what it costs to carry a flow at so much for a GB.
func (a *schedArc) carried(t *schedTerm, egress int64) int64 {
	return orMost(mulDivUp(a.rate, bytesPerHour*t.Weight, egress, 1_000_000_000))
}

// useCost returns by how much a term over the use of a site rises when the workload comes.
func (q *schedQuery) useCost(t *schedTerm, at int32) int64 {
	free := q.snap.free.at(at)
	base := int(at) * len(q.w.dims)
	capacity := q.w.capacity[base : base+len(q.w.dims)]
	own := int64(0)
	if at == q.now {
		own = 1
	}
	use := func(d int) int64 { return capacity[d] - free[d] - own*q.shape.demand[d] } // of the others
	switch t.Kind {
	case Load:
		sum := int64(0)
		for d, x := range q.shape.demand {
			if x > 0 && capacity[d] > 0 {
				sum += overload(use(d)+x, capacity[d]) - overload(use(d), capacity[d])
			}
		}
		return capped(sum, t.Weight)
	case Excess:
		if t.dim < 0 {
			return 0
		}
		safe, ok := q.w.sites[at].Safe[t.Dimension]
		if !ok {
			safe = capacity[t.dim]
		}
		cost := func(use int64) int64 { return orMost(mulDivUp(max(0, use-safe), t.Weight, 1, max(1, t.Per))) }
		return cost(use(t.dim)+q.shape.demand[t.dim]) - cost(use(t.dim))
	}
	return q.balance(t, use, capacity)
}

// balance is useCost of a Balance term. A dimension that no site has is never free.
func (q *schedQuery) balance(t *schedTerm, use func(d int) int64, capacity []int64) int64 {
	cost := func(with int64) int64 {
		free := func(d int) int64 {
			if d < 0 {
				return 0
			}
			return capacity[d] - use(d) - with*q.shape.demand[d]
		}
		lack := plusCapped(capped(free(t.dim), t.Ratio), -free(t.against))
		return orMost(mulDivUp(max(0, lack), t.Weight, 1, max(1, t.Per)))
	}
	return cost(1) - cost(0)
}

// overload returns use above four fifths of a capacity in thousandths of it, rounded up.
func overload(use, capacity int64) int64 {
	if use <= capacity-capacity/5-1 {
		return 0
	}
	if use > math.MaxInt64/5 || capacity > math.MaxInt64/4 {
		return orMost(mulDivUp(max(0, use-capacity/5*4), 1000, 1, capacity))
	}
	return orMost(mulDivUp(max(0, 5*use-4*capacity), 200, 1, capacity))
}

func orMost(x int64, ok bool) int64 {
	if !ok {
		return math.MaxInt64
	}
	return x
}

// capped returns a * b for b >= 0, the nearest number there is where that does not fit.
func capped(a, b int64) int64 {
	x, ok := mul(a, b)
	switch {
	case ok:
		return x
	case a < 0:
		return math.MinInt64
	}
	return math.MaxInt64
}

// plusCapped returns a + b, the nearest number there is where that does not fit.
func plusCapped(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}
