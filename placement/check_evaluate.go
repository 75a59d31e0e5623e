package placement

import (
	"context"
	"fmt"
	"math/bits"

	"github.com/domicile-eu/domicile/topology"
)

// Evaluate returns what an assignment is worth: the value of every tier and term of the objective and what each placed
// workload costs and gets. It recomputes everything from the problem and shares no code with [Solve]. It does not judge:
// that is [Check]'s part. An assignment that names unknown workloads or sites is an error. O(workloads + pairs of flows),
// and sites where their use is priced, plus one latency row per sending end.
func Evaluate(ctx context.Context, p *Problem, a Assignment) (*Evaluation, error) {
	c, err := newChecker(ctx, p, a)
	if err != nil {
		return nil, err
	}
	return c.evaluate()
}

func (c *checker) evaluate() (*Evaluation, error) {
	if err := c.known(); err != nil {
		return nil, err
	}
	if err := c.admitPlaced(); err != nil {
		return nil, err
	}
	v, e := c.values(), &Evaluation{Lines: []Line{}}
	for _, it := range c.items {
		if it.site == nil {
			e.Unplaced = append(e.Unplaced, it.w.ID)
			if err := c.addUnplaced(v, it); err != nil {
				return nil, err
			}
			continue
		}
		if err := c.addUnary(v, it, it.site); err != nil {
			return nil, err
		}
		line, err := c.line(it)
		if err != nil {
			return nil, err
		}
		e.Lines = append(e.Lines, line)
	}
	for _, f := range c.flows {
		for from, to := range f.pairs {
			if err := c.addFlow(v, f, from, to); err != nil {
				return nil, err
			}
		}
	}
	if err := c.addUses(v); err != nil {
		return nil, err
	}
	if err := c.addGroupMoves(v); err != nil {
		return nil, err
	}
	var err error
	e.Terms, e.Tiers, err = c.results(v)
	return e, err
}

// known returns an error for all that the assignment names and that does not exist.
func (c *checker) known() error {
	var d defects
	for _, v := range c.stray {
		d.note("assignment of %s: %s", v.Workloads[0], v.Message)
	}
	return d.err()
}

// results turns values into terms and tiers.
func (c *checker) results(v checkValues) ([]TermResult, []TierValue, error) {
	terms := make([]TermResult, 0, c.budgeted)
	tiers := make([]TierValue, len(c.tiers))
	for i, name := range c.tiers {
		tiers[i].Name = name
	}
	for i, term := range c.objective[:c.budgeted] {
		terms = append(terms, TermResult{
			Tier: c.tiers[term.tier], Kind: term.Kind, Dimension: term.Dimension, Against: term.Against, Value: v[i],
		})
		sum, ok := addExact(tiers[term.tier].Value, v[i])
		if !ok {
			return nil, nil, fmt.Errorf("%w: objective tier %s overflows", ErrInvalid, c.tiers[term.tier])
		}
		tiers[term.tier].Value = sum
	}
	return terms, tiers, nil
}

// line returns what a placed workload costs and gets.
func (c *checker) line(it *checkItem) (Line, error) {
	line := Line{Workload: it.w.ID, Site: it.site.ID}
	var err error
	if line.Price, err = it.site.HourlyPrice(it.w.Demand); err != nil {
		return line, err
	}
	if line.Emissions, err = it.site.HourlyEmissions(it.w.Demand); err != nil {
		return line, err
	}
	for _, f := range it.in {
		f.into(it, func(from *checkItem) bool {
			var egress int64
			if egress, err = c.flowEgress(f, from, it); err != nil {
				return false
			}
			amount, ok := ceilProduct(1_000_000_000, f.share, egress, 450)
			sum, okSum := addExact(int64(line.Traffic), amount)
			if !ok || !okSum {
				err = fmt.Errorf("%w: the traffic of %s overflows", ErrInvalid, it.w.ID)
				return false
			}
			line.Traffic = topology.MicroEUR(sum)
			return true
		})
		if err != nil {
			return line, err
		}
	}
	line.Users, err = c.users(it)
	return line, err
}

// users returns the worst of the flows from access points into a placed workload, nil where it has none.
func (c *checker) users(it *checkItem) (*FlowLatency, error) {
	var worst *FlowLatency
	for _, f := range it.in {
		if f.FromAccess == "" {
			continue
		}
		l, err := c.flowLatency(f, it)
		if err != nil {
			return nil, err
		}
		if worst == nil || worseFlow(l, worst) {
			worst = l
		}
	}
	return worst, nil
}

// flowLatency returns the latency of a flow from an access point to a placed workload.
func (c *checker) flowLatency(f *checkFlow, to *checkItem) (*FlowLatency, error) {
	w, err := c.way(f.FromAccess.Node(), to.site.ID.Node(), f.data(to), f.percentile)
	if err != nil {
		return nil, err
	}
	l := &FlowLatency{
		From: f.FromAccess.Node(), To: to.site.ID.Node(), Percentile: f.percentile, Latency: w.latency, Bound: f.Bound,
	}
	if !w.known {
		l.Latency = -1
	}
	return l, nil
}

// worseFlow says whether a is worse than b: it has a bound and b has none, or it is unknown and b is not, or it uses more
// of its bound, or (without bounds or as much of it) it is slower. Ties go by bound, where it comes from and percentile, so
// that the order of flows does not matter.
func worseFlow(a, b *FlowLatency) bool {
	if (a.Bound > 0) != (b.Bound > 0) {
		return a.Bound > 0
	}
	if (a.Latency < 0) != (b.Latency < 0) {
		return a.Latency < 0
	}
	if a.Latency >= 0 && a.Bound > 0 {
		aHi, aLo := bits.Mul64(uint64(a.Latency), uint64(b.Bound))
		bHi, bLo := bits.Mul64(uint64(b.Latency), uint64(a.Bound))
		if aHi != bHi || aLo != bLo {
			return aHi > bHi || aHi == bHi && aLo > bLo
		}
	}
	if a.Latency != b.Latency {
		return a.Latency > b.Latency
	}
	if a.Bound != b.Bound {
		return a.Bound < b.Bound
	}
	if a.From != b.From {
		return a.From < b.From
	}
	return a.Percentile > b.Percentile
}
