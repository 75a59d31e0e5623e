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

// staged says whether the target can be reached with one workload going by way of one other site, at any time.
func (o *oracle) staged(from placement.Assignment) bool {
	for _, w := range o.works {
		if from[w.ID] == o.b.to[w.ID] {
			continue
		}
		for site := range o.sites {
			if site == from[w.ID] || site == o.b.to[w.ID] {
				continue
			}
			// First to the stage and, at any time after, to the target: two goals of one workload, one after the other.
			s := &stagedOracle{oracle: *o, detour: w, stage: site, dead: map[string]bool{}}
			if s.possible(after(from, &Plan{})) {
				return true
			}
		}
	}
	return false
}

// stagedOracle tries every order in which one workload makes two moves.
type stagedOracle struct {
	oracle
	detour *placement.Workload
	stage  topology.SiteID
	dead   map[string]bool
}

func (s *stagedOracle) possible(at placement.Assignment) bool {
	key, open := "", false
	for _, w := range s.works {
		key += string(at[w.ID]) + ","
		open = open || at[w.ID] != s.b.to[w.ID]
	}
	if !open {
		return true
	}
	if s.dead[key] {
		return false
	}
	for _, w := range s.works {
		old, goal := at[w.ID], s.b.to[w.ID]
		if old == goal {
			continue
		}
		if w == s.detour && old != s.stage {
			goal = s.stage
		}
		if !s.room(at, w, goal) {
			continue
		}
		at[w.ID] = goal
		ok := s.possible(at)
		at[w.ID] = old
		if ok {
			return true
		}
	}
	s.dead[key] = true
	return false
}

func (s *stagedOracle) room(at placement.Assignment, w *placement.Workload, goal topology.SiteID) bool {
	for dim, need := range w.Demand {
		used := need
		for _, other := range s.works {
			if at[other.ID] == goal {
				used += other.Demand[dim]
			}
		}
		if used > s.sites[goal].Capacity[dim] {
			return false
		}
	}
	return true
}

// TestAStageIsFoundWhereOneHelps compares with brute force where no direct order exists: if one workload on one other
// site opens the way, nothing may be stuck, and no second stage is made.
func TestAStageIsFoundWhereOneHelps(t *testing.T) {
	helps, blocked := 0, 0
	for seed := range uint64(1500) {
		rng := rand.New(rand.NewPCG(seed, 7))
		b := random(rng, shape{sites: 3 + rng.IntN(2), workloads: 4 + rng.IntN(4), slack: rng.Int64N(2)})
		o := newOracle(b)
		if o.possible(after(b.from, &Plan{})) {
			continue
		}
		if !o.staged(b.from) {
			blocked++
			continue
		}
		helps++
		plan, err := Order(context.Background(), b.problem(t), b.from, b.to, b.opts)
		require.NoError(t, err)
		assert.Empty(t, plan.Stuck, "seed %d", seed)
		assert.Equal(t, 1, stages(plan), "seed %d", seed)
	}
	t.Logf("%d need one stage; %d need more", helps, blocked)
	assert.Greater(t, helps, 50)
}

func stages(p *Plan) int {
	n := 0
	for _, m := range p.Moves {
		if m.Stage {
			n++
		}
	}
	return n
}

// detours says whether the target can be reached with each workload going by way of at most one other site.
type detours struct {
	stagedOracle
	gone map[placement.WorkloadID]bool // who has made its stage
}

func (s *detours) possible(at placement.Assignment) bool {
	key, open := "", false
	for _, w := range s.works {
		key += fmt.Sprintf("%s %t,", at[w.ID], s.gone[w.ID])
		open = open || at[w.ID] != s.b.to[w.ID]
	}
	if !open {
		return true
	}
	if s.dead[key] {
		return false
	}
	s.dead[key] = true
	for _, w := range s.works {
		old := at[w.ID]
		if old == s.b.to[w.ID] {
			continue
		}
		for site := range s.sites {
			stage := site != s.b.to[w.ID]
			if site == old || stage && s.gone[w.ID] || !s.room(at, w, site) {
				continue
			}
			at[w.ID] = site
			was := s.gone[w.ID]
			s.gone[w.ID] = was || stage
			ok := s.possible(at)
			at[w.ID], s.gone[w.ID] = old, was
			if ok {
				return true
			}
		}
	}
	return false
}

// TestStagesAreFoundWheneverTheyHelp compares with brute force over all orders and any number of stages.
func TestStagesAreFoundWheneverTheyHelp(t *testing.T) {
	helps, blocked := 0, 0
	for seed := range uint64(600) {
		rng := rand.New(rand.NewPCG(seed, 9))
		b := random(rng, shape{sites: 3 + rng.IntN(2), workloads: 4 + rng.IntN(3), slack: rng.Int64N(3)})
		o := newOracle(b)
		if o.possible(after(b.from, &Plan{})) {
			continue
		}
		all := &detours{stagedOracle{oracle: *o, dead: map[string]bool{}}, map[placement.WorkloadID]bool{}}
		plan, err := Order(context.Background(), b.problem(t), b.from, b.to, b.opts)
		require.NoError(t, err)
		possible := all.possible(after(b.from, &Plan{}))
		assert.Equal(t, possible, len(plan.Stuck) == 0, "seed %d: %+v", seed, plan.Stuck)
		if possible {
			helps++
		} else {
			blocked++
		}
	}
	t.Logf("%d work with stages, %d do not", helps, blocked)
	assert.Greater(t, helps, 20)
	assert.Greater(t, blocked, 20)
}
