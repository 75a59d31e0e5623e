package placement

import (
	"cmp"
	"context"
	"math/bits"
	"slices"

	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// Of how many workloads that are left out Result.Unplaced says why: so many pairs of a workload and a site, half a
// microsecond each, but never of fewer workloads than anybody would read.
const (
	toldPairs = 4_000_000
	leastTold = 100
)

// result writes a state with the names of the problem.
func (c *compiled) result(ctx context.Context, s *problem.State, tiers []TierResult, steps int64, o Options) *Result {
	r := &Result{Assignment: make(Assignment), Tiers: tiers, Terms: c.terms(s), Steps: steps}
	var out []int32
	for i, site := range s.Site {
		if site >= 0 {
			r.Assignment[c.workloads[i].ID] = c.sites[site].ID
		} else {
			out = append(out, int32(i))
		}
	}
	slices.SortFunc(out, func(a, b int32) int { return cmp.Compare(c.workloads[a].ID, c.workloads[b].ID) })
	told := max(leastTold, toldPairs/max(1, len(c.sites)))
	if ctx.Err() != nil {
		told = leastTold // there is no time left
	}
	for k, i := range out {
		u := Unplaceable{Workload: c.workloads[i].ID}
		if k < told {
			u.Refused = c.refused(s, i)
		}
		r.Unplaced = append(r.Unplaced, u)
	}
	r.Status = Optimal
	for _, t := range tiers {
		if t.Value != t.Bound {
			r.Status = Feasible
		}
	}
	switch {
	case r.Status == Optimal:
	case ctx.Err() != nil:
		r.Status = Stopped
	case len(r.Unplaced) > 0:
		r.Status = Incomplete
	}
	if c.given != nil {
		o = *c.given
	}
	r.Digest = digest(c, r, o)
	return r
}

// terms splits the value of each tier into its terms, by valuing the same assignment once per term.
func (c *compiled) terms(s *problem.State) []TermResult {
	var out []TermResult
	for t, tier := range c.p.objective() {
		for _, term := range tier.Terms {
			out = append(out, TermResult{Tier: tier.Name, Kind: term.Kind, Dimension: term.Dimension, Against: term.Against, Value: c.term(s, t, term)})
		}
	}
	return out
}

func (c *compiled) term(s *problem.State, tier int, term Term) int64 {
	switch term.Kind {
	case Unplaced, Moves:
		return c.ownTerm(s, tier, term)
	case Load:
		return s.LoadOf(tier)
	case Excess, Balance, Relocation, GroupMoves:
		return c.wholeTerm(s, tier, term)
	}
	sum := int64(0)
	if term.Kind == Traffic {
		sum = s.TrafficOf(tier)
	}
	for k, cl := range c.classes {
		amount, err := c.amounts(cl, term)
		if amount == nil || err != nil || term.Weight == 0 {
			continue
		}
		for _, i := range c.itemsOf()[k] {
			if site := s.Site[i]; site >= 0 {
				x, _ := amount(site) // was computed before, so it fits
				sum += x
			}
		}
	}
	return sum
}

// ownTerm sums the terms that are not the same for all of a class at a site.
func (c *compiled) ownTerm(s *problem.State, tier int, term Term) int64 {
	sum := int64(0)
	for i, site := range s.Site {
		switch {
		case term.Kind == Unplaced && site < 0:
			sum += c.workloads[i].Priority * term.Weight
		case term.Kind == Moves && site >= 0 && c.out.MoveOf != nil && c.out.MoveOf[i] >= 0:
			sum += c.out.LeaveCost(c.out.MoveOf[i], site)[tier]
		}
	}
	return sum
}

// wholeTerm values the terms of the assignment as a whole. What weighs nothing was not compiled.
func (c *compiled) wholeTerm(s *problem.State, tier int, term Term) int64 {
	switch term.Kind {
	case Excess:
		for k := range c.out.Excess {
			if e := &c.out.Excess[k]; e.Tier == tier && c.dims[e.Dim] == term.Dimension {
				return s.ExcessOf(k)
			}
		}
	case Balance:
		for k := range c.out.Balance {
			if b := &c.out.Balance[k]; b.Tier == tier && c.dims[b.Dim] == term.Dimension && c.dims[b.Against] == term.Against {
				return s.BalanceOf(k)
			}
		}
	case Relocation:
		for k := range c.out.Relocation {
			if c.out.Relocation[k].Tier == tier {
				return s.RelocationOf(k)
			}
		}
	case GroupMoves:
		for k := range c.out.GroupMoves {
			if c.out.GroupMoves[k].Tier == tier {
				return s.GroupMovesOf(k)
			}
		}
	}
	return 0
}

// itemsOf lists the items of each class.
func (c *compiled) itemsOf() [][]int32 {
	if c.items == nil {
		c.items = make([][]int32, len(c.classes))
		for i, k := range c.classOf {
			c.items[k] = append(c.items[k], int32(i))
		}
	}
	return c.items
}

// kindsOfCoupling are the kinds that a problem.Refusals stands for, bit by bit.
var kindsOfCoupling = []ConstraintKind{ByCapacity, ByLatency, ByTransit, BySpread, ByConflict, ByAffinity, ByGang, ByBudget, ByPath}

// refused counts, for a workload that is not placed, the sites that each kind of constraint refuses to it as things stand.
func (c *compiled) refused(s *problem.State, i int32) map[ConstraintKind]int {
	out := make(map[ConstraintKind]int)
	cl := c.classes[c.classOf[i]]
	for at := range int32(len(c.sites)) {
		kinds := c.refusalsAlone(cl, at)
		for r := s.Refuse(i, at); r != 0; r &= r - 1 {
			kinds = addKind(kinds, kindsOfCoupling[bits.TrailingZeros16(uint16(r))])
		}
		for _, kind := range kinds {
			out[kind]++
		}
	}
	return out
}

// refusalsAlone returns the kinds of unary constraints that refuse a site to a class.
func (c *compiled) refusalsAlone(cl *class, at int32) (kinds []ConstraintKind) {
	for _, f := range cl.filters {
		if !f.pass.has(at) {
			kinds = addKind(kinds, f.kind)
		}
	}
	for k := range cl.flows {
		f := &cl.flows[k]
		if f.row.latency[at] == problem.Unknown {
			kinds = addKind(kinds, kindOfFlow(f.row.restricted))
		} else if !f.passes(at) {
			kinds = addKind(kinds, ByLatency)
		}
	}
	if c.isDenied(cl, at) {
		kinds = addKind(kinds, ByAdmission)
	}
	return kinds
}

func addKind(kinds []ConstraintKind, kind ConstraintKind) []ConstraintKind {
	if slices.Contains(kinds, kind) {
		return kinds
	}
	return append(kinds, kind)
}

// isDenied says whether admission refuses a site, which compile has asked only where nothing else did. A judgement that
// fails now counts as a refusal: it explains, it does not decide.
func (c *compiled) isDenied(cl *class, at int32) bool {
	if c.p.Admission == nil {
		return false
	}
	if cl.verdict != nil {
		return !cl.verdict.admits.has(at)
	}
	if cl.denied == nil {
		cl.denied = newBitset(len(c.sites))
		all := make([]int32, len(c.sites))
		for k := range all {
			all[k] = int32(k)
		}
		// Also where the context has ended meanwhile: the answer is there, and this says why it is no better.
		verdicts, err := c.admit(context.WithoutCancel(c.ctx), cl, all)
		for k := range all {
			if err != nil || verdicts[k].Denied {
				cl.denied.set(int32(k))
			}
		}
	}
	return cl.denied.has(at)
}
