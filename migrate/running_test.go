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

// TestPlansAroundWhatRuns stops plans somewhere in the middle and plans anew with the moves on their way as they are, once
// to the same target and once back to the start.
func TestPlansAroundWhatRuns(t *testing.T) {
	under := 0
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 11))
		b := random(rng, shape{sites: 4 + rng.IntN(4), workloads: 8 + rng.IntN(16), slack: 2, groups: seed%2 == 0, methods: seed%3 == 0})
		p, plan := b.plan(t)
		now := plan.Makespan / 3
		at, opts := make(placement.Assignment), *b.opts
		for id, site := range b.from {
			at[id] = site
		}
		for _, m := range plan.Moves {
			switch {
			case m.End <= now:
				at[m.Workload] = m.To
			case m.Start < now:
				opts.Running = append(opts.Running, Running{Move: m, Left: m.End - now})
				under++
			}
		}
		for name, to := range map[string]placement.Assignment{"on": b.to, "back": b.from} {
			again, err := Order(context.Background(), p, at, to, &opts)
			require.NoError(t, err, name)
			clean(t, p, at, to, again, &opts)
			for i := range opts.Running {
				assert.LessOrEqual(t, again.Moves[i].Start, topology.Micros(0))
			}
		}
	}
	assert.Greater(t, under, 50)
}

// TestCapsAndBootsAreKept draws every cap and boot and has the replay judge.
func TestCapsAndBootsAreKept(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 12))
		b := random(rng, shape{sites: 4 + rng.IntN(4), workloads: 8 + rng.IntN(16), slack: 3})
		b.opts.Moves, b.opts.ProviderMoves, b.opts.LinkMoves = rng.IntN(4), rng.IntN(4), rng.IntN(3)
		b.opts.Ready = map[topology.SiteID]topology.Micros{"s00": 90_000_000, "s01": 1}
		p, plan := b.plan(t)
		if len(plan.Moves) < 2 {
			continue
		}
		b.opts.Moves = 1
		b.opts.Ready["s00"] = 2 * plan.Makespan
		faults, err := Replay(context.Background(), p, b.from, b.to, plan, b.opts)
		require.NoError(t, err)
		enters := false
		for _, m := range plan.Moves {
			enters = enters || m.To == "s00"
		}
		assert.True(t, !enters || len(faults) > 0)
	}
}

// TestFollowersWait has workloads move only after others, and holds those back whose forerunners are stuck.
func TestFollowersWait(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 13))
		b := random(rng, shape{sites: 4, workloads: 12, slack: 1 + rng.Int64N(3)})
		p := b.problem(t)
		w, err := newWorld(p, b.from, b.to, b.opts)
		require.NoError(t, err)
		q := newSequencer(w)
		q.first = make(map[int32][]int32)
		for range 6 {
			x, y := rng.Int32N(12), rng.Int32N(12)
			if x < y {
				q.first[y] = append(q.first[y], x)
			}
		}
		plan, err := q.plan(context.Background())
		require.NoError(t, err)
		clean(t, p, b.from, b.to, plan, b.opts)
		ended, moved := make(map[placement.WorkloadID]topology.Micros), make(map[placement.WorkloadID]bool)
		for _, m := range plan.Moves {
			ended[m.Workload] = max(ended[m.Workload], m.End)
			moved[m.Workload] = true
		}
		for y, list := range q.first {
			for _, x := range list {
				follower, first := w.works[y].ID, w.works[x].ID
				if !moved[follower] || !w.moves(x) {
					continue
				}
				require.True(t, moved[first], "%s goes without %s", follower, first)
				for _, m := range plan.Moves {
					if m.Workload == follower {
						require.GreaterOrEqual(t, m.Start, ended[first])
					}
				}
			}
		}
	}
}

// TestCertificatesAreJudged plants false claims.
func TestCertificatesAreJudged(t *testing.T) {
	for _, c := range []struct {
		name  string
		plant func(c *Certificate, p *Plan)
	}{
		{"a bound that does not follow", func(_ *Certificate, p *Plan) { p.Bound++ }},
		{"a move too many", func(c *Certificate, p *Plan) { c.Moves = append(c.Moves, c.Moves[0]) }},
		{"an unknown lane", func(c *Certificate, p *Plan) { c.Kind, c.Lane = "lane", &Lane{Kind: "link", Name: "x"} }},
		{"a head from nowhere", func(c *Certificate, p *Plan) {
			c.Head++
			c.Heads = nil
			for _, id := range c.Moves {
				c.Heads = append(c.Heads, MoveTime{id, c.Head})
			}
			p.Bound++
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := rings(1, 3, 1)
			p, plan := b.plan(t)
			require.NotEmpty(t, plan.Certificate.Moves, fmt.Sprint(plan.Certificate))
			plan.Makespan += 2
			c.plant(&plan.Certificate, plan)
			faults, err := Replay(context.Background(), p, b.from, b.to, plan, b.opts)
			require.NoError(t, err)
			found := false
			for _, f := range faults {
				found = found || len(f.Message) > 12 && f.Message[:12] == "certificate:"
			}
			assert.True(t, found, "%+v", faults)
		})
	}
}
