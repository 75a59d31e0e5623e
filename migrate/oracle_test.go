package migrate

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// oracle finds out by trying every order whether moves can be made one at a time. It knows nothing of stocks: it looks
// at whole assignments.
type oracle struct {
	b     *build
	sites map[topology.SiteID]*topology.Site
	works []*placement.Workload
	dead  map[string]bool
}

func newOracle(b *build) *oracle {
	o := &oracle{b: b, sites: make(map[topology.SiteID]*topology.Site), dead: make(map[string]bool)}
	for i := range b.spec.Sites {
		o.sites[b.spec.Sites[i].ID] = &b.spec.Sites[i]
	}
	for i := range b.apps {
		for k := range b.apps[i].Workloads {
			o.works = append(o.works, &b.apps[i].Workloads[k])
		}
	}
	return o
}

// possible says whether the target can be reached from at, one direct move at a time.
func (o *oracle) possible(at placement.Assignment) bool {
	key := ""
	open := false
	for _, w := range o.works {
		if at[w.ID] == o.b.to[w.ID] {
			key += "1"
		} else {
			key += "0"
			open = true
		}
	}
	if !open {
		return true
	}
	if o.dead[key] {
		return false
	}
	for _, w := range o.works {
		old := at[w.ID]
		if old == o.b.to[w.ID] || !o.fits(at, w) {
			continue
		}
		at[w.ID] = o.b.to[w.ID]
		ok := o.groupsHold(at) && o.possible(at)
		at[w.ID] = old
		if ok {
			return true
		}
	}
	o.dead[key] = true
	return false
}

// fits says whether the site that a workload goes to holds it while it is still on its old one.
func (o *oracle) fits(at placement.Assignment, w *placement.Workload) bool {
	target := o.sites[o.b.to[w.ID]]
	for dim, need := range w.Demand {
		used := need
		for _, other := range o.works {
			if at[other.ID] == target.ID {
				used += other.Demand[dim]
			}
		}
		if used > target.Capacity[dim] {
			return false
		}
	}
	return true
}

// groupsHold judges conflicts and spreads of an assignment; both hold at the start.
func (o *oracle) groupsHold(at placement.Assignment) bool {
	for i := range o.b.apps {
		app := &o.b.apps[i]
		for _, c := range app.Constraints {
			switch c := c.(type) {
			case placement.Conflict:
				for _, n := range o.counts(app, c.Components, c.Over, at) {
					if n > c.AtMost {
						return false
					}
				}
			case placement.Spread:
				members := 0
				counts := o.counts(app, c.Components, c.Over, at)
				for _, n := range counts {
					members += n
				}
				if len(counts) < min(c.AtLeast, members) {
					return false
				}
			}
		}
	}
	return true
}

func (o *oracle) counts(app *placement.Application, components []string, over placement.Domain, at placement.Assignment) map[string]int {
	out := make(map[string]int)
	for i := range app.Workloads {
		w := &app.Workloads[i]
		for _, c := range components {
			if c == w.Component {
				s := o.sites[at[w.ID]]
				out[map[placement.Domain]string{"site": string(s.ID), "provider": string(s.Provider), "country": string(s.Country)}[over]]++
			}
		}
	}
	return out
}

// TestAnOrderIsFoundWheneverThereIsOne compares with brute force: if a direct order exists, the plan neither stages nor
// gives up, and if there is none, it must do one of the two.
func TestAnOrderIsFoundWheneverThereIsOne(t *testing.T) {
	exists, none := 0, 0
	for seed := range uint64(1500) {
		rng := rand.New(rand.NewPCG(seed, 4))
		b := random(rng, shape{sites: 2 + rng.IntN(3), workloads: 4 + rng.IntN(7), slack: rng.Int64N(3), groups: seed%3 == 0})
		for i := range b.apps { // affinities are not a matter of order
			b.apps[i].Constraints = withoutAffinities(b.apps[i].Constraints)
		}
		o := newOracle(b)
		require.True(t, o.groupsHold(b.from) && o.groupsHold(b.to))
		possible := o.possible(after(b.from, &Plan{}))
		plan, err := Order(context.Background(), b.problem(t), b.from, b.to, b.opts)
		require.NoError(t, err)
		direct := len(plan.Stuck) == 0
		for _, m := range plan.Moves {
			direct = direct && !m.Stage
		}
		assert.Equal(t, possible, direct, "seed %d: %+v", seed, plan.Stuck)
		if possible {
			exists++
		} else {
			none++
		}
	}
	t.Logf("%d with an order, %d without", exists, none)
	assert.Greater(t, none, 50)
}

func withoutAffinities(list []placement.Constraint) []placement.Constraint {
	var out []placement.Constraint
	for _, c := range list {
		if _, ok := c.(placement.Affinity); !ok {
			out = append(out, c)
		}
	}
	return out
}
