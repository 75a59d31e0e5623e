package placement

import (
	"context"
	"math"

	"github.com/domicile-eu/domicile/placement/internal/bound"
	"github.com/domicile-eu/domicile/placement/internal/knapsack"
	"github.com/domicile-eu/domicile/placement/internal/problem"
)

// packing is what keeping the capacity of each site whole has led to in the deciding tier: a bound, and where nothing but
// capacities couples workloads, an assignment.
type packing struct {
	tier   int
	plain  bool
	before problem.Value // what the bound takes the earlier tiers to be
	model  *knapsack.Model
	found  *knapsack.Outcome
}

// The budgets: work is in about nanoseconds. packShare is of Options.Spent, the rest is left to search.
const (
	packWork  = 500           // per step of Options.MaxSteps
	boundWork = 1_000_000_000 // for a bound alone
	packShare = 0.9
)

// pack looks at the deciding tier, taking the earlier ones to be what they can be at best. Nil where the problem is too
// large for it, or nothing is left to prove.
func (c *compiled) pack(ctx context.Context, o Options, tier int, value *problem.Value, prices *bound.Prices) *packing {
	k := &packing{tier: tier, plain: knapsack.Plain(c.out), before: *value}
	var ok bool
	if k.model, ok = knapsack.New(c.out, tier, value, prices); !ok {
		return nil
	}
	k.solve(ctx, o, math.MaxInt64, k.plain)
	return k
}

// solve climbs, and hunts and branches as far as that is of use.
func (k *packing) solve(ctx context.Context, o Options, known int64, hunt bool) {
	options := knapsack.Options{
		Seed: o.Seed, Workers: o.Workers, Work: min(o.MaxSteps, math.MaxInt64/packWork) * packWork,
		Hunt: hunt, Prove: k.plain, Known: known, Done: ctx.Done(),
		More: func(value, bound int64) bool {
			spent := 0.0
			if o.Spent != nil {
				spent = o.Spent()
			}
			if o.Progress != nil && value < math.MaxInt64 {
				o.Progress(Progress{Spent: spent, Value: value, Bound: bound, Gap: gap(value, bound)})
			}
			return spent < packShare
		},
	}
	if !k.plain || !hunt {
		options.Work = min(options.Work, boundWork)
	}
	k.found = k.model.Solve(options)
}

// raise raises what no assignment beats to the bound.
func (k *packing) raise(goal *problem.Value) {
	if k != nil {
		goal[k.tier] = max(goal[k.tier], k.found.Bound)
	}
}

// start returns the assignment that was found, as positions in classes; where there is none, that which runs now.
func (k *packing) start(c *compiled) []int32 {
	if k == nil || k.found.Site == nil {
		return c.start()
	}
	at := make([]int32, len(k.found.Site))
	for i, site := range k.found.Site {
		at[i] = -1
		if site >= 0 {
			at[i] = c.out.Classes[c.classOf[i]].Index.Find(site)
		}
	}
	return at
}

// finish tries to close the gap of the assignment that search has come to, and returns a better one where it finds it.
func (k *packing) finish(ctx context.Context, c *compiled, o Options, prices *bound.Prices, s *problem.State) *problem.State {
	if k == nil {
		return s
	}
	if !k.holds(s) {
		k.before = s.Value
		var ok bool
		if k.model, ok = knapsack.New(c.out, k.tier, &s.Value, prices); !ok {
			return s
		}
	} else if s.Value[k.tier] <= k.found.Bound || !k.plain && s.Value[k.tier] >= k.found.Value {
		return s
	} else if k.model.Single && s.Value[k.tier] >= k.found.Value {
		return s // all has been tried
	}
	k.solve(ctx, o, s.Value[k.tier], false)
	if k.found.Site == nil {
		return s
	}
	better := problem.NewState(c.out)
	for i, pos := range k.start(c) {
		better.Put(int32(i), pos)
	}
	if better.Broken == 0 && better.Value.Less(&s.Value) {
		return better
	}
	return s
}

// holds says whether the earlier tiers are what the bound takes them to be.
func (k *packing) holds(s *problem.State) bool {
	for t := range k.tier {
		if s.Value[t] != k.before[t] {
			return false
		}
	}
	return true
}

// improve puts the bound into the place of the one that was proven otherwise, where it is better.
func (k *packing) improve(c *compiled, s *problem.State, tiers []TierResult) {
	if k == nil || k.model == nil || len(k.found.Tree) == 0 || !k.holds(s) {
		return
	}
	t := &tiers[k.tier]
	if b := min(k.found.Bound, t.Value); b > t.Bound {
		t.Bound, t.Gap, t.Certificate = b, gap(t.Value, b), c.treeCertificate(k.tier, k.model, k.found.Tree)
	}
}

// treeCertificate writes a search tree with the names of sites, dimensions and workloads.
func (c *compiled) treeCertificate(tier int, m *knapsack.Model, tree []knapsack.Step) *Certificate {
	cert := c.certificate(tier, m.Dual)
	if cert == nil {
		cert = &Certificate{}
	}
	for s, d := range m.Dim {
		if d >= 0 {
			cert.Knapsacks = append(cert.Knapsacks, Knapsack{Site: c.sites[s].ID, Dimension: c.dims[d], Unit: m.Unit[s]})
		}
	}
	above := [][]int64{make([]int64, len(c.workloads))} // prices above the nodes that are still to come
	for _, step := range tree {
		last := len(above) - 1
		var b Branch
		for i, u := range step.Prices {
			if u != above[last][i] {
				b.Prices = append(b.Prices, WorkloadPrice{Workload: c.workloads[i].ID, Price: u})
			}
		}
		above = above[:last]
		if step.Item >= 0 {
			b.Workload, b.Site = c.workloads[step.Item].ID, c.sites[step.Site].ID
			above = append(above, step.Prices, step.Prices)
		}
		cert.Tree = append(cert.Tree, b)
	}
	return cert
}
