package knapsack

import (
	"math"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Options say how hard to try.
type Options struct {
	Seed    uint64
	Workers int
	Work    int64 // of each worker, in about nanoseconds
	// Hunt and Prove say whether to look for assignments, and whether to branch. Both need a problem in which nothing but
	// capacities couples items; hunting needs Model.Single.
	Hunt, Prove bool
	// Known is a value that the tier is known to reach, together with the values of the earlier tiers; math.MaxInt64: none.
	Known int64
	// Done ends everything, with what has been found so far.
	Done <-chan struct{}
	// More is asked now and then, from the calling goroutine, whether to go on, with the best value so far (math.MaxInt64
	// where there is none) and the bound; nil: until the work is done.
	More func(value, bound int64) bool
}

// Proof is a lower bound with what proves it: one step, or a whole tree.
type Proof struct {
	Bound int64
	Tree  []Step
}

// Outcome is what Solve found. Site, by item, is nil where no better assignment than Options.Known was found.
type Outcome struct {
	Proof
	Site  []int32
	Value int64
	Work  int64
}

// maxHunt is the largest number of pairs for which one dive is a matter of seconds.
const maxHunt = 1 << 17

// maxPrices is how many prices a tree may hold: more makes certificates of many megabytes.
const maxPrices = 200_000

// Plain says whether nothing couples the items of a problem but the capacities of sites.
func Plain(p *problem.Problem) bool {
	return len(p.Groups) == 0 && len(p.Flows) == 0 && len(p.Paths) == 0 && p.LoadWeight == (problem.Value{}) && len(p.Excess) == 0 && len(p.Balance) == 0 &&
		len(p.GroupMoves) == 0 && len(p.Relocation) == 0 && len(p.Quotas) == 0 && !p.LimitMoves && p.Capped == 0 && p.Transient == nil
}

// Solve climbs to a bound, hunts for assignments, and tries to close the gap between them, in turns that grow.
func (m *Model) Solve(o Options) *Outcome {
	m.done = o.Done
	root := newClimb(newNode(m), m.First())
	root.target = math.MaxInt64 / 4
	if o.Known < math.MaxInt64/8>>Bits {
		root.target = o.Known<<Bits - unit + 1
	}
	root.look()
	root.run(int(min(2000, 1+o.Work/4/max(1, root.v.fill.work))), math.Abs(float64(root.bound))/500+unit, 30)
	out := &Outcome{Value: o.Known, Work: root.v.fill.work}
	out.Proof = Proof{Bound: whole(root.bound), Tree: []Step{{Prices: root.best, Item: -1, Site: -1}}}
	hunt := o.Hunt && m.Single && len(m.cost) <= maxHunt
	if !hunt && (!o.Prove || o.Known == math.MaxInt64) {
		return out
	}
	all := newHunters(m, root, o.Seed, o.Workers)
	more := func() bool { return !m.over() && (o.More == nil || o.More(out.Value, out.Bound)) }
	attempt := int64(0) // when to try a proof next
	for done := int64(slice / 16); out.Bound < out.Value; done += min(done, slice) {
		if hunt {
			all.hunt(done)
			out.take(all.best())
		}
		if o.Prove && (done >= attempt || done >= o.Work) {
			m.prove(root, done/2, out, more)
			attempt = 2 * done
		}
		if out.Work = root.v.fill.work + done; done >= o.Work || !more() {
			break
		}
	}
	return out
}

// slice is the work between two questions whether to go on: about a twentieth of a second.
const slice = 1 << 26

// whole returns the least whole number that is not below a bound.
func whole(bound int64) int64 { return (bound + unit - 1) >> Bits }

func (o *Outcome) take(h *hunter) {
	if h.best == nil || h.least > math.MaxInt64/8 {
		return
	}
	if v := whole(h.least); v < o.Value {
		o.Value, o.Site = v, append([]int32(nil), h.best...)
	}
}

// prove branches with the best value so far as what is to be beaten.
func (m *Model) prove(root *climb, work int64, out *Outcome, more func() bool) {
	if out.Value >= math.MaxInt64/8>>Bits {
		return
	}
	t := newTree(m, out.Value<<Bits, maxPrices/m.items, work)
	t.more = more
	closed := t.walk(root.best, 200, math.Abs(float64(out.Value<<Bits-root.bound))/4+unit)
	if v := whole(t.least); v < out.Value {
		out.Value, out.Site = v, append([]int32(nil), t.at...)
	}
	if closed {
		out.Proof = Proof{Bound: out.Value, Tree: t.steps}
	}
}
