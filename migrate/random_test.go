package migrate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/domicile-eu/domicile/placement"
	"github.com/domicile-eu/domicile/topology"
)

// shape says what random problems look like.
type shape struct {
	sites, workloads int
	slack            int64 // how much of a site is left free at both ends, at most
	overfull         bool  // the start may break capacities
	groups           bool  // constraints over workloads
	policies         bool
	methods          bool // disks, dirty memory and every kind of method
}

// random makes a problem whose start and target both hold every capacity and constraint.
func random(rng *rand.Rand, s shape) *build {
	b := newBuild()
	countries := []topology.Jurisdiction{"DE", "FR", "NL"}
	from, to := make([]int, s.workloads), make([]int, s.workloads)
	size := make([][2]int64, s.workloads)
	use := make([][2][2]int64, s.sites) // start and target, by dimension
	for w := range s.workloads {
		from[w], to[w] = rng.IntN(s.sites), rng.IntN(s.sites)
		size[w] = [2]int64{1 + rng.Int64N(4), 1 + rng.Int64N(4)}
		for d := range 2 {
			use[from[w]][0][d] += size[w][d]
			use[to[w]][1][d] += size[w][d]
		}
	}
	for i := range s.sites {
		if s.overfull && rng.IntN(3) == 0 {
			use[i][0] = [2]int64{}
		}
		capacity := topology.Resources{
			topology.CPU:    1000 * (max(use[i][0][0], use[i][1][0], 1) + rng.Int64N(s.slack+1)),
			topology.Memory: 1e9 * (max(use[i][0][1], use[i][1][1], 1) + rng.Int64N(s.slack+1)),
		}
		b.site(fmt.Sprintf("s%02d", i), capacity, func(x *topology.Site) {
			x.Country = countries[rng.IntN(3)]
			x.Provider = topology.ProviderID(fmt.Sprintf("p%d", rng.IntN(3)))
			x.Egress = topology.MicroEUR(rng.IntN(20_000))
		})
	}
	b.star(10e9)
	for i := range b.spec.Links {
		b.spec.Links[i].Bandwidth = []int64{1e9, 10e9, 25e9}[rng.IntN(3)]
		b.spec.Links[i].Egress = topology.MicroEUR(rng.IntN(5000))
	}
	for w := range s.workloads {
		demand := topology.Resources{topology.CPU: 1000 * size[w][0], topology.Memory: 1e9 * size[w][1]}
		b.workload(fmt.Sprintf("app%d/c%d-%d", w%2, w%3, w), demand,
			fmt.Sprintf("s%02d", from[w]), fmt.Sprintf("s%02d", to[w]), func(x *placement.Workload) { randomFacts(rng, s, x) })
	}
	if s.policies {
		b.rules.forbid("secret", "FR")
		for range s.sites {
			b.rules.deny(string(b.apps[0].Workloads[rng.IntN(len(b.apps[0].Workloads))].ID), fmt.Sprintf("s%02d", rng.IntN(s.sites)))
		}
	}
	b.opts = &Options{SiteMoves: 1 + rng.IntN(4), Passes: 24, Setup: topology.Micros(rng.IntN(3)) * 1_000_000}
	if s.groups {
		randomGroups(rng, b)
	}
	return b
}

// randomFacts gives a workload something to copy.
func randomFacts(rng *rand.Rand, s shape, w *placement.Workload) {
	if s.policies && rng.IntN(3) == 0 {
		w.Data = "secret"
	}
	if !s.methods {
		return
	}
	w.Kind = []placement.Kind{placement.VM, placement.Container, placement.Machine, placement.Cluster}[rng.IntN(4)]
	m := &w.Migration
	m.DirtyRate = rng.Int64N(100e6)
	m.HotSet, m.HotPeriod = rng.Int64N(200e6), topology.Micros(1+rng.IntN(5_000_000))
	if rng.IntN(2) == 0 {
		m.Disk, m.DiskWrite = rng.Int64N(50e9), rng.Int64N(200e6)
	}
	if rng.IntN(4) == 0 {
		m.Downtime = topology.Micros(rng.IntN(2_000_000))
	}
}

// randomGroups adds constraints that hold at the start and in the target, as placement would have seen to.
func randomGroups(rng *rand.Rand, b *build) {
	domains := []placement.Domain{"site", "provider", "country"}
	for i := range b.apps {
		app := &b.apps[i]
		members := []string{app.Workloads[0].Component}
		over := domains[rng.IntN(3)]
		most, least := 0, 99
		for _, at := range []placement.Assignment{b.from, b.to} {
			counts := make(map[string]int)
			for _, w := range app.Workloads {
				for _, s := range b.spec.Sites {
					if w.Component == members[0] && s.ID == at[w.ID] {
						value := map[placement.Domain]string{"site": string(s.ID), "provider": string(s.Provider), "country": string(s.Country)}[over]
						counts[value]++
						most = max(most, counts[value])
					}
				}
			}
			least = min(least, len(counts))
		}
		if rng.IntN(2) == 0 {
			app.Constraints = append(app.Constraints, placement.Conflict{Components: members, Over: over, AtMost: max(most, 1)})
		} else {
			app.Constraints = append(app.Constraints, placement.Spread{Components: members, Over: over, AtLeast: max(least, 1)})
		}
		if rng.IntN(3) == 0 {
			app.Constraints = append(app.Constraints, placement.Affinity{Components: members, With: []string{app.Workloads[1].Component}, Over: over})
		}
	}
}

// TestRandomPlansReplayClean holds every plan, and the way back from it, against the independent checker.
func TestRandomPlansReplayClean(t *testing.T) {
	moves, stages, stuck := 0, 0, 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := shape{
			sites: 3 + rng.IntN(8), workloads: 6 + rng.IntN(40), slack: rng.Int64N(4),
			groups: seed%2 == 0, policies: seed%3 == 0, methods: seed%5 < 3, overfull: seed%7 < 3,
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			b := random(rng, s)
			p, plan := b.plan(t)
			for _, m := range plan.Moves {
				moves++
				if m.Stage {
					stages++
				}
			}
			stuck += len(plan.Stuck)
			back, err := Reverse(context.Background(), p, b.from, plan, b.opts)
			require.NoError(t, err)
			clean(t, p, after(b.from, plan), b.from, back, b.opts)
			if plan.NoReturn < 0 && len(plan.Start) == 0 {
				assert.Empty(t, back.Stuck)
			}
		})
	}
	t.Logf("%d moves, %d of them stages, %d stuck", moves, stages, stuck)
	assert.NotZero(t, stages)
	assert.NotZero(t, stuck)
}

// after says where everything is once a plan has been carried out.
func after(from placement.Assignment, plan *Plan) placement.Assignment {
	at := make(placement.Assignment)
	for id, site := range from {
		at[id] = site
	}
	for _, m := range plan.Moves {
		at[m.Workload] = m.To
	}
	return at
}

// TestAnyPrefixCanBeTakenBack stops plans at every event: what has ended is taken back, what runs is called off.
func TestAnyPrefixCanBeTakenBack(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 2))
		b := random(rng, shape{sites: 4, workloads: 16, slack: 2, groups: seed%2 == 0})
		p, plan := b.plan(t)
		for _, stop := range plan.Moves {
			var done Plan
			for _, m := range plan.Moves {
				if m.End <= stop.End {
					done.Moves = append(done.Moves, m)
				}
			}
			back, err := Reverse(context.Background(), p, b.from, &done, b.opts)
			require.NoError(t, err)
			if len(plan.Start) == 0 {
				assert.Empty(t, back.Stuck)
			}
			clean(t, p, after(b.from, &done), b.from, back, b.opts)
		}
	}
}

// TestSameInputSamePlan orders the same problem twice, the second time with everything listed the other way round.
func TestSameInputSamePlan(t *testing.T) {
	for seed := range uint64(30) {
		one := random(rand.New(rand.NewPCG(seed, 3)), shape{sites: 6, workloads: 30, slack: 2, groups: true, policies: true, methods: true})
		two := random(rand.New(rand.NewPCG(seed, 3)), shape{sites: 6, workloads: 30, slack: 2, groups: true, policies: true, methods: true})
		reverse(two.spec.Sites)
		reverse(two.spec.Links)
		reverse(two.spec.Providers)
		_, a := one.plan(t)
		_, b := two.plan(t)
		require.Equal(t, a, b)
	}
}

func reverse[T any](list []T) {
	for i, k := 0, len(list)-1; i < k; i, k = i+1, k-1 {
		list[i], list[k] = list[k], list[i]
	}
}
